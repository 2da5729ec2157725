"""Work that needs a trial thought out first: outside of the database, then done again.

Never thinks about one sweep twice at a time.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from heartline.core.sweep.trials import SweepKey
from heartline.server.house import House
from heartline.usecases.next_trial import Proposal, problem

T = TypeVar("T")
THOUGHTS_MAX = 5

Attempt = Callable[[Proposal | None, bool], Awaitable[tuple[T, SweepKey | None]]]
"""Does it with a proposal, and says of which sweep a trial must be thought out first, if so.

When told False it may not ask for a thought: what it answers then is the answer.
"""


async def thoughtful(house: House, attempt: Attempt[T]) -> T:
    """Attempt it; with a proposal where one is wanted, one thought at a time per sweep.

    Thinking again helps only when another server was quicker; who was never first goes without.
    """
    answer, key = await attempt(None, True)
    if key is None:
        return answer
    async with house.thinking.setdefault(key, asyncio.Lock()):
        for left in range(THOUGHTS_MAX, 0, -1):
            asked = await house.db.read(lambda tx: problem(tx, key))
            proposal = None
            if asked is not None:
                proposal = await asyncio.to_thread(asked.solve, house.search)
            answer, again = await attempt(proposal, left > 1 and asked is not None)
            if again is None:
                break
    return answer
