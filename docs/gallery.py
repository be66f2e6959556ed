"""Draw the pictures of the page on figures from made-up tables, two of the shipped fit: `python -m docs.gallery`."""

from pathlib import Path

from sim.calibration.shipped_posteriors import read_fit
from sim.figures.style import styled
from sim.files.shipped import CALIBRATION
from sim.report import plots
from tests import drawable

PLACE = Path(__file__).with_name("images") / "figures"
RULES = tuple(f"rule_{letter}" for letter in "abcdefghij")
ONE = ("rule_a",)
DOTS = 100  # an inch: small files, for a screen


def pictures() -> dict[str, tuple]:
    """Return the tables, the manifest and the names of the figures that are shown."""
    titles = {name: {"en": "A rule, with made-up numbers", "zh": ""} for name in RULES}
    stage = {"label": "pilot", "start": "2027-01-04", "end": "2029-01-01", "ramp_days": 90}
    about = {kind: drawable.overview(ONE, kind, titles=titles, phases={"rule_a": [stage]}) for kind in plots.REGISTRY}
    several = drawable.overview(RULES, titles=titles)
    fit = read_fit(CALIBRATION / "posterior_report.json")
    alone = drawable.comparison(ONE, tuple(drawable.GROUPS))
    return {
        "several": (drawable.comparison(RULES), several, ("forest", "frontier", "ranking", "regret")),
        "one": (alone, about["comparison"], ("rule_a/winners",)),
        "readings": (
            drawable.readings(RULES[:4]),
            drawable.overview(RULES[:4], "readings", titles=titles),
            ("readings", "best"),
        ),
        "explanation": (drawable.explanation(), about["explanation"], ("explanation",)),
        "evaluation": (drawable.evaluation(), about["evaluation"], ("event_study", "estimates")),
        "design": (drawable.design(), about["design"], ("power",)),
        "sensitivity": (drawable.sensitivity(), about["sensitivity"], ("moves",)),
        "scorecard": (drawable.scorecard("rule_a"), about["scorecard"], ("rule_a/scorecard",)),
        "fit": (fit.tables, fit.manifest, ("target_card", "marginals")),  # not made up: the shipped posterior
    }


def main() -> None:
    """Draw all pictures."""
    PLACE.mkdir(parents=True, exist_ok=True)
    for tables, manifest, wanted in pictures().values():
        for name, figure in plots.figures(tables, manifest):
            if name in wanted:
                path = PLACE / f"{name.rsplit('/', 1)[-1]}.png"
                with styled():
                    figure.savefig(path, dpi=DOTS, metadata={"Software": None}, facecolor="white")
                print(path.relative_to(Path.cwd()))


if __name__ == "__main__":
    main()
