"""From a design to conditions: every scenario at every point, and its counterfactual.

A condition is a scenario with the values of a point, and the firms and weeks that are measured (its lens). Its name is
a hash of all this; the name of a run is a hash of its condition, its replicate and the code version. Name, order and
size of the design are not part of it, so that replicates can be added and folders merged. (If points have their own
draws, these depend on the number of points, which is then included.) Runs are sorted by replicate, then by hash, with
each counterfactual after its scenarios. This is as good as a random order: wherever a sweep stops, all parts of the
design have about equally many runs.
"""

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl
from pydantic import ValidationError

from sim.comparing.basis import evaluation_window
from sim.core.errors import InputError
from sim.files.validation import as_written, sentence
from sim.runs.identity import content_of, version_of
from sim.scenario.parameter_draws import Draws
from sim.scenario.schema import Scenario
from sim.sweeps import parameter_paths as addresses
from sim.sweeps import plugins
from sim.sweeps.design import MOST_CHECKED, MOST_CONDITIONS, Axis, Draft, Value, axis_values, from_shares
from sim.sweeps.engines import ENGINES, MODEL

MODULE = "sweeps/engines"  # rows depend on its code and all that it imports
NAME_DIGITS = 24  # digits of the name of a run
RESERVED_NAMES = {  # names of columns of rows and of tables of effects
    "run", "condition", "replicate", "round", "scenario", "reference", "is_reference", "point", "error", "reason",
    "traceback", "seconds", "people", "firms", "weeks", "base", "lens", "content", *ENGINES[MODEL].values,
    "outcome", "family", "unit", "better", "replicates", "count", "pairs", "value", "value_spread", "value_low",
    "value_high", "difference", "difference_spread", "low", "high", "place", "level", "name", "low_end", "high_end",
}  # fmt: skip

type Data = Mapping[str, Any]


class Plan(NamedTuple):
    """All that is to be run, except for the number of replicates."""

    name: str
    titles: dict[str, str]  # by language
    engine: str
    method: str
    version: str
    identity: str
    bases: dict[str, Data]  # scenarios as data; a counterfactual has the key "scenario|"
    lenses: list[Data]  # firms and weeks to measure
    axes: list[dict[str, Any]]  # column, name, unit, label, label_zh, values_zh, scale, low, high
    values: list[str]  # columns of numbers in a row
    conditions: pl.DataFrame
    draws: Draws | None  # of parameters; replicate k uses draw k
    code: dict[str, str]  # text of plug-in files that scenarios need, by SHA-256
    own_draws: bool = False  # whether points have their own draws; otherwise replicate k uses draw k
    points_per_draw: int = 1  # consecutive points that share a draw

    @property
    def points(self) -> int:
        """Number of points of the design."""
        return int(self.conditions["point"].max() or 0) + 1  # type: ignore[arg-type]

    @property
    def blocks(self) -> int:
        """Number of blocks of points that share a draw."""
        return -(-self.points // self.points_per_draw) if self.own_draws else 1

    def draw_of(self, point: int, replicate: int) -> int:
        """Return the number of the draw for a replicate of a point: its block plus replicate times blocks."""
        return (point // self.points_per_draw if self.own_draws else 0) + replicate * self.blocks


def plan_of(draft: Draft) -> Plan:
    """List the conditions of a design in its order, each once.

    Raises ``InputError`` if there are too many, or if values that are valid one by one are not valid together.
    """
    design = draft.design
    columns = dict(zip([axis.name for axis in design.axes], _columns(design.axes), strict=True))
    found = _Conditions(draft, columns)
    for number, point in enumerate(design_points(draft)):
        for name in draft.bases:
            found.add(name, number, point)
            if len(found.rows) > MOST_CONDITIONS:
                raise InputError(f"{design.name}: more than {MOST_CONDITIONS:,} conditions; use fewer points")
    kinds = {columns[axis.name]: _column_type(axis, axis.name in draft.whole) for axis in design.axes}
    schema = {"condition": pl.Int32, "scenario": pl.String, "is_reference": pl.Boolean, "reference": pl.Int32,
              "point": pl.Int32, "base": pl.String, "lens": pl.Int32, "content": pl.String, **kinds}  # fmt: skip
    conditions = pl.DataFrame(found.rows, schema=schema, orient="row")
    version = version_of(MODULE)
    axes = [
        {"column": columns[axis.name], "name": axis.name,
         "unit": axis.unit or addresses.unit_of(axis.name, draft.currency),
         "label": axis.label, "label_zh": axis.label_zh, "values_zh": _words_of(axis),
         "scale": axis.scale, "low": axis.low, "high": axis.high}
        for axis in design.axes
    ]  # fmt: skip
    varied = [[axis[key] for key in ("column", "name", "scale", "low", "high")] for axis in axes]  # words may be edited
    facts = [design.name, design.engine, version, varied, conditions.select("scenario", "reference", "content").rows()]
    identity = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    return Plan(
        name=design.name, titles={"en": design.title, "zh": design.title_zh}, engine=design.engine,
        method=design.method, version=version, identity=identity, bases=found.bases, lenses=found.lenses, axes=axes,
        values=list(ENGINES[design.engine].values), conditions=conditions, draws=draft.draws,
        code=plugins.plugin_texts(found.bases.values()), own_draws=design.own_draws,
        points_per_draw=design.points_per_draw,
    )  # fmt: skip


def _columns(axes: Sequence[Axis]) -> list[str]:
    """Name the columns of axes by the last part of the address, or by the whole address where that is ambiguous."""
    short = [axis.name.split(".")[-1] for axis in axes]
    return [
        name if short.count(name) == 1 and name not in RESERVED_NAMES else axis.name.replace(".", "_")
        for name, axis in zip(short, axes, strict=True)
    ]


def _words_of(axis: Axis) -> str:
    """Write the Chinese words of values as JSON, by the names of their levels; empty if there are none."""
    if not axis.values_zh:
        return ""
    names = (str(each).lower() if isinstance(each, bool) else str(each) for each in axis.values or ())
    return json.dumps(dict(zip(names, axis.values_zh, strict=True)), ensure_ascii=False)


def _column_type(axis: Axis, whole: bool) -> Any:
    """Choose the data type of an axis's column."""
    values = axis.values or (0.0,)
    if all(isinstance(value, bool) for value in values):
        return pl.Boolean
    if any(isinstance(value, str | bool) for value in values):
        return pl.String
    return pl.Int64 if whole else pl.Float64


def design_points(draft: Draft) -> Iterator[dict[str, Value]]:
    """Yield the points of a design as values by address. Axes with values are crossed with the sampled points."""
    design = draft.design
    sampled = [axis for axis in design.axes if axis.values is None and design.method in ("lhs", "sobol")]
    fixed = [axis for axis in design.axes if axis not in sampled]
    lists = [axis_values(axis, axis.name in draft.whole) for axis in fixed]
    if design.method == "list" and lists:
        rows: Iterator[tuple[Value, ...]] = zip(*lists, strict=True)
    else:  # whole numbers that coincide after rounding appear once
        rows = itertools.product(*(dict.fromkeys(values) for values in lists))
    drawn = _sampled_points(draft, sampled)
    for row in rows:  # there may be too many to list
        for values in drawn:
            point = dict(zip([axis.name for axis in (*fixed, *sampled)], (*row, *values), strict=True))
            yield {axis.name: point[axis.name] for axis in design.axes}


def _sampled_points(draft: Draft, sampled: Sequence[Axis]) -> list[tuple[Value, ...]]:
    """Sample points of the axes with ranges; without such axes, return one empty point."""
    if not sampled:
        return [()]
    from scipy.stats import qmc  # noqa: PLC0415  (it takes most of a second, and grids do without)

    design = draft.design
    sampler: Any = qmc.Sobol if design.method == "sobol" else qmc.LatinHypercube
    shares = sampler(len(sampled), rng=design.seed).random(design.points or 1)
    columns = [from_shares(axis, shares[:, n], axis.name in draft.whole) for n, axis in enumerate(sampled)]
    return list(zip(*columns, strict=True))


class _Conditions:
    """Collector of conditions that keeps equal ones once."""

    def __init__(self, draft: Draft, columns: Mapping[str, str]) -> None:
        self.draft, self.columns = draft, columns
        self.draws = draft.draws.sha256 if draft.draws else ""
        self.rows: list[tuple[Any, ...]] = []
        self.bases: dict[str, Data] = dict(draft.bases) | {f"{name}|": data for name, data in draft.references.items()}
        self.lenses: list[Data] = []
        self.known: dict[tuple[str, str], int] = {}
        self.seen: dict[str, int] = {}
        self.shapes: dict[str, int] = {}

    def add(self, name: str, number: int, point: dict[str, Value]) -> None:
        """Add a scenario at a point, and its counterfactual."""
        if self.draft.design.engine != MODEL:
            lens = self._lens({})
            partner = self._row(f"{name}|", name, None, number, {}, lens) if self.draft.design.paired else None
            self._row(name, name, partner, number, point, lens)
            return
        data = addresses.changed(self.draft.bases[name], point)
        shared = {address: value for address, value in point.items() if not addresses.of_lever(address)}
        theirs = addresses.changed(self.bases[f"{name}|"], shared) if f"{name}|" in self.bases else None
        lens = self._seen_through(data, theirs, point)
        partner = self._row(f"{name}|", theirs["name"], None, number, shared, lens, theirs) if theirs else None
        self._row(name, name, partner, number, point, lens, data)

    def _row(
        self, base: str, name: str, partner: int | None, number: int, point: Mapping[str, Value], lens: int,
        data: Data | None = None,
    ) -> int:  # fmt: skip
        """Add a condition unless it is known, and return its number."""
        what = content_of(data) if data else json.dumps([base, point])
        if data and self.draws:  # values that are set replace those of all draws, even if equal to the defaults
            design = self.draft.design
            block = f" of point {number // design.points_per_draw}" if design.own_draws else ""
            what = json.dumps([what, f"{self.draws}{block}", data["parameters"]], sort_keys=True)
        content = hashlib.sha256(f"{what}\0{json.dumps(self.lenses[lens])}".encode()).hexdigest()
        reference = base.endswith("|")
        key = content, "" if reference else name  # a reference is run once for all its scenarios
        if key not in self.known:
            self.known[key] = len(self.rows)
            axes = tuple(point.get(address) for address in self.columns)
            self.rows.append((len(self.rows), name, reference, partner, number, base, lens, content, *axes))
        return self.known[key]

    def _lens(self, lens: Data) -> int:
        """Return the number of a lens, adding it if it is new."""
        key = json.dumps(lens, sort_keys=True)
        if key not in self.seen:
            self.seen[key] = len(self.lenses)
            self.lenses.append(lens)
        return self.seen[key]

    def _seen_through(self, data: Data, theirs: Data | None, point: Mapping[str, Value]) -> int:
        """Choose the lens of a scenario: the firms and weeks in which its own rules are fully in force.

        Beyond ``MOST_CHECKED`` conditions, points that cannot change the lens share one, and the whole scenario is
        not validated.
        """
        shape = {address: value for address, value in point.items() if _affects_reach(address, value)}
        key = json.dumps([data["name"], shape], sort_keys=True)
        if key in self.shapes and len(self.known) >= MOST_CHECKED:
            return self.shapes[key]
        scenario = _validated(data, point)
        weeks = tuple(range(scenario.run.weeks))
        scopes: list[Any] = []
        if theirs is not None:
            weeks = evaluation_window(scenario, _validated(theirs, point), weeks).weeks
            if data["managers"] == theirs["managers"]:  # other managers are in all firms, not only in scope
                parts = [part for lever in scenario.levers for part in lever.parts()]
                scopes = list({part.scope: part.scope.model_dump(mode="json") for part in parts}.values())
        self.shapes[key] = self._lens({"weeks": list(weeks), "scopes": scopes})
        return self.shapes[key]


def _affects_reach(address: str, value: Value) -> bool:
    """Check whether a value may change which firms or weeks the rules of a scenario reach."""
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return not plain or any(word in address for word in ("scope", "ramp_days", "run."))


def _validated(data: Data, point: Mapping[str, Value]) -> Scenario:
    """Validate a scenario with the values of a point as a whole; dates are checked against the run once read."""
    try:
        return Scenario.model_validate(Scenario.model_validate(data).model_dump())
    except ValidationError as error:
        said = ", ".join(f"{address} = {value}" for address, value in point.items())
        detail = error.errors()[0]
        why = sentence(as_written(detail["loc"], data), detail)
        raise InputError(f"{data['name']} with {said}: {why}") from None


def world_of(plan: Plan, row: Mapping[str, Any], replicate: int = 0) -> Data:
    """Build the scenario of a row of conditions, with the parameter draw of a replicate if there are draws.

    For other engines than the model's, the result is the values of the axes by address.
    """
    point = {axis["name"]: row[axis["column"]] for axis in plan.axes if row[axis["column"]] is not None}
    if plan.engine != MODEL:
        return point
    data = addresses.changed(plan.bases[row["base"]], point)
    if plan.draws is None:
        return data
    number = plan.draw_of(row["point"], replicate) % len(plan.draws.rows)
    return data | {"parameters": plan.draws.rows[number] | data["parameters"]}


def run_name(version: str, content: str, replicate: int, blocks: int = 1) -> str:
    """Name a run by a hash of code version, content of its condition and replicate, in hexadecimal digits.

    ``blocks`` is the number of blocks with their own draws, because a replicate's draw depends on it.
    """
    text = f"{version}\0{content}\0{replicate}" + f"\0{blocks}" * (blocks > 1)
    return hashlib.blake2b(text.encode(), digest_size=NAME_DIGITS // 2).hexdigest()
