"""A pod's end as its cluster tells it: asked over TLS with the pod's own account, for a moment."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import heartline
from heartline.sdk import birth as born
from heartline.sdk import kubernetes, scheduler
from heartline.sdk.scheduler import Word
from tests.certificate import certify

DISRUPTED = {
    "type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler",
    "message": "preempting to accommodate a higher priority pod",
}  # fmt: skip
DELETED = {"deletionTimestamp": "2026-11-25T12:00:00Z"}
PODS: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    ({"reason": "Evicted", "message": "low on memory"}, DELETED, "preempted",
     "Kubernetes: Evicted: low on memory"),
    ({"conditions": [{"type": "Ready", "status": "False"}, DISRUPTED]}, DELETED, "preempted",
     "Kubernetes: PreemptionByScheduler: preempting to accommodate a higher priority pod"),
    ({"reason": "DeadlineExceeded"}, {}, "time_limit", "Kubernetes: DeadlineExceeded"),
    ({"phase": "Running"}, DELETED, "cancelled",
     "Kubernetes: the pod was deleted (2026-11-25T12:00:00Z)"),
    ({"phase": "Running", "conditions": [{**DISRUPTED, "status": "False"}]}, {}, "", ""),
    ({"phase": "Running"}, {}, "", ""),
]  # fmt: skip


@pytest.fixture
def account(tmp_path: Path) -> Path:
    """A service account as it is mounted, whose certificate is the server's own as well."""
    certify(tmp_path, "cluster", "IP:127.0.0.1", "ca.crt")
    (tmp_path / "token").write_text("pod-token\n")
    (tmp_path / "namespace").write_text("research")
    return tmp_path


@contextmanager
def cluster(account: Path, answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[int]:
    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    server.daemon_threads, server.block_on_close = True, False
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(account / "ca.crt", account / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def told(account: Path, port: int) -> Word:
    environ = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(port)}
    how = kubernetes.known(environ, "train-7", account)
    assert how["path"] == "/api/v1/namespaces/research/pods/train-7"
    return scheduler.ask(how)


@pytest.mark.parametrize(("status", "metadata", "kind", "text"), PODS)
def test_a_pod_tells_why_it_ends(
    account: Path, status: dict[str, Any], metadata: dict[str, Any], kind: str, text: str
) -> None:
    def answer(call: BaseHTTPRequestHandler) -> None:
        mine = call.path == "/api/v1/namespaces/research/pods/train-7"
        allowed = call.headers["Authorization"] == "Bearer pod-token"
        call.send_response(200 if mine and allowed else 403)
        call.end_headers()
        call.wfile.write(json.dumps({"metadata": metadata, "status": status}).encode())

    with cluster(account, answer) as port:
        assert told(account, port) == Word(kind, text)


def test_what_is_forbidden_is_no_pod_or_never_comes_says_nothing_in_time(account: Path) -> None:
    over = threading.Event()

    def forbidden(call: BaseHTTPRequestHandler) -> None:
        call.send_response(403)
        call.end_headers()
        call.wfile.write(json.dumps({"kind": "Status", "metadata": DELETED}).encode())

    def nonsense(call: BaseHTTPRequestHandler) -> None:
        call.send_response(200)
        call.end_headers()
        call.wfile.write(b"<html>")

    def silence(_: BaseHTTPRequestHandler) -> None:
        over.wait(60)

    for answer in (forbidden, nonsense, silence):
        with cluster(account, answer) as port:
            began = time.monotonic()
            assert told(account, port) == Word()
            assert time.monotonic() - began < 30
    over.set()
    assert told(account, port) == Word(), "it is gone"


def test_nobody_is_asked_outside_of_a_pod_or_without_its_account(tmp_path: Path) -> None:
    inside = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    assert kubernetes.known(inside, "train-7", tmp_path) == {}
    for name in ("token", "ca.crt", "namespace"):
        (tmp_path / name).write_text("x")
    assert kubernetes.known({}, "train-7", tmp_path) == {}
    assert kubernetes.known(inside, "train-7", tmp_path) != {}
    assert scheduler.known({"SLURM_JOB_ID": "7"}, "node") == {"SLURM_JOB_ID": "7"}
    assert scheduler.ask({}) == Word()


def test_a_run_that_is_offline_learns_no_way_to_ask_over_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("token", "ca.crt", "namespace"):
        (tmp_path / name).write_text("x")
    monkeypatch.setattr(kubernetes, "ACCOUNT", tmp_path)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "9")
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    # Refused at once, and for this test only its birth certificate matters.
    online = {"base_url": "http://127.0.0.1:9", "api_key": "hl-key"}
    known = {}
    for mode in ("online", "offline"):
        run = heartline.init("p", mode=mode, dir=tmp_path, settings={**online, "silent": True})
        assert run.directory is not None
        known[mode] = born.load(run.directory).scheduler
        run.abandon()
    assert known["online"]["server"] == "127.0.0.1"
    assert known["offline"] == {}
