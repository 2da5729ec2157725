"""The schema, and the answer to one operation of it: parsed once, limited, errors named.

Unknown fields are answered by name, counted and logged; families that are not built yet say so.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from ariadne import load_schema_from_path, make_executable_schema
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    VariablesInAllowedPositionRule,
    execute_sync,
    parse,
    specified_rules,
    validate,
)

from heartline.core.filters import FilterError
from heartline.server import metrics
from heartline.server.log import log
from heartline.server.wandb import lost, writes
from heartline.server.wandb.context import STRANGER, Context
from heartline.server.wandb.families import absent_family, is_artifact
from heartline.server.wandb.resolve import (
    accounts,
    agents,
    files,
    history,
    info,
    people,
    projects,
    reports,
    runs,
    steering,
    sweeps,
)
from heartline.server.wandb.swift import Swift

TOPICS = (
    info, accounts, people, projects, runs, history, files, reports, sweeps, steering, agents,
)  # fmt: skip
QUERY_CHARS_MAX = 50_000
STRANGERS_CHARS_MAX = 4_000
TOKENS_MAX = 5_000
DEPTH_MAX = 16
FIELDS_MAX = 500
ALIASES_MAX = 100
ROOTS_MAX = 20
DOCUMENTS_MAX = 512
# Their texts name the types of variables as their server of the day did, and these differ by
# version: a text where we say JSONString or ID is good.
RULES = [rule for rule in specified_rules if rule is not VariablesInAllowedPositionRule]
BUGS = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, AssertionError)
OURS = "an error of this server; its log has the details"


class Operation(msgspec.Struct):
    """What a GraphQL post holds."""

    query: str
    variables: dict[str, Any] | None = None
    operationName: str | None = None  # noqa: N815 - their word


@lru_cache
def schema() -> GraphQLSchema:
    """Built once, when the first client asks."""
    text = load_schema_from_path(str(Path(__file__).parent / "schema"))
    types = [each for topic in TOPICS for each in topic.TYPES]
    return make_executable_schema(text, *types, writes.mutation)


class Document(msgspec.Struct, frozen=True):
    """A text, parsed and checked: what to run, or why not; `loses` an artifact by that."""

    parsed: DocumentNode | None
    writes: bool
    errors: tuple[str, ...]
    loses: bool = False


def document(query: str, *, known: bool) -> Document:
    """Clients send the same few texts again and again: each is parsed and checked once.

    A stranger may say little, of which nothing is kept.
    """
    if not known and len(query) > STRANGERS_CHARS_MAX:
        return Document(None, False, (STRANGER,))
    if len(query) > QUERY_CHARS_MAX:
        return Document(None, False, (f"the query has more than {QUERY_CHARS_MAX} characters",))
    return _kept(query) if known else _read(query)


@lru_cache(DOCUMENTS_MAX)
def _kept(query: str) -> Document:
    return _read(query)


def _read(query: str) -> Document:
    try:
        parsed = parse(query, max_tokens=TOKENS_MAX)
    except (GraphQLError, RecursionError) as error:
        return Document(None, False, (str(getattr(error, "message", "nested too deep")),))
    writing = any(each.operation.value == "mutation" for each in _operations(parsed))
    if problem := _too_large(parsed):
        return Document(None, writing, (problem,))
    if errors := validate(schema(), parsed, RULES):
        said = [error.message for error in errors]
        return Document(None, writing, _told(said), any(map(is_artifact, said)))
    return Document(parsed, writing, ())


def _told(errors: list[str]) -> tuple[str, ...]:
    """A field of a family that is not here yet explains all the others; else each by name."""
    families = dict.fromkeys(filter(None, map(absent_family, errors)))
    return tuple(families or dict.fromkeys(errors))


def _operations(parsed: DocumentNode) -> Iterator[OperationDefinitionNode]:
    for each in parsed.definitions:
        if isinstance(each, OperationDefinitionNode):
            yield each


class _Size:
    """Counts what a document asks for, each spread of a fragment anew, and stops at a limit.

    A spread counts itself, too: fragments that only spread others double with every one.
    """

    def __init__(self, parsed: DocumentNode) -> None:
        self.fields = self.aliases = self.deepest = 0
        self._fragments = {
            each.name.value: each.selection_set
            for each in parsed.definitions
            if isinstance(each, FragmentDefinitionNode)
        }

    def count(self, said: SelectionSetNode | None, depth: int, within: frozenset[str]) -> None:
        """Add a selection; a fragment inside itself is left to the validation."""
        self.deepest = max(self.deepest, depth)
        if said is None or self.fields > FIELDS_MAX or depth > DEPTH_MAX:
            return
        for each in said.selections:
            self.fields += 1
            if isinstance(each, FieldNode):
                self.aliases += each.alias is not None
                self.count(each.selection_set, depth + 1, within)
            elif isinstance(each, FragmentSpreadNode):
                name = each.name.value
                if name not in within:
                    self.count(self._fragments.get(name), depth, within | {name})
            else:
                self.count(getattr(each, "selection_set", None), depth, within)


def _too_large(parsed: DocumentNode) -> str | None:
    size = _Size(parsed)
    for said in parsed.definitions:
        # A fragment that nothing spreads is checked all the same, and that takes as long.
        if not isinstance(said, (OperationDefinitionNode, FragmentDefinitionNode)):
            continue
        size.count(said.selection_set, 0, frozenset())
        if size.deepest > DEPTH_MAX:
            return f"the query is nested deeper than {DEPTH_MAX} levels"
        if size.fields > FIELDS_MAX:
            return f"the query asks for more than {FIELDS_MAX} fields"
        if size.aliases > ALIASES_MAX:
            return f"the query has more than {ALIASES_MAX} aliases"
        if len(said.selection_set.selections) > ROOTS_MAX:
            return f"the query asks for more than {ROOTS_MAX} things at once"
    return None


def answered(said: Operation, found: Document, ctx: Context) -> dict[str, Any]:
    """Data and errors; what nobody knows is named, counted and logged."""
    if found.parsed is None:
        if found.loses:
            lost.artifact(ctx, said.variables or {})
        return _refused(said, found.errors)
    done = execute_sync(
        schema(), found.parsed, context_value=ctx, variable_values=said.variables,
        operation_name=said.operationName or None, executor_class=Swift,
    )  # fmt: skip
    assert isinstance(done, ExecutionResult), "no resolver is asynchronous"
    return _formatted(said, done)


def _refused(said: Operation, errors: tuple[str, ...]) -> dict[str, Any]:
    for error in errors:
        _count(said, error)
    return {"data": None, "errors": [{"message": error} for error in errors]}


def _formatted(said: Operation, done: ExecutionResult) -> dict[str, Any]:
    if not done.errors:
        return {"data": done.data}
    return {"data": done.data, "errors": [_said(said, error) for error in done.errors]}


def _said(said: Operation, error: GraphQLError) -> dict[str, Any]:
    """One error for the client. What the world did to us goes on up, to be tried again.

    A bug of ours is an answer with status 200: their client would repeat a 500 for minutes.
    """
    cause = error.original_error
    if isinstance(cause, FilterError):
        return {"message": f"filters: {cause}", "path": error.path}
    if isinstance(cause, BUGS):
        log.error("graphql bug", operation=(said.operationName or "")[:80], exc_info=cause)
        return {"message": OURS, "path": error.path}
    if cause is not None and not isinstance(cause, GraphQLError):
        raise cause
    _count(said, error.message)
    return dict(error.formatted)


def _count(said: Operation, error: str) -> None:
    metrics.requests.labels("graphql_error").inc()
    log.info("graphql", operation=(said.operationName or "")[:80], error=error[:300])
