"""Share links: made with a secret that is shown once, looked at, revoked at once, forgotten with their holder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from app.core import events
from app.core.access import Actor
from app.core.crypto import digest_token, new_token
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.text import _l
from app.credentials.access import Permission
from app.credentials.models import Certificate, SharedCertificate, ShareLink, ShareView
from app.credentials.queries import sharing as queries
from app.credentials.queries.records import Holder
from app.credentials.rules import sharing
from app.credentials.rules.sharing import MOST_CERTIFICATES, MOST_LINKS
from app.credentials.states import SharedField

FORGOTTEN_AFTER = timedelta(days=365)
"""An ended link is kept a year, so that its holder can see who looked; then it goes with its views."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a holder chose to show, under which label, for how many days."""

    holder: Holder
    certificates: Sequence[Certificate]
    fields: Sequence[SharedField]
    label: str
    days: int


@dataclass(frozen=True, slots=True)
class Made:
    """A link and its secret, which nobody can read again."""

    link: ShareLink
    secret: str


def subject(link: ShareLink) -> Subject:
    """Name a share link in events."""
    return Subject("share_link", link.code)


def share(chosen: Chosen, *, number: str, by: Actor, at: datetime, real: datetime) -> Made:
    """Make a link under which the chosen fields are shown; `number` is the form's own, used once.

    Raises InvalidError where nothing was chosen or too much, ForbiddenError for who neither is the holder nor
    administers it, ConflictError where the form made its link already: the secret was shown then and cannot be shown
    again.
    """
    _check(chosen, by, real)
    if queries.link_asked_with(number, chosen.holder) is not None:
        raise ConflictError(_l("This form has made its link already, and its address was shown once. Make another."))
    secret = new_token()
    link = ShareLink(
        person_id=chosen.holder.person_id,
        organisation_id=chosen.holder.organisation_id,
        secret=digest_token(secret),
        asked_with=number,
        label=chosen.label,
        fields=[field.value for field in chosen.fields],
        created_at=real,
        expires_at=sharing.expiry(chosen.days, real),
    )
    session.add(link)
    session.flush()
    rows = [{"share_link_id": link.id, "certificate_id": one.id} for one in chosen.certificates]
    session.execute(insert(SharedCertificate), rows)
    data = {"certificates": [one.code for one in chosen.certificates], "fields": link.fields, "days": chosen.days}
    events.record("credentials.shared", subject(link), by=by, at=at, data=data)
    return Made(link, secret)


def acts_for(holder: Holder, by: Actor) -> bool:
    """Tell whether the actor is a holder, or administers the organisation that is."""
    if holder.organisation_id is None:
        return holder.person_id == by.person_id
    return holder.organisation_id == by.organisation_id and by.may(Permission.HOLD_FOR_ORGANISATION)


def _check(chosen: Chosen, by: Actor, real: datetime) -> None:
    if not acts_for(chosen.holder, by):
        raise ForbiddenError(_l("Only the holder shares a certificate, of an organisation who administers it."))
    if not chosen.certificates:
        raise InvalidError(_l("Choose at least one certificate."), field="certificates")
    if len(chosen.certificates) > MOST_CERTIFICATES:
        raise InvalidError(
            _l("A link shows at most %(limit)s certificates. Make another link.", limit=MOST_CERTIFICATES),
            field="certificates",
        )
    if any(Holder(one.person_id, one.organisation_id) != chosen.holder for one in chosen.certificates):
        raise InvalidError(_l("Only your own certificates can be shared."), field="certificates")
    if queries.open_links(chosen.holder, real) >= MOST_LINKS:
        raise InvalidError(_l("You have %(limit)s open links. Revoke those no longer needed first.", limit=MOST_LINKS))


def revoke_link(link: ShareLink, *, by: Actor, at: datetime, real: datetime) -> None:
    """End a link at once; a repeated request changes nothing."""
    ended = session.execute(
        update(ShareLink)
        .where(ShareLink.id == link.id, ShareLink.revoked_at.is_(None))
        .values(revoked_at=real)
        .returning(ShareLink.id)
    ).first()
    if ended is not None:
        events.record("credentials.share_revoked", subject(link), by=by, at=at)


def viewed(link_id: int, client: str, *, real: datetime) -> None:
    """Note a look at a shared page: when, and with what kind of program."""
    session.add(ShareView(share_link_id=link_id, at=real, client=client))
    session.execute(update(ShareLink).where(ShareLink.id == link_id).values(views=ShareLink.views + 1))


def end_links_of(person_id: int, *, real: datetime) -> None:
    """End every link of a person whose data is being erased."""
    own = (ShareLink.person_id == person_id) & ShareLink.revoked_at.is_(None)
    session.execute(update(ShareLink).where(own).values(revoked_at=real))


def forget_links_of(person_id: int) -> None:
    """Delete every link of a person with what it showed and who looked."""
    _delete(list(session.scalars(select(ShareLink.id).where(ShareLink.person_id == person_id))))


def forget_ended_links(*, real: datetime, most: int = 500) -> int:
    """Delete links that ended a year ago, so many at most in one run; return how many."""
    ended = ShareLink.expires_at < real - FORGOTTEN_AFTER
    found = list(session.scalars(select(ShareLink.id).where(ended).order_by(ShareLink.id).limit(most)))
    _delete(found)
    return len(found)


def _delete(ids: list[int]) -> None:
    if ids:
        session.execute(delete(ShareView).where(ShareView.share_link_id.in_(ids)))
        session.execute(delete(SharedCertificate).where(SharedCertificate.share_link_id.in_(ids)))
        session.execute(delete(ShareLink).where(ShareLink.id.in_(ids)))
