"""The answer of a run or a comparison in five plain sentences, in the language in force (``sim.figures.words``).

The sentences cover four outcomes that people ask about, the clearest other effect, and how sure they are. A sixth one,
before them, says where the simulated firm differs from the log that it was fitted to. Numbers, intervals and verdicts
are those of the tables.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from sim.comparing.basis import VARYING
from sim.figures.context import Setting, Tables, any_stated, overview, setting, table
from sim.figures.effect import Effect, baseline, on_everybody
from sim.figures.numerals import Bounds, digits, from_zero, level, number, scale
from sim.figures.words import counted, has_name, label, percent, phrase, say, sentences, window_words
from sim.outcomes import HEADLINES, outcome_of
from sim.report.console import Facts, commas, english, semicolons
from sim.report.numbers import cited, share_of, written
from sim.stats.ranks import best_first, leaders, probability_of_leaders

FOUR = (("share_burnt_out",), ("unpaid_overtime", "latent_overtime"), ("output_per_hour",), ("employer_cost",))
SPARE = (("exhaustion",), ("hidden_overtime",), ("output_per_paid_hour",), ("waiting",), ("recorded_overtime",))
VOLUME = "log_sent"  # the quantity of a log that shows best that messages are missing
CLEAR = ("better", "worse", "neutral")  # verdicts
RELATIVE = ("min/h",)  # units in which a change means little to a reader: it is written in per cent


def plain(tables: Tables, manifest: Facts) -> list[str]:
    """Write four outcomes and how sure they are, at most five sentences; before them, where a fit to a log misses it.

    Takes the tables and the manifest of a run, with or without a reference, or of a comparison. Raises
    ``ResultsError`` if the tables or columns that it needs are missing.
    """
    run = (overview if manifest.get("scenarios") else setting)(manifest)
    if not run.paired:
        return [*_levels(tables), _sure(run, "sure_alone", any_stated(tables))]
    names = run.scenarios or (run.scenario,)
    if len(names) > 1:
        return [*_ranked(tables, run), _sure(run, "sure", any_stated(tables))]
    found = {each.outcome: each for each in on_everybody(tables)}
    unlike = misfit(tables["agreement"], manifest["log"]) if "agreement" in tables else []
    close = [label("outcome", name) for name in four_outcomes(found) if found[name].narrow]
    narrowly = phrase("plain", "narrow", names=commas(close)) if close else ""
    return [*unlike, *_effects(found), sentences([_sure(run, "sure", any_stated(tables)), narrowly])]


def missed_targets(agreement: pl.DataFrame) -> pl.DataFrame:
    """Keep the fitted quantities whose value in the log is outside the interval of the simulations."""
    return agreement.filter(~pl.col("log").is_between("low", "high"), role="calibrated")


def misfit(agreement: pl.DataFrame, log: Facts) -> list[str]:
    """Warn that the simulated firm is not like the log; nothing if the fit misses none of its quantities."""
    rows, count = missed_targets(agreement).to_dicts(), agreement.filter(role="calibrated").height
    if not rows:
        return []
    worst = next((row for row in rows if row["quantity"] == VOLUME), rows[0])
    shown = {side: written(worst[side], worst["unit"]) for side in ("log", "model")}
    about = {"name": label("observable", worst["quantity"]), "missed": len(rows), "count": count}
    said = phrase("plain", "misfit", **shown, **about)
    lacking = worst["quantity"] == VOLUME and worst["log"] < worst["low"] and not log.get("partial")
    return [sentences([said, phrase("plain", "misfit_partial") if lacking else ""])]


def assumptions(manifest: Facts) -> list[str]:
    """Warn of scenarios of a comparison whose parameters or mechanisms differ from those of its reference."""
    resolved = manifest.get("resolved") or {}
    reference, said = str(manifest.get("counterfactual")), []
    for name in manifest.get("scenarios", []) if reference in resolved else []:
        listed = [
            label(kind, key)
            for kind, part in (("parameter", "parameters"), ("mechanism", "mechanisms"))
            for key in sorted(resolved[name][part] | resolved[reference][part])
            if resolved[name][part].get(key) != resolved[reference][part].get(key)
        ]
        about = {"scenario": cited(manifest, name), "reference": cited(manifest, reference), "listed": commas(listed)}
        said += [phrase("run", "assuming", **about)] * bool(listed)
    return said


def _effects(found: Mapping[str, Effect]) -> list[str]:
    """State four effects and the clearest headline outcome, if it is not the one that its family already shows."""
    stated = [found[name] for name in four_outcomes(found)]
    unknown = [place for place, each in enumerate(stated) if each.verdict == "unknown"]
    said = [effect_sentence(each) for each in stated]
    for place in unknown if len(unknown) > 1 else ():  # say once what holds for all
        key = "unknown_all" if place == unknown[-1] else "unknown_bare"
        said[place] = phrase("plain", key, **_values(stated[place]))
    clear = [each for name in HEADLINES if (each := found.get(name)) and each.verdict in CLEAR]
    best = max(clear, key=lambda each: abs(each.difference) / (each.high - each.low or math.ulp(0.0)), default=None)
    if best is None or best in stated:
        return said
    kin = [place for place, each in enumerate(stated) if each.family == best.family]
    if all(stated[place].verdict != best.verdict for place in kin):
        place = kin[0] if kin else len(stated) - 1
        said[place] = phrase("plain", "clearest", text=said[place], clearest=effect_sentence(best))
    return said


def four_outcomes(there: Mapping[str, object] | Sequence[str]) -> list[str]:
    """Choose four outcomes of a table: for each kind, the first that the table has, or else another one."""
    found = [next((name for name in kind if name in there), "") for kind in (*FOUR, *SPARE)]
    return list(dict.fromkeys(name for name in found if name))[: len(FOUR)]


def pooling_note(run: Setting, window: str) -> str:
    """Say that the weeks of a run pool the phases of its plan or all rules of a single world; empty if they do not."""
    spans = {(each.start, each.end) for each in run.phases}
    if not run.paired:
        dated = len(spans) > 1 or any(start > run.day0 for start, _ in spans)
        return phrase("run", "pooled_alone") if dated else ""
    return phrase("run", "pooled") if window.endswith(VARYING) and len(spans) > 1 else ""


def few_firms(rows: Sequence[Facts], answered: bool = False) -> str:
    """Say why some rows have no interval; empty if all have one, or if an answer about the rows has said so."""
    found = [row for row in rows if row["low"] is None and row.get("difference", row.get("value"))]
    if answered and {row["outcome"] for row in found} & set(four_outcomes([row["outcome"] for row in rows])):
        return ""
    return phrase("run", "few_firms" if "difference" in found[0] else "no_interval") if found else ""


def basis(row: Facts, rule: str, firms: str) -> str:
    """Write the firms, people and weeks on which an effect of a scenario or phase was measured."""
    size = {"firms": firms, "people": f"{row['people']:,}", "window": window_words(row["window"])}
    return phrase("comparison", "scenario", rule=rule, **size)


def ranked_on(ranking: pl.DataFrame) -> dict[str, str]:
    """Write the firms and weeks on which rankings are based."""
    rows = ranking.unique(("firms", "basis", "window"), keep="first", maintain_order=True).to_dicts()
    found = {"firms": map(_basis, rows), "window": (window_words(row["window"]) for row in rows)}
    return {name: semicolons(dict.fromkeys(words)) for name, words in found.items()}


def _basis(row: Facts) -> str:
    """Write how many firms a ranking is based on, and which."""
    if english():
        return f"{row['firms']:,} {row['basis']}"
    return f"{counted(row['firms'], 'firm')}（{label('basis', row['basis'])}）"


def effect_sentence(effect: Effect) -> str:
    """State an effect: which way it goes, by how much and from where, or that none is clear."""
    key = "clear" if effect.verdict in CLEAR else effect.verdict
    moves = label("plain", "lower" if effect.difference < 0 else "higher")
    meaning = label("plain", effect.verdict) if key == "clear" else ""
    bounds, decimals = _shown(effect)
    size = _with_unit(number(abs(bounds[0]), decimals), effect.unit)
    return phrase("plain", key, **_values(effect), moves=moves, size=size, meaning=meaning)


def _shown(effect: Effect) -> tuple[Bounds, int]:
    """Return an effect with its interval as it is written, and its decimals."""
    if effect.unit not in RELATIVE:
        return effect.bounds, from_zero(effect.bounds, effect.decimals)
    value, low, high = bounds = effect.percent
    return bounds, from_zero(bounds, digits((high - low) / 2 if high > low else value))


def _values(effect: Effect) -> dict[str, str]:
    """Return the values that sentences about an effect put in."""
    bounds, decimals = _shown(effect)
    change, low, high = (number(bound, decimals, sign=True) for bound in bounds)
    before = baseline(effect) if effect.unit == "share" else _with_unit(baseline(effect), effect.unit, relative=False)
    relative = effect.unit in RELATIVE
    start, was = ("" if relative else phrase("plain", key, before=before) for key in ("start", "was"))
    change = _with_unit(change, effect.unit)
    return dict(name=plain_name(effect.outcome), before=before, start=start, was=was, change=change, low=low, high=high)


def plain_name(outcome: str) -> str:
    """Return an outcome as it begins a sentence."""
    text = label("plain_outcome" if has_name("plain_outcome", outcome) else "outcome", outcome)
    return text[:1].upper() + text[1:]


def _with_unit(text: str, unit: str, relative: bool = True) -> str:
    if relative and unit in RELATIVE:
        return percent(text)
    return f"{text} {label('plain_unit' if has_name('plain_unit', unit) else 'unit', unit)}".strip()


def _levels(tables: Tables) -> list[str]:
    """State the levels of a world that is compared with nothing."""
    frame = table(tables, "levels", ("group", "outcome", "unit"), ("value", "low", "high"))
    rows = {row["outcome"]: row for row in frame.filter(group="all").to_dicts()}
    found = [rows[name] for name in four_outcomes(rows)]
    last = max((place for place, row in enumerate(found) if not row["low"] <= row["high"]), default=0)
    return [_level(row, place < last) for place, row in enumerate(found)]


def _level(row: Facts, more: bool) -> str:
    """State a level with its interval; if ``more`` levels without one follow, the reason is given there."""
    factor = scale(row["unit"]).factor
    value, low, high = (factor * row[name] for name in ("value", "low", "high"))
    decimals = max(digits(value), digits((high - low) / 2)) if high > low else digits(value)
    shares = row["unit"] == "share"
    written = level(value, decimals, row["unit"]) if shares else _with_unit(number(value, decimals), row["unit"], False)
    key = "level" if low <= high else "level_bare" if more else "level_unknown"
    ends = {"low": number(low, decimals), "high": number(high, decimals)}
    return phrase("plain", key, name=plain_name(row["outcome"]), value=written, **ends)


def _ranked(tables: Tables, run: Setting) -> list[str]:
    """State for each of four outcomes which rule set is best, how sure that is, and what it changes."""
    needed = ("outcome", "scenario", "firms", "window")
    ranks = table(tables, "ranking", needed, ("probability_best", "expected_rank"))
    effects = {(each.scenario, each.outcome): each for each in on_everybody(tables, needed[1:])}
    there = four_outcomes(ranks["outcome"].unique(maintain_order=True).to_list())
    found = [best_first(tables["ranking"].filter(outcome=name)).to_dicts() for name in there]
    said = [_best(rows, effects, run) for rows in found if leaders(rows)]
    first, *more = [plain_name(rows[0]["outcome"]) for rows in found if not leaders(rows)] or [""]
    unknown = say("semicolon").join((first, *(name[:1].lower() + name[1:] for name in more)))
    return [*said, *([phrase("plain", "best_unknown", name=unknown)] if unknown else [])]


def _best(rows: Sequence[Facts], effects: Mapping[tuple[str, str], Effect], run: Setting) -> str:
    """State which rule set is best in one outcome, from rows with the best first."""
    top, tied, name = rows[0], leaders(rows), plain_name(rows[0]["outcome"])
    if len(tied) == len(rows):
        return phrase("plain", "best_tied", name=name, rules=run.cited(*tied))
    best = label("plain", "lowest" if outcome_of(top["outcome"]).better == "lower" else "highest")
    about = {"best": best, "chance": share_of(probability_of_leaders(rows))}
    if run.counterfactual in tied:
        return phrase("plain", "best_none", name=name, reference=run.cited(run.counterfactual), **about)
    effect = effects[top["scenario"], top["outcome"]]
    about |= dict(zip(("ranked", "own"), _where(top, effect), strict=True))
    unlike = any(_values(effects[each, top["outcome"]]) != _values(effect) for each in tied)
    about["own"] = phrase("plain", "of_one", rule=run.cited(tied[0])) * unlike + about["own"]
    key = "best_bare" if effect.verdict == "unknown" else "best"
    return phrase("plain", key, **_values(effect), rule=run.cited(*tied), **about)


def _where(top: Facts, effect: Effect) -> Iterator[str]:
    """Write the firms and weeks of a ranking and of the effect beside it, if they differ."""
    sides = [(each["firms"], each["window"].partition(":")[0]) for each in (top, effect._asdict())]
    for key, (firms, weeks) in zip(("ranked", "own"), sides, strict=True):
        said = phrase("plain", key, firms=counted(firms, "firm"), weeks=window_words(weeks))
        yield said if sides[0] != sides[1] else ""


def _sure(run: Setting, key: str, intervals: bool) -> str:
    """State what was simulated, with which parameters, and what intervals, if any, do not cover."""
    fixed = phrase("plain", "fixed") + (phrase("plain", "fixed_intervals") if intervals else "")
    name = label("targets" if has_name("targets", run.drawn) else "reading", run.drawn)
    drawn = phrase("plain", "drawn_one" if run.replicates == 1 else "drawn", name=name) if run.drawn else fixed
    right = phrase("plain", "sure_intervals") if intervals else ""
    about = {"right": right} if key == "sure" else {}
    return phrase("plain", key, economies=counted(run.replicates, "economy"), parameters=drawn, **about)
