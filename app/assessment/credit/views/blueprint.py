"""The blueprint that the pages of the room hang on, and what its views share."""

from flask import Blueprint
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app.assessment.credit.rules.rating import REASONS
from app.assessment.credit.states import GRAVITY_LABELS, POLARITY_LABELS, STATE_LABELS
from app.core import files
from app.core.errors import DomainError, InvalidError, Text
from app.core.files import StoredFile
from app.core.text import _l, pick
from app.rulebook import queries as rulebook
from app.rulebook.facts import label_of
from app.rulebook.verdicts import Line, Verdict

bp = Blueprint("credit", __name__, url_prefix="/credit", template_folder="../templates")
Answer = str | Response | tuple[str, int]
FILE_LIMIT = 10 * files.MEGABYTE
SIGNATURES = ((b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


def read_upload(given: FileStorage) -> tuple[bytes, str, str]:
    """Read a chosen file: content, name and media type by its first bytes.

    Raises InvalidError or TooLargeError beside the field.
    """
    try:
        data = files.read_limited(given.stream, FILE_LIMIT)
    except DomainError as error:
        error.field = "file"
        raise
    kind = next((kind for mark, kind in SIGNATURES if data.startswith(mark)), None)
    if kind is None:
        raise InvalidError(_l("This is no PDF, PNG or JPEG. Save it as PDF and choose it again."), field="file")
    return data, given.filename or "", kind


def keep(read: tuple[bytes, str, str]) -> StoredFile:
    """Store what was read, within a unit of work."""
    data, name, kind = read
    return files.store(data, name=name, media_type=kind)


def labels() -> dict[str, object]:
    """Return the words for states, classes and kinds of records, for the templates."""
    return {"states": STATE_LABELS, "gravities": GRAVITY_LABELS, "polarities": POLARITY_LABELS}


def verdict_shown(verdict: Verdict, title: Text, reasons: dict[str, Text] | None = None) -> dict[str, object]:
    """Return a verdict as `ui.verdict` takes it, each line in the reader's language."""
    catalogue = rulebook.catalogue()
    source = pick(verdict.source_zh, verdict.source_en)

    def text(line: Line) -> str:
        params = dict(line.params)
        if "fact" in params:
            params["fact"] = label_of(params["fact"], catalogue)
        said = str((reasons or REASONS)[line.reason]) % params
        return f"{pick(line.name_zh, line.name_en)} · {said}" if line.name_zh else said

    lines = [
        {
            "text": text(line),
            "state": line.outcome.value,
            "evidence": line.params.get("got", line.evidence),
            "rule": line.rule,
            "source": line.source or source,
        }
        for line in verdict.lines
    ]
    return {"state": verdict.outcome.value, "title": title, "lines": lines}
