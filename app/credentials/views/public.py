"""Pages for everyone: a certificate, what an achievement takes; and one's own."""

from flask import Response, render_template, request

from app.core import clock
from app.core.access import current_actor, public
from app.core.access_log import Purpose, looked_up
from app.core.config import settings
from app.core.errors import NotFoundError
from app.core.text import _l, pick
from app.credentials import queries, verification
from app.credentials.queries import templates
from app.credentials.rules.templates import achievement_in_general, kind_of_slug
from app.credentials.services.issuing import subject
from app.credentials.verification import Answer
from app.credentials.views.blueprint import bp
from app.credentials.views.documents import CREDENTIAL, credential_response
from app.credentials.views.verify import answer_page
from app.credentials.wording_keys import seal_words


@bp.get("/credentials/<code>")
@public
def certificate(code: str) -> Response | str:
    """Show a certificate with every certified fact and every check; programs get the credential."""
    record = queries.certificate(code)
    if record.person_id is not None:
        looked_up([record.person_id], by=current_actor(), purpose=Purpose.VERIFICATION, record=subject(record))
    best = request.accept_mimetypes.best_match(["text/html", CREDENTIAL, "application/ld+json", "application/json"])
    if best not in {None, "text/html"}:
        return credential_response(record)
    answer = Answer(verification.verify_certificate(record, at=clock.now()), record)
    return answer_page("credentials/certificate_page.html", answer, seal=seal_words(record))


@bp.get("/achievements/<slug>")
@public
def achievement(slug: str) -> str:
    """Show what a kind and level of certificate certifies and what it takes."""
    named = kind_of_slug(slug)
    if named is None:
        raise NotFoundError(_l("No certificate names this achievement."))
    words = templates.wording_in_force(*named)
    found = achievement_in_general(named[0], words, named[1], settings().public_url)
    return render_template(
        "credentials/achievement.html", achievement=found, statement=pick(words.statement_zh, words.statement_en)
    )
