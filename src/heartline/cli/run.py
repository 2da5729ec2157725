"""`heartline run -- command`: the launcher, which is the parent and therefore always right."""

import os
import sys

import click

from heartline.cli.options import examples
from heartline.cli.seconds import seconds


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    epilog=examples(
        "heartline run -- python train.py --lr 0.1",
        "heartline run --memory 8G -- python train.py",
        "heartline run -- torchrun --nproc-per-node 4 train.py",
    ),
)  # fmt: skip
@click.option("-m", "--memory", metavar="SIZE",
              help="Most memory that the command may use, such as 500M or 2G.")  # fmt: skip
@click.option("--wait", "wait_s", type=seconds, default=30.0, show_default=True, metavar="SECONDS",
              help="How long to wait at the end for the last records to be sent.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, envvar="HEARTLINE_SILENT",
              help="Say nothing of our own.")  # fmt: skip
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(memory: str | None, wait_s: float, quiet: bool, command: tuple[str, ...]) -> None:
    """Run COMMAND, and tell for certain how it ended.

    The launcher is the command's parent, so the kernel tells it exit code, signal and memory. It
    passes signals on, ends with the command's own code (128 + number for a signal), and sees that
    the last records reach the server even if everything else was killed. A command that logs
    nothing is simply run.
    """
    from heartline.agent.memory import BadLimit, parse_limit
    from heartline.agent.supervise import CannotStart, supervise

    def say(text: str) -> None:
        if not quiet:
            click.echo(f"heartline: {text}", err=True)

    try:
        limit = parse_limit(memory) if memory else None
    except BadLimit as error:
        raise click.BadParameter(str(error), param_hint="--memory") from None
    try:
        ending = supervise(command, limit, say, wait_s)
    except CannotStart as error:
        click.echo(f"heartline: {error}", err=True)
        sys.exit(error.code)
    sys.stdout.flush()
    os._exit(ending.code)
