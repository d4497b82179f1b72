"""Pages for everyone: a certificate, the check of any certificate, what an achievement takes; and one's own."""

from flask import Response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as BaseResponse

from app.core import clock, files
from app.core.access import current_actor, public
from app.core.access_log import Purpose, looked_up
from app.core.config import settings
from app.core.errors import DomainError, NotFoundError
from app.core.text import _, _l
from app.credentials import queries, verification, wording
from app.credentials.forms import VerifyForm
from app.credentials.rules.templates import achievement_by_slug
from app.credentials.services.issuing import subject
from app.credentials.verification import Answer
from app.credentials.views.blueprint import bp
from app.credentials.views.documents import CREDENTIAL, credential_response

Page = str | tuple[str, int] | BaseResponse


@bp.get("/credentials/<code>")
@public
def certificate(code: str) -> Response | str:
    """Show a certificate with every certified fact and every check; programs get the credential."""
    record = queries.certificate(code)
    looked_up([record.person_id], by=current_actor(), purpose=Purpose.VERIFICATION, record=subject(record))
    best = request.accept_mimetypes.best_match(["text/html", CREDENTIAL, "application/ld+json", "application/json"])
    if best not in {None, "text/html"}:
        return credential_response(record)
    answer = Answer(verification.verify_certificate(record, at=clock.now()), record)
    return _result("credentials/certificate_page.html", answer)


def _result(template: str, answer: Answer, **more: object) -> str:
    return render_template(
        template,
        facts=answer.verdict.certificate,
        record=answer.record,
        outcome=wording.outcome_of(answer.verdict),
        lines=wording.lines_of(answer.verdict),
        entries=wording.entries_of(answer.verdict.certificate) if answer.verdict.certificate else [],
        **more,
    )


@bp.get("/verify")
@public
def verify_page() -> Page:
    """Show the form, or check the number or link that came with the address."""
    form = VerifyForm(request.args, meta={"csrf": False})
    if not (form.q.data or "").strip():
        return render_template("credentials/verify.html", form=VerifyForm())
    return _by_reference(form)


def _by_reference(form: VerifyForm) -> Page:
    answer = verification.verify_reference(form.q.data or "", at=clock.now())
    if answer is None or answer.record is None:
        form.q.errors = [
            _("Nothing was issued here under this number or link. Compare it letter by letter, or check the file.")
        ]
        return render_template("credentials/verify.html", form=form), 404
    return redirect(url_for("credentials.certificate", code=answer.record.code))


@bp.post("/verify")
@public
def verify() -> Page:
    """Check an uploaded file, or a number or link."""
    form = VerifyForm()
    if not form.validate():
        return render_template("credentials/verify.html", form=form), 422
    if form.file.data is None:
        if (form.q.data or "").strip():
            return _by_reference(form)
        form.q.errors = [_("Give a number or link, or choose a file.")]
        return render_template("credentials/verify.html", form=form), 422
    try:
        with form.file.data.stream as stream:
            raw = files.read_limited(stream, verification.UPLOAD_LIMIT)
    except DomainError as error:
        form.file.errors = [str(error)]
        return render_template("credentials/verify.html", form=form), error.status
    answer = verification.verify_document(raw, at=clock.now())
    return _result("credentials/verified.html", answer, name=form.file.data.filename)


@bp.get("/achievements/<slug>")
@public
def achievement(slug: str) -> str:
    """Show what a kind and level of certificate certifies and what it takes."""
    found = achievement_by_slug(slug, settings().public_url)
    if found is None:
        raise NotFoundError(_l("No certificate names this achievement."))
    return render_template("credentials/achievement.html", achievement=found)
