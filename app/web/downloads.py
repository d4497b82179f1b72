"""Files that a page offers for download."""

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from flask import Response

from app.core import spreadsheets
from app.core.errors import NotFoundError
from app.core.text import _l

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
JSON = "application/json"
PDF = "application/pdf"
TEMPLATE_ROWS = 500


def table(rows: Iterable[Sequence[spreadsheets.Value]], name: str, kind: str) -> Response:
    """Send a table as xlsx or csv; raises NotFoundError for any other kind."""
    if kind == "xlsx":
        return sent(spreadsheets.to_xlsx(rows, name), f"{name}.xlsx", XLSX)
    if kind == "csv":
        return sent(spreadsheets.to_csv(rows), f"{name}.csv", CSV)
    raise NotFoundError(_l("There is no such export. Choose xlsx or csv."))


def template(headings: Sequence[str], name: str, kind: str) -> Response:
    """Send a table to be filled in: its headings, and as a workbook rows of text so that no number is rounded."""
    if kind == "xlsx":
        return sent(spreadsheets.to_xlsx([headings], name, text_rows=TEMPLATE_ROWS), f"{name}.xlsx", XLSX)
    return table([headings], name, kind)


def sent(data: bytes, name: str, media_type: str) -> Response:
    """Send bytes as a file to keep, under a name that may be Chinese; what names people is never kept by a cache."""
    response = Response(data, content_type=media_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.headers["Cache-Control"] = "no-store"
    return response
