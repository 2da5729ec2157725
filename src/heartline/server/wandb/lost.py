"""What the client gives us and we have no place for: kept in mind with its run, and said of it.

Their client says so in a log that nobody reads, and ends well. Never keeps an artifact.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from heartline.core.records import ARTIFACTS_NAMED_MAX, ARTIFACTS_REFUSED, RunPath
from heartline.server.wandb.context import Context
from heartline.usecases.access import changed
from heartline.usecases.refusal import Refused

NAME_CHARS_MAX, DIGEST_CHARS = 128, 8


def artifact(ctx: Context, variables: Mapping[str, Any]) -> None:
    """One that is refused. The same again, as in a log that is sent twice, is the same one."""
    said = variables.get("input", variables)
    if ctx.who is None or not isinstance(said, dict):
        return
    owner, project, run = (_text(said, key) for key in ("entityName", "projectName", "runName"))
    path = RunPath(owner or ctx.who.default_entity, project, run)
    record = changed(ctx.tx, ctx.who, path)
    if isinstance(record, Refused):
        return
    known, name = list(record.artifacts_refused), _name(said)
    if name in known or len(known) >= ARTIFACTS_NAMED_MAX:
        return
    told = {**record.environment, ARTIFACTS_REFUSED: [*known, name]}
    ctx.tell(ctx.tx.runs.save(replace(record, environment=told)), "state")


def _name(said: Mapping[str, Any]) -> str:
    """As people know it, and which of its versions."""
    kind, name = _text(said, "artifactTypeName"), _text(said, "artifactCollectionName")
    return f"{kind} {name} ({_text(said, 'digest')[:DIGEST_CHARS]})".strip()


def _text(said: Mapping[str, Any], key: str) -> str:
    found = said.get(key)
    return found[:NAME_CHARS_MAX] if isinstance(found, str) else ""
