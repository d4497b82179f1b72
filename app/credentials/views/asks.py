"""The page on which a holder sees what became of a certificate, and asks that it be made anew or renewed."""

from collections.abc import Callable

from flask import flash, redirect, render_template
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import acting
from app.core.db import unit_of_work
from app.core.text import _
from app.credentials import services, verification, wording
from app.credentials.appeals import APPEAL, may_be_appealed
from app.credentials.models import Certificate
from app.credentials.queries import changes
from app.credentials.queries import sharing as links
from app.credentials.services import succession
from app.credentials.services.issuing import subject
from app.credentials.states import CertificateState, ReissueReason
from app.credentials.views.issued import chain_of, ends, last_day, renewal_of
from app.credentials.views.whose import Whose, page
from app.credentials.wording_changes import REISSUE_REASONS, SUCCESSIONS
from app.desk.queries import timeline_entries


@page("/certificates/<code>/change")
def own_change(whose: Whose, code: str) -> str:
    """Show what became of a certificate to its holder, why, and what they can do."""
    at, found = clock.now(), links.held(code, whose.holder)
    return render_template(
        "credentials/own_change.html",
        record=found,
        whose=whose,
        standing=wording.STANDINGS[verification.standing(found, at)],
        labels=wording.KINDS,
        about=wording.about,
        reasons=wording.REASONS,
        suspension_reasons=wording.SUSPENSION_REASONS,
        reissue_reasons=REISSUE_REASONS,
        successions=SUCCESSIONS,
        certified=changes.certified_name(found),
        verified=succession.verified_name(found)[0],
        name_differs=succession.name_differs(found),
        stands=found.state is CertificateState.PUBLISHED and not found.expired(at),
        published=found.state is CertificateState.PUBLISHED,
        **chain_of(found),
        renewal=renewal_of(found),
        appeal=APPEAL if may_be_appealed(found) else None,
        entries=timeline_entries(subject(found)),
        last_day=last_day,
        ends=ends,
    )


def _asked(whose: Whose, code: str, ask: Callable[[Certificate], object]) -> Response:
    with unit_of_work():
        ask(links.held(code, whose.holder))
    flash(_("Asked for. The issuing body prepares it; a second person approves it."), "good")
    return redirect(whose.to("own_change", code=code))


@page("/certificates/<code>/reissue", post=True)
def ask_own_reissue(whose: Whose, code: str) -> Response:
    """Ask that a certificate of one's own be made anew under the verified name of today."""
    because = ReissueReason.NAME_CHANGED
    return _asked(whose, code, lambda found: services.ask_reissue(found, because=because, by=acting(), at=clock.now()))


@page("/certificates/<code>/renew", post=True)
def ask_own_renewal(whose: Whose, code: str) -> Response:
    """Ask that a certificate of one's own be renewed."""
    return _asked(whose, code, lambda found: services.ask_renewal(found, by=acting(), at=clock.now()))
