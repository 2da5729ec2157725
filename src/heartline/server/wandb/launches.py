"""The launcher's word on scripts that log through this door. Never guesses; see `usecases.launches`."""

from typing import Any

from litestar import Request, post

from heartline.core.lifecycle import Evidence
from heartline.core.lifecycle.classify import Signs, classify
from heartline.core.records import RunRecord
from heartline.ports import Transaction
from heartline.server.house import House
from heartline.server.problems import ProblemError
from heartline.usecases import launches
from heartline.usecases.access import Principal
from heartline.wire.launch import LAUNCH_CHARS_MAX, LaunchEnd, LaunchEnded

SIGNAL_CHARS_MAX = 20
REASON_CHARS_MAX = 200
CODE_MAX = 2**31


@post("/api/v1/launches/{launch:str}/end", status_code=200)
async def end_launch(
    request: Request[Any, Any, Any], who: Principal, launch: str, data: LaunchEnd
) -> LaunchEnded:
    """Tell how a command ended: the runs that its processes log to have ended so."""
    house: House = request.app.state.house
    signs = _signs(data)
    if len(launch) > LAUNCH_CHARS_MAX or not signs.witnessed:
        raise ProblemError("unprocessable", "tell an exit code or a signal, of a launch we know")
    now, verdict = house.clock.now(), classify(signs)

    def unit(tx: Transaction) -> list[RunRecord]:
        return launches.ended(tx, who, launch, verdict, now)

    runs = await house.db.write(unit)
    for record in runs:
        house.dirty.add(record.key)
        house.hearts.forget(record.key)
        house.tell(record, "state")
    return LaunchEnded(runs=[str(record.path) for record in runs])


def _signs(said: LaunchEnd) -> Signs:
    code = said.exit_code
    return Signs(
        exit_code=None if code is None else max(-CODE_MAX, min(code, CODE_MAX - 1)),
        signal=None if said.signal is None else said.signal[:SIGNAL_CHARS_MAX],
        core_dumped=said.core_dumped,
        oom=said.oom,
        given_back=bool(said.given_back) and said.exit_code != 0,
        evidence=Evidence(
            source="launcher",
            notes=(said.given_back[:REASON_CHARS_MAX],) if said.given_back else (),
            memory_bytes=said.memory_bytes,
            memory_limit_bytes=said.memory_limit_bytes,
        ),
    )


ROUTES = [end_launch]
