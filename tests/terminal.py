"""A person at a terminal: commands and scripts as real processes, against one server."""

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

from heartline.client.api import Api
from tests.server_process import ServerProcess

T = TypeVar("T")

PATIENCE_S = 60.0
HEARTLINE = (sys.executable, "-m", "heartline.cli.main")


def until(look: Callable[[], T], patience_s: float = PATIENCE_S) -> T:
    """What `look` gives as soon as it gives something true."""
    deadline = time.monotonic() + patience_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"still not so after {patience_s} s: {look}"
        time.sleep(0.02)
    return found


@dataclass
class Terminal:
    """Somebody with an account on the server's machine, in a folder of their own."""

    server: ServerProcess
    home: Path
    extra: dict[str, str] = field(default_factory=dict)
    started: "list[subprocess.Popen[str]]" = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing that a failed test started is left behind."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()

    def run(self, command: Sequence[str], **options: Any) -> "subprocess.Popen[str]":
        """A process in this place, ended with the test at the latest."""
        said = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
        process = subprocess.Popen(command, cwd=self.home, env=self.environment, **said)
        self.started.append(process)
        return process

    @property
    def environment(self) -> dict[str, str]:
        return {
            **self.server.environment,
            "XDG_STATE_HOME": str(self.home / "state"),
            "PYTHONUNBUFFERED": "1",
            **self.extra,
        }

    @property
    def api(self) -> Api:
        return Api(self.server.base_url, self.server.api_key)

    def start(self, *words: str, **options: Any) -> "subprocess.Popen[str]":
        """`heartline <words>`, not waited for."""
        return self.run([*HEARTLINE, *words], **options)

    def heartline(self, *words: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        """`heartline <words>`, to its end."""
        process = self.start(*words, stdin=subprocess.PIPE)
        try:
            out, err = process.communicate(stdin, PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def json(self, *words: str) -> Any:
        """`heartline <words> --json`, which must end well."""
        done = self.heartline(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def script(self, text: str, name: str = "train.py") -> str:
        """A file with this program; its path."""
        path = self.home / name
        path.write_text(text)
        return str(path)

    def python(self, text: str) -> "subprocess.Popen[str]":
        """The program, started."""
        return self.run([sys.executable, self.script(text)])

    def on_screen(self, *words: str, columns: int = 80) -> tuple[int, str]:
        """`heartline <words>` on a real terminal of this width: exit code and what it showed."""
        leader, follower = pty.openpty()
        environment = {**self.environment, "COLUMNS": str(columns), "LINES": "40", "TERM": "xterm"}
        process = subprocess.Popen(
            [*HEARTLINE, *words], cwd=self.home, env=environment,
            stdin=follower, stdout=follower, stderr=follower, start_new_session=True,
        )  # fmt: skip
        os.close(follower)
        shown, deadline = b"", time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if select.select([leader], [], [], 0.1)[0]:
                try:
                    data = os.read(leader, 65536)
                except OSError:
                    break
                if not data:
                    break
                shown += data
        os.close(leader)
        return process.wait(10), shown.decode()
