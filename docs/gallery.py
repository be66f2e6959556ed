"""Draw the pictures of the pages from real runs: ``python -m docs.gallery FOLDER`` runs what FOLDER lacks and draws.

Every study is a command, so that anyone can make the same picture.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from sim.calibration.shipped_posteriors import read_fit
from sim.figures.style import styled
from sim.files.shipped import CALIBRATION
from sim.report import plots
from sim.runs.results import read

PLACE = Path(__file__).with_name("images") / "figures"
DOTS = 100  # an inch: small files, for a screen
RULES = (
    "status_quo pilot_ban quiet_hours hold_delivery message_batching focus_hours australia_2024 china_offline_rest "
    "korea_52h internal_messenger"
)
SIZE = "--people 60 --years 1.6 --replicates 24 --no-figures"
AT_TABLE = "--parameters point --people 60 --years 1 --replicates 4 --no-figures"
EVALUATED = "--years 1.5 --no-figures"
LEFT_FIXED = (
    "norm_down_days due_days act_manager check_off_base assignment_now muted_share see_off talk_heard outside_service "
    "look_seconds pressure_days defer_share hand_on fault_uninformed fear_days norm_steepness answer_now "
    "stay_share demand_days detach_expectation evade_urgent urgent_share recall_hours again_sigma"
)
SCREENED = "--trajectories 6 --points 0 --no-figures " + " ".join(f"--parameter {name}" for name in LEFT_FIXED.split())
# The folder that a command leaves, the command, and the figures that are shown.
STUDIES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("rules", f"compare {RULES} --name rules {SIZE}", ("forest", "frontier", "ranking", "regret", "winners")),
    ("pilot_ban", f"run pilot_ban {SIZE}", ()),
    (
        "sets_surveyed_report",
        f"compare status_quo pilot_ban quiet_hours australia_2024 --parameters surveyed,report --name sets {SIZE}",
        ("readings", "best"),
    ),
    ("explain_pilot_ban", f"explain pilot_ban {AT_TABLE}", ("explanation",)),
    ("evaluate_pilot_ban", f"evaluate pilot_ban {EVALUATED}", ("event_study", "estimates")),
    ("design_pilot_ban", "design pilot_ban --years 1.5 --no-figures", ("power",)),
    ("sensitivity_pilot_ban", f"sensitivity pilot_ban {SCREENED}", ("moves",)),
    ("scorecard_pilot_ban", "scorecard {folder}/pilot_ban --no-figures", ("pilot_ban/scorecard",)),
)
SHIPPED = (CALIBRATION / "posterior_surveyed.json", ("target_card", "marginals"))


def draw(folder: Path, wanted: tuple[str, ...]) -> None:
    """Draw some figures of a results folder, or of a shipped posterior, and say what was drawn."""
    found = read_fit(folder) if folder.suffix else read(folder)
    for each in plots.planned(found.tables, found.manifest):
        if each.name in wanted:
            short = each.name.rsplit("/", 1)[-1]
            with styled():
                figure = each.draw(each.tables, each.about)
                figure.savefig(PLACE / f"{short}.png", dpi=DOTS, metadata={"Software": None}, facecolor="white")
            print(PLACE / f"{short}.png")


def gallery(folder: Path) -> None:
    """Run all studies, using again what was simulated before, and draw what the pages show."""
    PLACE.mkdir(parents=True, exist_ok=True)
    for name, command, wanted in STUDIES:
        words = command.format(folder=folder).split()
        subprocess.run([sys.executable, "-m", "sim", *words, "--out", str(folder)], check=True)
        draw(folder / name, wanted)
    draw(*SHIPPED)


def main(words: Sequence[str] | None = None) -> None:
    """Run the command, by default with the words after its name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    gallery(parser.parse_args(words).folder)


if __name__ == "__main__":
    main()
