"""The app's files, the API's description, health and metrics."""

import httpx
import pytest

from tests.server.test_live import listening
from tests.server.test_outages import until
from tests.server.writer import Speaker
from tests.server_process import ServerProcess


def test_every_address_of_the_app_is_a_page_and_every_unknown_call_a_problem(
    server: ServerProcess,
) -> None:
    for path in ("/", "/root/digits/runs/abc", "/login?token=x", "/attention"):
        answer = httpx.get(server.base_url + path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")
        assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert httpx.get(server.base_url + "/api/v1/nothing").status_code == 404
    assert httpx.get(server.base_url + "/assets/nothing.js").status_code == 404


def test_files_outside_the_app_are_not_served(server: ServerProcess) -> None:
    for path in ("/../asgi.py", "/%2e%2e/asgi.py", "/..%2f..%2fports.py", "//etc/passwd"):
        answer = httpx.get(server.base_url + path)
        assert "import" not in answer.text and "root:" not in answer.text


@pytest.mark.parametrize("name", ["a" * 300, "%00", "a%00b"])
@pytest.mark.parametrize(("place", "status"), [("", 200), ("assets/", 404)])
def test_a_name_that_no_file_can_have_is_none_of_the_app(
    server: ServerProcess, place: str, status: int, name: str
) -> None:
    answer = httpx.get(f"{server.base_url}/{place}{name}")
    assert answer.status_code == status, answer.text


def test_the_licenses_of_what_is_bundled_are_handed_out_with_it(server: ServerProcess) -> None:
    told = httpx.get(f"{server.base_url}/licenses.md").text
    for name in ("react-dom", "uplot", "plotly", "ibm-plex-sans", "ibm-plex-mono"):
        assert name in told
    assert "SIL OPEN FONT LICENSE" in told.upper()


def test_the_description_loads_nothing_from_elsewhere(server: ServerProcess) -> None:
    page = httpx.get(server.base_url + "/docs", follow_redirects=True)
    assert page.status_code == 200
    assert "/api/v1/runs/query" in page.text
    assert "src=" not in page.text and "https://" not in page.text
    assert "List, filter, sort and page runs." in page.text, "what a call does"
    assert '<details id="RunView">' in page.text and "<code>silent_ms</code>" in page.text


def test_metrics_count_what_happened(run: Speaker, server: ServerProcess) -> None:
    def told(name: str) -> float:
        lines = httpx.get(server.base_url + "/metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(name))

    before = told("heartline_points_total")
    run.log(10, ("a", "b"))
    assert told("heartline_points_total") == before + 20
    until(lambda: told("heartline_alive_clock_ms") > 0)


def test_a_listener_who_left_is_forgotten(server: ServerProcess) -> None:
    def listeners() -> bool:
        text = httpx.get(server.base_url + "/metrics").text
        return "heartline_event_listeners 0.0" in text

    with listening(server) as news:
        next(news)
        assert not listeners()
    until(listeners)


def test_files_larger_than_a_batch_are_stored_whole(run: Speaker) -> None:
    body = bytes(range(256)) * 4096 * 12
    stored = run.client.put(f"{run.path}/files/models/net.bin", content=body)
    assert stored.status_code == 200, stored.text
    assert run.client.get(f"{run.path}/files/models/net.bin").content == body
    assert run.client.get(f"{run.path}/files").json()[0]["size_bytes"] == len(body)
    for bad in ("..%2f..%2fx", "a%2f..%2fb", "%00"):
        assert run.client.put(f"{run.path}/files/{bad}", content=b"x").status_code in {404, 422}
