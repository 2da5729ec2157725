"""The three families of endpoints: GraphQL, the filestream, and signed file links.

Status is chosen for what the client does with it: a GraphQL error is 200, an overload 503. Never
resolves a field; see `operations`.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Request, Response, post

from heartline.core.sweep.trials import SweepKey
from heartline.server import replicas
from heartline.server.auth import identify
from heartline.server.house import House
from heartline.server.native.ingest import body_of
from heartline.server.problems import ProblemError
from heartline.server.sessions import scheme_of
from heartline.server.sweep_file import understood
from heartline.server.sweeping import tools
from heartline.server.thinking import thoughtful
from heartline.server.wandb import files, filestream, launches
from heartline.server.wandb.context import Context, Unread, Unthought
from heartline.server.wandb.filestream import HEARTBEAT_MS, POST_BYTES_MAX
from heartline.server.wandb.operations import Operation, answered, document
from heartline.usecases.access import Principal
from heartline.usecases.next_trial import Proposal, Tools

Req = Request[Any, Any, Any]


@post("/graphql", status_code=200, request_max_body_size=None, include_in_schema=False)
async def graphql(request: Req) -> Response[bytes]:
    """Any operation of the schema, in one unit of work."""
    house: House = request.app.state.house
    said = msgspec.json.decode(await body_of(request, POST_BYTES_MAX), type=Operation)
    try:
        who = await identify(house, request.headers, request.cookies)
    except ProblemError:
        who = None
    made: list[Context] = []
    texts: dict[str, Any] = {}
    found = document(said.query, known=who is not None)

    async def attempt(proposal: Proposal | None, may_think: bool) -> tuple[Any, SweepKey | None]:
        def unit(tx: Any) -> Any:
            made.append(_context(request, house, tx, who, tools(house, proposal), may_think))
            made[-1].texts = texts
            answer = answered(said, found, made[-1])
            if found.writes and found.parsed is not None and answer.get("errors"):
                raise Undone(answer)
            return answer

        try:
            return await _read_first(house.db.write if found.writes else house.db.read, unit, texts)
        except Unthought as asked:
            return None, asked.sweep

    try:
        answer = await thoughtful(house, attempt)
    except Undone as undone:
        answer = undone.answer
    else:
        await _act(house, made[-1])
    return Response(msgspec.json.encode(answer), media_type="application/json")


async def _read_first(
    do: Callable[[Any], Awaitable[Any]], unit: Any, texts: dict[str, Any]
) -> tuple[Any, None]:
    """Do it; each text that it wants read is read beside the event loop, and all is done again."""
    while True:
        try:
            return await do(unit), None
        except Unread as asked:
            texts[asked.text] = await understood(asked.text)


def _context(
    request: Req, house: House, tx: Any, who: Principal | None, given: Tools, may_think: bool
) -> Context:
    agent = request.headers.get("user-agent", "wandb")[:80]
    return Context(
        tx, who, given.now, house.ids, house.secret, base(request), agent, HEARTBEAT_MS, given,
        may_think=may_think,
        writer=request.headers.get("x-wandb-client-id", "")[:128],
        launch=request.headers.get("x-heartline-launch", "")[:128],
    )  # fmt: skip


async def _act(house: House, done: Context) -> None:
    """What follows from an operation once it is committed."""
    if done.accounts_changed:
        await replicas.accounts_changed(house)
    for news in done.news:
        house.feed.signal(news)
        house.hearts.forget(news.run)
    for blob in done.dropped:
        await house.blobs.delete(blob)


class Undone(Exception):
    """A mutation had an error: nothing of it is kept, and the errors are the answer."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__("undone")
        self.answer = answer


def base(request: Req) -> str:
    """The address that the client knows us by."""
    return f"{scheme_of(request)}://{request.headers.get('host', request.url.netloc)}"


ROUTES = [graphql, *filestream.ROUTES, *files.ROUTES, *launches.ROUTES]
