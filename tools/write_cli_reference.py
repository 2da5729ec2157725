"""Writes docs/reference/cli.md from the commands themselves, so that the two cannot differ.

Run: python tools/write_cli_reference.py
"""

import inspect
from collections.abc import Iterator
from pathlib import Path

import click

from heartline.cli.exits import MEANINGS
from heartline.cli.main import main

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "cli.md"

HEAD = """# The command line

Written by `tools/write_cli_reference.py` from the commands themselves; do not edit.

`RUN` is `entity/project/id`, `project/id`, an id, the first letters of an id, or a name. A `?`
after a state means that it is presumed from silence and is taken back when the run is heard again.

## Exit codes

| code | meaning |
|---|---|
"""


def commands(
    command: click.Command, words: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """A command and all below it."""
    if words:
        yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                yield from commands(found, (*words, name))


def section(words: tuple[str, ...], command: click.Command) -> str:
    """One command: what it does, its arguments and options, its examples."""
    context = click.Context(command, info_name=" ".join(("heartline", *words)))
    lines = [f"## heartline {' '.join(words)}", ""]
    told = inspect.cleandoc(command.help or "").replace("\b\n", "")
    lines += [told, "", f"    {command.get_usage(context).removeprefix('Usage: ')}", ""]
    rows = [
        param.get_help_record(context)
        for param in command.params
        if isinstance(param, click.Option) and not param.hidden
    ]
    found = [row for row in rows if row]
    if found:
        lines += ["| option | meaning |", "|---|---|"]
        for name, meaning in found:
            clean = " ".join(meaning.split()).replace("|", "\\|")
            option = name.replace("|", "\\|")
            lines.append(f"| `{option}` | {clean} |")
        lines.append("")
    variables = [
        f"`{param.envvar}` for `{param.opts[0]}`"
        for param in command.params
        if isinstance(param.envvar, str)
    ]
    if variables:
        lines += [f"Environment: {', '.join(variables)}.", ""]
    if command.epilog:
        shown = command.epilog.replace("\b\n", "").splitlines()
        lines += [*(f"    {line.strip()}" for line in shown if line.strip() != "Examples:"), ""]
    return "\n".join(lines)


def page() -> str:
    """The whole page."""
    codes = "".join(f"| {code} | {meaning} |\n" for code, meaning in MEANINGS.items())
    return HEAD + codes + "\n" + "\n".join(section(*each) for each in commands(main, ()))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
