"""Their words for fields in filters and orders, as ours. Never parses a filter."""

from typing import Any

FIELDS = {
    "name": "id", "display_name": "name", "displayName": "name", "username": "user",
    "created_at": "created", "createdAt": "created", "heartbeat_at": "heartbeat",
    "heartbeatAt": "heartbeat", "jobType": "job_type", "job_type": "job_type",
    "description": "notes", "user.username": "user", "updated_at": "heartbeat",
}  # fmt: skip


def field(name: str) -> str:
    """One field; `config.lr.value` and `summary_metrics.loss` lose what only they need."""
    if name.startswith("config."):
        parts = name.split(".")
        if len(parts) > 2 and parts[2] == "value":
            del parts[2]
        return ".".join(parts)
    if name.startswith("summary_metrics."):
        return "summary." + name.removeprefix("summary_metrics.")
    return FIELDS.get(name, name)


def renamed(document: Any) -> Any:
    """A whole filter document with our field names."""
    if isinstance(document, list):
        return [renamed(item) for item in document]
    if not isinstance(document, dict):
        return document
    return {
        key if key.startswith("$") else field(key): renamed(value) if key.startswith("$") else value
        for key, value in document.items()
    }


def renamed_order(order: str) -> str:
    """One key with an optional sign."""
    sign = "-" if order.startswith("-") else ""
    return sign + field(order.lstrip("+-"))
