"""Hosts over HTTP: what runs on one, and how that stands. Never judges."""

from typing import Any

from litestar import get

from heartline.core.lifecycle import LIVE, Now
from heartline.server.encode import plain, run_view
from heartline.server.native.runs import Req, house_of
from heartline.server.problems import granted
from heartline.usecases.access import Principal
from heartline.usecases.find_host import Host, OnHost, find_host
from heartline.wire import hosts as wire

SAID = ("os", "python", "machine")


@get("/api/v1/hosts/{host:str}")
async def host(request: Req, who: Principal, host: str) -> wire.HostDetail:
    """One host: what runs there now, what ended there lately, what fell silent together."""
    house = house_of(request)
    now, shown = house.clock.now(), house.hearts.shown
    found = granted(await house.db.read(lambda tx: find_host(tx, who, host, now, shown)))
    return _encoded(found, now)


def _encoded(found: Host, now: Now) -> wire.HostDetail:
    live = [_run(each, now) for each in found.live]
    lately = [_run(each, now) for each in found.lately]
    heard = [each.heard_at for each in [*live, *lately] if each.heard_at is not None]
    return wire.HostDetail(
        host=found.name,
        state=found.state,
        heard_at=max(heard, default=None),
        live=live,
        lately=lately,
        ended=found.ended,
        not_looked_at=found.not_looked_at,
        silences=[
            wire.Silence(
                at=each.at, span_ms=each.span_ms, sentence=each.sentence,
                runs=[run.record.key for run in each.runs],
            )
            for each in found.silences
        ],
        machine=_machine([*found.live, *found.lately]),
    )  # fmt: skip


def _run(each: OnHost, now: Now) -> wire.HostRun:
    alive = [writer for writer in each.writers if writer.state in LIVE]
    silent = max((now.alive - writer.heard_at for writer in alive), default=None)
    return wire.HostRun(
        run=run_view(each.record, now),
        writers=len(each.writers),
        writers_live=len(alive),
        ranks=[writer.rank for writer in each.writers if writer.rank is not None],
        heard_at=each.heard_at,
        silent_ms=None if silent is None else max(0, silent),
        measured=each.measured,
    )


def _machine(runs: list[OnHost]) -> dict[str, Any]:
    """What the newest run that was measured here said of the machine."""
    told = (each.record for each in runs if each.measured and each.record.environment)
    newest = max(told, key=lambda record: record.created_at, default=None)
    said = {} if newest is None else newest.environment
    return {name: plain(said[name]) for name in SAID if name in said}


ROUTES = [host]
