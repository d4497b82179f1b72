"""A picture or attachment that an author adds to an item while writing it."""

from app.core import clock
from app.core.access import acting
from app.core.db import unit_of_work
from app.core.errors import DomainError, InvalidError
from app.core.files import read_limited
from app.core.text import _l
from app.items import services
from app.items.forms import WrittenForm
from app.items.models import ItemBank
from app.items.rules.bodies import FileRef
from app.items.rules.content import BadItemError, Enclosed
from app.items.rules.enclosures import FILE_LIMIT, enclosed
from app.items.rules.texts import PICTURES, STORED

BRACKETS = str.maketrans("[]", "()")


def attached(bank: ItemBank, form: WrittenForm) -> bool:
    """Keep the file of a form and let the chosen text show it; tell what is wrong beside its field, and whether it is.

    The text holds the file from then on, so that a form that is refused for something else loses nothing.
    """
    stands = str(form["stands"].data)
    try:
        given = _given(form)
        words = " ".join((form["shows"].data or "").translate(BRACKETS).split())
        if given.media_type in PICTURES and not words:
            raise InvalidError(_l("Say what the picture shows, for whoever cannot see it."), field="shows")
        if stands not in form.texts():
            raise InvalidError(_l("Choose the text that shows the file."), field="stands")
        with unit_of_work():
            kept = services.add_file(bank, given, by=acting(), at=clock.now())
    except DomainError as error:
        name = error.field if error.field and error.field in form else "enclosed"
        form[name].errors = [str(error)]
        return False
    text = form[stands]
    text.data = "\n\n".join(filter(None, (text.data, _reference(kept, words))))
    form["shows"].data = ""
    return True


def _given(form: WrittenForm) -> Enclosed:
    upload = form["enclosed"].data
    if not upload:
        raise InvalidError(_l("Choose the file."), field="enclosed")
    try:
        return enclosed(upload.filename or "file", read_limited(upload.stream, FILE_LIMIT))
    except BadItemError as error:
        raise InvalidError(str(error.reason), field="enclosed") from error


def _reference(kept: FileRef, words: str) -> str:
    """Return what a text says to show a file: a picture, or a link to an attachment."""
    mark = "!" if kept.media_type in PICTURES else ""
    return f"{mark}[{words or kept.name.translate(BRACKETS)}]({STORED}{kept.sha256})"
