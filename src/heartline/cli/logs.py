"""`heartline logs`: what a run printed, and what it prints now. Never interprets it."""

import json
import sys

import click

from heartline.cli import terminal
from heartline.cli.options import RUN_HELP, connected, examples, json_option, placed, project_option
from heartline.client.api import Api
from heartline.client.events import News, listen
from heartline.client.run import ConsoleLine, Run

LINES = 100


@click.command(epilog=examples(
    "heartline logs 3k2a9fq1", "heartline logs 3k2a9fq1 -f", "heartline logs 3k2a9fq1 --all > out.txt",
), help=f"Print what a run printed.\n\n{RUN_HELP}")  # fmt: skip
@click.argument("run")
@click.option("-f", "--follow", is_flag=True, help="Go on until the run has ended.")
@click.option("-n", "--lines", default=LINES, show_default=True, type=click.IntRange(1, 10_000),
              help="How many of the last lines.")  # fmt: skip
@click.option("-a", "--all", "everything", is_flag=True, help="All lines from the first on.")
@click.option("-t", "--timestamps", is_flag=True, help="The time before each line.")
@project_option
@json_option
@connected
def logs(
    api: Api,
    run: str,
    follow: bool,
    lines: int,
    everything: bool,
    timestamps: bool,
    project: str,
    as_json: bool,
) -> None:
    """Print what a run printed; with --json one object a line."""
    found = api.find(run, placed(project))
    printer = Printer(as_json=as_json, timestamps=timestamps)
    total = found.console_total()
    seen = 0 if everything else max(0, total - lines)
    seen = _print_from(found, seen, printer)
    if not follow:
        if seen == 0:
            terminal.say(f"{found.path} has printed nothing.", err=True)
        return
    _follow(api, found, seen, printer)
    terminal.say(terminal.ended(found), err=True)


def _print_from(run: Run, first: int, printer: "Printer") -> int:
    """Print from a line on; how many lines are known now."""
    for line in run.scan_console(first):
        printer.line(line)
        first += 1
    return first


def _follow(api: Api, run: Run, seen: int, printer: "Printer") -> None:
    def more(news: News | None) -> bool:
        nonlocal seen
        if news is not None and news.run != run.key:
            return False
        run.refresh()
        ended = not run.live
        # The last line may have been a progress bar: look at it again.
        seen = max(seen, _print_from(run, max(0, seen - 1), printer))
        return ended

    if not more(None):
        listen(api.calls, f"{run.entity}/{run.project}", more)


class Printer:
    """Prints each line once; a line that was rewritten is printed again in its place."""

    def __init__(self, *, as_json: bool, timestamps: bool) -> None:
        self._as_json, self._timestamps = as_json, timestamps
        self._last: ConsoleLine | None = None
        self._again = sys.stdout.isatty() and not as_json

    def line(self, line: ConsoleLine) -> None:
        """Print it, unless it is the one that stands there already."""
        last, self._last = self._last, line
        same = last is not None and (last.stream, last.number) == (line.stream, line.number)
        if same and last is not None and last.text == line.text:
            return
        if self._as_json:
            text = json.dumps(line._asdict(), ensure_ascii=False)
        else:
            text = f"{terminal.moment(line.at)}  {line.text}" if self._timestamps else line.text
        if same and self._again:
            click.echo("\x1b[1A\x1b[2K\r", nl=False)
        click.echo(text)
