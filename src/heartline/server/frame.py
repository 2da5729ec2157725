"""The binary column frame of `/window`: a JSON header, then aligned columns. Never decodes."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from heartline.core.records import Envelope

ALIGN = 8
DTYPES = {
    "x": "f64", "last": "f32", "min": "f32", "max": "f32", "mean": "f32",
    "count": "u32", "nan": "u32", "inf": "u32",
}  # fmt: skip
F32_MAX = float(np.finfo(np.float32).max)
_NUMPY = {"f64": "<f8", "f32": "<f4", "u32": "<u4"}


def frame(envelopes: Sequence[Envelope]) -> bytes:
    """All envelopes in one body; see docs/reference/http.md for the layout."""
    series = [
        (
            {"run": each.run, "key": each.key, "points": int(np.sum(each.count))},
            {name: getattr(each, name) for name in DTYPES},
        )
        for each in envelopes
    ]
    return packed(series, DTYPES)


def packed(
    series: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], dtypes: Mapping[str, str]
) -> bytes:
    """Heads with their columns as one body."""
    parts: list[bytes] = []
    heads, offset = [], 0
    for head, values in series:
        columns: dict[str, list[object]] = {}
        for name, dtype in dtypes.items():
            data = _narrowed(values[name], dtype).tobytes()
            padding = -len(data) % ALIGN
            columns[name] = [dtype, offset, len(values["x"])]
            parts += [data, b"\0" * padding]
            offset += len(data) + padding
        heads.append({**head, "columns": columns})
    header = msgspec.json.encode({"series": heads})
    padding = -(4 + len(header)) % ALIGN
    return b"".join([len(header).to_bytes(4, "little"), header, b"\0" * padding, *parts])


def _narrowed(values: Any, dtype: str) -> np.ndarray[Any, Any]:
    """As the column's type; what is too large for 32 bits is drawn at their end, not as infinite."""
    found = np.asarray(values)
    if dtype == "f32":
        found = np.where(np.isfinite(found), np.clip(found, -F32_MAX, F32_MAX), found)
    return found.astype(_NUMPY[dtype])
