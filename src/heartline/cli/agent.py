"""`heartline agent`: works on a sweep until it is over. Never chooses what a trial is run with."""

import contextlib
import os
import sys
from typing import TYPE_CHECKING

import click

from heartline.cli import exits
from heartline.cli.options import SWEEP_HELP, connected, examples, placed, project_option
from heartline.cli.seconds import seconds
from heartline.client.api import Api
from heartline.client.calls import Calls

if TYPE_CHECKING:
    from heartline.agent.sweep import Outcome

PARALLEL_MAX = 64
SIGNAL_BASE = 128


@click.command(epilog=examples(
    "heartline agent k3f9x2ab",
    "heartline agent team/digits/k3f9x2ab --count 10",
    "heartline agent k3f9x2ab --gpu-per-run 2",
    "heartline agent k3f9x2ab --parallel 4 --memory 8G",
    "srun --ntasks 8 heartline agent k3f9x2ab",
), help=f"""Run trials of a sweep, one after another, until the sweep is over.

The agent starts the sweep's program as its child, so that it knows for certain how each run ends.
It goes on while the server is away. Ctrl-C or SIGTERM makes it leave: its runs get SIGTERM, after
the grace SIGKILL, and are handed out again as the sweep goes on. A second Ctrl-C kills them at
once. If the agent itself is killed, its runs are ended likewise. SIGUSR1 and SIGUSR2 are passed on.

It ends with 0 if it did what it was asked, with {exits.ENDED_BADLY} if the sweep stopped itself.

{SWEEP_HELP}""")  # fmt: skip
@click.argument("sweep")
@click.option("-n", "--count", type=click.IntRange(min=1), metavar="N",
              help="Leave after so many trials.  [default: no end]")  # fmt: skip
@click.option("-j", "--parallel", type=click.IntRange(1, PARALLEL_MAX), metavar="N",
              help="So many trials at a time.  [default: 1, or as many as there are GPUs for]")  # fmt: skip
@click.option("-g", "--gpu-per-run", type=click.IntRange(min=1), metavar="N",
              help="Give each trial so many of the GPUs, in CUDA_VISIBLE_DEVICES.")  # fmt: skip
@click.option("-m", "--memory", metavar="SIZE",
              help="Most memory that a trial may use, such as 500M or 2G.")  # fmt: skip
@click.option("--grace", "grace_s", type=seconds, default=15.0, show_default=True,
              metavar="SECONDS", help="How long a trial has to end before it is killed.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, envvar="HEARTLINE_SILENT",
              help="Say nothing of our own.")  # fmt: skip
@project_option
@connected
def agent(
    api: Api,
    sweep: str,
    count: int | None,
    parallel: int | None,
    gpu_per_run: int | None,
    memory: str | None,
    grace_s: float,
    quiet: bool,
    project: str,
) -> None:
    """Run trials of a sweep."""
    from heartline.agent.line import BEAT_TIMEOUT_S
    from heartline.agent.sweep import Plan, work_on
    from heartline.agent.trial import CannotWork
    from heartline.sdk.settings import BadSetting

    def say(text: str) -> None:
        if not quiet:
            # Also in a signal handler that came in the middle of another line, and where the
            # terminal is gone.
            with contextlib.suppress(OSError):
                os.write(2, f"heartline: {text}\n".encode())

    plan = Plan(_shares(parallel, gpu_per_run), count, grace_s, _bytes(memory))
    found = api.sweep(sweep, placed(project))
    say(f"agent of sweep {found.name} -> {found.url}")
    calls = Calls(api.base_url, api.calls.api_key or None, BEAT_TIMEOUT_S, 0.0)
    try:
        outcome = work_on(calls, (found.entity, found.project, found.id), plan, say)
    except (CannotWork, BadSetting) as error:
        raise click.ClickException(str(error)) from None
    say(f"{outcome.taken} trial{'' if outcome.taken == 1 else 's'} run here; goodbye")
    _leave(outcome)


def _shares(parallel: int | None, gpu_per_run: int | None) -> tuple[str | None, ...]:
    """One entry for each trial that may run beside the others: its GPUs, or None for no choice."""
    from heartline.agent import gpus

    if gpu_per_run is None:
        return (None,) * (parallel or 1)
    try:
        found = gpus.shares(gpus.visible(os.environ), gpu_per_run)
    except gpus.NoGpus as error:
        raise click.BadParameter(str(error), param_hint="--gpu-per-run") from None
    if parallel is not None and parallel > len(found):
        raise click.BadParameter(
            f"{parallel} runs with {gpu_per_run} GPUs each: there are only enough for "
            f"{len(found)}", param_hint="--parallel",
        )  # fmt: skip
    return tuple(found[:parallel])


def _bytes(memory: str | None) -> int | None:
    from heartline.agent.memory import BadLimit, parse_limit

    try:
        return parse_limit(memory) if memory else None
    except BadLimit as error:
        raise click.BadParameter(str(error), param_hint="--memory") from None


def _leave(outcome: "Outcome") -> None:
    """One line, and a code that tells scripts how it went."""
    if outcome.error is not None:
        sys.exit(exits.of_error(outcome.error))
    if outcome.by_signal:
        sys.exit(SIGNAL_BASE + outcome.by_signal)
    if outcome.status == "deleted":
        sys.exit(exits.NOT_FOUND)
    sys.exit(exits.ENDED_BADLY if outcome.status == "failed" else exits.OK)
