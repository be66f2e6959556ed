"""The command line: assembles the commands and turns errors into one clear message with an exit code.

Here and in all of ``sim.cli``, the top of a module imports only click, rich and light parts of ``sim.core``. Commands
import everything else when they run, so that help is quick.
"""

import contextlib
import io
import logging
import signal
import sys
from itertools import pairwise

import click
from rich.cells import cell_len

from sim.cli import appraisals, campaigns, files, fitting, logs, results, studies, sweeps
from sim.cli.flags import notes
from sim.core.errors import OffhoursError, ResultsError

MODULES = (appraisals, campaigns, files, fitting, logs, results, studies, sweeps)
COMMANDS = [each for module in MODULES for each in vars(module).values() if isinstance(each, click.Command)]
INTERRUPTED, ENDED = 130, 128 + signal.SIGTERM  # exit codes, as in shells
GO_ON = "interrupted: what was stored is kept; repeat the command to go on"
BROKEN_PIPE = 141
UNEXPECTED = 70  # a bug in offhours; EX_SOFTWARE of sysexits.h


@click.group(
    invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="offhours")
@click.option("--lang", "language", type=click.Choice(["en", "zh"]), help="Language of output, also after a command.")
@click.pass_context
def cli(context: click.Context, language: str | None) -> None:
    """Simulate messaging rules at work: what they change in burnout, overtime and output, and what they cost.

    A SCENARIO is a name that `offhours list` shows, or the path of a TOML file.
    """
    context.default_map = {name: {"language": language} for name in cli.commands if language}
    if context.invoked_subcommand is None:
        from sim.figures.words import phrase, speaking

        with speaking(language or "en"):
            click.echo(phrase("cli", "welcome"))


for command in COMMANDS:
    cli.add_command(command)


def main() -> None:
    """Run the command line; any error ends in one message and an exit code."""
    from sim.cli.terminal import drop_output, forgive

    signal.signal(signal.SIGTERM, _end)
    forgive()
    logging.getLogger("sim").handlers = [_Notices()]
    output = sys.stdout
    try:
        cli(standalone_mode=False)
    except OffhoursError as error:
        _fail("\n".join(f"error: {line}" for line in str(error).split("\n")), error.exit_code)
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(file=shown)
        _fail(shown.getvalue().rstrip("\n"), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        _fail(GO_ON, INTERRUPTED)
    except MemoryError:
        _fail("error: out of memory; use fewer people, years or replicates", 1)
    except SystemExit as end:
        if end.code == ENDED:
            _fail(GO_ON, ENDED)
        # on a closed pipe click replaces the output stream, and rich exits by itself
        if sys.stdout is not output or isinstance(end.__context__, BrokenPipeError):
            sys.stdout = output
            drop_output()
            sys.exit(BROKEN_PIPE)
        raise
    except BaseException as error:  # a Polars panic is no Exception
        if isinstance(error, OSError) and error.strerror:
            drop_output()
            where = error.filename or "while reading or writing"
            _fail(f"error: {where}: {error.strerror}", ResultsError.exit_code)
        _fail(f"error: this is a bug in offhours: {_brief(error)}; please report {_trace_file(error)}", UNEXPECTED)


def _end(number: int, _: object) -> None:
    """Exit in order on SIGTERM; a second SIGTERM is ignored."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(ENDED)


def _brief(error: BaseException) -> str:
    """Format an error in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__


def _trace_file(error: BaseException) -> str:
    """Write a traceback to a new private file and return words that say where it is."""
    import platform
    import tempfile
    import traceback
    from importlib.metadata import version

    about = f"offhours {version('offhours')}, Python {platform.python_version()}, {platform.platform()}\n{sys.argv}\n"
    text = about + "".join(traceback.format_exception(error))
    try:
        handle, name = tempfile.mkstemp(prefix="offhours-", suffix=".txt")
        with open(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError:
        click.echo(text, err=True)
        return "the text above"
    return f"the text in {name}"


def _fail(message: str, code: int) -> None:
    """Print a message to standard error, in the language of the command, and exit."""
    shown = _translate("".join(sign if sign.isprintable() or sign == "\n" else "\ufffd" for sign in message))
    with contextlib.suppress(OSError):
        _show(shown)
    sys.exit(code)


class _Notices(logging.Handler):
    """Prints messages that the package logs to standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a message; one that cannot be printed is no error."""
        with contextlib.suppress(OSError):
            _show(record.getMessage())


def _show(text: str) -> None:
    """Print to standard error; on a terminal, lines are wrapped to its width."""
    click.echo(_in_lines(text, notes.width) if sys.stderr.isatty() else text, file=sys.stderr)


def _translate(message: str) -> str:
    """Translate a message line by line; ``--lang`` may stand after the faulty argument, so it is read from all."""
    chinese = ("--lang", "zh") in pairwise(sys.argv) or "--lang=zh" in sys.argv
    if not chinese and " 1 " not in message:
        return message
    from sim.figures.words import speaking, translate

    with speaking("zh" if chinese else "en"):
        return "\n".join(map(translate, message.split("\n")))


def _in_lines(message: str, width: int) -> str:
    """Break lines that are wider than a terminal, at blanks only, so that paths stay whole."""
    if not any(cell_len(line) > width for line in message.split("\n")):
        return message
    from rich.text import Text

    from sim.report.console import wrapped

    lines = (wrapped(Text(line), width) if cell_len(line) > width else [Text(line)] for line in message.split("\n"))
    return "\n".join(each.plain for parts in lines for each in parts)


if __name__ == "__main__":  # not in worker processes, which import this file again
    main()
