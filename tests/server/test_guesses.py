"""Guessing is made slow, whoever guesses, and locks nobody out."""

import asyncio
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from heartline.core.lifecycle import Instant
from heartline.core.records import User
from heartline.server import guesses
from heartline.server.guesses import Guesses, address_of
from heartline.server.native import accounts
from heartline.server.problems import ProblemError, respond
from heartline.wire.api import LoginBody
from tests.server.test_clockwork import house_in
from tests.server_process import ServerProcess

HERE, THERE = "192.0.2.1", "192.0.2.2"
NOW = Instant(1_000_000)


def test_guessing_a_password_is_made_slow(server: ServerProcess) -> None:
    with server.client() as admin:
        admin.post("/api/v1/users", json={"name": "guessed", "password": "password1"})

    def login(password: str, address: str) -> int:
        return httpx.post(
            f"{server.base_url}/api/v1/login", json={"user": "guessed", "password": password},
            headers={"X-Forwarded-For": address},
        ).status_code  # fmt: skip

    most = guesses.FROM_ONE_ADDRESS_FOR_ONE_USER_MAX
    statuses = [login(f"wrong {n}", HERE) for n in range(most)]
    assert set(statuses) == {401}
    assert login("password1", HERE) == 429
    assert login("password1", THERE) == 200


def test_a_user_who_is_not_there_is_guessed_as_slowly(server: ServerProcess) -> None:
    said = {"user": "nobody-of-this-name", "password": "wrong"}
    most = guesses.FROM_ONE_ADDRESS_FOR_ONE_USER_MAX
    found = [httpx.post(f"{server.base_url}/api/v1/login", json=said).status_code
             for _ in range(most + 1)]  # fmt: skip
    assert found == [401] * most + [429]


def test_many_strangers_lock_out_strangers_alone() -> None:
    heard = Guesses()
    heard.proved("ann", HERE)
    for n in range(guesses.FOR_ONE_USER_MAX):
        assert not heard.too_many("ann", f"198.51.100.{n}", NOW)
        heard.count("ann", f"198.51.100.{n}", NOW)
    assert heard.too_many("ann", THERE, NOW)
    assert not heard.too_many("ann", HERE, NOW)
    assert not heard.too_many("bob", THERE, NOW)
    later = Instant(NOW + guesses.PERIOD_MS)
    assert heard.too_many("ann", THERE, Instant(later - 1))
    assert not heard.too_many("ann", THERE, later)


def test_one_address_may_not_try_every_name() -> None:
    heard = Guesses()
    for n in range(guesses.FROM_ONE_ADDRESS_MAX):
        assert not heard.too_many(f"user{n}", HERE, NOW)
        heard.count(f"user{n}", HERE, NOW)
    assert heard.too_many("another", HERE, NOW)
    assert not heard.too_many("another", THERE, NOW)


def test_what_is_tracked_is_bounded_and_a_flood_of_names_frees_nobody() -> None:
    heard = Guesses()
    for _ in range(guesses.FROM_ONE_ADDRESS_MAX):
        heard.count("ann", HERE, NOW)
    for n in range(guesses.TRACKED_MAX):
        heard.count(f"user{n}", HERE, NOW)
    assert len(heard._at) <= guesses.TRACKED_MAX
    assert heard.too_many("ann", HERE, NOW)


def test_guesses_at_once_are_no_more_than_one_by_one(tmp_path: Path) -> None:
    house = house_in(tmp_path)
    most = guesses.FROM_ONE_ADDRESS_FOR_ONE_USER_MAX

    async def login(password: str, address: str) -> str:
        try:
            return await accounts._proven(house, LoginBody(user="ann", password=password), address)
        except ProblemError as refused:
            return refused.code

    async def story() -> None:
        hashed = await accounts._hashed("password1")

        def unit(tx: Any) -> None:
            tx.accounts.put_user(User("ann", created_at=0))
            tx.accounts.set_password("ann", hashed)

        await house.db.write(unit)
        # What was right is no guess.
        assert await login("password1", HERE) == "ann"
        found = await asyncio.gather(*(login(f"wrong {n}", HERE) for n in range(3 * most)))
        assert Counter(found) == {"unauthorized": most, "too_many": 2 * most}
        assert await login("password1", HERE) == "too_many"
        assert await login("password1", THERE) == "ann"

    asyncio.run(story())


def test_few_passwords_are_looked_at_at_once_and_not_many_wait() -> None:
    heard = Guesses()

    async def take(done: asyncio.Event) -> None:
        async with heard.turn():
            await done.wait()

    async def story() -> None:
        done = asyncio.Event()
        most = guesses.CHECKS_AT_ONCE_MAX + guesses.CHECKS_WAITING_MAX
        async with asyncio.TaskGroup() as taken:
            for _ in range(most):
                taken.create_task(take(done))
            await asyncio.sleep(0)
            with pytest.raises(ProblemError, match="in a moment"):
                await take(done)
            done.set()
        await take(done)

    asyncio.run(story())
    assert respond("too_many", guesses.CROWDED).headers["Retry-After"]


def asked(host: str, forwarded: str = "") -> Any:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    return SimpleNamespace(client=SimpleNamespace(host=host), headers=headers)


def test_an_address_is_what_the_proxy_of_this_machine_says_and_nobody_else() -> None:
    assert address_of(asked(HERE, forwarded=THERE)) == HERE
    assert address_of(asked("127.0.0.1", forwarded=f"{HERE}, {THERE}")) == THERE
    assert address_of(asked("127.0.0.1")) == "127.0.0.1"
    assert address_of(asked("2001:db8::1")) == address_of(asked("2001:db8::ffff"))
    assert address_of(asked("no address")) == "no address"
