"""What names say, what modules say of themselves, and what no file says."""

import ast
import re

from tests.tidy.tree import sources, texts

VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b")

# Written in two halves, so that this file may be looked at like every other.
REGISTRIES = re.compile(
    "|".join(
        re.escape(front + back)
        for front, back in [
            ("py", "pi.org"), ("files.python", "hosted.org"), ("registry.npm", "js.org"),
            ("registry.yarn", "pkg.com"), ("deb.deb", "ian.org"), ("proxy.go", "lang.org"),
            ("static.crates", ".io"), ("npm.pkg.", "github.com"),
        ]
    )
)  # fmt: skip
MACHINE_PATHS = re.compile(
    r"(?<![\w./-])(?:" + "|".join(["/wo" + "rk/", r"/ro" + r"ot/\.", r"/ho" + r"me/\w+/\w",
                                   "/Us" + r"ers/\w+/", r"/opt/(?:wheels|pypi)",
                                   r"/tmp/(?:tmp|pytest)[\w.-]"]) + ")"
)  # fmt: skip


def test_no_module_has_a_name_that_says_nothing() -> None:
    found = sources("src", "tests", "tools", "benchmarks")
    assert [each.name for each in found if VAGUE & {*each.path.with_suffix("").parts}] == []


def test_every_module_opens_with_what_it_is_for() -> None:
    silent = [
        each.name
        for each in sources("src", "tools")
        if each.text.strip() and not ast.get_docstring(each.tree)
    ]
    assert silent == []


def test_nothing_in_the_package_is_left_unfinished() -> None:
    assert [each.name for each in sources("src") if UNFINISHED.search(each.text)] == []


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    found = [
        f"{name}: {match.group()}"
        for name, text in texts().items()
        for pattern in (REGISTRIES, MACHINE_PATHS)
        if (match := pattern.search(text))
    ]
    assert found == []


def test_our_own_code_is_never_mocked() -> None:
    mocks = {"unittest.mock", "mock", "pytest_mock"}
    assert [each.name for each in sources("tests", "src") if mocks & each.imports] == []


def test_no_pattern_in_gitignore_hides_a_room_of_ours() -> None:
    """`wandb/`, say, without a slash in front hides src/heartline/server/wandb/ as well."""
    seen = texts()
    assert [each.name for each in sources("src", "tests", "tools") if each.name not in seen] == []
