"""Small copies of images. Never trusts what a file says of itself: its size is looked at first."""

import io
import warnings

SIDE_MAX = 1_024
SOURCE_BYTES_MAX = 64 * 2**20
PIXELS_MAX = 100_000_000
AT_ONCE_MAX = 2
QUALITY = 80
# Of these alone: some of the others are read by programs of their own.
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
TOO_LARGE = f"thumbnails are made of at most {PIXELS_MAX} pixels"


class NoThumbnailError(Exception):
    """The file is no image that can be made smaller; the message says why."""


def thumbnail(raw: bytes, side: int) -> bytes:
    """A WebP that fits a square of `side` pixels."""
    from PIL import Image, UnidentifiedImageError

    # Our own limit is stricter than the one Pillow warns at.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            image: Image.Image = Image.open(io.BytesIO(raw), formats=FORMATS)
            width, height = image.size
            if width * height > PIXELS_MAX:
                raise NoThumbnailError(TOO_LARGE)
            image.draft("RGB", (side, side))
            image.thumbnail((side, side))
            clear = "A" in image.getbands() or "transparency" in image.info
            image = image.convert("RGBA" if clear else "RGB")
            out = io.BytesIO()
            image.save(out, "WEBP", quality=QUALITY)
        except Image.DecompressionBombError as error:
            raise NoThumbnailError(TOO_LARGE) from error
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
            raise NoThumbnailError("not an image that can be read") from error
    return out.getvalue()
