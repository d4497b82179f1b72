"""What holders and issuers are told of changes: what happened, why, and what they can do."""

from sqlalchemy import select

from app.accounts.models import Person
from app.core.db import session
from app.core.errors import Text
from app.core.events import Event
from app.core.text import _l, in_language
from app.credentials.models import BulkChange, Certificate
from app.credentials.states import CertificateState, RevocationReason
from app.credentials.wording import REASONS, SUSPENSION_REASONS
from app.desk.kinds import NoticeKind, Told


def _told(happened: Event, **params: str) -> list[Told]:
    """Tell the holder of the certificate that an event is about, by a link to what they can do."""
    query = select(Certificate.person_id).where(Certificate.code == happened.subject_code)
    url = f"/my/certificates/{happened.subject_code}/change"
    return [Told(one, url, params) for one in session.scalars(query) if one is not None]


def _because(reasons: dict[str, Text], code: str) -> dict[str, str]:
    said = reasons.get(code, code)
    return {"reason_zh": in_language(said, "zh_CN"), "reason_en": in_language(said, "en")}


def _revoked(happened: Event) -> list[Told]:
    """Tell of a revocation; of a mere replacement the new certificate tells."""
    reason = str(happened.data.get("reason", ""))
    return [] if reason == RevocationReason.SUPERSEDED else _told(happened, **_because(REASONS, reason))


def _suspended(happened: Event) -> list[Told]:
    return _told(happened, **_because(SUSPENSION_REASONS, str(happened.data["why"])))


def _followed(happened: Event) -> list[Told]:
    """Tell of a certificate that follows another; of one that was revoked with its publication the revocation tells."""
    if "succession" not in happened.data:
        return []
    query = select(Certificate.state).where(Certificate.code == happened.subject_code)
    return [] if session.scalar(query) is CertificateState.REVOKED else _told(happened)


def _closed(happened: Event) -> list[Told]:
    return _told(happened, **_because(REASONS, str(happened.data["reason"])))


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
        told=_revoked,
        mail=True,
        sms=True,
    ),
    NoticeKind(
        "credentials.suspended",
        "credentials.suspended",
        label=_l("A certificate of yours was suspended"),
        sentence=_l("A certificate of yours does not count for now: %(reason)s. Read until when and what you can do."),
        told=_suspended,
        mail=True,
        sms=True,
    ),
    NoticeKind(
        "credentials.reinstated",
        "credentials.reinstated",
        label=_l("A certificate of yours counts again"),
        sentence=_l("A certificate of yours counts again. Every check says so."),
        told=_told,
        mail=True,
    ),
    NoticeKind(
        "credentials.followed",
        "credentials.published",
        label=_l("A certificate of yours was made anew or renewed"),
        sentence=_l("A certificate of yours was made anew or renewed under the same number. Use the new one."),
        told=_followed,
        mail=True,
    ),
    NoticeKind(
        "credentials.request_declined",
        "credentials.request_declined",
        label=_l("A certificate of yours is not made anew"),
        sentence=_l("A certificate of yours is not made anew. Read the reason."),
        told=_told,
        mail=True,
    ),
    NoticeKind(
        "credentials.request_closed",
        "credentials.request_closed",
        label=_l("A certificate that you wait for is not made any more"),
        sentence=_l("What you asked for is not made any more: %(reason)s. Read what you can do."),
        told=_closed,
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
