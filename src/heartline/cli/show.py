"""`heartline show`: everything about one run: timeline, evidence, attempts, ranks. Never changes it."""

import shlex
from collections.abc import Iterator
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from heartline.cli import terminal
from heartline.cli.options import (
    RUN_HELP,
    connected,
    examples,
    json_option,
    placed,
    project_option,
    was,
)
from heartline.client import errors
from heartline.client.api import Api
from heartline.client.run import Run
from heartline.wire.api import LedgerEntry, RunView

VALUES_MAX = 30
LATER = ("traceback", "native_stack", "last_lines", "notes")
OOM = ("oom_kills_before", "oom_kills_after")
SOURCES = {
    "pidfd": "the kernel, as the process ended",
    "zombie": "the kernel's record of the ended process",
    "exit": "the program itself, as it left",
    "launcher": "the launcher, the parent of the process",
    "lease": "the server, which heard nothing in time",
    "sdk": "the program itself",
    "notes": "what the program noted before it was gone",
    "wandb": "its wandb client",
    "agent": "the agent of its sweep",
    "sweep": "its sweep",
    "spool": "its spool, which was sent later",
}


@click.command(epilog=examples(
    "heartline show 3k2a9fq1",
    "heartline show team/digits/3k2a9fq1 --json | jq .evidence",
    "heartline show baseline -p digits --all",
), help=f"Tell everything about one run.\n\n{RUN_HELP}")  # fmt: skip
@click.argument("run")
@click.option("-a", "--all", "everything", is_flag=True,
              help="Also the internal keys of config and summary, and however many there are.")  # fmt: skip
@project_option
@json_option
@connected
def show(api: Api, run: str, everything: bool, project: str, as_json: bool) -> None:
    """Timeline, evidence, attempts, ranks, config and summary."""
    found = _found(api, run, project)
    if as_json:
        terminal.print_json(
            {
                "run": found.view,
                "evidence": found.evidence,
                "ledger": found.ledger,
                "attempts": found.attempts,
                "ranks": found.ranks,
            }
        )
        return
    out = terminal.console()
    _head(found, out)
    _timeline(found.ledger, out)
    _evidence(found.evidence, out)
    _attempts(found, out)
    _ranks(found, out)
    _values("Config", found.config, out, everything)
    _values("Summary", found.summary, out, everything)


def _found(api: Api, said: str, project: str) -> Run:
    """What is there; of what was deleted it is said when, and how it comes back."""
    try:
        return api.find(said, placed(project)).refresh()
    except errors.NotFound as error:
        try:
            gone = was(api, said, project)
        except errors.NotFound:
            raise error from None
    raise errors.NotFound(
        f"{gone.path} ({gone.name}, {gone.state}) was deleted by {gone.deleted_by} at "
        f"{terminal.moment(gone.deleted_at)}; until {terminal.moment(gone.kept_until)} this brings "
        f"it back: heartline undelete {shlex.quote(gone.path)}"
    )


def _head(run: Run, out: Console) -> None:
    view = run.view
    out.print(Text.assemble((run.name, "bold"), "  ", terminal.state(run.state, run.confidence)))
    out.print(Text(run.sentence))
    made = terminal.facts()
    made.add_row("run", run.path)
    made.add_row("page", run.url)
    made.add_row("cause", f"{run.cause} ({run.confidence}, said by {view.said_by})")
    made.add_row(
        "started", f"{terminal.moment(view.started_at)} ({terminal.age(view.started_at)} ago)"
    )
    made.add_row(
        "ended" if view.ended_at else "heard", terminal.moment(view.ended_at or view.heard_at)
    )
    made.add_row("ran for", terminal.length(view.duration_ms))
    made.add_row("last step", terminal.NOTHING if view.last_step < 0 else str(view.last_step))
    for name, value in (
        ("ranks", _joined(view)), ("user", view.user), ("host", view.host),
        ("group", view.group), ("sweep", view.sweep),
        ("tags", ", ".join(view.tags)), ("notes", view.notes), ("client", view.client),
        ("lost", view.not_stored),
    ):  # fmt: skip
        if value:
            made.add_row(name, value)
    if view.stop is not None:
        told = f"asked by {view.stop.by} at {terminal.moment(view.stop.asked_at)}"
        seen = view.stop.acknowledged_at
        told += f"; received at {terminal.moment(seen)}" if seen else "; not yet received"
        made.add_row("stop", f"{told} {view.stop.reason}".strip())
    out.print(made)


def _joined(view: RunView) -> str:
    """How many of the ranks that its launcher starts have opened the run, if not all."""
    if view.world_size is None or view.ranks >= view.world_size:
        return ""
    return f"{view.ranks} of {view.world_size} have opened this run"


def _timeline(ledger: list[LedgerEntry], out: Console) -> None:
    """A presumed verdict stays in the timeline even after it was taken back."""
    made = terminal.table("time", "state", title="\nTimeline")
    made.add_column("what happened", overflow="fold")
    made.add_column("said by", overflow="fold", style="bright_black")
    for entry in ledger:
        told = entry.sentence + (
            f": {entry.reason}" if entry.input == "StopAsked" and entry.reason else ""
        )
        happened = entry.evidence.get("happened_at")
        told += f" (told later, at {terminal.moment(entry.at)})" if happened else ""
        made.add_row(
            terminal.moment(happened or entry.at),
            terminal.state(entry.after, entry.confidence),
            told,
            f"{entry.by} ({entry.confidence})",
        )
    out.print(made)


def _evidence(evidence: dict[str, Any], out: Console) -> None:
    facts = {name: value for name, value in evidence.items() if name not in (*LATER, *OOM)}
    made = terminal.facts("\nEvidence")
    for name, value in facts.items():
        made.add_row(_label(name), _fact(name, value))
    before, after = (evidence.get(name) for name in OOM)
    if before is not None and after is not None:
        told = f"{after - before} while it ran" if after > before else "none while it ran"
        made.add_row("out-of-memory kills", told)
    if made.row_count:
        out.print(made)
    told_lines = {name: _lines(evidence.get(name)) for name in LATER}
    told_lines["last_lines"] = _without(told_lines["last_lines"], told_lines["traceback"])
    for name, lines in told_lines.items():
        if lines:
            out.print(Text(name.replace("_", " "), "bright_black"))
            out.print(Text("\n".join(f"  {line}" for line in lines)))


def _lines(value: Any) -> list[str]:
    """A text, or the lines of one."""
    if not value:
        return []
    text = value if isinstance(value, str) else "\n".join(str(line) for line in value)
    return text.rstrip().splitlines()


def _without(lines: list[str], traceback: list[str]) -> list[str]:
    """The lines before the traceback that is shown already: the program printed it, too."""
    for at in range(len(lines)):
        rest = lines[at:]
        if traceback[: len(rest)] == rest[: len(traceback)]:
            return lines[:at] + rest[len(traceback) :]
    return lines


def _label(name: str) -> str:
    """The unit is in the value."""
    if name == "source":
        return "end seen by"
    return name.removesuffix("_bytes").removesuffix("_ms").removesuffix("_at").replace("_", " ")


def _fact(name: str, value: Any) -> str:
    if name == "source":
        return SOURCES.get(value, str(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name.endswith("_bytes"):
        return terminal.size(value)
    if name.endswith("_ms"):
        return terminal.length(value)
    return terminal.moment(value) if name.endswith("_at") else str(value)


def _attempts(run: Run, out: Console) -> None:
    attempts = run.attempts
    if len(attempts) < 2:
        return
    made = terminal.table("attempt", "state", "started", "ran", title="\nAttempts")
    made.add_column("why", overflow="fold")
    for each in attempts:
        ran = each.ended_at - each.started_at if each.ended_at else None
        made.add_row(
            str(each.epoch), terminal.state(each.state), terminal.moment(each.started_at),
            terminal.length(ran), each.sentence,
        )  # fmt: skip
    out.print(made)


def _ranks(run: Run, out: Console) -> None:
    ranks = run.ranks
    if len(ranks) < 2:
        return
    title = f"\nRanks: {run.view.ranks_live} of {len(ranks)} live"
    made = terminal.table("rank", "state", "host", "heard", title=title)
    made.add_column("why", overflow="fold")
    for each in ranks:
        made.add_row(
            terminal.NOTHING if each.rank is None else str(each.rank),
            terminal.state(each.state, each.confidence), each.host,
            f"{terminal.age(each.heard_at)} ago", each.sentence,
        )  # fmt: skip
    out.print(made)


def _values(title: str, values: dict[str, Any], out: Console, everything: bool) -> None:
    """What people set and logged, by the names that filters use; what clients keep is folded."""
    if not values:
        return
    internal = [] if everything else [name for name in values if name.startswith("_")]
    shown = sorted(_flat({name: values[name] for name in values if name not in internal}))
    most = len(shown) if everything else VALUES_MAX
    made = terminal.facts()
    for name, value in shown[:most]:
        made.add_row(name, terminal.number(value))
    out.print(Text(f"\n{title}", "bold"))
    if shown:
        out.print(made)
    more = [f"{len(shown) - most} more"] if len(shown) > most else []
    more += [f"{len(internal)} internal key{'' if len(internal) == 1 else 's'}"] if internal else []
    if more:
        told = f"{'and ' if shown else ''}{' and '.join(more)}: --all shows them"
        out.print(Text(told, "bright_black"))


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and value and "_type" not in value:
            yield from _flat(value, f"{name}.")
        else:
            yield name, value
