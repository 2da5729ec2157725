"""What may be a name. Never normalises: a bad name is refused with the reason."""

from heartline.wire.names import ME, check_values, check_words, misnamed

__all__ = ["METRIC_RULES_MAX", "check_name", "check_values", "check_words"]

METRIC_RULES_MAX = 5_000
# The first words of addresses of the app and of the protocols: no user or team may be called so.
_RESERVED = frozenset({
    "api", "artifacts", "artifactsv2", "assets", "attention", "authorize", "docs", "files",
    "graphql", "healthz", "hosts", "login", "logout", ME, "metrics", "oidc", "orgs", "readyz",
    "settings", "static", "storage",
})  # fmt: skip


def check_name(name: str, what: str) -> str | None:
    """None if the name is good, else what is wrong with it."""
    if wrong := misnamed(name, what):
        return wrong
    if what in {"user", "team", "organisation"} and name.lower() in _RESERVED:
        return f"{what} `{name}` is reserved"
    return None
