"""The blueprint that the pages of the room hang on, and what its views share."""

from flask import Blueprint
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app.assessment.credit.states import GRAVITY_LABELS, POLARITY_LABELS, STATE_LABELS
from app.core import files
from app.core.errors import DomainError, InvalidError
from app.core.files import StoredFile
from app.core.text import _l

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
