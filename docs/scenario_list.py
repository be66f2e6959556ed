"""Write the page of scenarios, ``scenarios.md``, from the files of ``scenarios/`` and the kinds of levers."""

import re
from typing import Any

from sim.levers.kinds import BUILT_IN, kinds
from sim.levers.lever import Lever
from sim.scenario.loading import GROUPS, load, names
from sim.scenario.schema import Scenario

INTRO = """
# Scenarios

Which rules can I try, and how do I write one? A scenario is a TOML file: rules with dates, scope and strength, and the
economy on which they are tried.

| to | use |
|---|---|
| list the scenarios | `make scenarios` |
| run one | `make scenario SCENARIO=quiet_hours` |
| compare several | `make compare SCENARIOS="status_quo quiet_hours hold_delivery"` |
| find the mistakes in your own file | `make check-scenario SCENARIO=my_rules.toml` |

The scenarios below are in `scenarios/`. The head of each file says what it represents, where it comes from, and which
of its numbers are the law's, the report's or assumptions. [Laws](laws.md) lists the figures of the laws. No file
contains results. In a comparison, all scenarios run on one economy and start on the same day, unless a file says
otherwise. Only `staged_ban` runs for seven and a half years.

To write your own, copy a file, or start from another one with `base`. Below the lists are the settings: [days, hours
and sizes](#days-hours-and-sizes), [levers](#levers), [phases](#phases) and the [kinds of levers](#kinds-of-levers). A
file has at most a million bytes and 200 levers, each grade counted. `country` names the country of a scenario, China by
default; [Countries](countries.md) shows how to add one.

## Firms like yours

A file of a few lines tries a rule in firms of your own kind:

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
names of all cities and industries. If a file names some of them, no firm is in any other. A log of your messages adds
more: [Your own message log](observing.md).
"""
ECONOMY = """
## Days, hours and sizes

`[calendar]` sets the working days:

```toml
[calendar]
start = 2026-01-05 # a Monday
country = "CN" # days off and make-up working days: a code of ISO 3166, as in FR, or DE-BY where parts differ
unpublished = "statutory" # years whose days off are not published: statutory holidays alone; or "refuse", the default
holidays = [2026-12-24] # further days off
workdays = [2026-05-05] # working days, whatever the country has
statutory = [2026-12-25] # further days off at the pay of statutory holidays
```

The dates come from the package `holidays`; nothing is fetched. They are filled in when the file is read, and are in the
manifest of results.

| outcome | how days count |
|---|---|
| per week | mean over person-weeks: a week with six working days counts as much as one with none |
| per day | over days at work; a week in which nobody works has no value |
| output per contract or paid hour | a week in which nobody works has no value |

`[population]` sets the sizes of firms. They are lognormal, and Pareto for large firms (`firm_size_tail`,
`firm_size_tail_from`; see `firms_of_all_sizes`). Firms are drawn until they hold the people asked for, so the last one
may overshoot. With a Pareto tail, ask for several times the largest size.

It also sets the contract hours of an industry, where they differ from the [parameters](parameters.md#hours-of-the-day):

```toml
[population.hours.education]
opening_clock = 8.0
day_hours = 8.5 # from start to end
break_minutes = 90
```

Part time is a parameter: `part_time_share` and `part_time_hours`.
"""
LEVERS = """
## Levers

A lever is one rule. It has these fields:

| field | meaning |
| --- | --- |
| `kind` | what it does, see [Kinds of levers](#kinds-of-levers) |
| `phase` | its label in tables and figures, see [Phases](#phases) |
| `start`, `end` | its dates; without a `start` it is in force from the first day of the warm-up |
| `ramp_days` | days over which it grows to full strength |
| `strength` | from 0 to 1 |
| `scope` | the firms and people that it reaches |

**Strength 0.** Nobody then behaves differently because of the lever, to the bit. But its firms and dates still count
when results name the firms that rules reach and the weeks in which they are fully in force. So a sweep over strength
compares the same firms and weeks. If you do not want that, leave the lever out.

**Not everything grows with the strength** (and so, day by day, with the ramp):

| grows with the strength | in full from the first day, at any strength above 0 |
| --- | --- |
| closing of channels, prohibition of contact, protection by a right to disconnect | caps with `opt_out`, rests |
| shares of messages and alerts that are held, discouraged or kept back | windows and rounds |
| looks at messages given up, read receipts switched off | limits on groups, marks and meetings |
| uptake of tools, share of overtime that is paid | the emergency line |
| monitoring, and the share of it that a limit removes | notice of monitoring |
| pressure, training and example | the rate of overtime pay |
| inspections, openness to complaints, share of firms with a union | fines, orders, publicity and anonymity |
| hours of flexibility, incentives, costs by month or year | the cost of a call or a case |

So a sweep over the strength of a cap has one step: vary its `hours` instead. `absent` has an effect at full strength
only.

**Scope.** It names `cities`, `industries`, `roles`, the size of firms (`size_min`, `size_max`) and the `share` of firms
that take part. `adopters` says which firms come first: `any` (a fixed draw of each firm), `gentle` or `harsh` (those
whose culture presses least or most). So `share = 0.3, adopters = "gentle"` is a voluntary rule, chosen by the firms
that need it least. A scope that nobody can match is refused, and so is one that matches none of the firms drawn.

## Phases

Levers that begin together and reach the same firms can share these settings in a phase:

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

A phase has `start`, `end`, `ramp_days` and `scope`. A lever may set its own values, within the dates of the phase. If a
file has one phase only, its levers need not name it. A file with a `base` may use the phases of the base, or change a
date in one of them, as in `[phases.ban]` with a `start` of its own.

**A plan** has scenarios as its phases. It takes only their levers:

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

- The levers are moved so that the first of them begins on `start`. They get the phase as their label.
- The phases of the scenario itself become one. To take one of them only, name it in `part`.
- All levers end on `end`, or `overlap_days` later if they should stay until the next phase has grown. Kinds in
  `no_overlap` end at once.
- A `ramp_days` or `scope` is refused if all levers of the scenario set their own. A file with that scenario as its
  `base` can change it.

`staged_ban` is such a plan, of four phases.

**Refused phases.** One phase may lie within another or end with it. A phase that merely continues into the next one is
refused, unless `overlap_days` says so. Also refused are phases that begin after the run, phases without levers, unknown
names of scenarios or phases (the error has the nearest name), and plans that contain themselves.

A phase is only an abbreviation. Results know levers with dates, and those of a plan are the same, to the bit, as if
they were written out.

## How levers combine

Any number of levers may reach the same people at the same time. Their order does not matter:

1. **The larger number applies** for strengths, shares, fines, inspections, quotas, costs and rests.
2. **The lower limit applies** for caps on hours and for limits on groups, marks and meetings.
3. **Costs of tools add up**, each tool once.
4. **Settings that can have only one value must agree**: the quiet window, focus hours, core hours, the time without
   meetings, the rounds of alerts, what counts for caps and what breaks a rest (recorded or total time), the rate of
   overtime pay, and how far first breaches bring an order instead of a fine. Levers with different values for the same
   people on the same dates are refused, and the error names both.
5. **A substitute needs its channel.** Refused are a project tool or an internal messenger where `tool` is closed at all
   hours, scheduled mail where `mail` is, and summaries where `group` is.

Levers that never meet, because their dates or scopes have nothing in common, cannot conflict. To replace one lever by
another, give the first an `end`: the first day on which it no longer applies.

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
        *ECONOMY.strip().splitlines(),
        "",
        *LEVERS.strip().splitlines(),
        "",
        _cells("kind", "what it does", "fields of its own"),
        _cells(*["---"] * 3),
    ]
    lines += [_kind(name, lever) for name, lever in built_in.items()]
    return "\n".join(lines) + "\n"
