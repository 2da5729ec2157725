"""The binary column frame of `/window`: a JSON header, then aligned columns. Never decodes."""

from collections.abc import Sequence

import msgspec
import numpy as np

from heartline.core.records import Envelope

ALIGN = 8
DTYPES = {
    "x": "f64", "last": "f32", "min": "f32", "max": "f32", "mean": "f32",
    "count": "u32", "nan": "u32", "inf": "u32",
}  # fmt: skip
_NUMPY = {"f64": "<f8", "f32": "<f4", "u32": "<u4"}


def frame(envelopes: Sequence[Envelope]) -> bytes:
    """All envelopes in one body; see docs/reference/http.md for the layout."""
    parts: list[bytes] = []
    series, offset = [], 0
    for each in envelopes:
        columns: dict[str, list[object]] = {}
        for name, dtype in DTYPES.items():
            with np.errstate(over="ignore"):
                data = np.asarray(getattr(each, name)).astype(_NUMPY[dtype]).tobytes()
            padding = -len(data) % ALIGN
            columns[name] = [dtype, offset, len(each.x)]
            parts += [data, b"\0" * padding]
            offset += len(data) + padding
        points = int(np.sum(each.count))
        series.append({"run": each.run, "key": each.key, "points": points, "columns": columns})
    header = msgspec.json.encode({"series": series})
    padding = -(4 + len(header)) % ALIGN
    return b"".join([len(header).to_bytes(4, "little"), header, b"\0" * padding, *parts])
