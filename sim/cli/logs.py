"""Commands about message logs and published experiments."""

import re
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.completion import scenarios
from sim.cli.flags import DRAWING, LANGUAGE, PARAMETERS, PATH, Flags, combine, count, notes, only_for, out, study_flags
from sim.core.errors import InputError

if TYPE_CHECKING:
    from sim.evidence.logcolumns import Reading
    from sim.scenario.schema import Scenario


def _hours(text: str) -> tuple[float, float]:
    """Read contract hours, as in 9-18 or 8:30-17:30."""
    end = r"\s*(\d{1,2})(?::([0-5]\d))?\s*"
    if not (found := re.fullmatch(f"{end}-{end}", text)):
        raise click.BadParameter(f"'{text}': two hours are needed, as in 9-18 or 8:30-17:30")
    opening, past, closing, beyond = (int(digits or 0) for digits in found.groups())
    return opening + past / 60, closing + beyond / 60


def _words(text: str) -> tuple[str, ...]:
    """Read words separated by commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _drawable(text: str) -> Path:
    """Read the name of a file for a figure."""
    if Path(text).suffix not in (".png", ".svg"):
        raise click.BadParameter(f"{text}: the name must end in .png or .svg")
    return Path(text)


_COLUMNS = ("sender", "recipient", "time", "thread", "channel", "rank", "place")
_TEXTS = [
    *((name, "COLUMN", f"Column of the {name}; by default '{name}'.") for name in _COLUMNS[:3]),
    *((name, "COLUMN", f"Column of the {name}, if there is one; by default '{name}'.") for name in _COLUMNS[3:]),
    ("zone", "ZONE", "Time zone in which people work, as in Asia/Shanghai; or stamps, for hours as written."),
    ("clock", "ZONE", "Time zone of times without offset, if not that of the people."),
    ("time-format", "FORMAT", "Format of the times, as in '%d/%m/%Y %H:%M'."),
    ("between", "SIGNS", "Separator of several recipients; detected by default."),
    ("separator", "SIGN", "Separator of columns; detected by default."),
    ("encoding", "NAME", "Encoding of a table, as in gb18030; by default UTF-8."),
]
_LOG = combine(
    *(click.option(f"--{name}", default="", metavar=metavar, help=what) for name, metavar, what in _TEXTS),
    click.option("--leaders", type=_words, default="", metavar="A,B",
                 help="Ranks of people who lead; by default manager, lead, 经理 and others."),
    click.option("--hours", type=_hours, default="9-18", show_default=True, metavar="FROM-TO",
                 help="Contract hours from Monday to Friday."),
    click.option("--channels", type=_words, default="", metavar="A,B",
                 help="Channels of the model that the log represents; by default im, group, mail and tool."),
    click.option("--partial", is_flag=True, help="The log lacks many messages of its people: use no volumes."),
)  # fmt: skip


def _reading(given: dict[str, Any]) -> "Reading":
    """Build the settings for reading a log from the options of a command."""
    from sim.evidence.logcolumns import LEADERS, Reading

    columns = {name: given[name] for name in _COLUMNS if given[name]}
    opening, closing = given["hours"]
    return Reading(
        columns, given["zone"], given["clock"], given["time_format"], given["between"], given["separator"],
        given["leaders"] or LEADERS, opening, closing, given["channels"], given["encoding"],
    )  # fmt: skip


@click.command()
@click.argument("log", type=PATH)
@_LOG
@click.option("--model/--no-model", default=False, help="Simulate today's rules and measure the model in the same way.")
@count("--people", (20, 5000), "People simulated with --model.", 300)
@count("--weeks", (2, 26), "Weeks simulated with --model.", 4)
@count("--seed", (0, 2**63 - 1), "Seed of all draws, with --model.", 1)
@PARAMETERS
@out()
@DRAWING
def observe(
    log: Path, model: bool, people: int, weeks: int, seed: int, parameters: str, out: Path, figures: bool,
    language: str, partial: bool, **given: Any,
) -> None:  # fmt: skip
    """Turn a message LOG into targets of the model.

    LOG is CSV, TSV or Parquet with one row per message: sender, recipient (one or several, as in 'ann;bob'), time, and
    optionally thread, channel, and the sender's rank and time zone (place). LOG can also be an export of Slack (folder
    or .zip), Teams (.json of Microsoft Graph), Outlook (.csv) or mail (.mbox). People are replaced by numbers on
    reading; contents are never read. Results are written to DIR/observe_LOG, with the targets in targets.toml.
    """
    from sim.evidence.logfile import observe_log
    from sim.evidence.modelled import measure_model, today_at_size
    from sim.figures.words import translate
    from sim.observation import ComparedSource, doubts_of, target_set_name
    from sim.scenario.loading import load
    from sim.studies.message_logs import publish_observation

    if not model:
        only_for("model", "people", "weeks", "seed", "parameters")
    how = _reading(given)
    done = Flags(out=out, figures=figures, language=language, parameters=parameters).setup(
        f"observe_{target_set_name(log)}"
    )
    with notes.status(translate("reading the log")) as status:
        tally, report = observe_log(log, how, lambda step: status.update(translate(step)))
        sides = [ComparedSource("log", tally.measured(), tally.shapes())]
        if model:
            status.update(translate("simulating the model"))
            today = load("status_quo")
            world = today_at_size(today, people, weeks, seed, today.run.warmup_days)
            alike = measure_model(world, tally.scope, parameters=done.draws)
            sides.append(ComparedSource("model", alike.measured(), alike.shapes()))
    size = {"people": people, "weeks": weeks, "seed": seed} if model else {}
    publish_observation(log, report, tally.scope, doubts_of(tally, partial), sides, size, done)


@click.command()
@click.argument("log", type=PATH)
@click.argument("scenario", shell_complete=scenarios)
@_LOG
@click.option("--effect/--no-effect", default=True, show_default=True, help="Whether to simulate the effect.")
@study_flags
def ask(log: Path, scenario: str, effect: bool, flags: Flags, **given: Any) -> None:
    """Estimate what SCENARIO would do to people of a message LOG.

    The first result is the share of messages and people that the rule would touch, by hour, rank and channel, as far as
    the log shows them. The second, with --effect, is the simulated effect for a firm with the log's size, hours, volume
    and heterogeneity: parameters that the log informs are fitted to it, the others come from the set of --parameters.
    LOG and its options are those of `offhours observe`. Results are written to DIR/ask_LOG_SCENARIO.
    """
    from sim.scenario.loading import load

    if not effect:
        only_for("effect", "people", "years", "replicates", "seed", "parameters")
    ask_log(log, load(scenario), scenario, _reading(given), given["partial"], effect, flags)


def ask_log(
    log: Path, chosen: "Scenario", named: str | Path, how: "Reading", partial: bool, effect: bool, flags: Flags,
    quiet: bool = False,
) -> Path:  # fmt: skip
    """Run ``ask`` for a scenario and its name, and return the results folder; ``quiet`` prints no report."""
    from rich.console import Console

    from sim.evidence.logfile import observe_log
    from sim.evidence.touched import Touched, rules_of
    from sim.figures.words import phrase, translate
    from sim.observation import doubts_of, target_set_name
    from sim.scenario.loading import counterfactual
    from sim.studies.message_logs import firm_like, log_facts, publish_answer, publish_touched, targets_of_log
    from sim.studies.study import print_note

    rules, unseen = rules_of(chosen.levers)
    if not rules:
        raise InputError(f"{named}: has no rule on messages that a log can show")
    sized, sums = flags.applied(chosen), Touched(rules)
    silent = Console(quiet=True)
    with (silent if quiet else notes).status(translate("reading the log")) as status:
        tally, report = observe_log(log, how, lambda step: status.update(translate(step)), sums)
    doubts = doubts_of(tally, partial)
    about = log_facts(log, report, tally.scope, rules, doubts) | {"unseen": list(unseen)}
    done = flags.setup(f"ask_{target_set_name(log)}_{chosen.name}")
    done = done._replace(output=silent) if quiet else done
    if not effect:
        publish_touched(chosen, rules, about, sums.table(), done)
        return done.folder
    people = report.people if flags.people is None else flags.people
    alike = firm_like(sized, people, tally.scope, flags.replicates)
    reference = counterfactual(alike, named)
    if reference is None:
        raise InputError(f"{named}: is compared with nothing; --no-effect only says what it touches")
    publish_touched(chosen, rules, about, sums.table(), done._replace(figures=False), first=True)
    if not quiet:
        print_note(done, phrase("touched", "simulating", people=alike.run.people))
    from sim.calibration.history_matching import steps_of
    from sim.calibration.organisation import PLAN
    from sim.report.progress import steps
    from sim.runs.backends import Backend
    from sim.runs.evaluations import Evaluator

    targets = targets_of_log(target_set_name(log), tally, doubts, report)
    with closing(Backend("local" if done.threads > 1 else "serial", done.threads).start(flags.out)) as executor:
        evaluator = Evaluator(executor, steps(notes, steps_of(PLAN)))
        publish_answer(alike, reference, about, sums.table(), targets, flags.parameters, done, evaluator)
    return done.folder


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME...]")
@click.option("--all", "everything", is_flag=True, help="All experiments.")
@count("--people", (20, 100_000), "People in each replicate.", 400)
@count("--replicates", (1, 64), "Independent economies.", 3)
@count("--seed", (0, 2**63 - 1), "Seed of all draws.", 1)
@PARAMETERS
@count("--threads", (1, 1024), "Threads; results do not depend on it.", 2)
@click.option("--figure", type=_drawable, metavar="FILE", help="Draw a figure, .png or .svg.")
@LANGUAGE
def replicate(
    names: tuple[str, ...], everything: bool, people: int, replicates: int, seed: int, parameters: str, threads: int,
    figure: Path | None, language: str,
) -> None:  # fmt: skip
    """Replay published experiments.

    The model was never tuned to them; misses are shown. NAME is the name of an experiment in
    calibration/experiments.toml, or the beginning of one.
    """
    from rich.console import Console

    from sim.experiments import replicate as replay
    from sim.experiments import select_experiments
    from sim.figures.words import phrase
    from sim.report.console import line
    from sim.report.experiments import print_replication, save_replication
    from sim.report.intervals import parameters_drawn
    from sim.scenario.parameter_draws import load_draws, stated

    experiments = select_experiments(names, everything)
    draws = load_draws(parameters)
    with notes.status("") as status:

        def note(name: str) -> None:
            status.update(phrase("step", "replaying", name=name))

        found = replay(experiments, people, replicates, seed, threads, note, draws)
    console, about = Console(), {"uncertainty": stated(draws), "replicates": replicates}
    if found:
        line(console, parameters_drawn(about, any(each.has_interval for each in found)))
    print_replication(console, experiments, found)
    if figure and found:
        save_replication(figure, found, {"people": people, "replicates": replicates, "seed": seed}, language)
    if figure:
        line(console, phrase("log", "figure", file=figure) if found else phrase("replay", "no_figure"))
