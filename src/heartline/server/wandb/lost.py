"""What the client gives us and we have no place for: kept in mind with its run, and said of it.

Their client says so in a log that nobody reads, and ends well. Never keeps an artifact.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from heartline.core.lifecycle.evidence import LOST_NAMED_MAX
from heartline.core.records import ARTIFACTS_REFUSED, TABLES_REFUSED, RunPath
from heartline.server.wandb.context import Context
from heartline.usecases.access import changed
from heartline.usecases.refusal import Refused

NAME_CHARS_MAX, DIGEST_CHARS = 128, 8
TABLE = "run_table"
"""The type of what each logged table, and each ready-made plot, is given to us as besides its file."""


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
    what = TABLES_REFUSED if _text(said, "artifactTypeName") == TABLE else ARTIFACTS_REFUSED
    known, name = record.refused(what), _name(said)
    if name in known or len(known) >= LOST_NAMED_MAX:
        return
    told = {**record.environment, what: [*known, name]}
    ctx.tell(ctx.tx.runs.save(replace(record, environment=told)), "state")


def _name(said: Mapping[str, Any]) -> str:
    """As people know it, and which of its versions; a table is logged again and again."""
    kind, name = _text(said, "artifactTypeName"), _text(said, "artifactCollectionName")
    if kind == TABLE:
        return name
    return f"{kind} {name} ({_text(said, 'digest')[:DIGEST_CHARS]})".strip()


def _text(said: Mapping[str, Any], key: str) -> str:
    found = said.get(key)
    return found[:NAME_CHARS_MAX] if isinstance(found, str) else ""
