"""Record what the real client says: `python -m tests.wandb.record PYTHON...`, one per version.

Each scene runs with that interpreter's `wandb` against a server behind a proxy that writes down
method, path, headers and body, without credentials. Never part of the tests: they replay.
"""

import http.client
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.server_process import ServerProcess, free_port, running

HERE = Path(__file__).parent
KEPT_HEADERS = ("x-wandb-client-id", "x-wandb-async-client-id", "content-encoding", "user-agent")
SCENES = ("told", "again", "rewound", "forked", "shared", "sent_later", "raised")
FILE_CHARS_MAX = 400


class Recorder(http.server.BaseHTTPRequestHandler):
    """Passes on to the server, and keeps what the internal process of a run said."""

    protocol_version = "HTTP/1.1"
    target = ""
    said: list[dict[str, Any]]
    lock = threading.Lock()

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        connection = http.client.HTTPConnection(self.target)
        connection.request(self.command, self.path, body, dict(self.headers.items()))
        answer = connection.getresponse()
        told = answer.read()
        if self.headers.get("user-agent") == "wandb-core":
            with self.lock:
                self.said.append(kept(self.command, self.path, self.headers, body))
        self.send_response(answer.status)
        self.send_header("content-type", answer.getheader("content-type") or "")
        self.send_header("content-length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_GET = do_POST = do_PUT = _pass_on

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def kept(method: str, path: str, headers: Any, body: bytes) -> dict[str, Any]:
    """One request as it is replayed: who and where are filled in then."""
    told = {name: headers[name] for name in KEPT_HEADERS if headers.get(name)}
    text = body.decode(errors="replace")
    if path == "/graphql":
        said = json.loads(text)
        return {"graphql": said.get("query"), "variables": said.get("variables"), "headers": told}
    if method == "PUT":
        return {"file": path.split("/", 5)[5], "body": text[:FILE_CHARS_MAX], "headers": told}
    return {"stream": path.split("/")[4], "body": text, "headers": told}


def record(python: str) -> None:
    """All scenes with one interpreter's client."""
    asked = [python, "-c", "import wandb; print(wandb.__version__)"]
    version = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    with tempfile.TemporaryDirectory() as home, running(Path(home)) as server:
        Recorder.target = urlsplit(server.base_url).netloc
        proxy = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), Recorder)
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        for scene in SCENES:
            Recorder.said = []
            play(server, python, f"http://127.0.0.1:{proxy.server_port}", scene, Path(home))
            file = HERE / "transcripts" / f"{version}-{scene}.jsonl"
            file.parent.mkdir(exist_ok=True)
            lines = [json.dumps(each, sort_keys=True) for each in Recorder.said]
            file.write_text(plain("\n".join(lines), home, python) + "\n", encoding="utf-8")
        proxy.shutdown()


def plain(text: str, home: str, python: str) -> str:
    """Without what only this machine has."""
    return re.sub(r"Linux-[\w.-]+", "Linux", text.replace(python, "python").replace(home, "/home"))


def play(server: ServerProcess, python: str, address: str, scene: str, home: Path) -> None:
    """One scene; its exit code is part of it."""
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(home), "WANDB_DIR": str(home),
        "WANDB_BASE_URL": address, "WANDB_API_KEY": server.api_key, "WANDB_SILENT": "true",
        "WANDB_ERROR_REPORTING": "false", "WANDB_DISABLE_GIT": "true",
    }  # fmt: skip
    script = shutil.copy(HERE / "scripts" / "recorded.py", home)
    subprocess.run([python, script, scene], env=environment, cwd=home, timeout=120, check=False)


if __name__ == "__main__":
    for interpreter in sys.argv[1:]:
        record(os.path.abspath(interpreter))
