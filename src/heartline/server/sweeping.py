"""What both doors do with sweeps: beats, with thinking outside of the database, and controls.

Never encodes an answer.
"""

from collections.abc import Iterable
from typing import Any

from heartline.core.records import RunRecord
from heartline.core.sweep.trials import Agent, Sweep, SweepKey
from heartline.server.house import House
from heartline.server.log import log
from heartline.server.thinking import thoughtful
from heartline.usecases.access import Principal
from heartline.usecases.control_sweep import Controlled, control_sweep, look_after
from heartline.usecases.hear_agent import Beat, Reply, hear, join
from heartline.usecases.next_trial import Proposal, Tools
from heartline.usecases.refusal import Refused
from heartline.usecases.tend_sweep import Tended

Path = tuple[str, str, str]


def tools(house: House, proposal: Proposal | None = None) -> Tools:
    """What handing out needs, as of now."""
    return Tools(house.search, house.ids, house.clock.now(), house.clock.healthy_since(), proposal)


async def joined(
    house: House, who: Principal, path: Path, host: str, kind: str, beat_ms: int
) -> tuple[Sweep, Agent] | Refused:
    """A new agent."""
    given = tools(house)
    made = await house.db.write(lambda tx: join(tx, who, path, host, kind, beat_ms, given))
    if not isinstance(made, Refused):
        house.tell_sweep(made[0], "agents", "status")
    return made


async def heard(
    house: House, who: Principal, path: Path, agent: str, said: Beat
) -> Reply | Refused:
    """A beat, kept before a trial is thought out for it: thinking must not make an agent silent."""

    async def attempt(
        proposal: Proposal | None, may_think: bool
    ) -> tuple[Reply | Refused, SweepKey | None]:
        reply = await _hear(house, who, path, agent, said, proposal)
        if isinstance(reply, Refused) or not reply.think or not may_think:
            return reply, None
        return reply, reply.sweep.key

    return await thoughtful(house, attempt)


async def _hear(
    house: House, who: Principal, path: Path, agent: str, said: Beat, proposal: Proposal | None
) -> Reply | Refused:
    given = tools(house, proposal)
    reply = await house.db.write(lambda tx: hear(tx, who, path, agent, said, given))
    if isinstance(reply, Refused):
        return reply
    _tell(house, reply.touched)
    handed = any(order.trial is not None for order in reply.orders)
    topics = {"status"} if reply.moved else set()
    topics |= {"trials"} if handed or reply.settled else set()
    topics |= {"agents"} if reply.changed or handed else set()
    if topics:
        house.tell_sweep(reply.sweep, *topics)
    return reply


async def controlled(
    house: House, who: Principal, path: Path, action: str, reason: str, door: str
) -> Controlled | Refused:
    """Pause, resume, stop or cancel."""
    now = house.clock.now()

    def unit(tx: Any) -> Controlled | Refused:
        return control_sweep(tx, who, path, action, reason, now, door)

    done = await house.db.write(unit)
    if not isinstance(done, Refused):
        _tell(house, done.touched)
        house.tell_sweep(done.sweep, "status")
    return done


async def look_after_sweeps(house: House) -> None:
    """Every sweep that has trials out: leases that ended, rules that stop, what a cancel began."""
    for key in await house.db.read(lambda tx: tx.sweeps.unsettled()):
        try:
            await _look_after(house, key)
        except Exception as error:  # noqa: BLE001 - one sweep must not keep the others waiting
            log.error("sweep", key=key, exc_info=error)


async def _look_after(house: House, key: SweepKey) -> None:
    now, healthy = house.clock.now(), house.clock.healthy_since()

    def unit(tx: Any) -> tuple[Sweep | None, tuple[Tended, list[RunRecord]] | None]:
        return tx.sweeps.get(key), look_after(tx, key, now, healthy)

    before, found = await house.db.write(unit)
    if before is None or found is None:
        return
    done, runs = found
    _tell(house, runs)
    if done.sweep != before or done.settled:
        house.tell_sweep(done.sweep, "status", "trials")


def _tell(house: House, runs: Iterable[RunRecord]) -> None:
    for record in runs:
        house.tell(record, "state")
