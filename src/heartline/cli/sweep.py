"""`heartline sweep`: make, steer and look at sweeps. Only `cancel` reaches a run, through the server."""

import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from heartline.cli import terminal
from heartline.cli.fitting import Fit, Row, fitted
from heartline.cli.options import (
    SWEEP_HELP,
    connected,
    examples,
    json_option,
    placed,
    project_option,
)
from heartline.client import errors
from heartline.client.api import Api
from heartline.client.sweeps import Sweep
from heartline.core.sweep.command import flags
from heartline.wire.sweeps import TrialView

FILE_BYTES_MAX = 1 << 20
TRIALS_SHOWN = 20
DOORS = {"app": "the app", "heartline": "terminal or Python", "api": "the API"}
LOOKS = {
    "pending": "bright_black",
    "running": "blue",
    "paused": "yellow",
    "stopped": "bold",
    "cancelled": "bold",
    "finished": "green",
    "failed": "red",
    "crashed": "magenta",
}


@click.group()
def sweep() -> None:
    """Make, steer and look at sweeps.

    A sweep's status says whether new runs are made, never how a run is doing: pausing and stopping
    leave running runs alone, only cancelling ends them.
    """


@sweep.command(epilog=examples(
    "heartline sweep create sweep.yaml",
    "heartline sweep create sweep.yaml --project digits --name 'learning rates'",
    "heartline sweep create sweep.yaml --prior-run 3k2a9fq1 --prior-run x81kd02m",
    "generate-config | heartline sweep create -",
    "heartline agent $(heartline sweep create sweep.yaml --json | jq -r .id)",
))  # fmt: skip
@click.argument("file")
@click.option("-p", "--project", envvar="HEARTLINE_PROJECT", default="", metavar="PROJECT",
              help="Where its runs go.  [default: the file's `project`, or uncategorized]")  # fmt: skip
@click.option("-e", "--entity", envvar="HEARTLINE_ENTITY", default="", metavar="ENTITY",
              help="Whose it is: a user or a team.  [default: yours]")  # fmt: skip
@click.option("--name", default="", help="Its name for people.  [default: the file's `name`]")
@click.option("--prior-run", "prior_runs", multiple=True, metavar="ID",
              help="A run from before that the search learns from; may be repeated.")  # fmt: skip
@json_option
@connected
def create(
    api: Api,
    file: str,
    project: str,
    entity: str,
    name: str,
    prior_runs: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make a sweep of the configuration in FILE (YAML or JSON; `-` reads standard input)."""
    owner, _, project = project.rpartition("/")
    made = api.create_sweep(_text(file), project, owner or entity, name, prior_runs)
    if as_json:
        terminal.print_json(made.view)
        return
    runs = "without an end" if made.planned is None else f"{made.planned} runs"
    terminal.say(f"sweep {made.name}: {made.view.method}, {runs} -> {made.url}")
    for each in made.view.warnings:
        terminal.say(f"warning: {each}")
    terminal.say(f"start agents with: heartline agent {made.path}")


def _text(file: str) -> str:
    """What the file says; the server reads it, and names what is wrong with it."""
    source = "standard input" if file == "-" else file
    try:
        said = sys.stdin.buffer.read(FILE_BYTES_MAX + 1) if file == "-" else _bytes(Path(file))
        text = said.decode("utf-8")
    except FileNotFoundError:
        raise errors.NotFound(f"no file {file}") from None
    except OSError as error:
        raise click.ClickException(f"cannot read {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise click.ClickException(f"{source} is no text in UTF-8") from None
    if len(said) > FILE_BYTES_MAX:
        raise click.ClickException(f"{source} is longer than 1 MiB: no sweep file is")
    if not text.strip():
        raise errors.InvalidRequest(f"{source} is empty: write `method` and `parameters`")
    return text


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(FILE_BYTES_MAX + 1)


def _control(action: str, told: str) -> click.Command:
    """`pause`, `resume`, `stop` and `cancel` differ in one word."""

    @click.command(action, help=f"{told}\n\n{SWEEP_HELP}", epilog=examples(
        f"heartline sweep {action} k3f9x2ab",
        f"heartline sweep {action} digits/k3f9x2ab --reason 'the data was wrong'",
    ))  # fmt: skip
    @click.argument("sweeps", nargs=-1, required=True, metavar="SWEEP...")
    @click.option("-r", "--reason", default="", help="Why, for the record.")
    @project_option
    @json_option
    @connected
    def command(
        api: Api, sweeps: tuple[str, ...], reason: str, project: str, as_json: bool
    ) -> None:
        found = [api.sweep(each, placed(project)) for each in sweeps]
        done = [getattr(each, action)(reason) for each in found]
        if as_json:
            terminal.print_json([each.view for each in done])
            return
        for each in done:
            terminal.say(f"{each.path} {each.status}: {each.sentence}")

    return command


for _action, _told in {
    "pause": "Make no new runs until it is resumed. Running runs are left alone.",
    "resume": "Make new runs again; also of a sweep that stopped itself.",
    "stop": "Make no new runs, for good. Running runs go on to their end.",
    "cancel": "Make no new runs, and end the running ones: they become Killed.",
}.items():
    sweep.add_command(_control(_action, _told))


@sweep.command(help="Tell everything about a sweep: its trials, its agents, the best so far, and "
               "how its status changed.\n\n"
               f"{SWEEP_HELP}", epilog=examples(
    "heartline sweep show k3f9x2ab",
    "heartline sweep show k3f9x2ab --trials 100",
    "heartline sweep show k3f9x2ab --json | jq .sweep.best",
))  # fmt: skip
@click.argument("sweep_", metavar="SWEEP")
@click.option("-n", "--trials", "shown", default=TRIALS_SHOWN, show_default=True,
              type=click.IntRange(min=0), help="At most so many trials, the newest.")  # fmt: skip
@project_option
@json_option
@connected
def show(api: Api, sweep_: str, shown: int, project: str, as_json: bool) -> None:
    """Status, best, trials, agents, turns."""
    found = api.sweep(sweep_, placed(project)).refresh()
    trials = list(found.trials(max(0, found.made - shown))) if shown else []
    if as_json:
        terminal.print_json({
            "sweep": found.view, "config": found.config, "agents": found.agents, "trials": trials,
            "turns": found.turns,
        })  # fmt: skip
        return
    out = terminal.console()
    _head(found, out)
    _trials(found, trials, out)
    _agents(found, out)
    _turns(found, out)


def _status(word: str) -> Text:
    return Text(word, style=LOOKS.get(word, ""))


def _states(found: Sweep) -> str:
    return ", ".join(f"{count} {word}" for word, count in found.view.states.items() if count)


def _progress(found: Sweep) -> str:
    return f"{found.made}" if found.planned is None else f"{found.made} of {found.planned}"


def _head(found: Sweep, out: Console) -> None:
    view = found.view
    out.print(Text.assemble((found.name, "bold"), "  ", _status(found.status)))
    out.print(Text(found.sentence))
    made = terminal.facts()
    made.add_row("sweep", found.path)
    made.add_row("page", found.url)
    made.add_row("method", view.method)
    if view.metric:
        made.add_row("metric", f"{view.metric}, {view.goal}")
    waiting = f"; {view.waiting} to be handed out again" if view.waiting else ""
    made.add_row("trials", f"{_progress(found)} ({_states(found) or 'none yet'}){waiting}")
    if view.best is not None:
        chosen = flags(view.best.args)
        args = ", ".join(f"{name}={terminal.number(value)}" for name, value in chosen)
        best = f"{terminal.number(view.best.value)} by {view.best.name} ({view.best.run}): {args}"
        made.add_row("best", best)
    out.print(made)
    for each in view.warnings:
        out.print(Text(f"warning: {each}", style="yellow"))


def _trials(found: Sweep, trials: list[TrialView], out: Console) -> None:
    if not trials:
        return
    args = [dict(flags(each.args)) for each in trials]
    # A parameter may be called as a column is.
    chosen = {
        f"args.{name}": name for name in dict.fromkeys(name for each in args for name in each)
    }
    rows = [_trial(each, values, chosen) for each, values in zip(trials, args, strict=True)]
    fit = Fit(
        whole=frozenset({"#", "run", "state"}),
        rest="why",
        lesser=list(reversed(chosen)),
        right=frozenset({"#", *chosen, "value"}),
        heads=chosen | {"value": found.view.metric or "value"},
    )
    names = ["#", "run", "state", *chosen, "value", "why"]
    out.print(fitted(names, rows, fit, out, title="Trials"))


def _trial(each: TrialView, values: dict[str, Any], chosen: dict[str, str]) -> Row:
    # A good end needs no reason.
    why = "" if each.state == "finished" else terminal.line(each.sentence)
    return {at: terminal.number(values.get(name)) for at, name in chosen.items()} | {
        "#": str(each.number), "run": each.run_id, "state": terminal.state(each.state or each.stage),
        "value": terminal.number(each.value), "why": why,
    }  # fmt: skip


def _agents(found: Sweep, out: Console) -> None:
    agents = found.agents
    if not agents:
        return
    made = terminal.table("agent", "host", "state", "trials", "runs now", "heard", title="Agents")
    for each in agents:
        made.add_row(
            each.id, each.host, each.state, str(each.total_runs), ", ".join(each.runs),
            f"{terminal.age(each.heard_at)} ago",
        )  # fmt: skip
    out.print(made)


def _turns(found: Sweep, out: Console) -> None:
    if not found.turns:
        return
    made = terminal.table("status", "since", "by", "through", title="How its status changed")
    made.add_column("why", overflow="fold")
    for each in found.turns:
        made.add_row(
            _status(each.status), f"{terminal.age(each.at)} ago", each.by,
            DOORS.get(each.door, each.door) or terminal.NOTHING, each.sentence,
        )  # fmt: skip
    out.print(made)


@sweep.command("list", epilog=examples(
    "heartline sweep list", "heartline sweep list team/digits", "heartline sweep list --json",
))  # fmt: skip
@click.argument("project", required=False, default="", envvar="HEARTLINE_PROJECT")
@json_option
@connected
def list_(api: Api, project: str, as_json: bool) -> None:
    """List sweeps, newest first.

    PROJECT is entity/project, or project under your own entity; all that you may see if left out.
    """
    found = api.sweeps(placed(project))
    if as_json:
        terminal.print_json([each.view for each in found])
        return
    out = terminal.console()
    if not found:
        out.print("No sweeps yet. Make one with: heartline sweep create sweep.yaml")
        return
    names = ["status", "sweep", "name", "method", "trials", "best", "runs", "age"]
    fit = Fit(frozenset({"status", "sweep"}), "runs", ("name", "method", "age", "best"))
    out.print(fitted(names, [_listed(each) for each in found], fit, out))


def _listed(each: Sweep) -> Row:
    return {
        "status": _status(each.status), "sweep": each.path, "name": terminal.line(each.name),
        "method": each.view.method, "trials": _progress(each), "runs": _states(each),
        "best": terminal.number(each.best and each.best.value),
        "age": terminal.age(each.view.created_at),
    }  # fmt: skip


@sweep.command(help=f"Forget sweeps. Their runs stay, and their agents go home.\n\n{SWEEP_HELP}",
               epilog=examples("heartline sweep delete k3f9x2ab --yes"))  # fmt: skip
@click.argument("sweeps", nargs=-1, required=True, metavar="SWEEP...")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@project_option
@json_option
@connected
def delete(api: Api, sweeps: tuple[str, ...], yes: bool, project: str, as_json: bool) -> None:
    """Forget sweeps."""
    found = [api.sweep(each, placed(project)) for each in sweeps]
    if not yes:
        names = ", ".join(each.path for each in found)
        click.confirm(f"Delete {names}? The runs stay, the search is forgotten", abort=True)
    for each in found:
        each.delete()
    if as_json:
        terminal.print_json([{"path": each.path, "deleted": True} for each in found])
        return
    for each in found:
        terminal.say(f"{each.path} deleted; its runs stay")
