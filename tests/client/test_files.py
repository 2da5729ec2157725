"""Names that a server tells are not trusted: nothing is written outside of where one asked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from heartline.client import errors
from heartline.client.calls import Calls
from heartline.client.files import File
from heartline.wire.api import FileView

CONTENT = b"from elsewhere"


class Hostile(BaseHTTPRequestHandler):
    """Has whatever is asked for."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def hostile() -> Iterator[Calls]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield Calls(f"http://127.0.0.1:{server.server_port}", "hl-key")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def calls() -> Iterator[Calls]:
    with hostile() as found:
        yield found


def file(calls: Calls, path: str) -> File:
    view = FileView(path=path, size_bytes=len(CONTENT), mimetype="", updated_at=0, sha256="")
    return File(calls, "/api/v1/runs/me/p/r", view)


def everything(place: Path) -> set[str]:
    return {str(each.relative_to(place)) for each in place.rglob("*") if not each.is_dir()}


@pytest.mark.parametrize("path", [
    "../out", "a/../../out", "/abs/out", "//out", "", ".", "..", "a/..", "./", "link/out",
    "link/../out", "alias", "a\x00b", "a\x00/../../out", "n" * 300, "d/" * 3000 + "x", "there/x",
    "\udc80",
], ids=lambda path: ascii(path)[:24])  # fmt: skip
@pytest.mark.parametrize("replace", [False, True])
def test_a_name_that_leads_elsewhere_writes_nothing(
    tmp_path: Path, calls: Calls, path: str, replace: bool
) -> None:
    root, other = tmp_path / "root", tmp_path / "other"
    root.mkdir()
    other.mkdir()
    (tmp_path / "victim").write_text("mine")
    (root / "there").write_text("a file, no directory")
    (root / "link").symlink_to(other)
    (root / "alias").symlink_to(tmp_path / "victim")
    before = everything(tmp_path)
    path = path.replace("/abs", str(tmp_path))
    with pytest.raises((errors.InvalidRequest, errors.Conflict)):
        file(calls, path).download(root, replace=replace)
    assert everything(tmp_path) == before
    assert (tmp_path / "victim").read_text() == "mine"


@pytest.mark.parametrize("path", ["a", "deep/er/a", "n" * 250, ".hidden", "a b", "ä/ö", "a/./b"],
                         ids=lambda path: ascii(path)[:24])  # fmt: skip
def test_a_name_inside_is_saved_there_and_nothing_else_is_left(
    tmp_path: Path, calls: Calls, path: str
) -> None:
    saved = file(calls, path).download(tmp_path / "root")
    assert saved == (tmp_path / "root" / path)
    assert saved.read_bytes() == CONTENT
    assert len(everything(tmp_path)) == 1


def test_a_link_that_lies_in_wait_beside_the_target_is_not_followed(
    tmp_path: Path, calls: Calls
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    root = tmp_path / "root"
    root.mkdir()
    wanted = file(calls, "a")
    wanted.beside(root / "a").symlink_to(victim)
    with pytest.raises(FileExistsError):
        wanted.download(root)
    assert victim.read_text() == "mine"
