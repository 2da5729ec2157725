"""`heartline demo`: real trainings that end in every way, and what the server says of them.

Never pretends: every process is real, and every state is asked of the server.
"""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from textwrap import shorten

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table

from heartline.cli import exits, terminal
from heartline.cli.background import Found, find, start, state_dir
from heartline.cli.options import examples, json_option
from heartline.client import credentials, errors
from heartline.client.api import Api
from heartline.client.run import Run

MEMORY = "420M"
STEPS_BEFORE_END, STEPS_BEFORE_SIGNAL = 8, 30
STORIES_S = 120.0
POLL_S = 0.2
SENTENCE_CHARS_MAX = 90


@dataclass(frozen=True, slots=True)
class Story:
    """One training of the demo: what happens to it, and what must be shown then."""

    case: str
    what: str
    state: str
    cause: str
    sent: signal.Signals | None = None
    launcher: tuple[str, ...] | None = None


STORIES = (
    Story("finishes", "trains to its last epoch", "finished", "finished"),
    Story("diverges", "its learning rate is far too large", "failed", "exception"),
    Story("is-killed", "gets a SIGKILL, which no program can catch", "killed", "signal",
          signal.SIGKILL, launcher=()),
    Story("is-interrupted", "gets a Ctrl-C", "killed", "interrupted", signal.SIGINT),
    Story("leaks-memory", f"keeps every batch, and may use {MEMORY}", "crashed", "out_of_memory",
          launcher=("--memory", MEMORY)),
    Story("goes-on", "trains on", "running", "started"),
)  # fmt: skip


class Training:
    """A story's process and, once it has one, its run."""

    def __init__(self, story: Story, suffix: str, found: Found) -> None:
        self.story = story
        self.id = f"{story.case}-{suffix}"
        self.run: Run | None = None
        self.ended = False
        self._process = self._start(found)

    def _start(self, found: Found) -> "subprocess.Popen[bytes]":
        place = state_dir() / "demo"
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        heartline = [sys.executable, "-m", "heartline.cli.main"]
        launcher = self.story.launcher
        before = [] if launcher is None else [*heartline, "run", *launcher, "--"]
        # A shell that started us in the background has Ctrl-C ignored; trainings must hear it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with (place / f"{self.id}.log").open("wb") as out:
            return subprocess.Popen(
                [*before, sys.executable, "-m", "heartline.cli.training", self.story.case],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                env={
                    **os.environ,
                    "HEARTLINE_BASE_URL": found.base_url,
                    "HEARTLINE_RUN_ID": self.id,
                    "HEARTLINE_DIR": str(place),
                    "HEARTLINE_MODE": "online",
                    # Six trainings at once on the cores of a laptop.
                    "OMP_NUM_THREADS": "1",
                    "OPENBLAS_NUM_THREADS": "1",
                },
            )

    def look(self, api: Api, entity: str) -> None:
        """Ask the server, and do to the process what its story says when it has trained a little."""
        try:
            self.run = api.run(f"{entity}/demo/{self.id}")
        except errors.NotFound:
            self._check()
            return
        number = self.story.sent
        if number is not None and not self.ended and self.run.last_step >= STEPS_BEFORE_SIGNAL:
            self.ended = True
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._trainer(), number)

    def _check(self) -> None:
        if self._process.poll() not in {None, 0}:
            path = state_dir() / "demo" / f"{self.id}.log"
            said = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            told = said[-1] if said else "it printed nothing"
            raise errors.HeartlineError(f"the training could not start: {told} (see {path})")

    def _trainer(self) -> int:
        """The training's own process, also below a launcher."""
        if self.story.launcher is None:
            return self._process.pid
        import psutil

        below = psutil.Process(self._process.pid).children()
        return int(below[0].pid) if below else self._process.pid

    @property
    def as_told(self) -> bool:
        """Whether the server shows what must be shown."""
        run, story = self.run, self.story
        if run is None or run.state != story.state:
            return False
        return run.last_step >= STEPS_BEFORE_END if run.live else run.cause == story.cause

    @property
    def over(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.as_told or (self.run is not None and not self.run.live and self.ended)

    def stop(self) -> None:
        """The demo was interrupted: nothing of it goes on."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)


@click.command(epilog=examples("heartline demo", "heartline demo --json"))
@click.option("--once", is_flag=True, help="Print the table once, at the end.")
@json_option
def demo(once: bool, as_json: bool) -> None:
    """Train six real models as real processes, and watch them end in every way.

    One finishes, one fails, one is killed, one is interrupted, one runs out of memory, one goes
    on. The server (started in the background if none answers) stays up, so that you can look
    around.
    """
    if find_spec("sklearn") is None:
        raise errors.MissingPackage(
            "the demo trains with scikit-learn, which is not installed: pip install 'heartline[demo]'"
        )
    out = terminal.console(stderr=as_json)
    found = find()
    if found is None:
        out.print("Starting a server...")
        found = start()
    out.print(f"The server is up at {found.base_url}")
    api = Api(found.base_url)
    out.print(f"Training {len(STORIES)} models on scikit-learn's digits, as six processes...\n")
    suffix = secrets.token_hex(2)
    trainings = [Training(story, suffix, found) for story in STORIES]
    try:
        _watch(trainings, api, out, live=out.is_terminal and not once)
    except BaseException:
        for training in trainings:
            training.stop()
        raise
    _tell(trainings, found, api, out, as_json)
    if not all(training.as_told for training in trainings):
        out.print("Not every run is shown as it must be; the table says which.", style="red")
        sys.exit(exits.ERROR)


def _watch(trainings: list[Training], api: Api, out: Console, *, live: bool) -> None:
    """Until every story is told; drawn as it happens where somebody looks."""
    entity = api.default_entity
    until = time.monotonic() + STORIES_S
    drawn = (
        Live(console=out, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
        if live
        else contextlib.nullcontext()
    )
    with drawn:
        while True:
            for training in trainings:
                if not training.over or training.story.state == "running":
                    training.look(api, entity)
            if isinstance(drawn, Live):
                drawn.update(_table(trainings, out), refresh=True)
            if all(training.over for training in trainings) or time.monotonic() > until:
                break
            time.sleep(POLL_S)
    if not live:
        out.print(_table(trainings, out))


def _table(trainings: list[Training], out: Console) -> Table:
    made = terminal.table("run")
    made.add_column("what happens", max_width=44 if out.width >= 110 else 22, overflow="fold")
    made.add_column("state", no_wrap=True, min_width=12)
    made.add_column("step", no_wrap=True, justify="right")
    made.add_column("cause, as the server tells it", overflow="fold")
    for training in trainings:
        run, story = training.run, training.story
        if run is None:
            made.add_row(story.case, story.what, "starting…", "", "")
            continue
        wrong = run.state != story.state and training.over
        made.add_row(
            story.case, story.what, terminal.state(run.state, run.confidence),
            terminal.NOTHING if run.last_step < 0 else str(run.last_step), shorten(run.sentence, SENTENCE_CHARS_MAX, placeholder="…"),
            style="on red" if wrong else "",
        )  # fmt: skip
    return made


def _tell(trainings: list[Training], found: Found, api: Api, out: Console, as_json: bool) -> None:
    if as_json:
        terminal.print_json(
            {
                "base_url": found.base_url,
                "server_pid": found.pid,
                "runs": [training.run.view for training in trainings if training.run is not None],
                "as_expected": all(training.as_told for training in trainings),
            }
        )
        return
    on = next(training for training in trainings if training.story.state == "running")
    ours = _command()
    page = f"/{on.run.entity if on.run else ''}/demo"
    made = terminal.facts()
    made.add_row("the app", f"{api.login_link()}&next={page}")
    made.add_row("", f"(signs your browser in once; {ours} open makes another)")
    made.add_row("the table", f"{ours} runs demo")
    made.add_row("one story", f"{ours} show {trainings[1].id}")
    made.add_row("still training", f"{ours} logs -f {on.id}    (stop it: {ours} stop {on.id})")
    pid = found.pid or _pid()
    if pid is not None:
        made.add_row("the server", f"stays up as process {pid} (stop it: kill {pid})")
    out.print()
    out.print(made)
    if found.base_url != credentials.DEFAULT_BASE_URL:
        out.print("\nThis server is not at the usual address. First, in each new terminal:")
        out.print(f"export HEARTLINE_BASE_URL={found.base_url}", soft_wrap=True)


def _command() -> str:
    """How this very command is typed here: an environment need not be on the path."""
    if shutil.which("heartline"):
        return "heartline"
    here = Path(sys.executable).with_name("heartline")
    return min(str(here), os.path.relpath(here), key=len)


def _pid() -> int | None:
    """The process of this account's server, as it wrote it down itself."""
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    place = Path(os.environ.get("HEARTLINE_SERVER_DATA_DIR") or Path(home) / "heartline")
    try:
        return int((place / "server.pid").read_text())
    except (OSError, ValueError):
        return None
