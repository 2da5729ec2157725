"""The filestream as the protocol has it: lines at offsets, ends, and what is wrong with a post."""

import gzip
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server_process import ServerProcess

HELLO = """mutation UpsertBucket($name: String, $project: String, $host: String) {
  upsertBucket(input: {name: $name, modelName: $project, host: $host}) {
    bucket { id historyLineCount } inserted } }"""
LINES = """query($project: String, $entity: String, $name: String!) {
  project(name: $project, entityName: $entity) { run(name: $name) {
    logLines(first: 9) { edges { node { line level label } } } } } }"""
FATAL = {400, 401, 403, 404, 409, 410, 413, 422, 501}
_NUMBERS = itertools.count()


@dataclass
class Poster:
    """A client of the protocol, as dumb as can be."""

    client: httpx.Client
    entity: str
    run: str
    id: str = ""

    def ask(self, query: str, **variables: Any) -> Any:
        body = {"query": query, "variables": variables}
        told = self.client.post("/graphql", json=body).json()
        assert "errors" not in told, told
        return told["data"]

    def hello(self) -> "Poster":
        told = self.ask(HELLO, name=self.run, project="stream", host="h")
        self.id = told["upsertBucket"]["bucket"]["id"]
        return self

    def post(self, client_id: str = "", **said: Any) -> httpx.Response:
        return self.raw(json.dumps(said).encode(), client_id)

    def raw(self, body: bytes, client_id: str = "", **headers: str) -> httpx.Response:
        if client_id:
            headers["x-wandb-async-client-id"] = client_id
        path = f"/files/{self.entity}/stream/{self.run}/file_stream"
        return self.client.post(path, content=body, headers=headers)

    def rows(self, first: int, *steps: int, **more: Any) -> httpx.Response:
        lines = [json.dumps({"_step": n, "a": n}) for n in steps]
        chunk = {"wandb-history.jsonl": {"offset": first, "content": lines}}
        return self.post(files=chunk, **more)

    @property
    def path(self) -> str:
        return f"/api/v1/runs/{self.entity}/stream/{self.run}"

    @property
    def steps(self) -> list[int]:
        found = self.client.get(f"{self.path}/scan?keys=a").json()["rows"]
        return [row["_step"] for row in found]

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(self.path).json()["run"]
        return found

    @property
    def end(self) -> tuple[str, str, int]:
        return self.told["state"], self.told["cause"], self.told["attempt"]

    @property
    def console(self) -> list[str]:
        return [line[3] for line in self.client.get(f"{self.path}/console").json()["lines"]]


@pytest.fixture
def poster(server: ServerProcess) -> Iterator[Poster]:
    with server.client() as client:
        yield Poster(client, server.entity, f"s{next(_NUMBERS)}").hello()


def test_repeated_lines_are_stored_once_and_late_ones_after_all(poster: Poster) -> None:
    for _ in range(2):
        assert poster.rows(0, 0, 1, 2).status_code == 200
    poster.rows(1, 1, 2, 3)
    poster.rows(6, 6, 7)
    assert poster.steps == [0, 1, 2, 3, 6, 7]
    poster.rows(3, 3, 4, 5, 6)
    poster.rows(8, 8)
    assert poster.steps == list(range(9))
    keys = {key["key"]: key for key in poster.client.get(f"{poster.path}/keys").json()}
    assert keys["a"]["count"] == 9


@pytest.mark.parametrize("offset", [-5, 10**12, 2**70])
def test_a_senseless_offset_loses_nothing(poster: Poster, offset: int) -> None:
    assert poster.rows(offset, 0, 1).status_code == 200
    assert poster.steps == [0, 1]
    line = {"output.log": {"offset": offset, "content": ["a line"]}}
    assert poster.post(files=line).status_code == 200
    assert poster.console == ["a line"]


def test_a_line_of_one_writer_of_several_keeps_its_label_and_level(poster: Poster) -> None:
    said = [{"content": "a"}, {"content": "b", "label": "rank-3"},
            {"content": "c", "label": "rank-3", "level": "error"},
            {"content": "d", "level": "error"}]  # fmt: skip
    lines = [json.dumps(line) for line in said]
    poster.post("w1", files={"output.log": {"offset": 0, "content": lines}})
    told = poster.ask(LINES, project="stream", entity=poster.entity, name=poster.run)
    found = [edge["node"] for edge in told["project"]["run"]["logLines"]["edges"]]
    assert found == [
        {"line": "a", "level": None, "label": None},
        {"line": "b", "level": None, "label": "rank-3"},
        {"line": "c", "level": "error", "label": "rank-3"},
        {"line": "d", "level": "error", "label": None},
    ]


def test_lines_that_cannot_be_read_do_not_take_the_good_ones_with_them(poster: Poster) -> None:
    lines = ['{"_step":0,"a":0}', "{broken", '["a"]', '{"_step":1,"a":NaN,"b":-Infinity}', ""]
    poster.post(files={"wandb-history.jsonl": {"offset": 0, "content": lines}})
    # A repeat with more at its end: its places are counted in lines, not in rows.
    lines.append('{"_step":2,"a":2}')
    poster.post(files={"wandb-history.jsonl": {"offset": 0, "content": lines}})
    assert poster.steps == [0, 1, 2]
    keys = {key["key"]: key for key in poster.client.get(f"{poster.path}/keys").json()}
    assert (keys["a"]["count"], keys["a"]["nan_count"], keys["b"]["inf_count"]) == (3, 1, 1)


def test_console_lines_are_overwritten_in_place(poster: Poster) -> None:
    poster.post(files={"output.log": {"offset": 0, "content": ["one", "10 %", "three"]}})
    poster.post(files={"output.log": {"offset": 1, "content": ["20 %"]}})
    assert poster.console == ["one", "20 %", "three"]


def test_a_summary_replaces_the_one_before(poster: Poster) -> None:
    for text in ('{"x": 1, "y": 1}', '{"x": NaN}'):
        poster.post(files={"wandb-summary.json": {"offset": 0, "content": [text]}})
    assert poster.told["summary"] == {"x": "NaN"}


def test_gzip_is_read_and_a_bomb_is_not(poster: Poster) -> None:
    chunk = {"wandb-history.jsonl": {"offset": 0, "content": ['{"_step":0,"a":0}']}}
    body = gzip.compress(json.dumps({"files": chunk}).encode())
    assert poster.raw(body, **{"content-encoding": "gzip"}).status_code == 200
    bomb = gzip.compress(b" " * (300 * 2**20), 9)
    assert poster.raw(bomb, **{"content-encoding": "gzip"}).status_code == 413
    assert poster.steps == [0]
    assert poster.end[0] == "running"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b"null"])
def test_a_post_that_cannot_be_read_is_asked_for_again(poster: Poster, body: bytes) -> None:
    answer = poster.raw(body)
    assert answer.status_code == 429
    assert answer.headers["retry-after"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (0, ("finished", "finished")), (5, ("failed", "exit_code")), (254, ("crashed", "exit_code")),
        (255, ("killed", "interrupted")), (143, ("killed", "signal")),
    ],
)  # fmt: skip
def test_an_exit_code_has_its_meaning(poster: Poster, code: int, expected: tuple[str, str]) -> None:
    poster.rows(0, 0, complete=True, exitcode=code)
    assert poster.end == (*expected, 1)
    poster.rows(0, 0, complete=True, exitcode=code)
    assert poster.end == (*expected, 1)


def test_a_stop_is_told_with_the_next_post_and_makes_255_a_kill(poster: Poster) -> None:
    poster.ask("mutation StopRun($id: ID!) { stopRun(input: {id: $id}) { success } }", id=poster.id)
    assert poster.post().json() == {"stopped": True}
    assert poster.post(complete=True, exitcode=255).json() == {}
    assert poster.end == ("killed", "stop_requested", 1)


@pytest.mark.parametrize(("code", "state"), [(0, "finished"), (1, "preempted")])
def test_a_notice_of_preemption_stays_until_the_end(poster: Poster, code: int, state: str) -> None:
    poster.post(preempting=True)
    poster.post()
    assert poster.end[0] == "preempting"
    poster.post(complete=True, exitcode=code)
    assert poster.end[0] == state


def test_traffic_after_the_end_sets_the_run_running_again(poster: Poster) -> None:
    poster.rows(0, 0, complete=True, exitcode=0)
    poster.rows(1, 1)
    assert poster.end == ("running", "resumed", 2)
    assert poster.steps == [0, 1]


def test_a_post_that_is_older_than_the_end_moves_nothing(poster: Poster) -> None:
    poster.rows(0, 0, 1)
    poster.rows(2, 2, complete=True, exitcode=0)
    before = poster.told
    assert poster.rows(0, 0, 1).status_code == 200
    assert poster.told == before
    assert poster.steps == [0, 1, 2]
    poster.rows(2, 2, 3)
    assert poster.end == ("running", "resumed", 2)


def test_a_post_with_lines_that_are_not_here_is_of_a_process_that_lives(poster: Poster) -> None:
    rows = {"wandb-history.jsonl": {"offset": 0, "content": ['{"_step":0,"a":0}']}}

    def printed(offset: int, *lines: str) -> int:
        output = {"output.log": {"offset": offset, "content": list(lines)}}
        poster.post(files={**rows, **output})
        attempt: int = poster.end[2]
        return attempt

    poster.rows(0, 0, complete=True, exitcode=0)
    assert printed(0, "one", "two") == 2, "nothing had been printed"
    poster.post(complete=True, exitcode=0)
    assert printed(1, "two") == 2, "these lines were here before the end"
    assert poster.end[0] == "finished"
    assert printed(1, "two", "three") == 3
    assert poster.console[-1] == "three"
    assert (poster.end[0], poster.steps) == ("running", [0])


def test_a_second_hello_before_the_first_post_is_the_first_one(poster: Poster) -> None:
    poster.hello()
    assert poster.end[2] == 1
    poster.rows(0, 0, 1, 2)
    poster.hello()
    poster.rows(0, 0, 1)
    assert poster.end == ("running", "resumed", 2)


def test_writers_of_a_shared_run_count_by_themselves(poster: Poster) -> None:
    for client in ("one", "two"):
        chunk = {"wandb-history.jsonl": {"offset": 0, "content": ['{"_step":0,"a":1}']}}
        for _ in range(2):
            poster.post(client, files=chunk)
    assert poster.steps == [0, 1]


def test_a_run_that_only_its_writer_knows_is_made_again(server: ServerProcess) -> None:
    with server.client() as client:
        lost = Poster(client, server.entity, "from-before-the-backup")
        assert lost.rows(7, 7, 8).status_code == 200
        assert (lost.steps, lost.end[0]) == ([7, 8], "running")


def test_a_deleted_run_is_gone_for_its_writers(poster: Poster) -> None:
    poster.rows(0, 0)
    query = "mutation Delete($id: ID!) { deleteRun(input: {id: $id}) { clientMutationId } }"
    poster.ask(query, id=poster.id)
    assert poster.rows(1, 1).status_code == 410
    body = {"query": HELLO.replace("$host", "$program"), "variables": {}}
    config = 'mutation U($c: JSONString) { upsertBucket(input: {name: "%s", modelName: "stream", '
    config = config % poster.run + "config: $c}) { inserted } }"
    body = {"query": config, "variables": {"c": '{"_wandb":{"value":{"t":{}}}}'}}
    told = poster.client.post("/graphql", json=body)
    assert (told.status_code, "deleted" in told.json()["errors"][0]["message"]) == (200, True)


def test_strangers_are_refused_for_good(server: ServerProcess, poster: Poster) -> None:
    with server.client("hl-" + "0" * 64) as nobody:
        assert Poster(nobody, server.entity, poster.run).post().status_code == 401
    elsewhere = Poster(poster.client, "nobody-at-all", "x")
    assert elsewhere.post().status_code in {403, 404}


def test_a_link_for_reading_does_not_write(poster: Poster) -> None:
    query = """mutation C($e: String!, $r: String!) { createRunFiles(input: {entityName: $e,
      projectName: "stream", runName: $r, files: ["a.txt"]}) { files { uploadUrl } } }"""
    told = poster.ask(query, e=poster.entity, r=poster.run)["createRunFiles"]["files"][0]
    assert httpx.put(told["uploadUrl"], content=b"one").status_code == 200
    query = """query F($e: String!, $r: String!) { project(name: "stream", entityName: $e) {
      run(name: $r) { files { edges { node { directUrl md5 } } } } } }"""
    found = poster.ask(query, e=poster.entity, r=poster.run)["project"]["run"]["files"]["edges"]
    link = found[0]["node"]["directUrl"]
    assert httpx.get(link).content == b"one"
    assert httpx.put(link, content=b"two").status_code == 403
    assert httpx.get(link.replace("a.txt", "b.txt")).status_code == 403


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["offset", "content", "_step", "_timestamp", "_wandb", "a", "a.b", ""]),
        inner, max_size=3,
    ),
    max_leaves=8,
)  # fmt: skip
names = ["wandb-history.jsonl", "wandb-events.jsonl", "wandb-summary.json", "output.log"]
line = st.text(max_size=8) | anything.map(json.dumps)
chunk = st.fixed_dictionaries({"offset": st.integers() | anything, "content": st.lists(line)})
files = st.dictionaries(st.sampled_from(names), chunk | anything, max_size=4)
posts = st.dictionaries(
    st.sampled_from(["files", "uploaded", "preempting", "complete", "exitcode", "x"]),
    files | anything, max_size=4,
)  # fmt: skip
shy = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@shy
@given(posts | anything, st.sampled_from(["", "one", "two"]))
def test_no_post_breaks_the_server_or_silences_its_run(
    poster: Poster, said: Any, client: str
) -> None:
    answer = poster.raw(json.dumps(said).encode(), client)
    assert answer.status_code in ({200} if isinstance(said, dict) else {429})


@shy
@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.integers(),
    st.sampled_from(["GET", "PUT"]),
)
def test_no_address_of_a_file_breaks_the_server(
    poster: Poster, path: str, number: int, method: str
) -> None:
    made = f"/wandb-files/{number}/{number}/ada/{'x' * 8}/{quote(path)}"
    assert poster.client.request(method, made, content=b"x").status_code < 500


def test_artifacts_that_were_refused_are_said_of_their_run(poster: Poster) -> None:
    made = "mutation A($input: CreateArtifactInput!) { createArtifact(input: $input) { id } }"
    place = {"entityName": poster.entity, "projectName": "stream", "runName": poster.run}
    given = (("run_table", "t1", "aa"), ("run_table", "t1", "bb"), ("run_table", "t2", "aa"),
             ("x", "model", "aa"), ("x", "data", "aa"), ("x", "model", "aa"), ("x", "model", "bb"))  # fmt: skip
    sentences = []
    for kind, name, digest in given:
        said = {**place, "artifactTypeName": kind, "artifactCollectionName": name, "digest": digest}
        sentences.append(poster.told["not_stored"])
        answer = poster.client.post("/graphql", json={"query": made, "variables": {"input": said}})
        assert "artifacts are not available" in answer.json()["errors"][0]["message"]
    assert poster.told["environment"]["artifacts_not_stored"] == [
        "x model (aa)", "x data (aa)", "x model (bb)",
    ]  # fmt: skip
    media = "media in the cells of {}, if there are any"
    assert sentences[:4] == ["", *map(media.format, ("a table", "a table", "2 tables"))]
    words = "3 artifacts were not stored: this server keeps none yet"
    assert (poster.told["state"], poster.told["not_stored"]) == ("running", words)
    poster.post(complete=True, exitcode=0)
    assert poster.told["sentence"] == f"Finished: the program ended well but {words}"
    with_input = {"input": {**place, "runName": "nobody"}}
    for variables in (with_input, {"input": 1}, {"input": {"runName": [1]}}, None):
        told = poster.client.post("/graphql", json={"query": made, "variables": variables})
        assert told.status_code == 200


def test_a_run_whose_rows_have_not_all_come_does_not_say_so(poster: Poster) -> None:
    """As when a backup of ours is restored while it runs."""
    poster.rows(0, 0, 1)
    poster.rows(6, 6, complete=True, exitcode=0)
    words = "Finished: the program ended well but 4 rows have not arrived"
    assert poster.told["sentence"] == words
    unknown = Poster(poster.client, poster.entity, f"{poster.run}-again")
    unknown.rows(1, 1, complete=True, exitcode=0)
    assert unknown.told["sentence"] == words.replace("4 rows have", "1 row has")


def test_a_run_that_gave_us_only_tables_says_what_of_them_is_not_here(poster: Poster) -> None:
    made = "mutation A($input: CreateArtifactInput!) { createArtifact(input: $input) { id } }"
    said = {"entityName": poster.entity, "projectName": "stream", "runName": poster.run,
            "artifactTypeName": "run_table", "artifactCollectionName": "t", "digest": ""}  # fmt: skip
    poster.client.post("/graphql", json={"query": made, "variables": {"input": said}})
    poster.post(complete=True, exitcode=0)
    words = "and all data is stored, but for media in the cells of a table"
    assert poster.told["sentence"] == f"Finished: the program ended well {words}"
