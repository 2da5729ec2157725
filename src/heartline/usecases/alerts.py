"""What programs told people about their runs. Never decides who is woken by it."""

from typing import Any

from heartline.core.records import RunKey
from heartline.ports import Transaction

ALERTS_MAX = 100
TITLE_CHARS_MAX = 200
TEXT_CHARS_MAX = 10_000
LEVELS = ("INFO", "WARN", "ERROR")
HOME = "alerts"


def raise_alert(tx: Transaction, run: RunKey, title: str, text: str, level: str, at: int) -> None:
    """Keep one; the oldest of more than `ALERTS_MAX` is forgotten."""
    told = {
        "title": title[:TITLE_CHARS_MAX],
        "text": text[:TEXT_CHARS_MAX],
        "level": level if level in LEVELS else "INFO",
        "at": at,
    }
    kept = [*alerts(tx, run), told][-ALERTS_MAX:]
    tx.accounts.put_document(HOME, str(run), "all", {"alerts": kept})


def alerts(tx: Transaction, run: RunKey) -> list[dict[str, Any]]:
    """Those of one run, oldest first: title, text, level, at (ms)."""
    kept = tx.accounts.document(HOME, str(run), "all") or {}
    return list(kept.get("alerts", []))
