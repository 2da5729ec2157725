"""`heartline doctor`: says what is wrong and how to fix it. Never changes anything."""

import sys

import click
from rich.text import Text

from heartline.cli import exits, terminal
from heartline.cli.checks import Finding, all_findings
from heartline.cli.options import examples, json_option

LOOKS = {
    "ok": ("✓", "green"),
    "note": ("·", "blue"),
    "warning": ("!", "yellow"),
    "problem": ("✗", "red"),
}


@click.command(
    epilog=examples(
        "heartline doctor", "heartline doctor --json | jq '.[] | select(.level == \"problem\")'"
    )
)
@click.option("--base-url", metavar="URL", help="The server to look at.")
@json_option
def doctor(base_url: str | None, as_json: bool) -> None:
    """Check address, key, clock, spool directory, versions and kernel.

    Ends with 1 if there is a problem; notes and warnings do not count.
    """
    out = terminal.console()
    found: list[Finding] = []
    for finding in all_findings(base_url):
        found.append(finding)
        if not as_json:
            glyph, style = LOOKS[finding.level]
            out.print(
                Text.assemble((f"{glyph} ", style), (f"{finding.name:<9}", "bold"), finding.told)
            )
            if finding.fix:
                out.print(Text(f"  {'':<9}→ {finding.fix}", style))
    problems, warnings = (
        sum(finding.level == level for finding in found) for level in ("problem", "warning")
    )
    if as_json:
        terminal.print_json(found)
    else:
        out.print(_told(problems, warnings))
    sys.exit(exits.ERROR if problems else exits.OK)


def _told(problems: int, warnings: int) -> str:
    counts = [
        f"{count} {word}{'' if count == 1 else 's'}"
        for count, word in ((problems, "problem"), (warnings, "warning"))
        if count
    ]
    return f"{' and '.join(counts)}: see above." if counts else "All is well."
