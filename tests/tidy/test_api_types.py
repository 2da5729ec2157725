"""The app's types are the server's records."""

from tools.write_api_types import TARGET, typescript


def test_the_apps_types_are_those_of_the_server() -> None:
    assert TARGET.read_text("utf-8") == typescript(), "run: python tools/write_api_types.py"
