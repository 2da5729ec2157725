"""Heartline: experiment tracking whose run states are true and explained.

    import heartline

    run = heartline.init(project="digits", config={"lr": 0.01})
    run.log({"loss": 0.3})
    run.finish()

Importing this package is cheap: everything is loaded when it is first used.
"""

from typing import TYPE_CHECKING, Any

from heartline.wire.version import VERSION

__version__ = VERSION

if TYPE_CHECKING:
    from heartline.agent.inside import agent
    from heartline.client.api import Api, sweep
    from heartline.sdk.init import InitError, init
    from heartline.sdk.media import Audio, Histogram, Html, Image, Plotly, Table, Video
    from heartline.sdk.run import Run
    from heartline.sdk.settings import BadSetting, Settings

__all__ = [
    "Api",
    "Audio",
    "BadSetting",
    "Histogram",
    "Html",
    "Image",
    "InitError",
    "NoActiveRun",
    "Plotly",
    "Run",
    "Settings",
    "Table",
    "Video",
    "agent",
    "alert",
    "config",
    "define_metric",
    "finish",
    "init",
    "log",
    "run",
    "save",
    "summary",
    "sweep",
]

_HOMES = {
    "init": "heartline.sdk.init",
    "InitError": "heartline.sdk.init",
    "Run": "heartline.sdk.run",
    "Settings": "heartline.sdk.settings",
    "BadSetting": "heartline.sdk.settings",
    "Api": "heartline.client.api",
    "sweep": "heartline.client.api",
    **dict.fromkeys(
        ("Audio", "Histogram", "Html", "Image", "Plotly", "Table", "Video"), "heartline.sdk.media"
    ),
}


class NoActiveRun(RuntimeError):
    """No run is active in this process: call `heartline.init()` first."""


def _current() -> "Run":
    from heartline.sdk.init import current

    found = current()
    if found is None:
        raise NoActiveRun("no run is active in this process: call heartline.init() first")
    return found


def log(data: dict[str, Any], step: int | None = None, commit: bool | None = None) -> None:
    """`log` of the active run."""
    _current().log(data, step, commit)


def finish(exit_code: int | None = None, reason: str | None = None) -> None:
    """End the active run, if there is one."""
    from heartline.sdk.init import current

    found = current()
    if found is not None:
        found.finish(exit_code, reason)


def define_metric(name: str, **how: Any) -> None:
    """`define_metric` of the active run."""
    _current().define_metric(name, **how)


def save(path: str, name: str | None = None) -> None:
    """`save` of the active run."""
    _current().save(path, name)


def alert(title: str, text: str = "", level: str = "INFO", wait_duration: float = 0.0) -> None:
    """`alert` of the active run."""
    _current().alert(title, text, level, wait_duration)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(_HOMES[name]), name)
    if name == "agent":
        import importlib

        # The package itself can be called: it takes this name once any of it is imported.
        return importlib.import_module("heartline.agent")
    if name == "run":
        from heartline.sdk.init import current

        return current()
    if name in {"config", "summary"}:
        return getattr(_current(), name)
    raise AttributeError(f"module 'heartline' has no attribute {name!r}")
