"""Verifying a list for programs: CSV or xlsx with numbers or addresses, answered row by row."""

from flask import Response, jsonify, request

from app.api.shapes import ListRow, ListVerification
from app.core import files
from app.credentials.services.lookups import Answered, counted
from app.credentials.views.lists import LIMIT, answer_list
from app.credentials.views.lists import is_list as is_list_name
from app.credentials.wording_holders import line_of_answer

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LISTS = (CSV, XLSX)


def is_list() -> bool:
    """Tell whether a list was sent: by its media type, or as a file of a form whose name says so."""
    sent = request.files.get("file") if request.mimetype == "multipart/form-data" else None
    return request.mimetype in LISTS or (sent is not None and is_list_name(sent.filename))


def answer() -> Response:
    """Answer every row of a list; raises InvalidError, and TooManyError for a guesser."""
    sent = request.files.get("file")
    answers = answer_list(files.read_limited(sent.stream if sent else request.stream, LIMIT))
    found = ListVerification(counts=counted(answers), rows=[_row(one) for one in answers])
    return jsonify(found.model_dump(mode="json"))


def _row(one: Answered) -> ListRow:
    told = one.told
    return ListRow(
        line=one.row.line,
        given=one.row.given,
        name=one.row.name,
        outcome=one.outcome.value,
        name_fits=one.name_fits,
        near=one.near,
        fault=told.get("fault"),
        kind=told.get("kind"),
        level=told.get("level"),
        valid_from=told.get("from"),
        valid_until=told.get("until"),
        revoked_at=told.get("on"),
        reason=told.get("reason"),
        detail=line_of_answer(one).sentence,
    )
