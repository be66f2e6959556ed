"""The command line: it reads what the user wants and turns errors into one clear message.

Only click and rich are imported at the top, here and in the rooms of ``sim.commands``; everything else is imported by
the command that needs it, so that help is quick.
"""

import os
import signal
import sys

import click

from sim.commands import appraisals, files, fitting, logs, results, sensitivities, studies, sweeps

COMMANDS = (
    studies.run,
    studies.compare,
    studies.explain,
    appraisals.evaluate,
    appraisals.design,
    appraisals.scorecard,
    files.check,
    files.list_scenarios,
    sweeps.sweep,
    sweeps.status,
    fitting.calibrate,
    sensitivities.sensitivity,
    fitting.agree,
    sweeps.merge,
    sweeps.query,
    results.plot,
    results.worlds,
    results.verify,
    studies.targets,
    logs.observe,
    logs.replicate,
    files.schema,
    files.parameters,
    appraisals.surveys,
)
INTERRUPTED = 130  # exit code, as shells have it
BROKEN_PIPE = 141


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="offhours")
def cli() -> None:
    """Simulate messaging rules at work: burnout, overtime and efficiency, with the price of silence.

    A SCENARIO is a name that `offhours list` shows, or the path of a TOML file.
    """


for command in COMMANDS:
    cli.add_command(command)


def main() -> None:
    """Run the command line, and end with one clear message and a fitting exit code if something is wrong."""
    from sim.errors import OffhoursError

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        cli(standalone_mode=False)
    except OffhoursError as error:
        _fail("\n".join(f"error: {line}" for line in str(error).splitlines()), error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        _fail("interrupted; earlier results are as they were", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BROKEN_PIPE)
    except MemoryError:
        _fail("error: out of memory; use fewer people, years or replicates", 1)


def _fail(message: str, code: int) -> None:
    """Print a message to standard error and end."""
    click.echo(message, err=True)
    sys.exit(code)
