"""The command of a trial from its macros and arguments. Never starts it, never writes a file."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from heartline.core.sweep.parameters import Fault

DEFAULT = ("${env}", "${interpreter}", "${program}", "${args}")
MACROS = ("env", "interpreter", "program", "args", "args_no_hyphens", "args_no_boolean_flags",
          "args_json", "args_json_file")  # fmt: skip
_MACRO = re.compile(r"\$\{([^}]*)\}")


def command_faults(given: Any) -> list[Fault]:
    """What is wrong with a `command`."""
    if given is None:
        return []
    if not isinstance(given, list | tuple) or not given:
        return [Fault("command", 'write a list of words, as ["python", "${program}", "${args}"]')]
    found = []
    for word in given:
        for name in _MACRO.findall(str(word)):
            if name not in MACROS and not name.startswith("envvar:"):
                near = get_close_matches(name, MACROS, n=1, cutoff=0.5)
                hint = f"did you mean `${{{near[0]}}}`?" if near else f"known: {', '.join(MACROS)}"
                found.append(Fault("command", f"unknown macro `${{{name}}}`; {hint}"))
    return found


def flags(args: Mapping[str, Any], path: str = "") -> list[tuple[str, Any]]:
    """Nested arguments by dotted name, in order."""
    found: list[tuple[str, Any]] = []
    for name, value in args.items():
        where = f"{path}.{name}" if path else str(name)
        if isinstance(value, Mapping) and value:
            found += flags(value, where)
        else:
            found.append((where, value))
    return found


def _bare(args: Mapping[str, Any]) -> list[str]:
    """True switches a flag on; False leaves it out."""
    return [
        f"--{name}" if value is True else f"--{name}={value}"
        for name, value in flags(args)
        if value is not False
    ]


def words(
    template: Sequence[str],
    program: str,
    args: Mapping[str, Any],
    interpreter: str,
    variables: Mapping[str, str],
    *,
    json_text: str = "",
    json_file: str = "",
) -> list[str]:
    """The words of a trial's command; a macro alone in its word may become several."""
    several = {
        "${env}": ["/usr/bin/env"],
        "${interpreter}": [interpreter],
        "${args}": [f"--{name}={value}" for name, value in flags(args)],
        "${args_no_hyphens}": [f"{name}={value}" for name, value in flags(args)],
        "${args_no_boolean_flags}": _bare(args),
        "${program}": [program] if program else [],
    }
    single = {"program": program, "interpreter": interpreter, "args_json": json_text,
              "args_json_file": json_file, "env": "/usr/bin/env"}  # fmt: skip

    def one(match: re.Match[str]) -> str:
        name = match[1]
        if name.startswith("envvar:"):
            return variables.get(name.removeprefix("envvar:"), "")
        return single.get(name, " ".join(several.get(match[0], [])))

    found: list[str] = []
    for word in template or DEFAULT:
        found += several[word] if word in several else [_MACRO.sub(one, word)]
    return found
