"""The check of a certificate by anyone: a number or link, a file, or a text, and one page that answers."""

from flask import render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.core import clock, files
from app.core.access import current_actor, public
from app.core.access_log import Purpose, looked_up
from app.core.config import settings
from app.core.errors import DomainError
from app.credentials import verification, wording, wording_verify
from app.credentials.forms import VerifyForm
from app.credentials.guessers import may_answer
from app.credentials.queries import changes
from app.credentials.references import Missed
from app.credentials.services.issuing import subject
from app.credentials.verification import Answer
from app.credentials.views.blueprint import bp
from app.credentials.views.lists import is_list, list_page

Page = str | tuple[str, int] | Response


@bp.get("/verify")
@public
def verify_page() -> Page:
    """Show the form, or check the number or link that came with the address."""
    form = VerifyForm(request.args, meta={"csrf": False})
    if not (form.q.data or "").strip():
        return render_template("credentials/verify.html", form=VerifyForm())
    return _answered(form, (form.q.data or "").encode(errors="replace"))


@bp.post("/verify")
@public
def verify() -> Page:
    """Check a number or link, a file, or a text that was pasted."""
    form = VerifyForm()
    if not form.validate():
        return render_template("credentials/verify.html", form=form), 422
    if form.file.data is not None and is_list(form.file.data.filename):
        return list_page(form, "credentials/verify.html")
    try:
        raw = _handed_in(form)
    except DomainError as error:
        form.file.errors = [str(error)]
        return render_template("credentials/verify.html", form=form), error.status
    return _answered(form, raw)


def _handed_in(form: VerifyForm) -> bytes:
    """Return the one thing that was handed in; raises TooLargeError and InvalidError for a file that is no file."""
    if form.file.data is not None:
        with form.file.data.stream as stream:
            return files.read_limited(stream, verification.UPLOAD_LIMIT)
    return (form.text.data or form.q.data or "").encode(errors="replace")


def _answered(form: VerifyForm, raw: bytes) -> Page:
    answer = verification.verify_input(raw, at=clock.now(), name=form.name.data or "")
    try:
        by_hand(answer)
    except DomainError as error:
        form.given.errors = [str(error)]
        return render_template("credentials/verify.html", form=form), error.status
    if isinstance(answer, Missed):
        form.given.errors = [wording_verify.missed_sentence(answer)]
        return render_template("credentials/verify.html", form=form), 404
    if answer.kind in verification.BY_HAND and answer.record and answer.name_fits is None:
        return redirect(url_for("credentials.certificate", code=answer.record.code))
    return answer_page("credentials/verified.html", answer, file=form.file.data.filename if form.file.data else None)


def by_hand(answer: Answer | Missed) -> None:
    """Slow the guessing of numbers and names; raises TooManyError. Files and texts of certificates are always read."""
    if isinstance(answer, Missed):
        may_answer(guess=True)
    elif answer.kind in verification.BY_HAND:
        may_answer(guess=answer.name_fits is False)


def answer_page(template: str, answer: Answer, **more: object) -> str:
    """Show an answer: the outcome, every certified entry, every check; whose certificate it is reads who looked."""
    if answer.record is not None and answer.record.person_id is not None:
        looked_up(
            [answer.record.person_id],
            by=current_actor(),
            purpose=Purpose.VERIFICATION,
            record=subject(answer.record),
        )
    return render_template(
        template,
        facts=answer.verdict.certificate or answer.held,
        record=answer.record,
        answer=answer,
        outcome=wording_verify.outcome_with_name(answer),
        lines=wording.lines_of(answer.verdict),
        fields=wording_verify.fields_of(answer),
        beside=changes.neighbours(answer.record) if answer.record else None,
        at=clock.now(),
        address=f"{settings().public_url}{_page_of(answer)}",
        **more,
    )


def _page_of(answer: Answer) -> str:
    """Return the path at which today's state of what was checked is shown."""
    if answer.record is None:
        return url_for("credentials.verify_page")
    return url_for("credentials.certificate", code=answer.record.code)
