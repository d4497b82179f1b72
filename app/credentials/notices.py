"""What holders and issuers are told of changes: what happened, why, and what they can do."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select

from app.accounts.models import Person
from app.core.db import session
from app.core.errors import Text
from app.core.events import Event
from app.core.text import _l, in_language
from app.credentials.models import BulkChange, Certificate
from app.credentials.queries.readers import Reader, readers
from app.credentials.states import CertificateState, RevocationReason
from app.credentials.wording import REASONS, SUSPENSION_REASONS
from app.desk.kinds import NoticeKind, Told

CHANGE, FILES = "/change", "#files"
"""Where a notice leads to: what the holder can do about a certificate, or its files."""
Params = Callable[[Event], dict[str, str] | None]
"""What fills the sentence of a notice; None where an event tells nobody."""


def _holders(happened: Sequence[Event], params: Params, page: str = CHANGE) -> dict[int, list[Told]]:
    """Tell the holders of the certificates that events are about, by a link to a page of each."""
    said = {one: params(one) for one in happened}
    listed = readers({one.subject_code for one, given in said.items() if given is not None})
    return {
        one.id: []
        if given is None
        else [_told(one.subject_code, to, given, page) for to in listed.get(one.subject_code, [])]
        for one, given in said.items()
    }


def _told(code: str, to: Reader, params: dict[str, str], page: str) -> Told:
    return Told(to.person_id, f"{to.pages}/certificates/{code}{page}", params)


def _because(reasons: dict[str, Text], code: str) -> dict[str, str]:
    said = reasons.get(code, code)
    return {"reason_zh": in_language(said, "zh_CN"), "reason_en": in_language(said, "en")}


def _revoked(happened: Event) -> dict[str, str] | None:
    """Tell of a revocation; of a mere replacement the new certificate tells."""
    reason = str(happened.data.get("reason", ""))
    return None if reason == RevocationReason.SUPERSEDED else _because(REASONS, reason)


def _suspended(happened: Event) -> dict[str, str]:
    return _because(SUSPENSION_REASONS, str(happened.data["why"]))


def _closed(happened: Event) -> dict[str, str]:
    return _because(REASONS, str(happened.data["reason"]))


def _plain(happened: Event) -> dict[str, str]:
    del happened
    return {}


def _followed(happened: Sequence[Event]) -> dict[int, list[Told]]:
    """Tell of certificates that follow others; of one that was revoked since the revocation tells."""
    codes = [one.subject_code for one in happened if "succession" in one.data]
    query = select(Certificate.code).where(Certificate.code.in_(codes), Certificate.state != CertificateState.REVOKED)
    standing = set(session.scalars(query)) if codes else set()
    return _holders(happened, lambda one: {} if one.subject_code in standing else None, FILES)


def _tells(params: Params, page: str = CHANGE) -> dict[str, Any]:
    """Return how a notice tells the holder of one event, and those of many."""
    return {
        "told": lambda happened: _holders([happened], params, page)[happened.id],
        "told_of_all": lambda happened: _holders(happened, params, page),
    }


def _renamed(happened: Event) -> list[Told]:
    """Tell a person whose verified name changed while they hold certificates."""
    held = select(Certificate.person_id).join(Person, Person.id == Certificate.person_id)
    stands = held.where(Person.code == happened.subject_code, Certificate.state == CertificateState.PUBLISHED)
    person = session.scalars(stands.limit(1)).first()
    return [] if person is None else [Told(person, "/my/certificates")]


def _preparer(happened: Event) -> list[Told]:
    query = select(BulkChange.prepared_by_id).where(BulkChange.code == happened.subject_code)
    url = f"/issuing/changes/{happened.subject_code}"
    return [Told(one, url, {"count": str(happened.data["count"])}) for one in session.scalars(query)]


OF_CHANGES = (
    NoticeKind(
        "credentials.revoked",
        "credentials.revoked",
        label=_l("A certificate of yours was revoked"),
        sentence=_l("A certificate of yours was revoked: %(reason)s. Read what you can do."),
        **_tells(_revoked),
        mail=True,
        sms=True,
    ),
    NoticeKind(
        "credentials.suspended",
        "credentials.suspended",
        label=_l("A certificate of yours was suspended"),
        sentence=_l("A certificate of yours does not count for now: %(reason)s. Read until when and what you can do."),
        **_tells(_suspended),
        mail=True,
        sms=True,
    ),
    NoticeKind(
        "credentials.reinstated",
        "credentials.reinstated",
        label=_l("A certificate of yours counts again"),
        sentence=_l("A certificate of yours counts again. Every check says so."),
        **_tells(_plain),
        mail=True,
    ),
    NoticeKind(
        "credentials.followed",
        "credentials.published",
        label=_l("A certificate of yours was made anew or renewed"),
        sentence=_l("A certificate of yours was made anew or renewed under the same number. Use the new one."),
        told=lambda happened: _followed([happened])[happened.id],
        told_of_all=_followed,
        mail=True,
    ),
    NoticeKind(
        "credentials.resigned",
        "credentials.resigned",
        label=_l("A certificate of yours was signed anew"),
        sentence=_l("A certificate of yours was signed anew: its old file no longer verifies. Download it again."),
        **_tells(_plain, FILES),
        mail=True,
    ),
    NoticeKind(
        "credentials.forms_resigned",
        "credentials.forms_resigned",
        label=_l("A file of a certificate of yours was made anew"),
        sentence=_l(
            "A file of a certificate of yours was made anew: the old one no longer verifies. Download it again."
        ),
        **_tells(_plain, FILES),
        mail=True,
    ),
    NoticeKind(
        "credentials.request_declined",
        "credentials.request_declined",
        label=_l("A certificate of yours is not made anew"),
        sentence=_l("A certificate of yours is not made anew. Read the reason."),
        **_tells(_plain),
        mail=True,
    ),
    NoticeKind(
        "credentials.request_closed",
        "credentials.request_closed",
        label=_l("A certificate that you wait for is not made any more"),
        sentence=_l("What you asked for is not made any more: %(reason)s. Read what you can do."),
        **_tells(_closed),
        mail=True,
    ),
    NoticeKind(
        "credentials.renamed",
        "accounts.name_corrected",
        label=_l("Your verified name changed"),
        sentence=_l("Your verified name changed. You can ask for new certificates that carry it."),
        told=_renamed,
        mail=True,
    ),
    NoticeKind(
        "credentials.change_done",
        "credentials.change_done",
        label=_l("A change of many certificates is carried out"),
        sentence=_l("The change that you prepared is carried out: %(count)s certificates."),
        told=_preparer,
    ),
)
