"""What needs a person, over HTTP: look, mark as seen, snooze, wake, assign. Never decides."""

import shutil
from typing import Any

from litestar import get, post

from heartline.core.lifecycle.time import AMNESTY_MS, LEASE_MS_MIN
from heartline.core.records import RunKey
from heartline.server.encode import run_view
from heartline.server.house import House
from heartline.server.native.runs import Req, house_of
from heartline.server.problems import granted
from heartline.usecases import cares
from heartline.usecases.access import Principal
from heartline.usecases.attention import Needs, attention, snoozable
from heartline.usecases.cares import KEYS_MAX
from heartline.usecases.refusal import Refused
from heartline.usecases.troubles import DISK_PERCENT
from heartline.wire import attention as wire

ATTENTION = "/api/v1/attention"


@get(ATTENTION)
async def look(request: Req, who: Principal) -> wire.Attention:
    """What needs a person: decide now, what ended badly lately by cause, what is snoozed."""
    house = house_of(request)
    now, shown = house.clock.now(), house.hearts.shown
    found = await house.db.read(lambda tx: attention(tx, who, now, shown))
    return _encoded(found, house)


def _encoded(found: Needs, house: House) -> wire.Attention:
    now = house.clock.now()
    return wire.Attention(
        decide=[
            wire.AttentionItem(run=run_view(r, now), kind=t.kind, why=t.why, since=t.since)
            for r, t in found.decide
        ],
        ended=[
            wire.AttentionGroup(
                cause=each.cause, state=each.state, shared=each.shared,
                runs=[run_view(record, now) for record in each.runs],
            )
            for each in found.ended
        ],
        hosts=[wire.HostView(*each) for each in found.hosts],
        snoozed=[
            wire.SnoozedItem(
                run=run_view(r, now), kind=t.kind, why=t.why, since=t.since, until=off.until
            )
            for r, t, off in found.snoozed
        ],
        assigned={
            str(key): wire.AssignedView(each.user, each.by, each.at)
            for key, each in found.assigned.items()
        },
        notices=_notices(house),
        well=found.well,
        not_looked_at=found.not_looked_at,
        reaper=_reaper(house),
    )  # fmt: skip


def _reaper(house: House) -> wire.ReaperView:
    now, healthy = house.clock.now(), house.clock.healthy_since()
    passed = now.alive - healthy
    return wire.ReaperView(
        judges=passed >= LEASE_MS_MIN + AMNESTY_MS,
        since=now.wall - passed,
        down_ms=house.down_ms,
    )


def _notices(house: House) -> list[wire.Notice]:
    """A disk of the server's own that is nearly full: soon nothing can be kept."""
    disk = shutil.disk_usage(house.data_dir)
    used = 100 * (1 - disk.free / max(disk.total, 1))
    if used < DISK_PERCENT:
        return []
    told = f"the server's own disk is {used:.0f} % full: {disk.free / 2**30:.1f} GiB are left"
    return [wire.Notice(kind="disk", why=told)]


def _keys(keys: list[int]) -> list[RunKey]:
    if len(keys) > KEYS_MAX:
        granted(Refused("unprocessable", f"keys: at most {KEYS_MAX} runs at once"))
    return [RunKey(key) for key in keys]


@post(ATTENTION + "/seen", status_code=200)
async def seen(request: Req, who: Principal, data: wire.SeenBody) -> dict[str, int]:
    """Take runs that ended badly off the caller's own list."""
    keys = _keys(data.keys)
    return {"seen": await house_of(request).db.write(lambda tx: cares.see(tx, who, keys))}


@post(ATTENTION + "/snooze", status_code=200)
async def snooze(request: Req, who: Principal, data: wire.SnoozeBody) -> dict[str, int]:
    """Snooze runs for a while; they wake sooner if their state or cause changes."""
    house, keys = house_of(request), _keys(data.keys)
    now, shown = house.clock.now(), house.hearts.shown
    what = await house.db.read(lambda tx: snoozable(tx, who, keys, now, shown))
    done = await house.db.write(lambda tx: cares.snooze(tx, who, what, data.for_ms, now))
    return {"snoozed": granted(done)}


@post(ATTENTION + "/wake", status_code=200)
async def wake(request: Req, who: Principal, data: wire.SeenBody) -> dict[str, int]:
    """Bring runs back that were snoozed."""
    keys = _keys(data.keys)
    return {"woken": await house_of(request).db.write(lambda tx: cares.wake(tx, who, keys))}


@post(ATTENTION + "/assign", status_code=200)
async def assign(request: Req, who: Principal, data: wire.AssignBody) -> dict[str, int]:
    """Say who looks after runs; all who may see them are told."""
    house, keys = house_of(request), _keys(data.keys)
    now = house.clock.now()
    done = granted(await house.db.write(lambda tx: cares.assign(tx, who, keys, data.user, now)))
    for record in done:
        house.tell(record, "state")
    return {"assigned": len(done)}


@get(ATTENTION + "/assignees")
async def assignees(request: Req, who: Principal, entity: str) -> list[str]:
    """The people who may see what an entity has: runs can be assigned to them."""

    def unit(tx: Any) -> list[str] | Refused:
        if not who.may_see(entity):
            return Refused("not_found", f"no entity {entity}, or it is not yours to see")
        return cares.assignees(tx, entity)

    return granted(await house_of(request).db.read(unit))


ROUTES = [look, seen, snooze, wake, assign, assignees]
