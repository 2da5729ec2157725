"""`heartline stacks`: where the threads of a running script stand. Never stops or slows it."""

import click

from heartline.cli import terminal
from heartline.cli.options import RUN_HELP, connected, examples, json_option, placed, project_option
from heartline.cli.seconds import seconds
from heartline.client.api import Api

WAIT_S = 30.0
OWN = "heartline/sdk/stacks.py"


@click.command(epilog=examples(
    "heartline stacks 3k2a9fq1", "heartline stacks digits/3k2a9fq1 --wait 60",
), help=f"Show where every thread of a running script stands, of every rank.\n\n{RUN_HELP}")  # fmt: skip
@click.argument("run", metavar="RUN")
@click.option("--wait", "wait_s", type=seconds, default=WAIT_S, show_default=True,
              metavar="SECONDS", help="Wait so long for the answer.")  # fmt: skip
@project_option
@json_option
@connected
def stacks(api: Api, run: str, wait_s: float, project: str, as_json: bool) -> None:
    """Ask for the stacks and print them."""
    found = api.find(run, placed(project)).stacks(wait_s)
    if as_json:
        terminal.print_json(found)
        return
    for name, text in found.items():
        click.echo(f"== {name}\n{_of_program(text)}")


def _of_program(text: str) -> str:
    """The main thread first, and without the one of ours that looked."""
    threads = [each for each in text.strip().split("\n\n") if OWN not in each]
    return "\n\n".join(reversed(threads)) + "\n"
