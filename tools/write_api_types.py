"""`python tools/write_api_types.py`: the records of the API as TypeScript, for the web app.

From the same schemas that OpenAPI is made of; a test in tests/tidy tells when the page is old.
Never writes anything but `web/src/data/api.ts`.
"""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from heartline.wire import api, attention, charts, deleted, hosts, sweeps

TARGET = Path(__file__).parents[1] / "web/src/data/api.ts"
HEAD = """// Written by tools/write_api_types.py from heartline.wire. Never edited by hand.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
"""
PLAIN = {
    "integer": "number", "number": "number", "string": "string", "boolean": "boolean",
    "null": "null",
}  # fmt: skip


def records(module: ModuleType) -> Iterator[type[msgspec.Struct]]:
    """The structs that a module defines itself."""
    for value in vars(module).values():
        if (
            isinstance(value, type)
            and issubclass(value, msgspec.Struct)
            and value.__module__ == module.__name__
        ):
            yield value


def typescript() -> str:
    """The whole file."""
    modules = (api, attention, charts, deleted, hosts, sweeps)
    structs = [each for module in modules for each in records(module)]
    _, schemas = msgspec.json.schema_components(structs, ref_template="#/{name}")
    return "\n".join([HEAD, *(interface(name, schemas[name]) for name in sorted(schemas))])


def interface(name: str, schema: dict[str, Any]) -> str:
    """One record; what has a default may be left out."""
    required = schema.get("required", [])
    lines = [
        f"  {field}{'' if field in required else '?'}: {kind(each)};"
        for field, each in schema.get("properties", {}).items()
    ]
    return "\n".join([f"export interface {name} {{", *lines, "}", ""])


def kind(schema: dict[str, Any]) -> str:
    """A type as TypeScript says it."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(kind(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(f"'{each}'" for each in schema["enum"])
    match schema.get("type"):
        case "array" if "prefixItems" in schema:
            return f"[{', '.join(kind(each) for each in schema['prefixItems'])}]"
        case "array":
            inner = kind(schema.get("items", {}))
            return (
                f"({inner})[]"
                if " | " in inner and not inner.startswith("Record<")
                else f"{inner}[]"
            )
        case "object":
            values = schema.get("additionalProperties", {})
            return f"Record<string, {kind(values if isinstance(values, dict) else {})}>"
        case str(plain):
            return PLAIN[plain]
    return "Json"


if __name__ == "__main__":
    TARGET.write_text(typescript(), encoding="utf-8")
