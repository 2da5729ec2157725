"""Write the generated parts of the pages on lifecycle and sweeps; `--check` only compares."""

import sys
from collections.abc import Mapping
from pathlib import Path

from heartline.core.lifecycle import drawing
from heartline.core.sweep import statuses

PAGES = Path(__file__).parents[1] / "docs" / "explanation"
DRAWN = {
    "lifecycle.md": {
        "table": drawing.markdown_table(),
        "diagram": f"```mermaid\n{drawing.mermaid()}\n```",
    },
    "sweeps.md": {
        "sweep table": statuses.markdown_table(),
        "sweep diagram": f"```mermaid\n{statuses.mermaid()}\n```",
    },
}


def drawn(page: str, blocks: Mapping[str, str]) -> str:
    """The page with its generated blocks made anew."""
    for name, block in blocks.items():
        begin, end = f"<!-- generated: {name} -->", f"<!-- end: {name} -->"
        before, rest = page.split(begin)
        page = f"{before}{begin}\n{block}\n{end}{rest.split(end)[1]}"
    return page


def main() -> int:
    """Draw, or say that a page is out of date."""
    stale = 0
    for name, blocks in DRAWN.items():
        page = (PAGES / name).read_text(encoding="utf-8")
        new = drawn(page, blocks)
        stale |= new != page
        if "--check" not in sys.argv:
            (PAGES / name).write_text(new, encoding="utf-8")
    return int(stale) if "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
