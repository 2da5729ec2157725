"""Who may do what: every role on every kind of call, and every way to prove who one is."""

import base64
from collections.abc import Iterator

import httpx
import msgspec
import pytest

import heartline
from heartline.wire.ingest import BatchReply
from tests.server.people import ROLES, TEAM
from tests.server.writer import Speaker
from tests.server_process import ServerProcess


@pytest.fixture(scope="module")
def team_run(server: ServerProcess, keys: dict[str, str]) -> Iterator[Speaker]:
    with server.client(keys["member"]) as member:
        speaker = Speaker(member, project="shared").opened(entity=TEAM)
        speaker.log(5)
        yield speaker


def as_(server: ServerProcess, keys: dict[str, str], role: str) -> httpx.Client:
    return server.client(keys[role])


READS = ["", "/ledger", "/attempts", "/keys", "/history", "/scan", "/console", "/files"]


@pytest.mark.parametrize("part", READS)
@pytest.mark.parametrize("role", ROLES)
def test_a_team_sees_its_runs_and_strangers_do_not(
    server: ServerProcess, keys: dict[str, str], team_run: Speaker, role: str, part: str
) -> None:
    with as_(server, keys, role) as client:
        status = client.get(team_run.path + part).status_code
    assert status == (404 if role == "stranger" else 200)


def test_me_is_the_callers_own_default_entity_in_every_path(
    server: ServerProcess, keys: dict[str, str], team_run: Speaker
) -> None:
    mine = team_run.path.replace(f"/{TEAM}/", "/me/")
    with as_(server, keys, "member") as member:
        user = member.get("/api/v1/viewer").json()
        assert member.get(mine).status_code == 404, "theirs is another entity so far"
        assert Speaker(member, project="own").opened(entity="me").reply.entity == user["name"]
        place = f"/api/v1/users/{user['name']}"
        assert member.patch(place, json={"default_entity": TEAM}).status_code == 200
        try:
            assert member.get(mine).json()["run"]["entity"] == TEAM
            assert member.get("/api/v1/projects/me/shared").json()["entity"] == TEAM
            asked = {"entity": "me", "project": "shared"}
            assert member.post("/api/v1/runs/query", json=asked).json()["total"] >= 1
            api = heartline.Api(server.base_url, keys["member"])
            assert team_run.id in [run.id for run in api.runs("me/shared")]
            assert api.find(f"me/shared/{team_run.id}").entity == TEAM
        finally:
            member.patch(place, json={"default_entity": user["name"]})
    assert httpx.get(server.base_url + mine).status_code == 401
    with server.client() as admin:
        assert admin.post("/api/v1/users", json={"name": "me"}).status_code == 422


WRITES = [
    ("PATCH", "", {"notes": "mine"}),
    ("POST", "/stop", {"reason": "why not"}),
    ("POST", "/stacks", None),
    ("POST", "/state", {"state": "failed", "reason": "why not"}),
    ("PUT", "/files/a.txt", None),
    ("DELETE", "/files/a.txt", None),
    ("DELETE", "", None),
]


@pytest.mark.parametrize(("method", "part", "body"), WRITES, ids=lambda said: str(said))
@pytest.mark.parametrize("role", ["viewer", "stranger"])
def test_viewers_and_strangers_change_nothing(
    server: ServerProcess,
    keys: dict[str, str],
    team_run: Speaker,
    role: str,
    method: str,
    part: str,
    body: dict[str, str] | None,
) -> None:
    with as_(server, keys, role) as client:
        answer = client.request(method, team_run.path + part, json=body)
        assert answer.status_code == (404 if role == "stranger" else 403)
        # Who may look is told who could let them; who may not see learns no names.
        assert ("the-admin" in answer.text) is (role == "viewer")
        forged = Speaker(client, id=team_run.id, launch=team_run.launch, reply=team_run.reply)
        assert forged.post(forged.batch(count=1)).status_code == 403
        opened = Speaker(client, project="shared").open(entity=TEAM).status_code
        assert opened in {403, 404}
    assert team_run.view()["notes"] == ""


@pytest.mark.parametrize("role", ["viewer", "stranger"])
def test_a_launch_that_a_run_never_knew_hears_nothing_of_it(
    server: ServerProcess, keys: dict[str, str], team_run: Speaker, role: str
) -> None:
    """After a restore the number of a run may be another's: its writer must find its own again."""
    assert team_run.reply is not None
    with as_(server, keys, role) as client:
        lost = Speaker(client, launch="forgotten", reply=team_run.reply)
        answers = [lost.post(lost.batch(count=1))]
        nobodys = msgspec.structs.replace(lost.batch(count=1), run=1_000_000_007)
        answers.append(lost.post(nobodys))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    reply = msgspec.msgpack.decode(answers[0].content, type=BatchReply)
    assert reply.reopen and not reply.stale
    assert team_run.say().durable == team_run.durable == 5


def test_strangers_do_not_find_what_they_may_not_see(
    server: ServerProcess, keys: dict[str, str], team_run: Speaker
) -> None:
    assert team_run.reply is not None
    key = team_run.reply.run
    with as_(server, keys, "stranger") as client:
        assert client.post("/api/v1/runs/query", json={"entity": TEAM}).status_code == 404
        assert client.post("/api/v1/runs/query", json={}).json()["total"] == 0
        assert client.post("/api/v1/runs/by-keys", json={"runs": [key]}).json() == []
        assert client.get("/api/v1/projects").json() == []
        assert client.get(f"/api/v1/projects/{TEAM}/shared").status_code == 404
        assert client.get(f"/api/v1/projects/{TEAM}/shared/fields").status_code == 404
        assert client.get(f"/api/v1/projects/{TEAM}/shared/views").status_code == 404
        assert client.get(f"/api/v1/teams/{TEAM}/members").status_code == 404
        window = client.post("/api/v1/window", json={"runs": [key], "keys": ["loss"]})
        assert b'"series":[]' in window.content
        bulk = {"keys": [key], "action": "delete"}
        assert client.post("/api/v1/runs/actions", json=bulk).json()["done"] == []
        found = client.get("/api/v1/attention").json()
        assert (found["decide"], found["ended"], found["hosts"], found["assigned"]) == (
            [], [], [], {}
        )  # fmt: skip
        assert client.get("/api/v1/attention/assignees", params={"entity": TEAM}).status_code == 404


def test_a_viewer_cannot_act_on_many_at_once_either(
    server: ServerProcess, keys: dict[str, str], team_run: Speaker
) -> None:
    assert team_run.reply is not None
    with as_(server, keys, "viewer") as client:
        for action in ("stop", "delete", "tag", "untag"):
            body = {"keys": [team_run.reply.run], "action": action, "tag": "x"}
            told = client.post("/api/v1/runs/actions", json=body).json()
            assert told["done"] == [] and len(told["refused"]) == 1


ADMIN_CALLS = [
    ("GET", "/api/v1/users", None),
    ("POST", "/api/v1/users", {"name": "eve"}),
    ("PATCH", "/api/v1/users/the-admin", {"admin": True}),
    ("PATCH", "/api/v1/users/the-viewer", {"password": "password2"}),
    ("GET", "/api/v1/users/the-admin/keys", None),
    ("POST", "/api/v1/users/the-admin/keys", {}),
    ("POST", "/api/v1/orgs", {"name": "org", "admin": "the-member"}),
    ("POST", "/api/v1/teams", {"name": "team-2", "admin": "the-member"}),
    ("POST", f"/api/v1/teams/{TEAM}/members", {"user": "the-stranger", "role": "admin"}),
    ("POST", f"/api/v1/teams/{TEAM}/members", {"user": "the-member", "role": "admin"}),
]


@pytest.mark.parametrize(("method", "path", "body"), ADMIN_CALLS, ids=lambda said: str(said))
def test_only_admins_manage_people(
    server: ServerProcess,
    keys: dict[str, str],
    method: str,
    path: str,
    body: dict[str, object] | None,
) -> None:
    with as_(server, keys, "member") as client:
        assert client.request(method, path, json=body).status_code in {403, 404}


def test_nobody_makes_themselves_an_admin(server: ServerProcess, keys: dict[str, str]) -> None:
    with as_(server, keys, "member") as client:
        for body in ({"admin": True}, {"disabled": False}, {"default_entity": "root"}):
            client.patch("/api/v1/users/the-member", json=body)
        assert client.get("/api/v1/viewer").json()["admin"] is False
        assert client.get("/api/v1/users").status_code == 403


def test_a_default_entity_that_is_not_mine_gives_me_nothing(
    server: ServerProcess, keys: dict[str, str]
) -> None:
    with as_(server, keys, "stranger") as client:
        refused = client.patch("/api/v1/users/the-stranger", json={"default_entity": TEAM})
        assert refused.status_code == 422 and "does not belong" in refused.json()["error"]
        mine = Speaker(client, project="shared").opened()
        assert mine.path.startswith("/api/v1/runs/the-stranger/")


OPEN = ["/healthz", "/readyz", "/metrics", "/docs/openapi.json"]


@pytest.mark.parametrize("path", OPEN)
def test_health_and_docs_are_open(server: ServerProcess, path: str) -> None:
    assert httpx.get(server.base_url + path).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer hl-" + "0" * 64},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe").decode()},
        {"Authorization": "Basic " + base64.b64encode(b"api:wrong").decode()},
        {"Authorization": "Digest x"},
        {"Cookie": "heartline_session=AAAA"},
        {"Cookie": "heartline_session=" + base64.b64encode(b"root|9999999999|forged").decode()},
        {"Cookie": "heartline_session=\u00e9"},
    ],
    ids=str,
)
def test_without_proof_nothing_is_told(server: ServerProcess, headers: dict[str, str]) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    for method, path in (
        ("GET", "/api/v1/viewer"),
        ("POST", "/api/v1/ingest"),
        ("POST", "/api/v1/runs/open"),
        ("POST", "/api/v1/runs/query"),
        ("GET", "/api/v1/events"),
        ("POST", "/api/v1/window"),
        ("POST", "/api/v1/sweeps"),
        ("POST", "/api/v1/sweeps/check"),
    ):
        answer = httpx.request(method, server.base_url + path, headers=raw, content=b"{}")
        assert answer.status_code == 401, (method, path, answer.status_code)
        assert answer.headers["www-authenticate"]


def test_basic_authorisation_works_as_bearer_does(server: ServerProcess) -> None:
    answer = httpx.get(f"{server.base_url}/api/v1/viewer", auth=("api", server.api_key))
    assert answer.json()["name"] == server.entity


def test_a_session_begins_with_a_password_and_ends_with_logout(
    server: ServerProcess, keys: dict[str, str]
) -> None:
    with httpx.Client(base_url=server.base_url) as browser:
        wrong = {"user": "the-member", "password": "guess"}
        assert browser.post("/api/v1/login", json=wrong).status_code == 401
        right = {"user": "the-member", "password": "password1"}
        answer = browser.post("/api/v1/login", json=right)
        assert answer.status_code == 200
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite" in cookie
        assert browser.get("/api/v1/viewer").json()["name"] == "the-member"
        kept = dict(browser.cookies)
        with httpx.Client(base_url=server.base_url) as other:
            assert other.post("/api/v1/login", json=right).status_code == 200
            browser.post("/api/v1/logout")
            assert browser.get("/api/v1/viewer").status_code == 401
            assert other.get("/api/v1/viewer").status_code == 200
    with httpx.Client(base_url=server.base_url, cookies=kept) as thief:
        assert thief.get("/api/v1/viewer").status_code == 401


FOREIGN = [
    {"origin": "https://elsewhere.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:1"},
    {"origin": "http://["},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
]


@pytest.mark.parametrize("said", FOREIGN)
def test_no_page_of_another_site_acts_with_the_session_of_a_browser(
    server: ServerProcess, said: dict[str, str]
) -> None:
    plain = {**said, "content-type": "text/plain"}
    with httpx.Client(base_url=server.base_url) as browser:
        login = {"api_key": server.api_key}
        told = browser.post("/api/v1/login", json=login, headers=plain)
        assert told.status_code == 403, "nor signs anybody in as somebody else"
        assert "set-cookie" not in told.headers
        assert browser.post("/api/v1/login", json=login).status_code == 200
        assert browser.post("/api/v1/login/link", headers=plain).status_code == 403
        assert browser.post("/graphql", content=b"{}", headers=plain).status_code == 403
        assert browser.get("/api/v1/viewer", headers=said).status_code == 200, "links may"
        own = {"origin": server.base_url, "sec-fetch-site": "same-origin"}
        assert browser.post("/api/v1/login/link", headers=own).status_code == 201
    with server.client() as keyed:
        assert keyed.post("/api/v1/login/link", headers=plain).status_code == 201


def test_a_new_password_ends_all_other_sessions(server: ServerProcess) -> None:
    words = {"name": "careful", "password": "password1"}
    proof = {"user": "careful", "password": "password1"}
    with (
        server.client() as admin,
        httpx.Client(base_url=server.base_url) as here,
        httpx.Client(base_url=server.base_url) as elsewhere,
    ):
        assert admin.post("/api/v1/users", json=words).status_code == 201
        for browser in (here, elsewhere):
            assert browser.post("/api/v1/login", json=proof).status_code == 200
        assert here.patch("/api/v1/users/careful", json={"password": "password2"}).is_success
        assert here.get("/api/v1/viewer").json()["name"] == "careful"
        assert elsewhere.get("/api/v1/viewer").status_code == 401


def test_a_session_does_not_open_the_account_of_a_later_namesake(server: ServerProcess) -> None:
    words = {"name": "namesake", "password": "password1"}
    proof = {"user": "namesake", "password": "password1"}
    with server.client() as admin, httpx.Client(base_url=server.base_url) as browser:
        assert admin.post("/api/v1/users", json=words).status_code == 201
        assert browser.post("/api/v1/login", json=proof).status_code == 200
        admin.patch("/api/v1/users/namesake", json={"email": "one@example.org"})
        assert browser.get("/api/v1/viewer").json()["name"] == "namesake"
        assert admin.delete("/api/v1/users/namesake").status_code == 200
        assert browser.get("/api/v1/viewer").status_code == 401
        assert admin.post("/api/v1/users", json=words).status_code == 201
        assert browser.get("/api/v1/viewer").status_code == 401


def test_the_printed_link_logs_in_once(server: ServerProcess) -> None:
    token = server.output.split("/login?token=")[-1].split()[0]
    with httpx.Client(base_url=server.base_url) as browser:
        assert browser.post("/api/v1/login", json={"token": token}).status_code == 200
        assert browser.get("/api/v1/viewer").json()["name"] == server.entity
    assert httpx.post(f"{server.base_url}/api/v1/login", json={"token": token}).status_code == 401


def test_a_revoked_key_and_a_disabled_user_stay_out_at_once(server: ServerProcess) -> None:
    with server.client() as admin:
        made = admin.post("/api/v1/users", json={"name": "leaver"}).json()
        with server.client(made["api_key"]) as leaver:
            assert leaver.get("/api/v1/viewer").status_code == 200
            second = leaver.post("/api/v1/users/leaver/keys", json={}).json()
            with server.client(second["api_key"]) as other:
                assert other.get("/api/v1/viewer").status_code == 200
                leaver.delete(f"/api/v1/users/leaver/keys/{second['id']}")
                assert other.get("/api/v1/viewer").status_code == 401
            admin.patch("/api/v1/users/leaver", json={"disabled": True})
            assert leaver.get("/api/v1/viewer").status_code == 401


def test_a_leaver_of_a_team_loses_its_runs_at_once(
    server: ServerProcess, team_run: Speaker
) -> None:
    with server.client() as admin:
        made = admin.post("/api/v1/users", json={"name": "guest"}).json()
        body = {"user": "guest", "role": "viewer"}
        admin.post(f"/api/v1/teams/{TEAM}/members", json=body)
        with server.client(made["api_key"]) as guest:
            assert guest.get(team_run.path).status_code == 200
            assert admin.delete(f"/api/v1/teams/{TEAM}/members/guest").status_code == 200
            assert guest.get(team_run.path).status_code == 404


def test_keys_are_never_told_again(server: ServerProcess) -> None:
    with server.client() as admin:
        listed = admin.get(f"/api/v1/users/{server.entity}/keys").text
    assert server.api_key not in listed
    stored = (server.home / "data/heartline/heartline.db").read_bytes()
    assert server.api_key.encode() not in stored


def test_the_credentials_and_data_are_for_this_account_alone(server: ServerProcess) -> None:
    assert (server.home / "config/heartline/credentials").stat().st_mode & 0o077 == 0
    assert (server.home / "data/heartline").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("said", "secure"), [({}, False), ({"X-Forwarded-Proto": "https"}, True)])
def test_a_session_that_began_over_https_is_told_to_nobody_in_the_clear(
    server: ServerProcess, keys: dict[str, str], said: dict[str, str], secure: bool
) -> None:
    body = {"api_key": keys["member"]}
    answer = httpx.post(f"{server.base_url}/api/v1/login", json=body, headers=said)
    words = answer.headers["set-cookie"].lower().split("; ")
    assert "httponly" in words
    assert ("secure" in words) == secure


def test_a_key_makes_a_link_that_signs_a_browser_in_once(
    server: ServerProcess, keys: dict[str, str]
) -> None:
    as_member = {"Authorization": f"Bearer {keys['member']}"}
    asked = httpx.post(f"{server.base_url}/api/v1/login/link", headers=as_member)
    token = asked.json()["path"].removeprefix("/login?token=")
    with httpx.Client(base_url=server.base_url) as browser:
        assert browser.post("/api/v1/login", json={"token": token}).status_code == 200
        assert browser.get("/api/v1/viewer").json()["name"] == "the-member"
    assert httpx.post(f"{server.base_url}/api/v1/login", json={"token": token}).status_code == 401
    assert httpx.post(f"{server.base_url}/api/v1/login/link").status_code == 401
