"""`heartline wait`: returns when a run has ended, with a code that tells how. Never stops it."""

import sys

import click

from heartline.cli import exits, terminal
from heartline.cli.options import RUN_HELP, connected, examples, json_option, placed, project_option
from heartline.cli.seconds import seconds
from heartline.client.api import Api


@click.command(epilog=examples(
    "heartline wait 3k2a9fq1 && ./evaluate.sh", "heartline wait baseline -p digits --timeout 3600",
), help=f"Wait until a run has ended: 0 if it finished, {exits.ENDED_BADLY} if it ended otherwise.\n\n"
     f"{RUN_HELP}")  # fmt: skip
@click.argument("run")
@click.option("-t", "--timeout", type=seconds, metavar="SECONDS",
              help=f"Give up with code {exits.TIMED_OUT} after so long.")  # fmt: skip
@project_option
@json_option
@connected
def wait(api: Api, run: str, timeout: float | None, project: str, as_json: bool) -> None:
    """Wait until a run has ended."""
    found = api.find(run, placed(project))
    found.wait(timeout)
    if as_json:
        terminal.print_json(found.view)
    else:
        terminal.say(terminal.ended(found))
    sys.exit(exits.OK if found.state == "finished" else exits.ENDED_BADLY)
