"""The blueprint that the pages of the room hang on, what its views answer, and files that come in or go out."""

from collections.abc import Iterable

from flask import Blueprint
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app.cases.rules.endings import KEPT
from app.core import files
from app.core.errors import DomainError, InvalidError
from app.core.files import StoredFile
from app.core.text import _l

bp = Blueprint("cases", __name__, template_folder="../templates")
Answer = str | Response | tuple[str, int]
FILE_LIMIT = 20 * 1024 * 1024
MOST_FILES = 10
EXHIBIT = "exhibit"
SIGNATURES = ((b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


def uploaded(given: Iterable[FileStorage | str] | None) -> list[tuple[bytes, str, str]]:
    """Read the chosen files: content, name and media type by its first bytes.

    Raises InvalidError or TooLargeError beside the field.
    """
    chosen = [one for one in given or () if isinstance(one, FileStorage) and one.filename]
    if len(chosen) > MOST_FILES:
        raise InvalidError(_l("Choose at most %(most)s files.", most=MOST_FILES), field="files")
    return [_read(one) for one in chosen]


def _read(one: FileStorage) -> tuple[bytes, str, str]:
    try:
        data = files.read_limited(one.stream, FILE_LIMIT)
    except DomainError as error:
        error.field = "files"
        raise
    name = one.filename or ""
    kind = next((kind for mark, kind in SIGNATURES if data.startswith(mark)), None)
    kind = kind or KEPT.get(name.rpartition(".")[2].lower())
    if kind is None:
        raise InvalidError(
            _l("%(name)s is of a kind that is not taken. Save it as PDF and choose it again.", name=name), field="files"
        )
    return data, name, kind


def kept(read: Iterable[tuple[bytes, str, str]]) -> list[tuple[StoredFile, str]]:
    """Store what was read, within a unit of work, each under its name as title.

    The content itself bears no name: a title lies under the key of its case, and a name in the open would tell it.
    """
    return [(files.store(data, name=EXHIBIT, media_type=kind), name) for data, name, kind in read]
