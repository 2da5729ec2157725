"""The API's description as one plain page. Never loads anything from elsewhere."""

from html import escape
from typing import Any

from litestar import Request
from litestar.openapi.plugins import OpenAPIRenderPlugin

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Heartline API</title>
<style>body{{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;
color:#17191c;background:#fafaf7}}code{{font-size:13px}}td{{padding:.2rem .8rem .2rem 0;
vertical-align:top}}@media(prefers-color-scheme:dark){{body{{background:#0f1113;color:#ecedee}}
a{{color:#7ea0ff}}}}</style><h1>Heartline API {version}</h1>
<p>Authorisation is <code>Authorization: Bearer &lt;API key&gt;</code>. The machine-readable form
is <a href="/docs/openapi.json">openapi.json</a>; bodies of ingest are MessagePack.</p>
<table>{rows}</table></html>"""


class PlainDocs(OpenAPIRenderPlugin):
    """A table of every call."""

    def __init__(self) -> None:
        super().__init__(path="/calls")

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Method, path, what it does, what it takes and what it gives."""
        del request
        rows = [
            f"<tr><td><code>{method.upper()}</code><td><code>{escape(path)}</code>"
            f"<td>{escape(call.get('description') or call.get('summary') or '')}"
            f"<td><code>{escape(_named(call.get('requestBody')))}</code>"
            for path, calls in openapi_schema.get("paths", {}).items()
            for method, call in calls.items()
            if isinstance(call, dict)
        ]
        version = escape(openapi_schema["info"]["version"])
        return _PAGE.format(version=version, rows="".join(rows)).encode()


def _named(body: dict[str, Any] | None) -> str:
    """The name of the record that a call takes."""
    for content in (body or {}).get("content", {}).values():
        told: str = content.get("schema", {}).get("$ref", "")
        return told.rpartition("/")[2].rpartition("_")[2]
    return ""
