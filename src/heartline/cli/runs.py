"""`heartline runs`: a table of runs with state, cause and age. Never changes one."""

import time
from typing import Any

import click
from rich.cells import cell_len
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from heartline.cli import terminal
from heartline.cli.options import connected, examples, json_option, placed
from heartline.client.api import Api
from heartline.client.run import Run
from heartline.client.runs import Runs

LISTED_MAX = 100_000
WATCH_S = 1.0
WATCH_AWAY_S_MAX = 60.0


@click.command(epilog=examples(
    "heartline runs",
    "heartline runs team/digits --filter 'state = crashed and config.lr > 0.01'",
    "heartline runs -s failed -s crashed -c config.lr -c summary.val.loss",
    "heartline runs digits --watch",
    "heartline runs digits --json | jq -r '.[].id'",
))  # fmt: skip
@click.argument("project", required=False, default="", envvar="HEARTLINE_PROJECT")
@click.option("-f", "--filter", "filters", default="", metavar="TEXT",
              help="Which runs, such as `state = failed and tags = baseline`.")  # fmt: skip
@click.option("-s", "--state", "states", multiple=True, metavar="STATE",
              help="Only runs in this state; may be repeated.")  # fmt: skip
@click.option("-o", "--order", default="-created", show_default=True, metavar="FIELD",
              help="Sort by a field; - in front for descending.")  # fmt: skip
@click.option("-n", "--limit", default=30, show_default=True, type=click.IntRange(1, LISTED_MAX),
              help="At most so many runs.")  # fmt: skip
@click.option("-c", "--column", "columns", multiple=True, metavar="FIELD",
              help="One more column: config.KEY or summary.KEY; may be repeated.")  # fmt: skip
@click.option("-w", "--watch", is_flag=True, help="Stay, and show changes as they happen.")
@json_option
@connected
def runs(
    api: Api,
    project: str,
    filters: str,
    states: tuple[str, ...],
    order: str,
    limit: int,
    columns: tuple[str, ...],
    watch: bool,
    as_json: bool,
) -> None:
    """List runs with their state, its cause, and their age.

    PROJECT is entity/project, or project under your own entity; all that you may see if left out.
    A `?` after a state means that it is presumed from silence, and is taken back when the run is
    heard again.
    """

    def ask() -> Runs:
        return api.runs(
            placed(project),
            filters=_with_states(filters, states),
            order=order,
            per_page=limit,
            select=columns,
        )

    if as_json:
        terminal.print_json([run.view for run in ask()[:limit]])
        return
    out = terminal.console()
    if watch and out.is_terminal:
        with api.calls.waiting(WATCH_AWAY_S_MAX):
            _watch(ask, limit, columns, out)
        return
    found = ask()
    out.print(
        _empty(project, filters, states) if not len(found) else _table(found, limit, columns, out)
    )


def _with_states(filters: str, states: tuple[str, ...]) -> str:
    if not states:
        return filters
    wanted = f"state in [{', '.join(states)}]"
    return f"({filters}) and {wanted}" if filters else wanted


def _watch(ask: Any, limit: int, columns: tuple[str, ...], out: Console) -> None:
    """Draw again every second, since ages change even where nothing happens."""
    with Live(
        console=out, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
    ) as live:
        while True:
            found = ask()
            live.update(_table(found, min(limit, max(1, out.height - 4)), columns, out))
            live.refresh()
            time.sleep(WATCH_S)


def _empty(project: str, filters: str, states: tuple[str, ...]) -> str:
    if filters or states:
        return "No run matches."
    where = f" in {project}" if project else ""
    return f"No runs yet{where}. Try: heartline demo, or three lines of Python (heartline.init)."


def _table(found: Runs, limit: int, columns: tuple[str, ...], out: Console) -> Table:
    """As many columns as the terminal has room for; the cause takes what is left."""
    shown = found[:limit]
    roomy = out.width >= terminal.ROOMY_WIDTH
    head = [
        "state",
        "run",
        "id",
        *_where(shown),
        *(name.partition(".")[2] or name for name in columns),
    ]
    tail = ["step", "ran", "age"] if roomy else ["age"]
    rows = [_row(run, columns, "project" in head, "entity/project" in head, roomy) for run in shown]
    # An id is never cut: it is what people copy.
    caps = {"run": 24 if roomy else 12, "id": out.width, "project": 16 if roomy else 10}
    made = terminal.table()
    left = out.width
    for at, name in enumerate([*head, "why", *tail]):
        if name == "why":
            made.add_column(name, no_wrap=True, overflow="ellipsis")
            continue
        widest = max([len(name), *(cell_len(str(row[at])) for row in rows)])
        width = min(widest, caps.get(name, 20))
        left -= width + 2
        right = at >= 3 and name not in {"project", "entity/project"}
        made.add_column(
            name, no_wrap=True, overflow="ellipsis", justify="right" if right else "left",
            min_width=width, max_width=width,
        )  # fmt: skip
    made.columns[len(head)].max_width = max(left, len("why"))
    for row in rows:
        made.add_row(*row)
    made.caption = _caption(found, len(shown))
    made.caption_justify = "left"
    return made


def _where(shown: list[Run]) -> list[str]:
    """No column for what is the same everywhere."""
    if len({run.entity for run in shown}) > 1:
        return ["entity/project"]
    return ["project"] if len({run.project for run in shown}) > 1 else []


def _row(
    run: Run, columns: tuple[str, ...], project: bool, entity: bool, roomy: bool
) -> list[Text | str]:
    row: list[Text | str] = [terminal.state(run.state, run.confidence), run.name, run.id]
    row += [run.project] if project else []
    row += [f"{run.entity}/{run.project}"] if entity else []
    row += [terminal.number(_value(run, name)) for name in columns]
    row += [_why(run)]
    if roomy:
        step = terminal.NOTHING if run.last_step < 0 else str(run.last_step)
        row += [step, terminal.length(run.view.duration_ms)]
    return [*row, terminal.age(run.created_at)]


def _value(run: Run, field: str) -> Any:
    head, _, key = field.partition(".")
    return ((run.view.config if head == "config" else run.view.summary) or {}).get(key)


def _why(run: Run) -> Text:
    # A good end needs no reason.
    text = Text("" if run.state == "finished" else run.sentence)
    if run.view.qualifier == "unreachable":
        text = Text(f"nothing heard for {terminal.length(run.view.silent_ms)}", style="yellow")
    if run.view.stop is not None and run.live:
        text.append(f" · stop asked by {run.view.stop.by}", style="blue")
    return text


def _caption(found: Runs, shown: int) -> str:
    total = len(found)
    parts = [f"{count} {word}" for word, count in sorted(found.states.items()) if count]
    more = f", the newest {shown} shown (-n for more)" if total > shown else ""
    return f"{total} run{'' if total == 1 else 's'}{more}: {', '.join(parts)}" if total else ""
