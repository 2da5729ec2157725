"""What `define_metric` says of a key, checked. Never applies it: the server does."""

from collections.abc import Sequence
from typing import Any

GOALS = ("minimize", "maximize")
SUMMARIES = ("min", "max", "mean", "first", "last", "best", "none")


def rule(
    name: str, step_metric: str | None, summary: str | Sequence[str] | None, goal: str | None,
    hidden: bool,
) -> dict[str, Any]:  # fmt: skip
    """As it is sent; ValueError names the word that is unknown."""
    said = summary.split(",") if isinstance(summary, str) else list(summary or ())
    words = [str(word).strip() for word in said]
    for word in words:
        if word not in SUMMARIES:
            raise ValueError(f"summary `{word}`: any of {', '.join(SUMMARIES)}")
    if goal and goal not in GOALS:
        raise ValueError(f"goal `{goal}`: one of {', '.join(GOALS)}")
    return {
        "name": str(name),
        "step_metric": str(step_metric or ""),
        "summary": words,
        "goal": goal or "",
        "hidden": bool(hidden),
    }
