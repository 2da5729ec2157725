"""Operations that need a trial thought out first: outside of the database, then run again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from heartline.core.sweep.trials import SweepKey
from heartline.server.house import House
from heartline.usecases.next_trial import Proposal, problem

T = TypeVar("T")
THOUGHTS_MAX = 5


class Unthought(Exception):
    """The unit of work is undone: a trial of this sweep must be thought out for it."""

    def __init__(self, sweep: SweepKey) -> None:
        super().__init__("to be thought out")
        self.sweep = sweep


async def thoughtful(house: House, attempt: Callable[[Proposal | None, bool], Awaitable[T]]) -> T:
    """Attempt it; with a proposal where one is wanted, one thought at a time per sweep.

    Thinking again helps only when another server was quicker; who was never first goes without.
    """
    try:
        return await attempt(None, True)
    except Unthought as asked:
        key = asked.sweep
    async with house.thinking.setdefault(key, asyncio.Lock()):
        proposal = None
        for left in range(THOUGHTS_MAX, 0, -1):
            asked_of = await house.db.read(lambda tx: problem(tx, key))
            if asked_of is not None:
                proposal = await asyncio.to_thread(asked_of.solve, house.search)
            try:
                return await attempt(proposal, left > 1 and asked_of is not None)
            except Unthought:
                continue
    raise AssertionError("the last attempt may not ask for a thought")
