"""What this server is and can do, as the client asks it. Never promises what is not built."""

from typing import Any

from ariadne import ObjectType, QueryType

query = QueryType()
TYPES: tuple[ObjectType, ...] = (query,)

# The feature flags of their client that are true here; it takes unknown ones for off.
FEATURES = (
    "FILESTREAM_GZIP", "MARK_RUN_FILES_UPLOADED", "STRUCTURED_CONSOLE_LOGS", "LARGE_FILENAMES",
    "CLIENT_IDS", "TOTAL_COUNT_IN_FILE_CONNECTION",
)  # fmt: skip
VERSIONS = {"max_cli_version": "1.0.0", "min_cli_version": "0.17.0"}


@query.field("serverInfo")
def _server_info(*_: Any) -> dict[str, Any]:
    features = [{"name": name, "isEnabled": True} for name in FEATURES]
    return {"features": features, "cliVersionInfo": VERSIONS, "latestLocalVersionInfo": None}
