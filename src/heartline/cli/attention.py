"""`heartline attention`: what needs a person, as the server chose it, and what is done about it.

Never judges.
"""

from collections.abc import Sequence

import click
from rich.console import Console
from rich.text import Text

from heartline.cli import terminal
from heartline.cli.fitting import Fit, fitted
from heartline.cli.options import RUN_HELP, connected, examples, json_option, placed, project_option
from heartline.client.api import Api
from heartline.wire.api import RunView
from heartline.wire.attention import AssignBody, Attention, AttentionItem, SeenBody, SnoozeBody

ROUTE = "/api/v1/attention"
HOUR_MS = 3_600_000
NAME_WIDTH = 16
SPANS = {"hour": HOUR_MS, "day": 24 * HOUR_MS}


@click.group(
    invoke_without_command=True,
    epilog=examples(
        "heartline attention", "heartline attention --json | jq '.decide | length'",
        "heartline attention snooze 3k2a9fq1 --for day", "heartline attention assign 3k2a9fq1 bo",
    ),
)  # fmt: skip
@json_option
@connected
@click.pass_context
def attention(context: click.Context, api: Api, as_json: bool) -> None:
    """List what needs a person: runs to decide about now, and what ended badly lately, by cause."""
    if context.invoked_subcommand is not None:
        return
    found = api.attention
    if as_json:
        terminal.print_json(found)
        return
    tell(found, terminal.console())


def tell(found: Attention, out: Console) -> None:
    """What needs somebody, as the server chose it."""
    for each in found.notices:
        out.print(Text(f"{each.kind}: {each.why}", style="yellow"))
    if not found.decide and not found.ended:
        looked_at = " that was looked at" if found.not_looked_at else ""
        out.print(f"Nothing needs you: every live run{looked_at} is well, "
                  "and none ended badly lately.")  # fmt: skip
    if found.not_looked_at:
        out.print(Text(_unseen(found.not_looked_at), style="yellow"))
    if found.decide:
        out.print(_items(found, found.decide, "Decide now", "for"))
    _ended(found, out)
    if found.snoozed:
        out.print()
        out.print(_items(found, found.snoozed, "Snoozed by you", "since"))


def _unseen(count: int) -> str:
    """Too many live runs for one look: the others were heard more lately."""
    more = "1 more live run was" if count == 1 else f"{count} more live runs were"
    return f"{more} not looked at: only those that have been quiet the longest are."


def _items(found: Attention, items: Sequence[AttentionItem], title: str, when: str) -> object:
    made = terminal.table("state", "run", title=title)
    made.add_column("why", overflow="fold")
    made.add_column(when, no_wrap=True)
    if found.assigned:
        made.add_column("who", no_wrap=True)
    for item in items:
        path = f"{item.run.entity}/{item.run.project}/{item.run.id}"
        who = [_who(found, item.run.key)] if found.assigned else []
        shown = terminal.state(item.run.state, item.run.confidence)
        made.add_row(shown, path, item.why, terminal.age(item.since), *who)
    return made


def _who(found: Attention, key: int) -> str:
    given = found.assigned.get(str(key))
    return terminal.NOTHING if given is None else given.user


def _ended(found: Attention, out: Console) -> None:
    for group in found.ended:
        head = Text.assemble(
            "\n", terminal.state(group.state), f" by {group.cause.replace('_', ' ')}: ",
            f"{len(group.runs)} run{'' if len(group.runs) == 1 else 's'}",
            f"; {group.shared}" if group.shared else "",
        )  # fmt: skip
        out.print(head)
        rows = [_row(found, run) for run in group.runs]
        fit = Fit(frozenset({"run"}), "why", ("name", "ended", "who"), caps={"name": NAME_WIDTH})
        who = ["who"] if found.assigned else []
        out.print(fitted(["run", "name", "why", "ended", *who], rows, fit, out))


def _row(found: Attention, run: RunView) -> dict[str, Text | str]:
    return {
        "run": f"{run.entity}/{run.project}/{run.id}", "name": terminal.line(run.name),
        "why": terminal.line(run.sentence), "ended": f"{terminal.age(run.ended_at)} ago",
        "who": _who(found, run.key),
    }  # fmt: skip


def _keys(api: Api, runs: tuple[str, ...], project: str) -> list[int]:
    return [api.find(run, placed(project)).key for run in runs]


def _told(done: dict[str, int], as_json: bool, sentence: str) -> None:
    if as_json:
        terminal.print_json(done)
    else:
        terminal.say(sentence)


@attention.command(
    help=f"Take runs that ended badly off your list, until they end again.\n\n{RUN_HELP}",
    epilog=examples("heartline attention seen 3k2a9fq1"),
)
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@project_option
@json_option
@connected
def seen(api: Api, runs: tuple[str, ...], project: str, as_json: bool) -> None:
    """Mark as seen."""
    body = SeenBody(keys=_keys(api, runs, project))
    done = api.calls.send("POST", f"{ROUTE}/seen", body, dict[str, int])
    _told(done, as_json, f"{done['seen']} newly seen")


@attention.command(
    help="Snooze runs, for yourself. They wake when their time is over, and sooner if their "
    f"state or cause changes.\n\n{RUN_HELP}",
    epilog=examples(
        "heartline attention snooze 3k2a9fq1", "heartline attention snooze 3k2a9fq1 --for hour"
    ),
)
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("--for", "span", type=click.Choice(sorted(SPANS)),
              help="For how long.  [default: until they change]")  # fmt: skip
@project_option
@json_option
@connected
def snooze(api: Api, runs: tuple[str, ...], span: str | None, project: str, as_json: bool) -> None:
    """Snooze."""
    body = SnoozeBody(keys=_keys(api, runs, project), for_ms=SPANS[span] if span else None)
    done = api.calls.send("POST", f"{ROUTE}/snooze", body, dict[str, int])
    told = f"for an {span}" if span == "hour" else f"for a {span}" if span else "until they change"
    well = len(set(body.keys)) - done["snoozed"]
    rest = f"; {well} not snoozed: not on your list" if well else ""
    _told(done, as_json, f"{done['snoozed']} snoozed {told}{rest}")


@attention.command(
    help=f"Wake runs that you have snoozed: they are back on your list.\n\n{RUN_HELP}",
    epilog=examples("heartline attention wake 3k2a9fq1"),
)
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@project_option
@json_option
@connected
def wake(api: Api, runs: tuple[str, ...], project: str, as_json: bool) -> None:
    """Wake."""
    body = SeenBody(keys=_keys(api, runs, project))
    done = api.calls.send("POST", f"{ROUTE}/wake", body, dict[str, int])
    _told(done, as_json, f"{done['woken']} woken: back on your list")


@attention.command(
    help="Assign a run: who looks after it, for all who may see it; `-` for nobody.\n\n" + RUN_HELP,
    epilog=examples("heartline attention assign 3k2a9fq1 bo", "heartline attention assign "
                    "3k2a9fq1 -"),
)  # fmt: skip
@click.argument("run")
@click.argument("user")
@project_option
@json_option
@connected
def assign(api: Api, run: str, user: str, project: str, as_json: bool) -> None:
    """Assign."""
    found = api.find(run, placed(project))
    body = AssignBody(keys=[found.key], user="" if user == "-" else user)
    done = api.calls.send("POST", f"{ROUTE}/assign", body, dict[str, int])
    _told(done, as_json, f"{found.path} is {body.user or 'nobody'}'s to look after")
