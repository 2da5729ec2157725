"""`heartline stop`: asks runs to stop; their scripts are told with the next heartbeat. Never kills."""

import click

from heartline.cli import terminal
from heartline.cli.options import RUN_HELP, connected, examples, json_option, placed, project_option
from heartline.cli.seconds import seconds
from heartline.client.api import Api


@click.command(epilog=examples(
    "heartline stop 3k2a9fq1 --reason 'loss explodes'", "heartline stop run-a run-b -p digits --wait 60",
), help=f"Ask runs to stop: their script is interrupted and can save its work.\n\n{RUN_HELP}")  # fmt: skip
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("-r", "--reason", default="", help="Why, for the run's ledger.")
@click.option("--wait", "wait_s", type=seconds, metavar="SECONDS", help="Wait so long for its end.")
@project_option
@json_option
@connected
def stop(
    api: Api,
    runs: tuple[str, ...],
    reason: str,
    wait_s: float | None,
    project: str,
    as_json: bool,
) -> None:
    """Ask runs to stop."""
    found = [api.find(run, placed(project)) for run in runs]
    ended = [run for run in found if not run.live]
    asked = [run.stop(reason) for run in found if run.live]
    if wait_s is not None:
        for run in asked:
            run.wait(wait_s)
    if as_json:
        terminal.print_json([run.refresh().view for run in found])
        return
    for run in ended:
        why = run.sentence.removeprefix("Finished: ")
        terminal.say(f"{run.path} has ended already ({run.state}): {why}")
    for run in asked:
        if run.live:
            terminal.say(f"{run.path} is asked to stop; it is told within a few seconds")
        else:
            terminal.say(terminal.ended(run))
