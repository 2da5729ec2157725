"""GraphQL as it comes over the wire: what is refused, and who may see and change what."""

from collections.abc import Iterator

import pytest

from heartline.server.wandb import operations
from heartline.server.wandb.context import STRANGER
from tests.server_process import ServerProcess
from tests.wandb.door import Door

UPSERT_VIEW = """
    mutation upsertView($id: ID, $entityName: String, $projectName: String, $type: String,
        $name: String, $displayName: String, $description: String, $spec: String!) {
        upsertView(input: {id: $id, entityName: $entityName, projectName: $projectName, name: $name,
            displayName: $displayName, description: $description, type: $type,
            createdUsing: WANDB_SDK, spec: $spec}) {
            view { id type name displayName description project { id name entityName } spec
                updatedAt }
            inserted
        }
    }
"""
VIEWS = """
    query ProjectViews($project: String!, $entity: String!, $reportCursor: String,
        $reportLimit: Int!, $viewType: String = "runs", $viewName: String) {
        project(name: $project, entityName: $entity) {
            allViews(viewType: $viewType, viewName: $viewName, first: $reportLimit,
                     after: $reportCursor) {
                edges { node { id name displayName description user { username photoUrl email }
                               spec updatedAt createdAt } cursor }
                pageInfo { endCursor hasNextPage }
            }
        }
    }
"""


@pytest.fixture(scope="module")
def me(server: ServerProcess) -> Iterator[Door]:
    door = Door(server.base_url, server.api_key)
    with door.http:
        yield door


@pytest.fixture(scope="module")
def bob(server: ServerProcess) -> Iterator[Door]:
    with server.client() as client:
        key = client.post("/api/v1/users", json={"name": "bob"}).json()["api_key"]
    door = Door(server.base_url, key)
    with door.http:
        yield door


def test_an_unknown_field_is_an_error_by_name_and_not_a_failure(me: Door) -> None:
    assert "Cannot query field 'shoeSize' on type 'User'" in me.error("{ viewer { shoeSize } }")


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("query A($id: ID!) { artifact(id: $id) { id } }", "artifacts are not available"),
        ("mutation { createLaunchAgent(input: {}) { id } }", "launch queues and jobs are not"),
        ("mutation { createFilterTrigger(input: {}) { id } }", "automations are not available"),
        ('{ project(name: "p") { runQueues { id } } }', "launch queues and jobs are not"),
    ],
)  # fmt: skip
def test_a_family_that_is_not_built_says_so_once(me: Door, query: str, word: str) -> None:
    said = me.error(query)
    assert said.startswith(word)
    assert said.count("not available") == 1


def doubled(times: int) -> str:
    """Two to the power of `times` spreads, in a few characters."""
    ring = (f"fragment F{n} on User {{ ...F{n + 1} ...F{n + 1} }}" for n in range(times))
    return f"{{ viewer {{ ...F0 }} }} {' '.join(ring)} fragment F{times} on User {{ __typename }}"


def nested(levels: int) -> str:
    return "{ viewer " + "{ defaultEntity { user " * levels + "{ id }" + " } }" * levels + " }"


@pytest.mark.parametrize(
    ("query", "word"),
    [
        (nested(operations.DEPTH_MAX), "nested deeper than"),
        ("{" + " ".join(f"a{n}: viewer {{ id }}" for n in range(200)) + "}", "aliases"),
        ("{ viewer { ...F } } fragment F on User {" + " id" * 3_000 + "}", "fields"),
        (doubled(60), "fields"),
        ("{ viewer { id } } fragment F on User {" + " id" * 3_000 + "}", "fields"),
        ("{" + " viewer { id }" * 30 + "}", "things at once"),
        ("{ viewer { id } }" + " " * operations.QUERY_CHARS_MAX, "characters"),
        ("{ viewer { ...F } } fragment F on User { ...F }", "Cannot spread fragment"),
        ("{ viewer { id", "Syntax Error"),
        ("", "Syntax Error"),
    ],
)
def test_what_is_too_large_or_no_query_is_refused_by_the_limit(
    me: Door, query: str, word: str
) -> None:
    assert word in me.error(query)


def test_nested_to_the_limit_is_answered(me: Door) -> None:
    assert me.data(nested(operations.DEPTH_MAX // 2 - 1))["viewer"]["defaultEntity"]


def test_aliases_fragments_and_include_are_understood(me: Door) -> None:
    told = me.data(
        """query Q($with: Boolean = false) {
             mine: viewer { ...U entity @include(if: $with) } serverInfo { cliVersionInfo }
           } fragment U on User { __typename username }""",
        undeclared=True,
    )
    assert set(told["mine"]) == {"__typename", "username"}
    assert told["mine"]["__typename"] == "User"
    assert set(told["serverInfo"]["cliVersionInfo"]) == {"max_cli_version", "min_cli_version"}


def test_a_wrong_key_is_nobody_and_changes_nothing(server: ServerProcess) -> None:
    door = Door(server.base_url, "x" * 40)
    with door.http:
        assert door.data("{ viewer { id } }")["viewer"] is None
        said = 'mutation { upsertModel(input: {name: "p"}) { inserted } }'
        assert "log in first" in door.error(said)


@pytest.mark.parametrize("known", [True, False])
def test_of_a_text_with_errors_its_errors_alone_are_kept(*, known: bool) -> None:
    found = operations.document("{ viewer { shoeSize } }", known=known)
    assert found.errors == ("Cannot query field 'shoeSize' on type 'User'.",)
    assert found.parsed is None


def test_what_strangers_say_is_short_and_not_kept() -> None:
    short, held = "{ viewer { id } }", operations.STRANGERS_CHARS_MAX
    first, again = (operations.document(short, known=False) for _ in range(2))
    assert first is not again
    assert first.parsed is not None
    assert operations.document(short.ljust(held), known=False).errors == ()
    said = operations.document(short.ljust(held + 1), known=False)
    assert said.errors == (STRANGER,)
    known = operations.document(short.ljust(held + 1), known=True)
    assert known is operations.document(short.ljust(held + 1), known=True)


def test_reports_are_kept_changed_listed_by_type_and_deleted(me: Door) -> None:
    me.data('mutation { upsertModel(input: {name: "rep"}) { inserted } }')
    owner = me.data("{ viewer { entity } }")["viewer"]["entity"]
    first = {"entityName": owner, "projectName": "rep", "type": "runs", "spec": '{"a": 1}'}
    made = [me.data(UPSERT_VIEW, **first, displayName=name)["upsertView"]["view"] for name in "abc"]
    me.data(UPSERT_VIEW, **{**first, "type": "project-view"}, displayName="w", name="nw-1-v")
    changed = me.data(UPSERT_VIEW, id=made[0]["id"], displayName="z", spec='{"a": 2}')
    assert changed["upsertView"]["inserted"] is False
    listed = me.data(VIEWS, project="rep", entity=owner, reportLimit=2)["project"]["allViews"]
    assert listed["pageInfo"] == {"endCursor": "2", "hasNextPage": True}
    rest = me.data(VIEWS, project="rep", entity=owner, reportLimit=2, reportCursor="2")
    nodes = [each["node"] for page in (listed, rest["project"]["allViews"])
             for each in page["edges"]]  # fmt: skip
    assert [(node["displayName"], node["spec"]) for node in nodes] == [
        ("z", '{"a": 2}'), ("b", '{"a": 1}'), ("c", '{"a": 1}'),
    ]  # fmt: skip
    # The client drops the padding of ids in addresses.
    shown = me.data("query S($id: ID!) { view(id: $id) { displayName } }",
                    id=made[1]["id"].rstrip("="))  # fmt: skip
    assert shown["view"]["displayName"] == "b"
    me.data("mutation D($id: ID!) { deleteView(input: {id: $id}) { success } }", id=made[1]["id"])
    left = me.data(VIEWS, project="rep", entity=owner, reportLimit=9)["project"]["allViews"]
    assert [each["node"]["displayName"] for each in left["edges"]] == ["z", "c"]
    assert "spec is not JSON" in me.error(UPSERT_VIEW, **{**first, "spec": "{"})


def test_a_stranger_sees_and_changes_nothing(me: Door, bob: Door) -> None:
    me.data('mutation { upsertModel(input: {name: "mine"}) { inserted } }')
    owner = me.data("{ viewer { entity } }")["viewer"]["entity"]
    ask = 'query P($e: String!) { project(name: "mine", entityName: $e) { id } }'
    assert me.data(ask, e=owner)["project"] is not None
    assert bob.data(ask, e=owner)["project"] is None
    put = 'mutation P($e: String!) { upsertModel(input: {name: "x", entityName: $e}) { inserted } }'
    assert "may not write" in bob.error(put, e=owner)
    assert bob.data('{ users(query: "") { edges { node { name } } } }')["users"]["edges"] == [
        {"node": {"name": "bob"}}
    ]
    assert "only an admin" in bob.error(
        'mutation { createUser(input: {email: "e@x"}) { user { id } } }'
    )


def test_who_shares_nothing_with_somebody_cannot_tell_that_there_is_such_a_user(
    server: ServerProcess, me: Door
) -> None:
    ask = f'{{ entity(name: "{server.entity}") {{ user {{ email admin }} }} }}'
    assert me.data(ask)["entity"]["user"]["admin"] is True
    with server.client() as client:
        key = client.post("/api/v1/users", json={"name": "eve"}).json()["api_key"]
    eve, nobody = (Door(server.base_url, each) for each in (key, "x" * 40))
    with eve.http, nobody.http:
        assert eve.data(ask)["entity"]["user"] is None
        assert "log in first" in nobody.error(ask)


def test_a_member_of_an_organisation_sees_the_teams_they_are_in(
    server: ServerProcess, me: Door, bob: Door
) -> None:
    ask = '{ organization(name: "guild") { teams { name } } }'
    with server.client() as client:
        made = {"name": "guild", "admin": server.entity}
        client.post("/api/v1/orgs", json=made).raise_for_status()
        for team in ("open", "shut"):
            made = {"name": team, "admin": server.entity, "org": "guild"}
            client.post("/api/v1/teams", json=made).raise_for_status()
        for entity in ("teams/open", "orgs/guild"):
            role = {"user": "bob", "role": "member"}
            client.post(f"/api/v1/{entity}/members", json=role).raise_for_status()
    teams = [{"name": "open"}, {"name": "shut"}]
    assert me.data(ask)["organization"]["teams"] == teams
    assert bob.data(ask)["organization"]["teams"] == teams[:1]


def test_a_viewer_of_a_team_reads_and_a_member_writes(
    server: ServerProcess, me: Door, bob: Door
) -> None:
    with server.client() as client:
        owner = server.entity
        client.post("/api/v1/orgs", json={"name": "acme", "admin": owner}).raise_for_status()
        made = {"name": "lab", "admin": owner, "org": "acme"}
        client.post("/api/v1/teams", json=made).raise_for_status()
        role = {"user": "bob", "role": "viewer"}
        client.post("/api/v1/teams/lab/members", json=role).raise_for_status()
    put = 'mutation { upsertModel(input: {name: "x", entityName: "lab"}) { inserted } }'
    assert "may not write" in bob.error(put)
    assert me.data(put)["upsertModel"]["inserted"] is True
    read = '{ project(name: "x", entityName: "lab") { readOnly } }'
    assert bob.data(read)["project"]["readOnly"] is True
    org = '{ entity(name: "lab") { organization { name orgEntity { name entityType } } } }'
    assert bob.data(org)["entity"]["organization"] == {
        "name": "acme", "orgEntity": {"name": "acme", "entityType": "organization"},
    }  # fmt: skip
    with server.client() as client:
        client.post("/api/v1/teams/lab/members", json={**role, "role": "member"})
    assert bob.data(put)["upsertModel"]["inserted"] is False


def test_the_default_entity_is_the_users_name_until_changed(me: Door, bob: Door) -> None:
    me.data('mutation { createTeam(input: {teamName: "den"}) { entity { name } } }')
    invite = '{entityName: "den", username: "bob"}'
    me.data(f"mutation {{ createInvite(input: {invite}) {{ invite {{ name }} }} }}")
    assert bob.data("{ viewer { entity } }")["viewer"]["entity"] == "bob"
    change = "mutation C($e: String!) { updateUser(input: {defaultEntity: $e}) { user { id } } }"
    assert "does not belong" in bob.error(change, e="nowhere")
    bob.data(change, e="den")
    assert bob.data("{ viewer { entity } }")["viewer"]["entity"] == "den"
    made = bob.data('mutation { upsertModel(input: {name: "there"}) { project { entityName } } }')
    assert made["upsertModel"]["project"]["entityName"] == "den"


def test_a_browser_may_follow_a_link_from_anywhere(me: Door) -> None:
    asked = {"Origin": "http://elsewhere", "Access-Control-Request-Method": "GET"}
    told = me.http.options("/wandb-files/1/2/ada/sign/a/b.txt", headers=asked)
    assert (told.status_code, told.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert "Access-Control-Allow-Credentials" not in told.headers
    told = me.http.options("/graphql", headers=asked)
    assert "Access-Control-Allow-Origin" not in told.headers
