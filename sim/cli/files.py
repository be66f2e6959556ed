"""Commands about scenario files and parameters; they simulate nothing."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from sim.cli.completion import scenarios as scenario_names
from sim.cli.flags import LANGUAGE, place, with_files
from sim.core.errors import InputError

if TYPE_CHECKING:
    from sim.core.parameters import Parameter

WIDE = 120  # columns of a console that a table of four columns needs


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="SCENARIO...", shell_complete=scenario_names)
@LANGUAGE
@with_files
def check(files: tuple[str, ...], language: str) -> None:
    """Report the mistakes in each SCENARIO.

    Mistakes in a lever are reported once its kind is valid.
    """
    from sim.figures.words import counted, label, phrase
    from sim.scenario.loading import counterfactual, load
    from sim.scenario.memory import check_size, memory_needed

    found = []
    for file in files:
        try:
            scenario = load(file)
            worlds = 2 if counterfactual(scenario, file) else 1
            check_size(scenario, worlds)
        except InputError as error:
            found.append(str(error))
            continue
        title = (language == "zh" and scenario.title_zh) or scenario.title
        levers, size = counted(len(scenario.levers), "lever"), f"{memory_needed(scenario, worlds) / 1e9:.1f}"
        click.echo(phrase("check", "valid", file=file, title=title, levers=levers, size=size))
        for number, lever in enumerate(scenario.levers):
            if lever.strength == 0:
                click.echo(phrase("check", "idle", file=file, number=number, kind=label("lever", lever.kind)))
        if not scenario.run.settling_weeks:
            click.echo(f"{file}: {phrase('run', 'restless')}")
    if found:
        raise InputError("\n".join(found))


@click.command("list")
@LANGUAGE
def list_scenarios(language: str) -> None:
    """List the scenarios by group."""
    from sim.scenario.loading import GROUPS, load, names

    scenarios = [load(name) for name in names()]
    width = max(len(scenario.name) for scenario in scenarios)
    chinese = language == "zh"
    groups = {key: labels[chinese] for key, labels in GROUPS.items()} | {"": "其他" if chinese else "Others"}
    for key, label in groups.items():
        here = [scenario for scenario in scenarios if (scenario.group if scenario.group in GROUPS else "") == key]
        if here:
            click.echo(f"\n{label}" if key != next(iter(groups)) else label)
        for scenario in here:
            click.echo(f"  {scenario.name:{width}}  {scenario.title_zh if chinese else scenario.title}")


@click.command()
@LANGUAGE
@place("scenario.schema.json", "File to write.")
def schema(language: str, out: Path) -> None:
    """Write the schema of scenario files.

    Editors complete and check a scenario file whose first line is `#:schema ./scenario.schema.json`.
    """
    import json

    from sim.figures.words import phrase
    from sim.files.storage import write_text, writing
    from sim.scenario.json_schema import json_schema

    with writing(out):
        write_text(out, json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")
    click.echo(phrase("files", "wrote", file=out))


@click.command()
@LANGUAGE
def parameters(language: str) -> None:
    """Print the table of parameters."""
    from sim.core.parameters import TABLE

    print_rows(TABLE)


def print_rows(rows: "Iterable[Parameter]") -> None:
    """Print a table of parameters in the current language; meanings and sources without a translation are English."""
    import textwrap

    from rich.table import Column, Table
    from rich.text import Text

    from sim.figures.words import has_name, label, language_in_force, phrase

    def said(name: str, *kinds: str) -> str:
        kind = next((kind for kind in kinds if has_name(kind, name)), "")
        return label(kind, name) if kind and language_in_force() != "en" else name

    console = Console()
    narrow = console.width < WIDE
    name, value, limits, meaning = (phrase("parameters", head) for head in ("name", "value", "range", "meaning"))
    if narrow:  # a parameter's value and range stand below its name
        name, columns = f"{name}\n  {value}{phrase('parameters', 'comma')}{limits}", [meaning]
    else:
        columns = [value, limits, meaning]
    folded = (Column(head, overflow="fold") for head in columns)  # Chinese has no blanks to break at
    table = Table(Column(name, no_wrap=not narrow, max_width=30), *folded, box=None, padding=(0, 2, 0, 0))
    for row in rows:
        meaning = label("meaning", row.name) if has_name("meaning", row.name) else row.meaning
        parts = [meaning, *(said(part, "provenance") for part in row.source.split("; "))]
        parts += [phrase("parameters", "switched", mechanism=row.mechanism)] if row.mechanism else []
        value = f"{row.value:g} {said(row.unit, 'parameter_unit', 'unit')}"
        limits = phrase("parameters", "limits", low=f"{row.low:g}", high=f"{row.high:g}")
        text = Text(phrase("parameters", "semicolon").join(parts))
        below = textwrap.indent("\n".join(textwrap.wrap(f"{value}{phrase('parameters', 'comma')}{limits}", 28)), "  ")
        table.add_row(*((f"{row.name}\n{below}", text) if narrow else (row.name, value, limits, text)))
    console.print(table)
