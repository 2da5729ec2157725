"""`heartline runs`: a table of runs with state, cause and age. Never changes one."""

import time
from functools import partial
from typing import Any

import click
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from heartline.cli import terminal
from heartline.cli.fitting import Fit, fitted
from heartline.cli.options import connected, examples, json_option, placed
from heartline.client.api import Api
from heartline.client.run import Run
from heartline.client.runs import Runs
from heartline.core.filters.fields import ALIASES, FIELDS, PREFIXES, TIMES
from heartline.wire.api import RunView

LISTED_MAX = 100_000
WATCH_S = 1.0
WATCH_AWAY_S_MAX = 60.0
PLAIN = {*FIELDS, *ALIASES}
ALWAYS = ("state", "name", "id")
ORDERS = {"-created": "newest first", "created": "oldest first"}


@click.command(epilog=examples(
    "heartline runs",
    "heartline runs team/digits --filter 'state = crashed and config.lr > 0.01'",
    "heartline runs digits -o -val.accuracy -c lr          # the best first",
    "heartline runs digits -s failed -s crashed -c sweep -c config.lr -c summary.val.loss",
    "heartline runs digits --watch",
    "heartline runs digits --json | jq -r '.[].id'",
))  # fmt: skip
@click.argument("project", required=False, default="", envvar="HEARTLINE_PROJECT")
@click.option("-f", "--filter", "filters", default="", metavar="TEXT",
              help="Which runs, such as `state = failed and tags = baseline`.")  # fmt: skip
@click.option("-s", "--state", "states", multiple=True, metavar="STATE",
              help="Only runs in this state; may be repeated.")  # fmt: skip
@click.option("-o", "--order", default="-created", show_default=True, metavar="FIELD",
              help="Sort by a field, a setting or a result, which is shown as well; - in front for "
                   "descending.")  # fmt: skip
@click.option("-n", "--limit", default=30, show_default=True, type=click.IntRange(1, LISTED_MAX),
              help="At most so many runs.")  # fmt: skip
@click.option("-c", "--column", "columns", multiple=True, metavar="FIELD",
              help="One more column: a setting or a result (`lr`, `config.lr`, `summary.loss`), or a "
                   "field that filters know (`sweep`, `group`, `user`, `host`); may be repeated.")  # fmt: skip
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
    wanted = dict.fromkeys([*columns, *_sorting(order)])
    columns = tuple(name for name in wanted if name not in ALWAYS)
    ask = partial(
        api.runs, placed(project), filters=_with_states(filters, states), order=order,
        per_page=limit, select=[name for name in columns if name not in PLAIN],
    )  # fmt: skip
    if as_json:
        terminal.print_json([run.view for run in ask()[:limit]])
        return
    out = terminal.console()
    if watch and out.is_terminal:
        with api.calls.waiting(WATCH_AWAY_S_MAX):
            _watch(ask, limit, columns, order, out)
        return
    if watch:
        click.echo("--watch needs a terminal: shown once", err=True)
    found = ask()
    if not len(found):
        out.print(_empty(project, filters, states))
        return
    out.print(_table(found, limit, columns, out))
    out.print(_caption(found, limit, order))


def _sorting(order: str) -> list[str]:
    """The settings and results that it is sorted by: what is sorted is shown."""
    names = [part.strip().lstrip("+-") for part in order.split(",")]
    return [name for name in names if name and name not in PLAIN]


def _with_states(filters: str, states: tuple[str, ...]) -> str:
    if not states:
        return filters
    wanted = f"state in [{', '.join(states)}]"
    return f"({filters}) and {wanted}" if filters else wanted


def _watch(ask: Any, limit: int, columns: tuple[str, ...], order: str, out: Console) -> None:
    """Draw again every second, since ages change even where nothing happens."""
    with Live(
        console=out, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
    ) as live:
        while True:
            found = ask()
            shown = min(limit, max(1, out.height - 4))
            table = _table(found, shown, columns, out)
            live.update(Group(table, _caption(found, shown, order)))
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
    names = ["state", "run", "id", *_where(shown), *columns, "why",
             *(("step", "ran") if roomy else ()), "age"]  # fmt: skip
    fit = Fit(
        whole=frozenset({"state", "id"}),
        rest="why",
        lesser=("run", "age", "project", "entity/project"),
        right=frozenset({"step", "ran", "age", *columns}),
        caps={"run": 24 if roomy else 12, "project": 16 if roomy else 10},
        heads={name: _short(name) for name in columns},
    )
    return fitted(list(dict.fromkeys(names)), [_row(run, columns) for run in shown], fit, out)


def _row(run: Run, columns: tuple[str, ...]) -> dict[str, Text | str]:
    row: dict[str, Text | str] = {
        name: terminal.line(terminal.number(_value(run, name))) for name in columns
    }
    return row | {
        "state": terminal.state(run.state, run.confidence), "run": terminal.line(run.name),
        "id": run.id, "project": run.project, "entity/project": f"{run.entity}/{run.project}",
        "why": _why(run), "ran": terminal.length(run.view.duration_ms),
        "step": terminal.NOTHING if run.last_step < 0 else str(run.last_step),
        "age": terminal.age(run.created_at),
    }  # fmt: skip


def _short(name: str) -> str:
    """A column by the name that it has in its program."""
    head, _, rest = name.partition(".")
    return rest if head in PREFIXES and rest else name


def _where(shown: list[Run]) -> list[str]:
    """No column for what is the same everywhere."""
    if len({run.entity for run in shown}) > 1:
        return ["entity/project"]
    return ["project"] if len({run.project for run in shown}) > 1 else []


def _value(run: Run, field: str) -> Any:
    if field in PLAIN:
        return _plain(run.view, ALIASES.get(field, field))
    config, summary = run.view.config or {}, run.view.summary or {}
    head, _, key = field.partition(".")
    if head in PREFIXES and key:
        return (config if head == "config" else summary).get(key)
    return config.get(field, summary.get(field))


def _plain(view: RunView, field: str) -> Any:
    if field in TIMES:
        return terminal.moment(
            view.heard_at if field == "heartbeat" else getattr(view, f"{field}_at")
        )
    value = terminal.length(view.duration_ms) if field == "duration" else getattr(view, field)
    return (", ".join(value) if isinstance(value, list) else value) or None


def _why(run: Run) -> Text:
    # A good end needs no reason.
    text = Text("" if run.state == "finished" else terminal.line(run.sentence))
    if run.view.qualifier == "unreachable":
        text = Text(f"nothing heard for {terminal.length(run.view.silent_ms)}", style="yellow")
    if run.view.stop is not None and run.live:
        text.append(f" · stop asked by {run.view.stop.by}", style="blue")
    return text


def _caption(found: Runs, limit: int, order: str) -> str:
    """How many there are of each state, in all; of some, which they are."""
    total = len(found)
    parts = [f"{count} {word}" for word, count in sorted(found.states.items()) if count]
    first = ORDERS.get(order, f"sorted by {order}")
    more = f" ({limit} shown, {first}; -n for more)" if total > limit else ""
    return f"{total} run{'' if total == 1 else 's'}{more}: {', '.join(parts)}" if total else ""
