"""Write the generated parts of docs/explanation/lifecycle.md; `--check` only compares."""

import sys
from pathlib import Path

from heartline.core.lifecycle.drawing import markdown_table, mermaid

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "lifecycle.md"


def drawn(page: str) -> str:
    """The page with its generated blocks made anew."""
    for name, block in (
        ("table", markdown_table()),
        ("diagram", f"```mermaid\n{mermaid()}\n```"),
    ):
        begin, end = f"<!-- generated: {name} -->", f"<!-- end: {name} -->"
        before, rest = page.split(begin)
        page = f"{before}{begin}\n{block}\n{end}{rest.split(end)[1]}"
    return page


def main() -> int:
    """Draw, or say that the page is out of date."""
    page = PAGE.read_text(encoding="utf-8")
    if "--check" in sys.argv:
        return int(drawn(page) != page)
    PAGE.write_text(drawn(page), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
