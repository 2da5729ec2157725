"""Each way to end, as a real process against a real server: state, cause, confidence, all rows."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.sdk.training import until
from tests.server_process import ServerProcess, running

SCRIPT = Path(__file__).parent / "scripts" / "dies.py"
TERMINAL = {"finished", "failed", "killed", "crashed", "preempted"}
SEEN_S = 15.0
DEATH_S_MAX = 2.0

DEATHS = [
    ("finish", "finished", "finished", "proven"),
    ("finish 5", "failed", "exit_code", "proven"),
    ("falls off the end", "finished", "finished", "proven"),
    ("exit 0", "finished", "finished", "proven"),
    ("exit 3", "failed", "exit_code", "proven"),
    ("os._exit 7", "failed", "exit_code", "proven"),
    ("exception", "failed", "exception", "proven"),
    ("memory error", "failed", "exception", "proven"),
    ("exception in with", "failed", "exception", "proven"),
    ("exit 0 in with", "finished", "finished", "proven"),
    ("exception in a thread", "finished", "finished", "proven"),
    ("interrupt", "killed", "interrupted", "proven"),
    ("interrupt caught", "finished", "finished", "proven"),
    ("SIGTERM", "killed", "signal", "proven"),
    ("SIGHUP", "killed", "signal", "proven"),
    ("SIGXCPU", "killed", "signal", "proven"),
    ("SIGKILL", "killed", "signal", "proven"),
    ("handled SIGTERM, exit 143", "killed", "signal", "proven"),
    ("handled SIGTERM, exit 0", "finished", "finished", "proven"),
    ("segfault", "crashed", "signal", "proven"),
    ("abort", "crashed", "signal", "proven"),
    ("exec", "failed", "exit_code", "proven"),
    ("forked worker dies", "finished", "finished", "proven"),
    ("preempting, exit 1", "preempted", "exit_code", "proven"),
    ("internal process killed", "finished", "finished", "proven"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running(tmp_path_factory.mktemp("server")) as process:
        yield process


def ask(server: ServerProcess, method: str, path: str, **more: Any) -> Any:
    answer = httpx.request(
        method, f"{server.base_url}/api/v1{path}", timeout=20,
        headers={"Authorization": f"Bearer {server.api_key}"}, **more,
    )  # fmt: skip
    assert answer.status_code < 400, answer.text
    return answer.json()


def run_named(server: ServerProcess, name: str, project: str = "deaths") -> dict[str, Any]:
    """The run of this name, once it has ended."""
    until = time.monotonic() + SEEN_S
    while time.monotonic() < until:
        body = {"filters": {"name": name, "project": project}}
        found = ask(server, "POST", "/runs/query", json=body)["runs"]
        if found and found[0]["state"] in TERMINAL:
            return found[0]  # type: ignore[no-any-return]
        time.sleep(0.05)
    raise AssertionError(f"{name} has not ended: {found}")


def start(server: ServerProcess, directory: Path, *arguments: str, **more: Any) -> Any:
    environment = {**server.environment, "HEARTLINE_DIR": str(directory), **more}
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), *arguments], env=environment, cwd=directory,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "state", "cause", "confidence"), DEATHS, ids=[death[0] for death in DEATHS]
)
def test_an_end_is_told_as_it_was(
    server: ServerProcess, tmp_path: Path, kind: str, state: str, cause: str, confidence: str
) -> None:
    process = start(server, tmp_path, kind)
    output, _ = process.communicate(timeout=60)
    run = run_named(server, kind)
    told = (run["state"], run["cause"], run["confidence"])
    assert told == (state, cause, confidence), output.decode()
    rows = ask(server, "GET", f"/runs/{run['entity']}/deaths/{run['id']}/scan?limit=1000&keys=loss")
    expected = 60 if kind == "internal process killed" else 50
    assert [row["_step"] for row in rows["rows"]] == list(range(expected))
    console = ask(server, "GET", f"/runs/{run['entity']}/deaths/{run['id']}/console")
    assert any(kind in line[3] for line in console["lines"])


def evidence(server: ServerProcess, name: str) -> dict[str, Any]:
    run = run_named(server, name)
    ledger = ask(server, "GET", f"/runs/{run['entity']}/deaths/{run['id']}/ledger")
    return ledger[-1]["evidence"]  # type: ignore[no-any-return]


def test_the_evidence_is_kept(server: ServerProcess, tmp_path: Path) -> None:
    for kind in ("exception", "segfault", "exit 3"):
        start(server, tmp_path, kind).communicate(timeout=60)
    raised = evidence(server, "exception")
    assert raised["exception"] == "ValueError: the loss is a banana"
    assert "line" in raised["traceback"]
    assert raised["exit_code"] == 1
    broken = evidence(server, "segfault")
    assert broken["signal"] == "SIGSEGV"
    assert "Segmentation fault" in broken["native_stack"]
    assert evidence(server, "exit 3")["exit_code"] == 3


def test_a_death_is_shown_within_two_seconds(server: ServerProcess, tmp_path: Path) -> None:
    for n in range(3):
        process = start(server, tmp_path, "SIGKILL", "when told", HEARTLINE_RUN_ID=f"law17-{n}")
        path = f"/runs/{server.entity}/deaths/law17-{n}"
        until(lambda path=path: is_running(server, path))  # type: ignore[misc]
        process.kill()
        process.wait()
        died = time.time()
        until(lambda path=path: not is_running(server, path))  # type: ignore[misc]
        run = ask(server, "GET", path)["run"]
        assert (run["state"], run["confidence"]) == ("killed", "proven")
        assert run["since"] / 1000 - died < DEATH_S_MAX


def is_running(server: ServerProcess, path: str) -> bool:
    answer = httpx.get(
        f"{server.base_url}/api/v1{path}", headers={"Authorization": f"Bearer {server.api_key}"}
    )
    return answer.status_code == 200 and answer.json()["run"]["state"] == "running"


def test_a_forked_workers_points_are_kept(server: ServerProcess, tmp_path: Path) -> None:
    start(server, tmp_path, "forked worker dies").communicate(timeout=60)
    run = run_named(server, "forked worker dies")
    path = f"/runs/{run['entity']}/deaths/{run['id']}"
    rows = ask(server, "GET", f"{path}/scan?keys=worker&limit=100")["rows"]
    assert [row["worker"] for row in rows] == list(range(10))


@pytest.mark.skipif(os.getuid() != 0, reason="a memory limit needs root here")
def test_out_of_memory_is_told_with_its_counter(server: ServerProcess, tmp_path: Path) -> None:
    root = Path("/sys/fs/cgroup/memory")
    if not root.is_dir():
        pytest.skip("no memory cgroup of version 1 here")
    group = root / f"heartline-test-{os.getpid()}"
    group.mkdir()
    try:
        (group / "memory.limit_in_bytes").write_text(str(192 * 2**20))
        code = (
            "import os, pathlib\n"
            f"pathlib.Path({str(group)!r}, 'cgroup.procs').write_text(str(os.getpid()))\n"
            "import heartline\n"
            "run = heartline.init(project='deaths', name='oom')\n"
            "run.log({'loss': 1.0})\n"
            "hold = []\n"
            "while True: hold.append(bytearray(b'x' * 2**20))\n"
        )
        environment = {**server.environment, "HEARTLINE_DIR": str(tmp_path)}
        subprocess.run([sys.executable, "-c", code], env=environment, timeout=60, check=False)
        run = run_named(server, "oom")
        assert (run["state"], run["cause"]) == ("crashed", "out_of_memory")
        facts = evidence(server, "oom")
        assert facts["oom_kills_after"] > facts["oom_kills_before"]
        assert facts["memory_limit_bytes"] == 192 * 2**20
    finally:
        for _ in range(100):
            try:
                group.rmdir()
                break
            except OSError:
                time.sleep(0.05)


def python_for_all() -> str | None:
    """An interpreter of this version that any account may run: ours may live in a private home."""
    for path in (sys.executable, "/usr/bin/python3"):
        real = Path(path).resolve()
        wanted = f"{sys.version_info.major}.{sys.version_info.minor}"
        if real.exists() and all(os.stat(part).st_mode & 0o005 for part in real.parents):
            said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True)
            if said.stdout.split()[1].startswith(wanted):
                return path
    return None


def test_another_user_gets_the_same_truth(server: ServerProcess, tmp_path: Path) -> None:
    python = python_for_all()
    if os.getuid() != 0 or python is None:
        pytest.skip("only root can become another user, with a Python that all may run")
    import msgspec

    import heartline

    spools = Path(tempfile.mkdtemp(dir="/tmp"))
    os.chown(spools, 65534, 65534)
    # Copies, since the checkout may lie where only its owner may look.
    packages = Path(tempfile.mkdtemp(dir="/tmp"))
    packages.chmod(0o755)
    for module in (heartline, msgspec):
        shutil.copytree(
            Path(module.__file__).parent, packages / module.__name__,
            ignore=shutil.ignore_patterns("__pycache__", "static"),
        )  # fmt: skip
    environment = {
        **server.environment, "HEARTLINE_API_KEY": server.api_key, "HEARTLINE_DIR": str(spools),
        "HEARTLINE_ENTITY": server.entity, "XDG_CONFIG_HOME": str(spools), "HOME": str(spools),
        "PYTHONPATH": str(packages), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    code = (
        "import heartline, os\n"
        "run = heartline.init(project='deaths', name='another user')\n"
        "run.log({'loss': 1.0})\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [python, "-c", code], env=environment, cwd="/", timeout=60, check=False,
        user=65534, group=65534, extra_groups=[], capture_output=True,
    )  # fmt: skip
    assert done.returncode == -9, done.stderr.decode()
    run = run_named(server, "another user")
    assert (run["state"], run["confidence"]) == ("killed", "proven")
