"""Files of a run: list and download. Never writes outside the directory given."""

import os
from pathlib import Path

from heartline.client import errors
from heartline.client.calls import Calls
from heartline.client.transport import Unreachable as NoAnswer
from heartline.client.transport import quoted
from heartline.wire.api import FileView


class File:
    """One file of a run, not yet here."""

    def __init__(self, calls: Calls, address: str, view: FileView) -> None:
        self._calls, self._address, self._view = calls, address, view
        self.path = view.path
        self.size_bytes = view.size_bytes
        self.mimetype = view.mimetype
        self.updated_at = view.updated_at
        self.sha256 = view.sha256

    def __repr__(self) -> str:
        return f"<File {self.path} {self.size_bytes} bytes>"

    def download(self, root: str | os.PathLike[str] = ".", *, replace: bool = False) -> Path:
        """Save under `root` by its path in the run; whole or not at all. Returns where."""
        target = self.target(root)
        if target.exists() and not replace:
            raise errors.Conflict(f"{target} exists; say replace=True to overwrite it")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise errors.Conflict(f"`{self.path}`: {target.parent} is no directory") from None
        beside = self.beside(target)
        # Never through a link that somebody put there.
        out = beside.open("xb")
        try:
            with out:
                size = self._fetch(out.write)
            if size != self.size_bytes and self.size_bytes:
                raise errors.ServerFault(
                    f"{self.path}: {size} of {self.size_bytes} bytes came; try again"
                )
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
        return target

    def beside(self, target: Path) -> Path:
        """Where it is until it is whole: a name of its own, for `target`'s may be as long as any."""
        return target.with_name(f".{os.getpid()}-{id(self):x}.part")

    def target(self, root: str | os.PathLike[str]) -> Path:
        """Below `root`, whatever the server calls it and whichever links are there."""
        try:
            self.path.encode()
            base = Path(root).resolve()
            target = (base / self.path).resolve()
            is_place = target.is_dir()
        except (OSError, ValueError, RuntimeError):
            raise errors.InvalidRequest(f"{self.path!r} is no name for a file here") from None
        if is_place or not target.is_relative_to(base) or target == base:
            told = "is a directory here" if is_place else f"would be saved outside of {base}"
            raise errors.InvalidRequest(f"`{self.path}` {told}")
        return target

    def read(self) -> bytes:
        """The content, for small files."""
        parts: list[bytes] = []
        self._fetch(parts.append)
        return b"".join(parts)

    def _fetch(self, take: object) -> int:
        """Stream the content to `take`; how many bytes came."""
        assert callable(take)
        size = 0

        def counted(chunk: bytes) -> None:
            nonlocal size
            size += len(chunk)
            take(chunk)

        path = f"{self._address}/files/{quoted(*self.path.split('/'))}"
        try:
            answer = self._calls.connection(self._calls.timeout_s).stream(path, counted)
        except NoAnswer as error:
            raise errors.Unreachable(f"the download of {self.path} broke off: {error}") from None
        if answer.status >= 400:
            raise errors.of_status(answer.status, f"no file `{self.path}` in this run")
        return size
