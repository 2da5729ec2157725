"""Guessing is made slow, whoever guesses, and locks nobody out."""

from types import SimpleNamespace
from typing import Any

import httpx

from heartline.core.lifecycle import Instant
from heartline.server import guesses
from heartline.server.guesses import Guesses, address_of
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


def asked(host: str, forwarded: str = "") -> Any:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    return SimpleNamespace(client=SimpleNamespace(host=host), headers=headers)


def test_an_address_is_what_the_proxy_of_this_machine_says_and_nobody_else() -> None:
    assert address_of(asked(HERE, forwarded=THERE)) == HERE
    assert address_of(asked("127.0.0.1", forwarded=f"{HERE}, {THERE}")) == THERE
    assert address_of(asked("127.0.0.1")) == "127.0.0.1"
    assert address_of(asked("2001:db8::1")) == address_of(asked("2001:db8::ffff"))
    assert address_of(asked("no address")) == "no address"
