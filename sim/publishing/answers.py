"""The answer of a page for each kind of results, with the numbers of stored tables and the names of the figures."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import polars as pl
from rich.text import Text

from sim.core.errors import ResultsError, shortened
from sim.figures.context import Setting, Tables, any_stated, campaign, logged, overview, setting, table
from sim.figures.evaluation import analysis_name, over_replicates
from sim.figures.fit import unit_of
from sim.figures.numerals import decimals_until, digits, from_zero, number, scale
from sim.figures.responses import CHIEF, columns_of
from sim.figures.sweep_axes import level_words, varied
from sim.figures.words import counted, label, percent, phrase, say, translate, window_words
from sim.figures.words import sentences as joined
from sim.outcomes import outcome_of
from sim.publishing.sections import Answer, Grid, how_sure, limits, who_gains
from sim.report.comparison import main_mechanisms, switched_off
from sim.report.evaluation import early_sentences, firms_observed, trend_text
from sim.report.intervals import few_replicates, other_country, parameters_drawn, parameters_line
from sim.report.learning import best_buys, effect_sentence, how_to_read
from sim.report.message_log import clock_note, log_notes, part_rows, share_touched, sources, touched_words
from sim.report.numbers import band, distinct_decimals, share_of, title_of
from sim.report.plain import assumptions, plain, plain_name, pooling_note
from sim.report.plots import REGISTRY, kind_of
from sim.report.regions import lines as region_notes
from sim.report.regions import verdicts as region_verdicts
from sim.report.robustness import answer as by_sets
from sim.report.run import drift_warning
from sim.report.search import answer as search_answer
from sim.report.search import rule_table, trust
from sim.report.sensitivity import lines as sensitivity_notes
from sim.report.sensitivity import moved_by
from sim.report.targets import not_fitted, rounded

MOST_DECIMALS = 4  # of numbers so close to each other that fewer would make them the same
MAIN = "extended"  # the estimator that reports show
LOG_SENTENCES = {"log_sent": "observed_sent", "log_after_share": "observed_after", "log_reply_median": "observed_reply"}
SIDES = {"log": "observed_side_log", "model": "observed_side_model"}
WITH_INTERVALS = ("run", "comparison", "explanation", "scorecard")  # over firms and parameters
BY_POINT = ("sensitivity", "regions")  # whose replicates are those of each point; captions count the economies
BY_REPLICATE = ("evaluation", "design")  # whose intervals are an evaluator's


def of_run(tables: Tables, manifest: Mapping[str, Any]) -> Answer:
    """Answer for a run."""
    run = setting(manifest)
    question = phrase("page", "question_run" if run.paired else "question_alone", **_names(run))
    answer = _compared(tables, manifest, run, question)
    if "taken" not in tables:
        return answer
    sentences, grid = touched_shares(tables, manifest)
    return answer._replace(
        sentences=[sentences[0], *clock_note(manifest["log"]), *answer.sentences],
        who=[*answer.who, grid],
        sure=[*answer.sure, *log_notes(tables["touched"], manifest["log"]), *sources(tables, manifest)],
        limits=[*answer.limits, *limits("log")],
    )


def of_comparison(tables: Tables, manifest: Mapping[str, Any]) -> Answer:
    """Answer for a comparison."""
    run = overview(manifest)
    key = "question_best" if len(run.scenarios) > 1 else "question_run"
    return _compared(tables, manifest, run, phrase("page", key, **_names(run)))


def _names(run: Setting) -> dict[str, str]:
    rules = run.cited(*(run.scenarios or (run.scenario,)))
    return {"rules": rules, "reference": run.cited(run.counterfactual)}


def _compared(tables: Tables, manifest: Mapping[str, Any], run: Setting, question: str) -> Answer:
    """Answer for worlds that are compared, or for a single world without a reference."""
    sentences = plain(tables, manifest)
    if "effects" not in tables:
        sure = list(filter(None, [pooling_note(run, "")]))
        return Answer(run.title, question, sentences, sure=sure, limits=limits("model"))
    sure, grids = how_sure(tables, run)
    sure += [Text.from_markup(each).plain for each in assumptions(manifest)]
    if "drift" in tables:
        drift = table(tables, "drift", ("scenario", "world", "outcome", "unit"), ("change",))
        sure += filter(None, [Text.from_markup(drift_warning({**tables, "drift": drift}, manifest)).plain])
    return Answer(run.title, question, sentences, who_gains(tables, run), sure, grids, limits("model", "compared"))


def of_sweep(tables: Tables, manifest: Mapping[str, Any]) -> Answer:
    """Answer for a sweep: what was varied, and the range over which the main outcomes move."""
    run = overview(manifest)
    axes = [varied(tables, column).words for column in tables["axes"]["column"].to_list()]
    rules = run.cited(*run.scenarios)
    columns = columns_of(run.paired)
    frame = table(tables, "responses", ("scenario", "axis", "place", "level", "name", "by", "outcome", "over"), columns)
    seeds = tables["axes"].filter(name="run.seed")["column"].to_list()  # along which nothing moves but chance
    frame = frame.filter(pl.col("by").is_null(), ~pl.col("axis").is_in(seeds))
    there = set(frame["outcome"].unique())
    outcomes = [name for name in CHIEF if name in there] or sorted(there)[: len(CHIEF)]
    counts = {"conditions": f"{manifest['conditions']:,}", "replicates": counted(run.replicates, "replicate")}
    first = phrase("page", "sweep_varied", rules=rules, axes=say("list").join(axes), runs=_runs(manifest), **counts)
    frame = frame.filter(pl.col("outcome").is_in(outcomes), pl.col(columns[0]).is_finite())
    moves = [_moves(tables, frame.filter(pl.col("outcome") == name), name, run) for name in outcomes]
    sure = "sweep_sure_points" if "points" in frame["over"] else "sweep_sure_replicates"
    sure = sure if frame[columns[1]].is_finite().any() else "sweep_sure_none"
    sentences = [first, *(text for text in moves if text), phrase("page", sure)]
    return Answer(run.title, phrase("page", "question_sweep", rules=rules), sentences, limits=limits("model", "sweep"))


def _runs(manifest: Mapping[str, Any]) -> str:
    counts = {name: f"{manifest['runs'][name]:,}" for name in ("planned", "done", "failed")}
    if not manifest["runs"]["failed"]:
        return phrase("page", "sweep_runs", **counts)
    return phrase("page", "sweep_failed", **counts, reason=translate(shortened(manifest["runs"]["reason"])))


def _moves(tables: Tables, rows: pl.DataFrame, outcome: str, run: Setting) -> str:
    """State the values between which an outcome moves along the axis that moves it most."""
    column, *bounds = columns_of(run.paired)
    if rows.is_empty():
        return ""
    spans = rows.group_by("scenario", "axis", maintain_order=True).agg(span=pl.col(column).max() - pl.col(column).min())
    widest = spans.sort("span", descending=True, maintain_order=True).row(0, named=True)
    mine = rows.filter(pl.col("scenario") == widest["scenario"], pl.col("axis") == widest["axis"]).sort(column)
    ends = sorted((mine.row(0, named=True), mine.row(-1, named=True)), key=lambda row: int(row["place"]))
    shown = scale(outcome_of(outcome).unit)
    values = [shown.factor * each[column] for each in ends]
    bounded = [tuple(shown.factor * each[name] for name in (column, *bounds)) for each in ends]
    decimals = max(from_zero((value, low, high), digits(*values)) for value, low, high in bounded)
    if values[0] != values[1]:  # else it would be said that nothing moves it
        decimals = decimals_until(decimals, lambda n: number(values[0], n) == number(values[1], n), MOST_DECIMALS)
    said = []
    for each, value in zip(ends, values, strict=True):
        text = f"{number(value, decimals, sign=run.paired)} {shown.change if run.paired else shown.level}"
        if math.isfinite(each[bounds[0]]):
            text += f" [{', '.join(number(shown.factor * each[end], decimals, sign=run.paired) for end in bounds)}]"
        said.append(text)
    about = {"name": plain_name(outcome), "rule": run.cited(widest["scenario"])}
    if number(values[0], decimals) == number(values[1], decimals):
        return phrase("page", "sweep_still", value=said[0], **about)
    axis = varied(tables, widest["axis"])
    levels = level_words(((row["level"], str(row["name"] or "")) for row in ends), axis)
    at_first, at_last = (
        text + f" {axis.unit}" * bool(row["level"] is not None and axis.unit)
        for row, text in zip(ends, levels, strict=True)
    )
    ends_at = {"first": said[0], "last": said[1], "at_first": at_first, "at_last": at_last}
    together = run.method == "list" and tables["axes"].height > 1
    return phrase("page", "sweep_moves_together" if together else "sweep_moves", axis=axis.words, **about, **ends_at)


def of_calibration(tables: Tables, manifest: Mapping[str, Any]) -> Answer:
    """Answer for a calibration: which targets are met, what they identify, and whether intervals can be trusted."""
    run = campaign(manifest)
    needed = ("observable", "unit", "role", "low", "high", "within")
    card = table(tables, "card", needed, ("reported", "observed", "observed_low", "observed_high"))
    fitted, checked = (card.filter(pl.col("role") == role) for role in ("calibrated", "checked"))
    parameters = table(tables, "parameters", ("role", "identified")).filter(role="fitted")
    known = parameters["identified"].to_list()
    counts = {"yes": known.count("yes"), "partly": known.count("partly"), "no": known.count("no"), "count": len(known)}
    coverage, error = (rounded(manifest[key]) for key in ("coverage_of_90", "coverage_error"))
    covered = "fit_coverage" if manifest["synthetic_worlds"] else "fit_no_coverage"
    joint = share_of(manifest["joint_chance"])
    facts = {"simulations": f"{run.simulations:,}", "draws": f"{run.draws:,}", "joint": joint}
    sentences = [
        _hits("fit_met", fitted),
        phrase("page", "fit_identified", **counts),
        *([_hits("fit_beside", checked)] if checked.height else []),
        phrase("page", covered, coverage=coverage, error=error, worlds=manifest["synthetic_worlds"]),
        phrase("page", "fit_sure", **facts),
    ]
    heads = [phrase("page", key) for key in ("outcome", "unit_of", "reported", "fit_band", "model", "verdict")]
    rows = [_target(row) for row in pl.concat([fitted, checked]).to_dicts()]
    grid = Grid("targets", heads, rows)
    question = phrase("page", "question_fit", title=run.title)
    sure = [phrase("page", "fit_verdict"), not_fitted()]
    return Answer(run.title, question, sentences, sure=sure, sure_grids=[grid], limits=limits("fit"))


def _hits(key: str, rows: pl.DataFrame) -> str:
    """Count the hits among figures with a band, and the figures without one."""
    scored = rows["within"].drop_nulls()
    bare = rows.height - len(scored)
    said = phrase("page", key, hits=int(scored.sum()), count=len(scored))
    return joined([said, phrase("page", "fit_no_band", count=bare) if bare else ""])


def _target(row: Mapping[str, Any]) -> list[str]:
    """Write a target, the band that counts as agreement, and the model."""
    shown = scale(row["unit"])
    reported, model, low, high = (
        shown.factor * row[name] for name in ("reported", "observed", "observed_low", "observed_high")
    )
    ends = [shown.factor * end for end in (row["low"], row["high"]) if end is not None]
    close = min((abs(model - end) for end in ends if end != model), default=math.inf)
    # With fewer decimals the verdict could contradict what is shown.
    decimals = decimals_until(digits(reported, model), lambda n: close < 0.5 * 10**-n, MOST_DECIMALS)
    agreed = band(row["low"], row["high"], lambda end: number(shown.factor * end, decimals if end else 0))
    simulated = f"{number(model, decimals)} [{number(low, decimals)}, {number(high, decimals)}]"
    met = {None: "–", True: say("fit_yes"), False: say("fit_no")}[row["within"]]
    name, unit = label("observable", row["observable"]), unit_of(row["observable"], row["unit"])
    return [name, unit, number(reported, decimals), agreed, simulated, met]


def of_evaluation(tables: Tables, manifest: Mapping[str, Any]) -> Answer:
    """Answer for an evaluation: what an evaluator would find, beside the truth."""
    run = overview(manifest)
    needed = ("outcome", "unit", "source", "estimator", "controls", "covers")
    frame = table(tables, "estimates", needed, ("estimate", "low", "high", "truth", "p_before"))
    several = run.replicates > 1
    rows = (over_replicates(frame) if several else frame).to_dicts()
    main = [row for row in rows if row["estimator"] == MAIN] or rows
    main = list({(row["outcome"], row["source"]): row for row in reversed(main)}.values())[::-1]
    held = frame["covers"].drop_nulls()
    sentences = [_averaged(row) if several else _estimated(row) for row in main[:3]]
    sentences.append(phrase("page", "evaluation_held", way=analysis_name(main[0]), held=held.sum(), count=len(held)))
    compared = "evaluation_replicates" if several else "evaluation_sure"
    sentences.append(phrase("page", compared, economies=counted(run.replicates, "economy")))
    heads = [phrase("page", key) for key in ("outcome", "unit", "data", "estimator")]
    heads += [phrase("evaluation", "head_estimate"), say("event_truth"), phrase("page", "verdict")]
    heads += [] if several else [phrase("evaluation", "head_drift")]
    cells = []
    for row in rows:
        names = label("outcome", row["outcome"]), scale(row["unit"]).change, label("source", row["source"])
        drift = [] if several else [trend_text(row, frame) or "–"]
        cells.append([*names, analysis_name(row), *_sides(row), _covers_truth(row, several), *drift])
    grid = Grid("estimates_means" if several else "estimates", heads, cells)
    question = phrase("page", "question_evaluation", rules=run.cited(run.scenario))
    firms = firms_observed(table(tables, "firms", ("start",)))
    before = early_sentences(table(tables, "event_study", ("period",), ("truth",)))
    facts = (phrase("page", "facts", listed=each) for each in (firms, *before))
    sure = [*facts, *([] if several else [phrase("evaluation", "note_drift")])]
    return Answer(run.title, question, sentences, sure=sure, sure_grids=[grid], limits=limits("model", "evaluation"))


def _about(row: Mapping[str, Any]) -> dict[str, str]:
    """Return what sentences about an estimate put in, whatever it is compared with."""
    unit = scale(row["unit"]).change
    return {"name": plain_name(row["outcome"]), "source": label("source", row["source"]), "unit": unit}


def _estimated(row: Mapping[str, Any]) -> str:
    estimate, truth = _sides(row)
    key = {None: "evaluation_bare", True: "evaluation_holds", False: "evaluation_misses"}[row["covers"]]
    return phrase("page", key, **_about(row), estimate=estimate, truth=truth)


def _averaged(row: Mapping[str, Any]) -> str:
    factor = scale(row["unit"]).factor
    found = {name: factor * row[name] for name in ("estimate", "low", "high", "truth")}
    decimals = digits((found["high"] - found["low"]) / 2 or found["estimate"])  # one replicate has no range
    values = {name: number(value, decimals, sign=True) for name, value in found.items()}
    key = "evaluation_means" if row["low"] < row["high"] else "evaluation_only"
    return phrase("page", key, **_about(row), **values, covers=row["covers"], intervals=row["intervals"])


def _covers_truth(row: Mapping[str, Any], several: bool) -> str:
    """Write whether an interval covers the truth, or of several replicates how many do."""
    if several:
        return phrase("evaluation", "covers_of", covers=row["covers"], count=row["intervals"])
    return "–" if row["covers"] is None else say("estimates_covers" if row["covers"] else "estimates_misses")


def _sides(row: Mapping[str, Any]) -> tuple[str, str]:
    factor = scale(row["unit"]).factor
    value, low, high, truth = (factor * row[name] for name in ("estimate", "low", "high", "truth"))
    half = (high - low) / 2
    decimals = from_zero((value, low, high), digits(half if math.isfinite(half) and half > 0 else value))
    decimals = distinct_decimals(truth, (low, high), decimals)  # so that it is seen whether the truth is inside
    value, low, high, truth = (number(each, decimals, sign=True) for each in (value, low, high, truth))
    return value if row["covers"] is None or row["low"] == row["high"] else f"{value} [{low}, {high}]", truth


def of_log(tables: Tables, manifest: Mapping[str, Any]) -> Answer:
    """Answer for a message log: which messages and people a rule would touch."""
    run, log = overview(manifest), manifest["log"]
    sentences, grid = touched_shares(tables, manifest)
    sentences.append(phrase("page", "log_unknown" if log["unknown"] else "log_sure"))
    question = phrase("page", "question_log", rules=run.cited(run.scenario), log=log["name"])
    sentences[1:1] = clock_note(log)
    notes = list(log_notes(tables["touched"], log))
    return Answer(run.title, question, sentences, who=[grid], sure=notes, limits=limits("log"), part="log_touched")


def touched_shares(tables: Tables, manifest: Mapping[str, Any]) -> tuple[list[str], Grid]:
    """State which share of messages and people a rule would touch, in at most three sentences and a table of parts."""
    frame = table(tables, "touched", ("rule", "by", "group", "messages", "people", "share", "low", "high"))
    heads = [phrase("page", key) for key in ("group", "log_messages", "log_people", "log_share")]
    rows = [[*cells, share_touched(row)] for row, *cells in part_rows(frame)]
    return list(touched_words(frame, manifest)), Grid("log_parts", heads, rows)


def of_search(tables: Tables, manifest: Mapping[str, Any]) -> Answer:
    """Answer for a search: which rules to choose, where they fail, and a table of all rules of the front."""
    run, rows = overview(manifest), []
    readings = tables["front"]["reading"].unique(maintain_order=True).to_list()
    for reading in readings:
        heads, mine = rule_table(tables, manifest, reading)
        rows += [[label("reading", reading), *row] if len(readings) > 1 else row for row in mine]
    heads = [phrase("page", "parameters"), *heads] if len(readings) > 1 else heads
    cells = [[cell.replace("|", " ") for cell in row] for row in (heads, *rows)]
    grid = Grid("search_rules", cells[0], cells[1:])
    question = phrase("page", "question_search", rules=run.cited(run.scenario))
    said, more = search_answer(tables, manifest), list(trust(tables, manifest))
    sure = [*said[5:], *more]
    return Answer(run.title, question, said[:5], [grid], sure, limits=limits("model"), part="search_found")


def of_observed(tables: Tables, manifest: Mapping[str, Any]) -> Answer:
    """Answer for a message log: what it shows of its people, beside the model if that was simulated."""
    log, model = manifest["log"], bool(manifest["model"])
    frame = table(tables, "observed", ("side", "quantity", "unit", "role"), ("value", "low", "high"))
    rows = {(row["quantity"], row["side"]): row for row in frame.to_dicts() if math.isfinite(row["value"])}
    sides = [name for name, there in (("log", True), ("model", model)) if there]
    size = {"entries": f"{log['used']:,}", "people": f"{log['people']:,}"}
    sentences = [phrase("page", "observed_read", **size)]
    for name, words in LOG_SENTENCES.items():
        if (name, "log") in rows:
            values = {side: _measured(rows.get((name, side)), bounds=False) for side in sides}
            end = phrase("page", "observed_model", model=values["model"]) if model else ""
            sentences.append(phrase("page", words, value=values["log"], model=end))
    sentences.append(phrase("page", "observed_sure"))
    heads = [phrase("page", key) for key in ("quantity", "unit_of")] + [phrase("page", SIDES[side]) for side in sides]
    cells = [
        [label("observable", row["quantity"]), unit_of(row["quantity"], row["unit"])]
        + [_measured(rows.get((row["quantity"], side))) for side in sides]
        + [phrase("log", f"role_{row['role']}")]
        for (_, side), row in rows.items()
        if side == "log"
    ]
    grid = Grid("observed", [*heads, phrase("log", "head_role")], cells)
    doubt = [phrase("log", "clock", why=translate(why))] if (why := manifest["doubts"]["clock"]) else []
    question = phrase("page", "question_observed", log=log["name"])
    bounds = [phrase("page", "limit_log_log"), *limits("observed")]
    return Answer(logged(manifest).title, question, sentences, sure=doubt, sure_grids=[grid], limits=bounds)


def _measured(row: Mapping[str, Any] | None, bounds: bool = True) -> str:
    """Write a measured value: with its interval but no unit, or with its unit but no interval."""
    if row is None:
        return "–"
    shown = scale(row["unit"])
    value, low, high = (shown.factor * row[key] for key in ("value", "low", "high"))
    decimals = digits(value)
    text = number(value, decimals)
    if not bounds:
        return percent(text) if row["unit"] == "share" else f"{text} {shown.level}"
    return text + (f" [{number(low, decimals)}, {number(high, decimals)}]" if math.isfinite(low) else "")


def of_others(tables: Tables, manifest: Mapping[str, Any]) -> Answer:
    """Answer for all other kinds of results: only figures, whose captions say how to read them."""
    run = (campaign if manifest.get("targets") else overview)(manifest)
    sentences = [phrase("page", "other_pictures")]
    if run.replicates and manifest["kind"] not in BY_POINT:
        sentences.append(phrase("page", "other_sizes", economies=counted(run.replicates, "economy")))
    return Answer(run.title, label("page_kind", kind := str(manifest["kind"])), sentences, limits=limits("model", kind))


def of_learning(tables: Tables, manifest: Mapping[str, Any]) -> Answer:
    """Answer for what to measure next: the best buys, then the effects with the regret of choosing now."""
    others = of_others(tables, manifest)
    if "effects" not in tables:
        return others
    said = list(best_buys(tables))
    for each in tables["effects"].sort("resolved", descending=True, maintain_order=True).to_dicts():
        rows = tables["learning"].filter(scenario=each["scenario"], outcome=each["outcome"])
        said.append(effect_sentence(each, rows, manifest))
    return others._replace(sentences=said[:5], sure=[*said[5:], *how_to_read(tables, manifest)])


def of_regions(tables: Tables, manifest: Mapping[str, Any]) -> Answer:
    """Answer for regions: on which sides of zero each outcome has one, for each rule."""
    others, said = of_others(tables, manifest), []
    several = tables["turns"]["scenario"].n_unique() > 1
    for (scenario,), turns in tables["turns"].group_by("scenario", maintain_order=True):
        rule = title_of(manifest, str(scenario))
        said += [say("headed", head=rule, text=each) if several else each for each in region_verdicts(turns)]
    notes = region_notes(tables, manifest) if manifest.get("uncertainty") else ()
    return others._replace(sentences=said[:5], sure=[*said[5:], *notes])


def of_sensitivity(tables: Tables, manifest: Mapping[str, Any]) -> Answer:
    """Answer for a sensitivity analysis: which parameters move each outcome and each effect most."""
    others, said = of_others(tables, manifest), list(moved_by(tables))
    notes = sensitivity_notes(tables, manifest) if manifest.get("uncertainty") else ()
    return others._replace(sentences=said[:5] or [phrase("drivers", "unmoved")], sure=[*said[5:], *notes])


def of_readings(tables: Tables, manifest: Mapping[str, Any]) -> Answer:
    """Answer for results under several sets of parameters: how many signs depend on the set, and which rule is best."""
    if "conclusions" not in tables:
        return of_others(tables, manifest)
    said = by_sets(tables, [each["name"] for each in manifest["readings"]], CHIEF[0])
    fewest = min(each["replicates"] for each in manifest["readings"])
    answer = _found_answer(tables, manifest, [*said, *(Text.from_markup(each).plain for each in assumptions(manifest))])
    return answer._replace(sure=list(filter(None, [few_replicates(fewest)])))


def of_explanation(tables: Tables, manifest: Mapping[str, Any]) -> Answer:
    """Answer for an explanation: which mechanism contributes most to the effect."""
    frame = table(tables, "explanation", ("outcome", "mechanism"), ("share", "contribution_low", "contribution_high"))
    first = tables["explanation"].row(0, named=True)
    about = {"firms": f"{first['firms']:,}", "window": window_words(first["window"])}
    answer = _found_answer(tables, manifest, main_mechanisms(frame, manifest["counterfactual"] is None))
    few = [] if any_stated(tables) else [phrase("run", "no_interval")]
    return answer._replace(sure=[phrase("explanation", "firms", **about), *few, *switched_off(manifest), *answer.sure])


def _found_answer(tables: Tables, manifest: Mapping[str, Any], found: Iterable[str]) -> Answer:
    """Answer by the sentences ``found``, with the figures for the rest."""
    others = of_others(tables, manifest)
    return others._replace(sentences=[*found, phrase("page", "other_more"), *others.sentences[1:]])


ANSWERS: Mapping[str, Callable[[Tables, Mapping[str, Any]], Answer]] = {
    **dict.fromkeys(REGISTRY, of_others),
    "run": of_run,
    "comparison": of_comparison,
    "readings": of_readings,
    "learning": of_learning,
    "regions": of_regions,
    "sensitivity": of_sensitivity,
    "explanation": of_explanation,
    "sweep": of_sweep,
    "calibration": of_calibration,
    "evaluation": of_evaluation,
    "search": of_search,
    "touched": of_log,
    "log": of_observed,
}


def answer_for(name: str, tables: Tables, manifest: Mapping[str, Any]) -> Answer:
    """Answer for results of any kind, of the folder ``name``; raises ``ResultsError`` if their kind has no report."""
    kind = kind_of(manifest)
    if kind not in ANSWERS:
        known = ", ".join(ANSWERS)
        raise ResultsError(f"{name}: there is no report of results of the kind '{kind}'; there are of {known}")
    answer = ANSWERS[kind](tables, manifest)
    parameters = other_country(manifest)
    if kind in WITH_INTERVALS or kind in BY_REPLICATE:
        parameters = parameters_drawn(manifest, kind in WITH_INTERVALS and any_stated(tables))
    elif kind == "sweep" and manifest["parameters"]:
        parameters = joined((parameters_line(manifest["parameters"], *manifest["drawn"]), parameters))
    return answer._replace(sure=[*answer.sure, *([parameters] if parameters else [])])
