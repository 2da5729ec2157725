"""How things look in a terminal: states, ages, tables, JSON. Never asks a server."""

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import click
import msgspec
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from heartline.client.api import Api
from heartline.client.run import Run
from heartline.core import texts

T = TypeVar("T")

PIPE_WIDTH = 1_000
ROOMY_WIDTH = 100
NOTHING = "–"
MEDIA = {"images/separated": "images", "image-file": "image", "table-file": "table"}

# Shape, colour and word say the same thing, so that each is enough alone.
LOOKS = {
    "pending": ("◌", "bright_black"),
    "running": ("●", "blue"),
    "preempting": ("◐", "yellow"),
    "finished": ("✓", "green"),
    "failed": ("◆", "red"),
    "crashed": ("▲", "magenta"),
    "killed": ("■", "bold"),
    "preempted": ("▣", "yellow"),
}


# What moves a terminal or turns its text around is shown as a mark, whoever named a run so.
_MOVING = {*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
_MARKED = dict.fromkeys(_MOVING - {ord("\n"), ord("\t")}, "\ufffd")


class _Console(Console):
    """Shows texts as they are, never as instructions."""

    def on_broken_pipe(self) -> None:
        """Not a failure: it is left to the command what a reader who has seen enough means."""
        raise BrokenPipeError

    def print(self, *objects: Any, **options: Any) -> None:
        """As rich does; lines for programs do not end in the blanks that fill a table."""
        if self.is_terminal:
            super().print(*objects, **options)
            return
        with self.capture() as held:
            super().print(*objects, **options)
        lines = held.get().split("\n")
        self.file.write("\n".join(line.rstrip(" ") for line in lines))

    def render_str(self, text: str, **options: Any) -> Text:
        """Measured as it is shown."""
        return super().render_str(plain(text), **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        """No text of a run reaches the terminal as a command to it."""
        for segment in super().render(renderable, options):
            plain_text = segment.control or segment.text.isprintable()
            yield segment if plain_text else Segment(plain(segment.text), segment.style)


def plain(text: str) -> str:
    """A text that can be shown, without anything that moves a terminal."""
    return text.translate(_MARKED)


def line(text: str) -> str:
    """A text that can be shown, in one line."""
    return plain(" ".join(text.split()))


def say(text: str, *, err: bool = False) -> None:
    """A line that holds names which others gave."""
    click.echo(plain(text), err=err)


def console(*, stderr: bool = False) -> Console:
    """As wide as the terminal; wide enough for whole lines where there is none."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or os.environ.get("COLUMNS") else PIPE_WIDTH
    return _Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=width)


def print_json(value: Any) -> None:
    """Records as JSON; indented, since people read it too."""
    click.echo(json.dumps(msgspec.to_builtins(value), indent=2, ensure_ascii=False))


def confirm(question: str, yes: bool) -> None:
    """Ask, unless told not to; where nobody can answer, that is the mistake."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(plain(f"{question} Nobody is here to ask: say --yes"))
    click.confirm(plain(question), abort=True)


def progress(items: Sequence[T], told: str) -> Iterable[T]:
    """The items, with a bar where there is somebody to look at it."""
    err = console(stderr=True)
    if not err.is_terminal or len(items) < 2:
        return items
    from rich.progress import track

    return track(items, told, console=err, transient=True)


def plain_glyphs() -> bool:
    """Whether the terminal can show the shapes."""
    return (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"


def state(word: str, confidence: str = "") -> Text:
    """A state with its shape and colour; `?` after what is only presumed."""
    glyph, style = LOOKS.get(word, ("", ""))
    shown = word if plain_glyphs() or not glyph else f"{glyph} {word}"
    if word in {"crashed", "preempted"} and confidence == "presumed":
        shown += "?"
        style = f"dim {style}"
    return Text(shown, style=style)


def length(length_ms: int | None) -> str:
    """A length of time, if it is known."""
    return NOTHING if length_ms is None else texts.length(length_ms)


def age(at_ms: int | None) -> str:
    """How long ago, by the server's clock if this machine's is another."""
    if at_ms is None:
        return NOTHING
    context = click.get_current_context(silent=True)
    api = None if context is None else context.find_object(Api)
    behind_s = 0.0 if api is None else api.calls.behind_s
    return length((int(time.time() + behind_s) - at_ms // 1000) * 1000)


def moment(at_ms: int | None) -> str:
    """A time of day here, with the date if it is not today's."""
    if at_ms is None:
        return NOTHING
    then = time.localtime(at_ms / 1000)
    today = time.localtime()
    same_day = then[:3] == today[:3]
    return time.strftime("%H:%M:%S" if same_day else "%Y-%m-%d %H:%M:%S", then)


def size(count: float) -> str:
    """Bytes for people."""
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if count < 1024 or unit == "TiB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return ""


def number(value: Any) -> str:
    """A value of config or summary, short."""
    if value is None:
        return NOTHING
    if isinstance(value, float):
        return f"{value:.5g}"
    kinds = value if isinstance(value, list) else [value]
    if kinds and all(isinstance(each, dict) and "_type" in each for each in kinds):
        return ", ".join(_media(each) for each in kinds)
    return str(value)


def _media(value: dict[str, Any]) -> str:
    """What a value that is no text is, and how large: `image 32x32`, `table 2x3`, `histogram`."""
    kind = str(value["_type"])
    word = MEDIA.get(kind, kind.removesuffix("-file"))
    many = f"{value['count']} " if kind == "images/separated" and "count" in value else ""
    sides = ("nrows", "ncols") if word == "table" else ("width", "height")
    size = "x".join(str(value[side]) for side in sides if value.get(side) is not None)
    return f"{many}{word} {size}".strip()


def table(*names: str, title: str | None = None) -> Table:
    """A quiet table without lines."""
    made = Table(
        box=None, title=_title(title), title_justify="left", pad_edge=False,
        header_style="bright_black", padding=(0, 2, 0, 0),
    )  # fmt: skip
    for name in names:
        made.add_column(name, no_wrap=True, overflow="ellipsis")
    return made


def facts(title: str | None = None) -> Table:
    """Names and values, one a line."""
    made = Table(
        box=None, show_header=False, title=_title(title), title_justify="left", pad_edge=False,
        padding=(0, 2, 0, 0),
    )  # fmt: skip
    made.add_column("name", style="bright_black", no_wrap=True)
    made.add_column("value", overflow="fold")
    return made


def _title(text: str | None) -> Text | None:
    """In one line, however narrow the table below it is."""
    return None if text is None else Text(text, "bold", no_wrap=True, overflow="ignore")


def ended(run: Run) -> str:
    """How a run ended, in one line that does not say `finished` twice."""
    return f"{run.path} {run.state}: {run.sentence.removeprefix('Finished: ')}"
