"""Lists that anyone has checked at once, and the check of a signed result sheet."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from flask import Response, render_template, request
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse

from app.core import clock, files
from app.core.access import current_actor, public
from app.core.access_log import Purpose, looked_up
from app.core.columns import JsonObject
from app.core.errors import DomainError, InvalidError
from app.core.events import Subject
from app.core.text import _, _l
from app.credentials import wording_holders as words
from app.credentials.forms.lists import ListForm, SheetForm
from app.credentials.guessers import count_guesses, hear
from app.credentials.reading import result_of
from app.credentials.rules.document import DocumentError
from app.credentials.rules.inputs import PDF_HEAD, PDF_MAGIC
from app.credentials.rules.instants import read_instant
from app.credentials.rules.lists import TEMPLATE, read_list
from app.credentials.rules.printed import Sheet, Signature, seal_check
from app.credentials.rules.sheets import row_line, rows_digest
from app.credentials.rules.verdict import Result
from app.credentials.services.lookups import FREE_SLIPS, Answered, answered, counted, people_on
from app.credentials.services.sheets import seals_as_platform, verified_sheet
from app.credentials.states import RowOutcome
from app.credentials.tables import read_result, result_csv
from app.credentials.views.blueprint import bp
from app.web import downloads
from app.web.refusals import show_beside

LIMIT = 4 * files.MEGABYTE
MOST_ROWS = 5000
BLOCK = 500
"""So many rows are answered at a time; of what is answered nothing but the words is kept, so memory stays bounded."""
ZIP = b"PK"
ENDINGS = (".csv", ".xlsx")
SHOWN_ROWS, LONGEST_PAGE = 200, 500
LIST = Subject("certificate_list", "")
Page = str | tuple[str, int]


class Given(NamedTuple):
    """A result sheet as it was handed in: the signed text, and the rows and seals that came with it."""

    text: str
    rows: list[list[str]] | None = None
    seals: tuple[Signature, ...] | None = None


def answer_list(data: bytes) -> list[Answered]:
    """Answer a list of whoever asks, without an account; raises InvalidError, and TooManyError for a guesser.

    The answers hold no certificate any more.
    """
    rows, at = read_list(data, MOST_ROWS), clock.now()
    hear()
    answers: list[Answered] = []
    found: set[int] = set()
    people: list[int] = []
    guesses = 0
    for start in range(0, len(rows), BLOCK):
        missed = sum(one.outcome is RowOutcome.NOT_FOUND for one in answers)
        block = answered(rows[start : start + BLOCK], at=at, slips=FREE_SLIPS - missed)
        found |= {one.certificate.id for one in block if one.certificate and not one.is_guess}
        people += people_on(block)
        guesses += sum(one.is_guess for one in block)
        answers += [replace(one, certificate=None) for one in block]
    count_guesses(guesses, len(found))
    looked_up(people, by=current_actor(), purpose=Purpose.VERIFICATION, record=LIST)
    return answers


@bp.get("/verify/list")
@public
def verify_list() -> str:
    """Show the form of a list."""
    return render_template("credentials/verify_list.html", form=ListForm(formdata=None))


@bp.get("/verify/list/template.csv")
@public
def list_template() -> Response:
    """Send the headings of a list."""
    return downloads.template(TEMPLATE, _("List to check"), "csv")


@bp.post("/verify/list")
@public
def check_list() -> Page | Response:
    """Answer every row of a list, on a page or as text; nothing is kept, and no name is shown but those in the list."""
    form = ListForm()
    if not form.validate():
        return render_template("credentials/verify_list.html", form=form), 422
    return list_page(form, "credentials/verify_list.html")


def is_list(name: str | None) -> bool:
    """Tell from its name whether a file is a list rather than a certificate."""
    return (name or "").lower().endswith(ENDINGS)


def list_page(form: FlaskForm, template: str) -> Page | Response:
    """Answer the list in a form's file; what cannot be answered is said beside it, in the form's own page.

    Of a list that is too long for a page the rows that are not valid come first; as text all are given in order.
    """
    try:
        answers = answer_list(files.read_limited(form.file.data.stream, LIMIT))
    except DomainError as error:
        status = show_beside(form, error)
        return render_template(template, form=form), status
    if request.form.get("as") == "csv":
        return _as_text(answers)
    counts, total = counted(answers), len(answers)
    shown = sorted(answers, key=_is_valid)[:LONGEST_PAGE] if total > LONGEST_PAGE else answers
    return render_template(
        "credentials/verified_list.html",
        rows=[words.line_of_answer(one) for one in shown],
        total=total,
        counts=[(words.OUTCOMES[one], counts[one]) for one in RowOutcome if one in counts],
        name=form.file.data.filename,
        at=clock.now(),
    )


def _is_valid(one: Answered) -> bool:
    return one.outcome is RowOutcome.VALID


def _as_text(answers: Sequence[Answered]) -> Response:
    lines = [words.line_of_answer(one) for one in answers]
    data = result_csv(([str(one.line), one.given, one.name], one.label, one.sentence) for one in lines)
    return downloads.sent(data, f"{_('Check of a list')}.csv", downloads.CSV)


@bp.get("/verify/sheet")
@public
def verify_sheet() -> str:
    """Show the form of a result sheet."""
    return render_template("credentials/verify_sheet.html", form=SheetForm(formdata=None))


@bp.post("/verify/sheet")
@public
def check_sheet_of() -> Page | BaseResponse:
    """Say whether a result sheet was signed here, what it says, and whether its rows are those that were signed."""
    form = SheetForm()
    if not form.validate() or not (form.file.data or (form.text.data or "").strip()):
        form.text.errors = [*form.text.errors, _("Give the text of the signature, or choose a file.")]
        return render_template("credentials/verify_sheet.html", form=form), 422
    try:
        given = _given(form)
    except DomainError as error:
        status = show_beside(form, error)
        return render_template("credentials/verify_sheet.html", form=form), status
    return _sheet_page(given)


def _given(form: SheetForm) -> Given:
    """Return the signature and, where the file holds them, the rows and the seals."""
    if not form.file.data:
        return Given((form.text.data or "").strip())
    data = files.read_limited(form.file.data.stream, LIMIT)
    if data.startswith(ZIP):
        return Given(*read_result(data))
    return _given_pdf(data) if PDF_MAGIC in data[:PDF_HEAD] else Given(data.decode("ascii", "replace").strip())


def _given_pdf(data: bytes) -> Given:
    try:
        return Given(*result_of(data))
    except DocumentError as error:
        raise InvalidError(
            _l("The PDF is no result sheet of this site, or it is damaged. Take it as it was downloaded."), field="file"
        ) from error


def _sheet_page(given: Given) -> str:
    found, rows = verified_sheet(given.text), given.rows
    fault = found.fault or _fault_of_rows(found.claims or {}, rows) or _fault_of_seals(given.seals)
    claims = found.claims or {}
    return render_template(
        "credentials/verified_sheet.html",
        claims=claims,
        fault=words.SHEET_FAULTS[fault] if fault else None,
        signed=found.claims is not None,
        counts=[(words.OUTCOMES[one], claims["counts"][one]) for one in RowOutcome if one in claims.get("counts", {})],
        purpose=words.PURPOSES.get(claims.get("purpose", "")),
        rows=[words.line_of_codes(row) for row in (rows or [])[:SHOWN_ROWS]] if claims and not fault else [],
        compared=rows is not None,
        at=read_instant(claims["checked_at"]) if claims else None,
    )


def _fault_of_seals(seals: tuple[Signature, ...] | None) -> str:
    """Say whether a PDF bears the seal of the platform and was left alone since."""
    if seals is None:
        return ""
    sheet = Sheet(text="", pages=0, drawing="", notes=0, signatures=seals)
    held = seal_check(sheet, issued=None, is_issuers=seals_as_platform)
    return "" if held.result is Result.PASS else "sheet-seal-wrong"


def _fault_of_rows(claims: JsonObject, rows: list[list[str]] | None) -> str:
    if rows is None:
        return ""
    same = claims.get("digest") == f"sha-256:{rows_digest(map(row_line, rows))}"
    return "" if same else "rows-differ"
