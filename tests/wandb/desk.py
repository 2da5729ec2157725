"""Operations answered here, in one unit of work each over the reference database."""

from typing import Any

from heartline.adapters.search import Seeker
from heartline.core.records import User
from heartline.server.wandb.context import Context
from heartline.server.wandb.operations import Operation, answered, document
from heartline.usecases.access import Principal
from heartline.usecases.next_trial import Tools
from tests.usecases.conftest import World

ADA = Principal(User("ada"), {"ada": "admin"})


def context(world: World, tx: Any) -> Context:
    tools = Tools(Seeker(), world.ids, world.now)
    return Context(tx, ADA, world.now, world.ids, b"", "", "test", 5_000, tools)


def data(world: World, query: str, **variables: Any) -> Any:
    """What ada is answered."""
    return world.do(lambda tx: told(world, tx, query, **variables))


def told(world: World, tx: Any, query: str, **variables: Any) -> Any:
    """The same in a unit of work at hand."""
    said = Operation(query, variables)
    answer = answered(said, document(query, known=True), context(world, tx))
    assert "errors" not in answer, answer
    return answer["data"]
