"""Scripts of the real `wandb` client against a server of ours, and what they print as JSON."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.server_process import ServerProcess

SCRIPTS = Path(__file__).parent / "scripts"
SCENE_S = 150.0


@dataclass(frozen=True)
class Scenes:
    """One script; every scene is a process of its own, in one home."""

    server: ServerProcess
    script: str
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            **self.server.environment, "WANDB_BASE_URL": self.server.base_url,
            "WANDB_API_KEY": self.server.api_key, "WANDB_ERROR_REPORTING": "false",
            "WANDB_SILENT": "true", "WANDB_DIR": str(self.home), "HOME": str(self.home),
            "WANDB_DISABLE_GIT": "true",
        }  # fmt: skip

    def play(self, name: str, *words: str) -> Any:
        """What the scene told; its whole output if it told nothing."""
        done = self._run(sys.executable, str(SCRIPTS / self.script), name, *words)
        for line in done.stdout.splitlines():
            if line.startswith("RESULT "):
                return json.loads(line.removeprefix("RESULT "))
        raise AssertionError(done.stdout + done.stderr)

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """A `wandb` command."""
        return self._run(sys.executable, "-m", "wandb", *words)

    def _run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            words, env=self.environment, cwd=self.home, timeout=SCENE_S, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
