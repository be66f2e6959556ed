"""Write the page of scenarios, ``scenarios.md``, from the files of ``scenarios/`` and the kinds of levers."""

import re
from typing import Any

from sim.levers.kinds import BUILT_IN, kinds
from sim.levers.lever import Lever
from sim.scenario.loading import GROUPS, load, names
from sim.scenario.schema import Scenario

INTRO = """
# Scenarios

A scenario is a TOML file: rules with dates, scope and strength, and the economy that they are tried on. Those below lie
in `scenarios/`; the head of each file says what it represents, where it comes from, and which of its numbers are the
law's, the report's or assumptions. [Laws](laws.md) lists the figures of the laws. No file says what comes out.

`make scenarios` shows the same names, `make scenario SCENARIO=quiet_hours` runs one, and
`make compare SCENARIOS="status_quo quiet_hours hold_delivery"` puts some side by side: all are on one economy and,
where nothing else is said, start on the same day. `staged_ban` alone runs for seven and a half years.

To write one of your own, copy a file, or start from another one by `base`, and let `make check-scenario
SCENARIO=my_rules.toml` find the mistakes. A file has at most a million bytes and 200 levers, each grade counted.

`country` names the country that a scenario plays in, China where nothing is said; [Countries](countries.md) shows how
to make another one in one file.

## Firms like yours

A file of a few lines tries a rule in firms of one's own kind:

```toml
# our_firm.toml
base = "quiet_hours"
title = "Quiet hours in a firm like ours"

[population]
cities = { shanghai = 1 }
industries = { finance = 1 }
firm_size_median = 120 # people; 300 at most, unless firm_size_max says more
firm_size_sigma = 0.2 # by how much firms differ; 0 for one size
```

`make scenario SCENARIO=our_firm.toml` compares it with today's rules in such firms. `scenarios/status_quo.toml` has the
names of all cities and industries; where a file names some, no firm is in any other. A log of messages says more:
[Your own message log](observing.md).

## Days, hours and sizes

`[calendar]` says which days are worked:

```toml
[calendar]
start = 2026-01-05 # a Monday
country = "CN" # days off and make-up working days: a code of ISO 3166, as in FR, or DE-BY where parts differ
unpublished = "statutory" # years whose days off are not published: statutory holidays alone; or "refuse", the default
holidays = [2026-12-24] # further days off
workdays = [2026-05-05] # working days, whatever the country has
statutory = [2026-12-25] # further days off at the pay of statutory holidays
```

The dates are those of the package `holidays`; nothing is fetched. They are filled in when the file is read and are in
the manifest of results. Outcomes per week are means over person-weeks, so a week with six working days counts as one
with none; those per day are over days at work, and a week in which nobody works has no value of them, nor output per
contract or paid hour.

`[population]` has sizes of firms, lognormal and for large ones Pareto (`firm_size_tail`, `firm_size_tail_from`; see
`firms_of_all_sizes`), and contract hours of an industry, where they differ from the
[parameters](parameters.md#hours-of-the-day):

```toml
[population.hours.education]
opening_clock = 8.0
day_hours = 8.5 # from start to end
break_minutes = 90
```

Firms are drawn until they hold the people asked for, so the last one may overshoot: with a tail, ask for several times
the largest size. Part time is a parameter: `part_time_share` and `part_time_hours`.
"""
LEVERS = """
## Levers

A lever has a `kind`, a `phase` (its label in tables and figures, see below), dates (`start`, `end`), `ramp_days` over
which it grows, a `strength`, and a `scope`. Without a `start` it holds from the first day of the warm-up on. At
strength 0 nobody acts otherwise for it, to the bit. Its firms and dates still count when it is said whom rules reach
and in which weeks they are fully in force, so that a sweep over strength compares the same firms and weeks: leave it
out where that is not meant.

These grow with the strength, and so day by day with the ramp: how far channels are closed, contact is prohibited and a
right holds; the shares that are held, reminded of, kept back, taken up, paid, and monitored or freed of it; pressure,
training and example; inspections, openness to complaints and the share of firms with a union; hours of flexibility,
incentives, and costs by month or year. **All else holds in full from the first day on, at any strength above 0**: caps
with their `opt_out`, rests, limits, windows, rounds, the emergency line, fines, orders, publicity, anonymity, notice,
the rate of pay, and the cost of a call or a case. So a sweep over the strength of a cap has one step: vary its `hours`.
`absent` alone holds at full strength only.

A scope names `cities`, `industries`, `roles`, the size of firms (`size_min`, `size_max`) and the `share` of firms that
take part. Which firms come first is said by `adopters`: `any`, by a fixed draw of each firm; `gentle` or `harsh`, those
whose culture presses least or most. So `share = 0.3, adopters = "gentle"` is a voluntary rule that the firms opt into
that need it least. A scope in which nobody can be is refused; so is one that matches none of the firms drawn.

## Phases

Levers that begin together and reach the same firms say so once, in a phase:

```toml
[phases.ban]
start = 2026-07-06
ramp_days = 56
scope = { cities = ["beijing", "shanghai"] }

[[levers]]
phase = "ban"
kind = "ban"
channels = ["im", "group"]

[[levers]]
phase = "ban"
kind = "emergency_line"
quota_per_week = 2
ramp_days = 0 # what a lever says itself holds for it
```

A phase has `start`, `end`, `ramp_days` and `scope`, each of which its levers may say otherwise within its dates. Where
a file has one phase only, its levers need not name it. A file with a `base` may use the phases of the base, or set
another date in one of them, as in `[phases.ban]` with a `start` of its own.

**A plan** has scenarios as its phases. It takes their levers and nothing else of them:

```toml
[phases.trial]
scenario = "quiet_hours"
start = 2026-03-02
end = 2026-09-07
overlap_days = 28 # its levers stay for four weeks more

[phases.law]
scenario = "digital_labour_act" # beside the file, or in scenarios/
start = 2026-09-07
ramp_days = 28 # for levers that say none
```

The levers are moved so that the first of them begins on `start`, and get the phase as their label; the phases of the
scenario itself become one, or `part` names the one that is taken. All of them end on `end`, after `overlap_days` if
something shall hold until the next phase has grown; kinds in `no_overlap` end at once. A `ramp_days` or `scope` that
all levers of the scenario say themselves is refused: a file with that scenario as its `base` can set another one.
`staged_ban` is such a plan, of four phases.

One phase may lie within another or end with it. One that merely goes on in the next is refused, unless `overlap_days`
says so; refused are also phases that begin after the run, phases without levers, names of no scenario or phase (with
the nearest that there is), and plans that contain themselves. A phase is short for what stands in its levers: results
know levers with dates only, and those of a plan are the same, to the bit, as if they were written out.

## How levers combine

Any number of levers may reach the same people at the same time, and their order does not matter:

1. **The larger number holds**, of strengths, shares, fines, inspections, quotas, costs and rests.
2. **The lower limit holds**, of caps on hours and of limits on groups, marks and meetings.
3. **Tools cost their sum**, each tool once.
4. **What can only be one thing must agree**: the quiet window, focus hours, core hours, the time without meetings, the
   rounds of alerts, what caps count and what breaks a rest (recorded or total time), the rate of overtime pay, how far
   first breaches bring an order and not a fine. Levers that say different things to the same people on the same dates
   are refused, with both named.
5. **A substitute needs its channel**: a project tool or an internal messenger where `tool` is closed at all hours,
   scheduled mail where `mail` is, summaries where `group` is, are refused.

Levers that never meet, because their dates or their scopes have nothing in common, cannot conflict. A lever that
another one shall replace gets an `end`, which is the first day on which it no longer holds.

## Kinds of levers
"""


def _cells(*cells: str) -> str:
    """Write a line of a table."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _scenarios(group: str, scenarios: list[Scenario]) -> list[str]:
    """Write the table of one group."""
    english, chinese = GROUPS[group]
    lines = [f"## {english}", "", f"{chinese}。", ""]
    lines += [_cells("scenario", "title", "标题", "represents", "levers"), _cells(*["---"] * 5)]
    for scenario in scenarios:
        used = dict.fromkeys(lever.kind for lever in scenario.levers)
        kinds_of_it = ", ".join(f"`{kind}`" for kind in used) or "none"
        lines.append(_cells(f"`{scenario.name}`", scenario.title, scenario.title_zh, scenario.represents, kinds_of_it))
    return [*lines, ""]


def _field(name: str, about: Any) -> str:
    """Write one field of a kind: its name, its choices or range, and its default."""
    low, high, choices = about.get("minimum", about.get("exclusiveMinimum")), about.get("maximum"), about.get("enum")
    inner = about.get("anyOf", [{}])[0] | about.get("items", {})
    low, high = (inner.get(key, own) for key, own in (("minimum", low), ("maximum", high)))
    choices = choices or inner.get("enum")
    span = "" if high is None else "yuan" if high >= 1e7 else f"{low:g} to {high:g}"
    said = " or ".join(map(str, choices)) if choices else span
    return f"`{name}`" + (f" ({said})" if said else "")


def _kind(name: str, lever: type[Lever]) -> str:
    """Write the line of one kind."""
    schema = lever.model_json_schema()
    own = [key for key in schema["properties"] if key not in Lever.model_fields]
    fields = ", ".join(_field(key, schema["properties"][key]) for key in own)
    text = re.sub(r"\s+", " ", (lever.__doc__ or "").strip())
    return _cells(f"`{name}`", text, fields or "–")


def scenarios_page() -> str:
    """Write the page of scenarios.

    Returns
    -------
    str
        Markdown.
    """
    scenarios = [load(name) for name in names()]
    mark = "scenarios/, sim/levers/kinds.py and docs/scenario_list.py"
    lines = [f"<!-- Written by `python -m docs.generate` from {mark}; what is changed here is lost. -->"]
    lines += [*INTRO.splitlines(), ""]
    for group in GROUPS:
        lines += _scenarios(group, [scenario for scenario in scenarios if scenario.group == group])
    built_in = {name: lever for name, lever in kinds().items() if lever in BUILT_IN}
    lines += [
        *LEVERS.strip().splitlines(),
        "",
        _cells("kind", "what it does", "fields of its own"),
        _cells(*["---"] * 3),
    ]
    lines += [_kind(name, lever) for name, lever in built_in.items()]
    return "\n".join(lines) + "\n"
