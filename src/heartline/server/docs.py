"""The API's description as one page with the look of the app.

Never loads anything from elsewhere.
"""

import re
from collections.abc import Iterator, Mapping
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from litestar import Request
from litestar.openapi.plugins import OpenAPIRenderPlugin

ASSETS = Path(__file__).parent / "static" / "assets"
FONTS = {
    "IBM Plex Sans": "ibm-plex-sans-latin-wght-normal*",
    "IBM Plex Mono": "ibm-plex-mono-latin-400-normal*",
}
METHODS = ("get", "post", "put", "patch", "delete")
Json = Mapping[str, Any]

STYLE = """
:root{color-scheme:light dark;--bg:light-dark(#fafaf7,#0f1113);--surface:light-dark(#fff,#16191c);
--sunken:light-dark(#f1f1ec,#0b0d0e);--line:light-dark(#e2e2db,#262b30);
--ink:light-dark(#17191c,#ecedee);--ink-2:light-dark(#474c52,#b4b9bf);
--ink-3:light-dark(#646a71,#8f959c);--focus:light-dark(#2149bf,#7ea0ff);
--get:light-dark(#0b7442,#55d69a);--change:light-dark(#8a5300,#d9be50);
--delete:light-dark(#a31208,#f58a70)}
*{box-sizing:border-box}
body{margin:0;font:13px/19px "IBM Plex Sans",system-ui,sans-serif;color:var(--ink);
background:var(--bg)}
a{color:var(--focus);text-decoration:none}a:hover{text-decoration:underline}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px;border-radius:4px}
code{font:12px/17px "IBM Plex Mono",ui-monospace,monospace;overflow-wrap:anywhere}
header,main,nav{max-width:1160px;margin:0 auto;padding:0 20px}
header{padding-top:24px}h1{font-size:18px;line-height:24px;margin:0 0 6px}
h2{font-size:13px;margin:0}p{margin:0 0 8px;color:var(--ink-2);max-width:80ch}
nav{display:flex;flex-wrap:wrap;gap:4px 14px;padding-block:8px 4px}
section{background:var(--surface);border:1px solid var(--line);border-radius:6px;margin:14px 0}
section>h2{padding:10px 14px;border-bottom:1px solid var(--line)}
.call{display:grid;grid-template-columns:64px minmax(0,5fr) minmax(0,5fr) minmax(0,3fr);gap:4px 14px;
padding:7px 14px;border-bottom:1px solid var(--line)}.call:last-child{border:0}
.call>span:last-child{color:var(--ink-3)}
b.m{font:600 12px/19px "IBM Plex Mono",ui-monospace,monospace;color:var(--change)}
b.get{color:var(--get)}b.delete{color:var(--delete)}
details{border-bottom:1px solid var(--line);padding:7px 14px}details:last-child{border:0}
summary{cursor:pointer}summary span{color:var(--ink-3);margin-left:8px}
dl{display:grid;grid-template-columns:minmax(120px,220px) minmax(0,1fr);gap:2px 14px;margin:8px 0 4px}
dd{margin:0;color:var(--ink-2)}
@media(max-width:719px){.call{grid-template-columns:64px minmax(0,1fr)}
.call>:nth-child(n+3){grid-column:2}header,main,nav{padding-inline:12px}}
@media(forced-colors:active){section,.call,details{border-color:CanvasText}}
"""

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>API · Heartline</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<style>{style}</style></head><body>
<header><h1>Heartline API {version}</h1>
<p>Say who you are with <code>Authorization: Bearer &lt;API key&gt;</code>; keys are made under
<a href="/settings">Settings</a>. A refusal is <code>{{"error", "code"}}</code>, and says what to do.
Names ending in <code>_at</code> are milliseconds since the Unix epoch, in <code>_ms</code> lengths
in milliseconds. Bodies are JSON, those of ingest MessagePack.
For programs: <a href="/docs/openapi.json">openapi.json</a>. <a href="/">To the app</a></p></header>
<nav aria-label="Parts">{parts}</nav><main>{calls}{records}</main></body></html>"""


class PlainDocs(OpenAPIRenderPlugin):
    """Every call by what it is about, then every record with its fields."""

    def __init__(self) -> None:
        super().__init__(path="/calls")

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Method, path, what it does, what it takes and what it gives."""
        del request
        calls = {about: list(each) for about, each in groupby(_calls(openapi_schema), _about)}
        records = openapi_schema.get("components", {}).get("schemas", {})
        anchors = "".join(
            f'<a href="#{escape(each)}">{escape(each)}</a>' for each in [*calls, "records"]
        )
        return PAGE.format(
            style=_fonts() + STYLE,
            version=escape(openapi_schema["info"]["version"]),
            parts=anchors,
            calls="".join(_section(about, map(_row, each)) for about, each in calls.items()),
            records=_section("records", (_record(*each) for each in sorted(records.items()))),
        ).encode()


Call = tuple[str, str, Json]


def _calls(schema: Json) -> list[Call]:
    found = [
        (path, method, call)
        for path, calls in schema.get("paths", {}).items()
        for method, call in calls.items()
        if method in METHODS
    ]
    return sorted(found, key=lambda each: (_about(each), each[0], METHODS.index(each[1])))


def _about(call: Call) -> str:
    """The first word of a path that says something."""
    parts = [part for part in call[0].split("/") if part and part not in {"api", "v1"}]
    return "server" if parts[0] in {"healthz", "readyz", "server"} else parts[0]


def _section(about: str, rows: Iterator[str]) -> str:
    name = escape(about)
    return f'<section id="{name}"><h2>{name.capitalize()}</h2>{"".join(rows)}</section>'


def _row(call: Call) -> str:
    path, method, said = call
    told = said.get("description") or said.get("summary") or ""
    answers = [body for status, body in said.get("responses", {}).items() if status < "300"]
    takes = _link(_named(said.get("requestBody")))
    gives = _link(_named(answers[0] if answers else None))
    asked = [each["name"] for each in said.get("parameters", ()) if each.get("in") == "query"]
    query = f"<code>?{escape('&'.join(asked))}</code>" if asked else ""
    return (
        f'<div class="call"><b class="m {method}">{method.upper()}</b><code>{escape(path)}</code>'
        f"<span>{_code(told)} {query}</span>"
        f"<span>{takes}{' → ' if gives else ''}{gives}</span></div>"
    )


def _record(name: str, schema: Json) -> str:
    fields = "".join(
        f"<dt><code>{escape(field)}</code></dt><dd>{_kind(each)}</dd>"
        for field, each in schema.get("properties", {}).items()
    )
    told = str(schema.get("description") or "")
    first, _, rest = told.partition("\n")
    more = f"<p>{_code(rest.strip())}</p>" if rest.strip() else ""
    short = escape(_short(name))
    return (
        f'<details id="{short}"><summary><code>{short}</code><span>{_code(first)}</span></summary>'
        f"{more}<dl>{fields}</dl></details>"
    )


def _kind(schema: Json) -> str:
    """A field's kind in few words, with a link where it is a record."""
    if ref := schema.get("$ref"):
        return _link(_short(ref.rpartition("/")[2]))
    if several := schema.get("oneOf") or schema.get("anyOf"):
        return " or ".join(_kind(each) for each in several)
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if choices := schema.get("enum"):
        return " or ".join(f"<code>{escape(str(each))}</code>" for each in choices)
    inner = schema.get("additionalProperties")
    if isinstance(inner, Mapping) and inner:
        return f"mapping to {_kind(inner)}"
    said = schema.get("type") or "anything"
    return escape(" or ".join(said) if isinstance(said, list) else str(said))


def _code(text: str) -> str:
    """What stands in backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _link(name: str) -> str:
    return f'<a href="#{escape(name)}"><code>{escape(name)}</code></a>' if name else ""


def _short(name: str) -> str:
    return name.rpartition("_")[2]


def _named(body: Json | None) -> str:
    """The name of the record that a call takes or gives."""
    for content in (body or {}).get("content", {}).values():
        schema = content.get("schema", {})
        told: str = (schema.get("items") or schema).get("$ref", "")
        return _short(told.rpartition("/")[2])
    return ""


def _fonts() -> str:
    """The app's own, where it is built."""
    found = ((name, next(ASSETS.glob(pattern), None)) for name, pattern in FONTS.items())
    return "".join(
        f'@font-face{{font-family:"{name}";font-weight:100 700;font-display:swap;'
        f'src:url(/assets/{file.name}) format("woff2")}}'
        for name, file in found
        if file is not None
    )
