"""Whatever the API's own description allows, and what it does not, no answer is a 5xx."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import booleans

from tests.server.writer import Speaker
from tests.server_process import ServerProcess, running

EXAMPLES = 20
CALLS_MIN = 40
STREAMS = "/api/v1/events"


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server of its own, since strange things will be stored in it."""
    with running(tmp_path_factory.mktemp("fuzzed")) as process:
        with process.client() as client:
            run = Speaker(client, id="fuzzed").opened(config={"lr": 0.1})
            run.log(20)
            said = {"method": "random", "parameters": {"lr": {"min": 0.0, "max": 1.0}}}
            client.post("/api/v1/sweeps", json={"config": said, "project": "digits", "id": "s"})
        yield process


@pytest.fixture(scope="module")
def description(fuzzed: ServerProcess) -> Any:
    schema = schemathesis.openapi.from_url(f"{fuzzed.base_url}/docs/openapi.json")
    return schema.exclude(path=STREAMS)


def test_no_call_makes_the_server_fail(description: Any, fuzzed: ServerProcess) -> None:
    headers = {"Authorization": f"Bearer {fuzzed.api_key}"}
    calls, statuses = 0, Counter[int]()
    for found in description.get_all_operations():
        operation = found.ok()

        @given(operation.as_strategy(), booleans())
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        def answers(case: Any, real: bool) -> None:
            if real and case.method != "DELETE":
                known = {"entity": fuzzed.entity, "project": "digits", "run_id": "fuzzed",
                         "sweep": "s"}  # fmt: skip
                case.path_parameters.update(
                    {name: known[name] for name in case.path_parameters if name in known}
                )
            answer = case.call(headers=headers)
            asked = f"{case.method} {case.formatted_path} {case.query} {case.body!r}"
            statuses[answer.status_code] += 1
            assert answer.status_code < 500, f"{asked}: {answer.text}"

        answers()
        calls += 1
    assert calls > CALLS_MIN
    assert statuses[200] > calls, statuses
