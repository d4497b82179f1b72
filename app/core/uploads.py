"""Which files may be attached; pure functions."""

from app.core.errors import InvalidError
from app.core.text import _l

SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
"""How the kinds of files that we take begin; what a browser calls them is not believed."""


def media_type_of(data: bytes) -> str:
    """Return the media type of a scan by its first bytes; raises InvalidError for the field `file`."""
    for start, media_type in SIGNATURES:
        if data.startswith(start):
            return media_type
    raise InvalidError(_l("Attach a PDF file or a picture (PNG, JPEG)."), field="file")
