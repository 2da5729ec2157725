"""Settings of a run: given, from HEARTLINE_* variables, or the defaults. Never reads a file."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from heartline.wire.seconds import misfit

MODES = ("online", "offline", "disabled")
RESUMES = ("allow", "must", "never", "auto")
PREFIX = "HEARTLINE_"
_TRUE = frozenset({"1", "true", "yes", "on"})


class BadSetting(ValueError):
    """A setting has a value that it cannot have; the message names it and what it can be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything about a run that is not its content. Lengths are in seconds.

    `console`, `system_metrics`, `environment`, `git`, `packages` and `code` switch captures off.
    `finish_timeout` bounds the wait for the server at the end; `init_timeout` the wait of a resume
    for its answer.
    """

    base_url: str = ""
    api_key: str = ""
    mode: str = "online"
    silent: bool = False
    console: bool = True
    system_metrics: bool = True
    environment: bool = True
    git: bool = True
    packages: bool = True
    code: bool = True
    heartbeat: float = 5.0
    system_interval: float = 10.0
    init_timeout: float = 30.0
    finish_timeout: float = 60.0
    stop_raises: bool = True


_VARIABLES = {"base_url": "BASE_URL", "api_key": "API_KEY", "mode": "MODE", "silent": "SILENT"}


def resolve(given: "Settings | Mapping[str, Any] | None", mode: str | None) -> Settings:
    """The settings of one run; BadSetting names what is wrong."""
    names = {field.name: field.type for field in fields(Settings)}
    found: dict[str, Any] = {}
    for name in names:
        text = os.environ.get(PREFIX + _VARIABLES.get(name, name.upper()))
        if text is not None and text != "":
            found[name] = _parsed(name, text)
    if isinstance(given, Settings):
        plain = Settings()
        given = {
            name: getattr(given, name)
            for name in names
            if getattr(given, name) != getattr(plain, name)
        }
    if given is not None and not isinstance(given, Mapping):
        raise BadSetting(f"settings takes a dict or Settings, got {type(given).__name__}")
    for name, value in (given or {}).items():
        if name not in names:
            raise BadSetting(f"unknown setting `{name}`; known: {', '.join(sorted(names))}")
        found[name] = _typed(name, value)
    settings = replace(Settings(), **found)
    if mode is not None:
        settings = replace(settings, mode=mode)
    if settings.mode not in MODES:
        raise BadSetting(f"mode `{settings.mode}`: one of {', '.join(MODES)}")
    return settings


def _typed(name: str, value: Any) -> Any:
    """A value given in code: text is read as from a variable, the rest must be of its kind."""
    kind = type(getattr(Settings(), name))
    if isinstance(value, str) and kind is not str:
        return _parsed(name, value)
    if kind is float:
        return _seconds(name, value)
    if isinstance(value, kind):
        return value
    told = {str: "text", bool: "True or False"}[kind]
    raise BadSetting(f"setting `{name}`: {told}, got {type(value).__name__}")


def _parsed(name: str, text: str) -> Any:
    default = getattr(Settings(), name)
    if isinstance(default, bool):
        return text.strip().lower() in _TRUE
    if isinstance(default, float):
        try:
            number = float(text)
        except ValueError:
            raise BadSetting(f"setting `{name}`: a number of seconds, got `{text}`") from None
        return _seconds(name, number)
    return text


def _seconds(name: str, value: Any) -> float:
    if wrong := misfit(value):
        raise BadSetting(f"setting `{name}`: {wrong}")
    return float(value)


def variable(name: str) -> str | None:
    """HEARTLINE_<NAME>, None if unset or empty."""
    return os.environ.get(PREFIX + name) or None
