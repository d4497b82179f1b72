"""Files that a page offers for download; what names people is never kept by a cache."""

from urllib.parse import quote

from flask import Response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


def sent(data: bytes, name: str, media_type: str) -> Response:
    """Send bytes as a file under a name that may be Chinese."""
    response = Response(data, content_type=media_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.headers["Cache-Control"] = "no-store"
    return response
