"""The page on where norms tip, with its figure: ``python -m docs.tipping``, some minutes of theory and simulation."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import PercentFormatter

from docs.tipping_theory import Firm, Rule
from sim.calibration.priors import load_priors
from sim.core.parameter_sets import POINT
from sim.core.parameters import ROWS
from sim.core.units import years_of
from sim.model import Workplace
from sim.scenario.schema import Scenario

PAGE = Path(__file__).with_name("tipping.md")
FIGURE = Path(__file__).with_name("images") / "tipping.png"
PEERS = np.round(np.linspace(0.0, 1.0, 6), 2)
STEEP = np.linspace(0.0, 40.0, 6)
TIPPING = (0.4, 0.45)
ACTING = (3.4, 5.0, 6.0)
MIDDLE = 0.5  # expectation at which acting is the same in all columns of the map
NEVER = 1.0  # where no share of people who refuse ends the high state
COLORS = plt.get_cmap("viridis").with_extremes(over="0.4")
DRAWS = 60  # of the priors
HALF_YEAR = 6.0  # months
STARTS = (0.05, 0.95)
TWO_STATES = {
    "act_expectation": 6.0, "act_base": -2.6, "norm_steepness": 40.0, "norm_peers": 0.5, "norm_tipping": 0.45,
}  # fmt: skip
RUNS: dict[str, dict[str, float]] = {
    "the table": {},
    "two states": TWO_STATES,
    "two states, teams of 15": {**TWO_STATES, "span_median": 15.0, "span_sigma": 0.1},
}
PEOPLE, YEARS, FIRST = 80, 2.0, date(2026, 1, 5)

Parameters = Mapping[str, float]


def acting(slope: float) -> dict[str, float]:
    """Turn the slope of acting, with acting at a middling expectation as it is in the table."""
    row = ROWS["act_expectation"]
    return {"act_expectation": slope, "act_base": ROWS["act_base"].value - MIDDLE * (slope - row.value)}


def least_right(parameters: Parameters) -> float | None:
    """Find the least right in use that half a year of brings a firm down from its high state for good, to 0.1."""
    firm = Firm(parameters)
    low, high = firm.states()[0], firm.states()[-1]
    for right in np.arange(0.1, 1.001, 0.1):
        after = firm.years_after(high.expectation, HALF_YEAR, Rule(float(right)))
        if after.response < 0.5 * (low.response + high.response):
            return float(right)
    return None


def draw_map() -> list[dict[str, Any]]:
    """Draw in how many states a firm can rest, and return the cells with two."""
    found: list[dict[str, Any]] = []
    figure, axes = plt.subplots(len(TIPPING), len(ACTING), figsize=(8.4, 5.4), sharex=True, sharey=True)
    for row, tipping in zip(axes, TIPPING, strict=True):
        for panel, slope in zip(row, ACTING, strict=True):
            grid = np.full((len(STEEP), len(PEERS)), np.nan)
            for k, steep in enumerate(STEEP):
                for n, peers in enumerate(PEERS):
                    given = acting(slope) | {"norm_tipping": tipping, "norm_steepness": steep, "norm_peers": peers}
                    states = Firm(given).states()
                    if len(states) > 1:
                        share = Firm(given).committed()
                        grid[k, n] = NEVER if share is None else round(share, 2)
                        found.append({"given": given, "states": states, "committed": share})
            drawn = panel.pcolormesh(PEERS, STEEP, grid, vmin=0.2, vmax=0.5, cmap=COLORS, shading="nearest")
            panel.set_title(f"acting {slope:g}, tipping at {100 * tipping:.0f} %", fontsize=9)
            panel.plot([0.05, 0.7], [9, 9], "-", color="0.5", lw=1, label="prior")
            if tipping == ROWS["norm_tipping"].value and slope == ROWS["act_expectation"].value:
                at_table = ROWS["norm_peers"].value, ROWS["norm_steepness"].value
                panel.plot(*at_table, "x", color="crimson", ms=9, mew=2, label="table")
    axes[0, 0].legend(loc="lower right", fontsize=8)
    figure.supxlabel("weight of peers (norm_peers)", fontsize=10)
    figure.supylabel("steepness (norm_steepness)", fontsize=10)
    bar = figure.colorbar(drawn, ax=axes, extend="max", format=PercentFormatter(1, 0, " %"))
    bar.set_label("least share who refuse that ends the high state\n(grey: none does)")
    figure.savefig(FIGURE, dpi=100)
    plt.close(figure)
    return found


def under_priors(steep: bool) -> tuple[int, int]:
    """Count draws of the priors with two states; with the shape of the norm too drawn from what was observed."""
    priors = load_priors()
    names = [name for name in priors.names if name.startswith(("act_", "norm_", "refuse", "demand_", "stay_"))]
    dice = np.random.default_rng(7)
    drawn = dict(zip(priors.names, priors.values(dice.random((DRAWS, len(priors.names)))).T, strict=True))
    two = 0
    for k in range(DRAWS):
        given = {name: float(drawn[name][k]) for name in names}
        if steep:
            given |= {"norm_steepness": float(dice.uniform(0, 40)), "norm_tipping": float(dice.uniform(0.1, 0.4))}
        two += len(Firm(given).states()) > 1
    return two, DRAWS


def lived(parameters: Parameters, start: float, ruled: bool) -> tuple[float, float]:
    """Simulate a small economy from a start expectation; a rule ends after half a year, and two years follow."""
    years = years_of(130 if ruled else 104)
    begin = dict.fromkeys(("start_response", "start_team_response"), start if start < MIDDLE else MIDDLE)
    data: dict[str, Any] = {
        "name": "norms", "title": "Norms", "calendar": {"start": FIRST},
        "run": {"people": PEOPLE, "years": years, "replicates": 1, "warmup_days": 0, "seed": 1},
        "population": {"firm_size_median": 20, "firm_size_sigma": 0.6, "firm_size_min": 5, "firm_size_max": 60},
        "parameters": dict(parameters) | begin | {"start_expectation": start},
    }  # fmt: skip
    if ruled:
        end = FIRST + timedelta(days=182)
        strict = {"union": 1.0, "complaint": 1.0, "anonymous": 1.0, "inspections_per_year": 20, "fine_yuan": 3000}
        data["levers"] = [{"kind": "right_to_disconnect", "end": end}, {"kind": "enforcement", "end": end, **strict}]
    model = Workplace(Scenario.model_validate(data), parameters=POINT)
    model.run_for(model.days_total)
    return float(model.world.person.response.mean()), float(model.world.person.expectation.mean())


def check_rows() -> list[tuple[str, ...]]:
    """Hold theory against simulation: low and high start, a rule of half a year, more people who refuse."""
    rows = []
    for name, given in RUNS.items():
        cases = [(start, False, given, f"start at {start:g}") for start in STARTS]
        cases.append((STARTS[1], True, given, "start at 0.95, a right in full use for half a year"))
        tips = Firm(given).committed()
        if tips is not None:
            cases.append(
                (STARTS[1], False, {**given, "refuse_share": tips}, f"start at 0.95, {100 * tips:.0f} % refuse")
            )
        for start, ruled, parameters, what in cases:
            theory = Firm(parameters).years_after(start, HALF_YEAR if ruled else 0.0, Rule(0.95, 0.4), YEARS)
            response, expectation = lived(parameters, start, ruled)
            rows.append(
                (name, what, f"{theory.response:.2f}", f"{response:.2f}", f"{theory.expectation:.2f}",
                 f"{expectation:.2f}")
            )  # fmt: skip
            print(*rows[-1], flush=True)
    return rows


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table."""
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines)


def page() -> str:
    """Write the page from the theory, the map and the runs."""
    usual = Firm().states()
    cells = draw_map()
    shares = [cell["committed"] for cell in cells if cell["committed"] is not None]
    some = cells[:: max(len(cells) // 8, 1)]
    rows = []
    for cell in some:
        given, (low, high) = cell["given"], (cell["states"][0], cell["states"][-1])
        right, share = least_right(given), cell["committed"]
        rows.append(
            (f"{given['act_expectation']:g}", f"{100 * given['norm_tipping']:.0f} %", f"{given['norm_steepness']:g}",
             f"{given['norm_peers']:g}", f"{low.response:.2f} and {high.response:.2f}",
             f"{low.expectation:.2f} and {high.expectation:.2f}", "never" if share is None else f"{100 * share:.0f} %",
             "never" if right is None else f"{right:.2f}")
        )  # fmt: skip
    as_fitted, drawn = under_priors(steep=False)
    with_shape, _ = under_priors(steep=True)
    total = len(PEERS) * len(STEEP) * len(TIPPING) * len(ACTING)
    parts = [
        OPENING,
        FOUND.format(states=len(usual), response=100 * usual[0].response, expectation=usual[0].expectation),
        f"![In which part of the parameter space two states exist](images/{FIGURE.name})",
        MAP.format(total=total, two=len(cells), least=100 * min(shares), most=100 * max(shares)),
        "## Where it tips",
        table(("acting", "tipping share", "steepness", "weight of peers", "response", "expectation", "who refuse",
               "right in use for half a year"), rows),
        AFTER.format(as_fitted=as_fitted, drawn=drawn, with_shape=with_shape),
        "## Theory and simulation compared",
        CHECK,
        table(("parameters", "case", "response, theory", "simulated", "expectation, theory", "simulated"),
              check_rows()),
        CLOSING.format(values=", ".join(f"`{name}` {value:g}" for name, value in TWO_STATES.items())),
    ]  # fmt: skip
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


OPENING = """# Where norms tip

Can a temporary rule change a firm's norms for good? Norms form a loop (M6 in the [protocol](odd.md)). What peers and
managers expect shapes what people do in the evening, and that shapes what peers see and managers get. Where the loop
answers more than one to one, a firm can rest in two states, with much or with little expected. A temporary push can
then move it from one state to the other for good.

```sh
python -m docs.tipping     # writes this page: some minutes of theory and simulation
```"""

FOUND = """With the values of the table there is **{states} stable state**. People act on {response:.0f} % of requests
in free time, and they perceive an expectation of {expectation:.2f}. Nothing tips there: what a rule has changed comes
back when it ends, as fast as norms move.

`docs/tipping_theory.py` computes the states of a typical firm over a map of parameters:"""

MAP = """Of {total} points of the map, {two} have two states.

- The colour is the least share of people who refuse that ends the high state, from {least:.0f} to {most:.0f} % (21 %
  refuse in the table). In grey cells, no share in the range ends it. White cells have one state.
- The cross marks the table. The line is the prior of the weight of peers, at the steepness of the table. No target
  says anything about the steepness.
- *Acting* is `act_expectation`. Acting at an expectation of 0.5 is kept as it is in the table."""

AFTER = """The table shows a sample of the points with two states.

*Response* is the share of requests in free time that people act on; *response* and *expectation* show the
low and the high state. The last two columns say what moves a firm to the low state for good: the least share of
people who refuse on principle, and the least share of the felt pressure that a right must take away for half a year.
A right that nothing protects takes away a twentieth of this pressure (`right_base`).

Of {drawn} draws of the priors, two states occur in {as_fitted} if the norm is as steep as in the table, and in
{with_shape} if the steepness is drawn evenly from its range and the tipping share from the 10 to 40 % that were
observed ([E6](evidence.md#e6-norms)). Whether norms tip therefore depends on three numbers that no survey of today
gives: how steeply observed behaviour becomes a norm, at which share, and how far expectation makes people act."""

CHECK = """The simulations have 80 people in firms of some 20. They run for two years from the start or from the end
of the rule.

- **With the values of the table**, theory and simulation agree, and nothing tips.
- **With two states**, runs from a low and a high start end less far apart than theory says. Theory knows one typical
  firm. In a simulation, teams of five differ, and some tip when others do not.
- **With two states and teams of fifteen**, people see what theory sees. From a high start, norms stay high for two
  years. A right in use for half a year brings them down for as long as was simulated. So does the share of people who
  refuse that tips a firm in theory; in theory this takes longer than these two years."""

CLOSING = """The parameters *two states* are {values}; the others have the table's values. All are inside the ranges of
the table."""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
