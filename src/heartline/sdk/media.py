"""Values that are more than numbers: images, tables, histograms, sound, video, HTML, figures.

A file is written beside the spool when the value is logged, so it is as it was then. Names and
fields in the history are those that the `wandb` client writes. Never touches the network.
"""

import hashlib
import io
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from heartline.sdk.values import ARRAY_ITEMS_MAX, to_plain
from heartline.wire import spool as kinds

if TYPE_CHECKING:
    from heartline.sdk.recorder import Recorder

MEDIA_BYTES_MAX = 512 * 2**20
TABLE_ROWS_MAX = 200_000
HISTOGRAM_BINS_MAX = 512
NAME_CHARS = 80
CHANNELS = (1, 3, 4)
_SIGNATURES = {
    b"\x89PNG": "png",
    b"\xff\xd8\xff": "jpg",
    b"GIF8": "gif",
    b"RIFF": "webp",
}


class BadMedia(ValueError):
    """A value cannot be logged as what it was given as; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files of one logged value go."""

    recorder: "Recorder"
    key: str
    step: int

    def keep(self, folder: str, suffix: str, data: bytes) -> dict[str, Any]:
        """Write and hand over a file; the fields that point to it."""
        if len(data) > MEDIA_BYTES_MAX:
            raise BadMedia(f"{len(data)} bytes (at most {MEDIA_BYTES_MAX})")
        digest = hashlib.sha256(data).hexdigest()
        safe = re.sub(r"[^\w.-]+", "_", self.key)[:NAME_CHARS]
        name = f"media/{folder}/{safe}_{self.step}_{digest[:20]}.{suffix}"
        path = self.recorder.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.recorder.record([kinds.FILE, name, str(path)])
        return {"path": name, "sha256": digest, "size": len(data)}


class Media(ABC):
    """A value that knows how it is kept."""

    @abstractmethod
    def stored(self, place: Place) -> dict[str, Any]:
        """What stands in the history for it."""


class Image(Media):
    """A picture: a path, the bytes of a file, a Pillow image, a matplotlib figure, or an array.

    Arrays are (height, width), (height, width, channels) or (channels, height, width) with 1, 3
    or 4 channels; floats of 0 to 1 are scaled, others are cut to 0..255.
    """

    def __init__(self, data: Any, caption: str = "") -> None:
        self._data, self._caption = data, caption

    def stored(self, place: Place) -> dict[str, Any]:
        """A file below `media/images`, with width and height in pixels if Pillow is there."""
        raw, suffix = _picture(self._data)
        told = {"_type": "image-file", "format": suffix, **place.keep("images", suffix, raw)}
        return {**told, **_pixels(raw), **({"caption": self._caption} if self._caption else {})}


class Table(Media):
    """Rows of values under named columns; cells may be media themselves."""

    def __init__(
        self,
        columns: Sequence[str] | None = None,
        data: Iterable[Sequence[Any]] = (),
        dataframe: Any = None,
    ) -> None:
        if dataframe is not None:
            columns = [str(each) for each in dataframe.columns]
            data = dataframe.itertuples(index=False, name=None)
        self.data = [list(row) for row in data]
        width = max(map(len, self.data), default=0)
        self.columns = list(columns or [str(n) for n in range(width)])
        for row in self.data:
            self._check(row)

    def _check(self, row: Sequence[Any]) -> None:
        if len(row) != len(self.columns):
            raise BadMedia(f"a row of {len(row)} values in a table of {len(self.columns)} columns")

    def add_data(self, *row: Any) -> None:
        """One more row."""
        self._check(row)
        self.data.append(list(row))

    def stored(self, place: Place) -> dict[str, Any]:
        """A JSON file below `media/table`."""
        if len(self.data) > TABLE_ROWS_MAX:
            raise BadMedia(f"a table of {len(self.data)} rows (at most {TABLE_ROWS_MAX})")
        rows = [[_cell(place, each) for each in row] for row in self.data]
        raw = msgspec.json.encode({"columns": self.columns, "data": rows})
        told = {"_type": "table-file", "ncols": len(self.columns), "nrows": len(rows)}
        return {**told, **place.keep("table", "table.json", raw)}


class Histogram(Media):
    """The distribution of many numbers, or one counted before: `np_histogram=(counts, edges)`."""

    def __init__(self, sequence: Any = None, np_histogram: Any = None, num_bins: int = 64) -> None:
        if not 1 <= num_bins <= HISTOGRAM_BINS_MAX:
            raise BadMedia(f"num_bins must be 1 to {HISTOGRAM_BINS_MAX}, got {num_bins}")
        self._sequence, self._counted, self._bins = sequence, np_histogram, num_bins

    def stored(self, place: Place) -> dict[str, Any]:
        """No file: counts and edges, and how many values were not finite."""
        lost = 0
        if self._counted is None:
            numpy = _needed("numpy")
            values = numpy.asarray(_array(self._sequence), dtype=float).ravel()
            finite = values[numpy.isfinite(values)]
            lost = len(values) - len(finite)
            self._counted = numpy.histogram(finite, self._bins)
        counts, edges = ([float(x) for x in part] for part in self._counted)
        if len(edges) != len(counts) + 1 or len(counts) > HISTOGRAM_BINS_MAX:
            raise BadMedia(f"{len(counts)} counts and {len(edges)} edges are no histogram")
        told = {"_type": "histogram", "values": counts, "bins": edges}
        return {**told, "nonfinite": lost} if lost else told


class Html(Media):
    """A page, as text or as the path of a file. It is shown in a frame that runs no scripts."""

    def __init__(self, data: str | os.PathLike[str]) -> None:
        self._data = data

    def stored(self, place: Place) -> dict[str, Any]:
        """A file below `media/html`."""
        if isinstance(self._data, str) and not self._data.endswith((".html", ".htm")):
            raw = self._data.encode("utf-8", "replace")
        else:
            raw = Path(self._data).read_bytes()
        return {"_type": "html-file", **place.keep("html", "html", raw)}


class Audio(Media):
    """Sound: the path of a file, or samples of -1 to 1, (frames,) or (frames, channels)."""

    def __init__(self, data: Any, sample_rate: int | None = None, caption: str = "") -> None:
        self._data, self._rate, self._caption = data, sample_rate, caption

    def stored(self, place: Place) -> dict[str, Any]:
        """A file below `media/audio`; samples become 16 bit WAV."""
        if isinstance(self._data, str | os.PathLike):
            path = Path(self._data)
            raw, suffix = path.read_bytes(), path.suffix.lstrip(".") or "wav"
        elif self._rate is None:
            raise BadMedia("samples need a sample_rate in Hz")
        else:
            raw, suffix = _wav(self._data, self._rate), "wav"
        told = {"_type": "audio-file", "caption": self._caption}
        return {**told, **place.keep("audio", suffix, raw)}


class Video(Media):
    """Moving pictures: the path or the bytes of an mp4, webm, ogg or gif."""

    def __init__(
        self,
        data: str | os.PathLike[str] | bytes,
        caption: str = "",
        format: str = "",  # noqa: A002
    ) -> None:
        self._data, self._caption, self._format = data, caption, format

    def stored(self, place: Place) -> dict[str, Any]:
        """A file below `media/videos`."""
        if isinstance(self._data, bytes):
            raw, suffix = self._data, self._format or "mp4"
        elif isinstance(self._data, str | os.PathLike):
            path = Path(self._data)
            raw, suffix = path.read_bytes(), self._format or path.suffix.lstrip(".") or "mp4"
        else:
            raise BadMedia("a video is a path or bytes; write frames to a file first")
        told = {"_type": "video-file", "caption": self._caption}
        return {**told, **place.keep("videos", suffix, raw)}


class Plotly(Media):
    """A plotly figure."""

    def __init__(self, figure: Any) -> None:
        self._figure = figure

    def stored(self, place: Place) -> dict[str, Any]:
        """A JSON file below `media/plotly`."""
        raw = str(self._figure.to_json()).encode()
        return {"_type": "plotly-file", **place.keep("plotly", "plotly.json", raw)}


def replaced(
    recorder: "Recorder", data: Mapping[Any, Any], step: int, prefix: str = ""
) -> dict[Any, Any]:
    """A row with every media value stored; what cannot be is named in one warning and left out."""
    row: dict[Any, Any] = {}
    for key, value in data.items():
        name = f"{prefix}{key}"
        try:
            if isinstance(value, dict):
                row[key] = replaced(recorder, value, step, f"{name}.")
            else:
                row[key] = _replaced(Place(recorder, name, step), value)
        except Exception as error:  # noqa: BLE001 - files and users' objects may raise anything
            recorder.warn(name, f"not logged: {name}: {error}")
    return row


def _replaced(place: Place, value: Any) -> Any:
    if isinstance(value, list | tuple) and value and all(_media(each) for each in value):
        found = [_cell(place, each) for each in value]
        return _images(found) if all(each["_type"] == "image-file" for each in found) else found
    media = _media(value)
    return value if media is None else media.stored(place)


def _images(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Several pictures under one key."""
    return {
        "_type": "images/separated", "count": len(found),
        "format": found[0]["format"],
        "width": found[0].get("width", 0), "height": found[0].get("height", 0),
        "filenames": [each["path"] for each in found],
        "captions": [each.get("caption", "") for each in found],
    }  # fmt: skip


def _cell(place: Place, value: Any) -> Any:
    media = _media(value)
    return to_plain(value) if media is None else media.stored(place)


def _media(value: Any) -> Media | None:
    """What is media by itself, or plainly means it: figures, frames, arrays too long for a row."""
    if isinstance(value, Media):
        return value
    if hasattr(value, "savefig") or (hasattr(value, "save") and hasattr(value, "mode")):
        return Image(value)
    if hasattr(value, "to_plotly_json"):
        return Plotly(value)
    if hasattr(value, "itertuples") and hasattr(value, "columns"):
        return Table(dataframe=value)
    if hasattr(value, "tolist") and _length(value) > ARRAY_ITEMS_MAX:
        return Histogram(value)
    return None


def _length(value: Any) -> int:
    size = getattr(value, "size", 0)
    return size if isinstance(size, int) else int(value.numel())


def _array(value: Any) -> Any:
    """Tensors wherever they are, as what numpy takes."""
    for step in ("detach", "cpu"):
        value = getattr(value, step)() if hasattr(value, step) else value
    return value


def _needed(package: str) -> Any:
    import importlib

    try:
        return importlib.import_module(package)
    except ImportError:
        name = {"PIL": "pillow"}.get(package.partition(".")[0], package)
        raise BadMedia(f"this needs {name}: pip install {name}") from None


def _picture(data: Any) -> tuple[bytes, str]:
    """The bytes of an image file, and its format."""
    if isinstance(data, str | os.PathLike):
        path = Path(data)
        return path.read_bytes(), path.suffix.lstrip(".").lower() or "png"
    if isinstance(data, bytes):
        for start, suffix in _SIGNATURES.items():
            if data.startswith(start):
                return data, suffix
        raise BadMedia("bytes that are no png, jpg, gif or webp")
    out = io.BytesIO()
    if hasattr(data, "savefig"):
        data.savefig(out, format="png")
    elif hasattr(data, "save") and hasattr(data, "mode"):
        data.save(out, format="png")
    else:
        _needed("PIL.Image").fromarray(_drawable(data)).save(out, format="png")
    return out.getvalue(), "png"


def _drawable(data: Any) -> Any:
    """An array of bytes in the order that Pillow takes."""
    numpy = _needed("numpy")
    pixels = numpy.asarray(_array(data))
    if pixels.ndim == 3 and pixels.shape[-1] not in CHANNELS and pixels.shape[0] in CHANNELS:
        pixels = numpy.moveaxis(pixels, 0, -1)
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[-1] not in CHANNELS):
        raise BadMedia(f"an array of shape {pixels.shape} is no image")
    if pixels.ndim == 3 and pixels.shape[-1] == 1:
        pixels = pixels[..., 0]
    if pixels.dtype.kind == "b" or (pixels.dtype.kind == "f" and numpy.nanmax(pixels) <= 1):
        pixels = numpy.nan_to_num(pixels.astype(float)) * 255
    return numpy.clip(numpy.nan_to_num(pixels), 0, 255).astype("uint8")


def _pixels(raw: bytes) -> dict[str, int]:
    try:
        width, height = _needed("PIL.Image").open(io.BytesIO(raw)).size
    except Exception:  # noqa: BLE001 - no Pillow, or a format it does not know: shown all the same
        return {}
    return {"width": width, "height": height}


def _wav(data: Any, rate: int) -> bytes:
    import wave

    numpy = _needed("numpy")
    samples = numpy.asarray(_array(data), dtype=float)
    if samples.ndim not in (1, 2):
        raise BadMedia(f"samples of shape {samples.shape} are no sound")
    frames = (numpy.clip(numpy.nan_to_num(samples), -1, 1) * 32_767).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1 if frames.ndim == 1 else frames.shape[1])
        file.setsampwidth(2)
        file.setframerate(int(rate))
        file.writeframes(frames.tobytes())
    return out.getvalue()
