"""The published lists: bits set and cleared in the transaction of an act, signed again outside of the request.

An act empties the signed forms of its list, so no reader is given a list that hides it: until a job has signed the
list again, it is signed for the reader. The row is locked by whoever changes a bit and by whoever keeps a signed form:
neither can miss the other.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import ColumnElement, Select, or_, select

from app.core.clock import real_now
from app.core.columns import JsonObject
from app.core.config import settings
from app.core.db import session
from app.core.errors import UnavailableError
from app.core.signing import Algorithm
from app.credentials.models import StatusList, SuspensionList
from app.credentials.rules.document import write_document
from app.credentials.rules.jwt import VC_JWT, sign_jwt
from app.credentials.rules.proof import sign_document
from app.credentials.rules.status_list import LIFETIME, PURPOSE, SUSPENSION, list_credential, set_bits, with_bits
from app.credentials.services.bodies import signer_of

REFRESH = timedelta(days=1)
"""An edition is followed by the next one after a day, long before it ends."""
AnyList = StatusList | SuspensionList


@dataclass(frozen=True, slots=True)
class Edition:
    """One signed form of a list as it is sent: its text and the instant it was signed."""

    text: str
    signed_at: datetime


def list_url(listed: AnyList) -> str:
    """Return the address under which a list is published."""
    return f"{settings().public_url}{listed.path}"


def purpose_of(listed: AnyList) -> str:
    """Return what a set bit of a list means."""
    return PURPOSE if isinstance(listed, StatusList) else SUSPENSION


def open_beside(listed: StatusList, *, at: datetime) -> SuspensionList:
    """Return the list of suspensions parallel to a status list; it is opened once."""
    known = beside(listed.id)
    if known is not None:
        return known
    session.add(SuspensionList(status_list_id=listed.id, bits=set_bits([]), changed_at=at))
    session.flush()
    return session.scalars(_beside(listed.id)).one()


def beside(list_id: int) -> SuspensionList | None:
    """Return the list of suspensions parallel to a status list, None where none was opened yet."""
    return session.scalar(_beside(list_id))


def _beside(list_id: int) -> Select[SuspensionList]:
    return select(SuspensionList).where(SuspensionList.status_list_id == list_id)


def unopened(listed: StatusList) -> SuspensionList:
    """Return the empty list that stands for suspensions until somebody opens it; it is not kept."""
    return SuspensionList(bits=set_bits([]), changed_at=listed.changed_at, beside=listed)


def mark_revoked(list_id: int, indexes: Iterable[int], *, at: datetime) -> None:
    """Set bits of a status list; a revocation is never taken back."""
    _change(_locked(StatusList, StatusList.id == list_id), indexes, value=True, at=at)


def mark_suspended(list_id: int, indexes: Iterable[int], *, suspended: bool, at: datetime) -> None:
    """Set or clear bits of the suspensions parallel to a status list."""
    open_beside(session.get_one(StatusList, list_id), at=at)
    _change(_locked(SuspensionList, SuspensionList.status_list_id == list_id), indexes, value=suspended, at=at)


def _locked(model: type[AnyList], which: ColumnElement[bool]) -> AnyList:
    """Return a list as it stands now, locked until the transaction ends."""
    query = select(model).where(which).with_for_update(of=model).execution_options(populate_existing=True)
    return cast("AnyList", session.scalars(query).one())


def _change(listed: AnyList, indexes: Iterable[int], *, value: bool, at: datetime) -> None:
    changed = with_bits(listed.bits, indexes, value=value)
    if changed == listed.bits:
        return
    listed.bits = changed
    listed.changed_at = at
    listed.credential = listed.jwt = listed.signed_at = None
    session.flush()


def lists_of(body_id: int) -> list[AnyList]:
    """Return every list of a body: of who is revoked, and of who is suspended."""
    suspensions = select(SuspensionList).join(StatusList, StatusList.id == SuspensionList.status_list_id)
    return [
        *session.scalars(select(StatusList).where(StatusList.body_id == body_id).order_by(StatusList.id)),
        *session.scalars(suspensions.where(StatusList.body_id == body_id).order_by(SuspensionList.id)),
    ]


def sign_all_again(body_id: int, *, at: datetime) -> None:
    """Sign every list of a body under its keys of now, so that no reader is given what a distrusted key signed.

    Where a key cannot be used the kept forms are dropped all the same, and a list is signed once it can.
    """
    for one in lists_of(body_id):
        listed = _locked(type(one), type(one).id == one.id)
        listed.credential = listed.jwt = listed.signed_at = None
        session.flush()
        keep_signed(listed, at=at)


def signed_list(listed: AnyList) -> JsonObject:
    """Return the signed credential of a list: of this moment, whatever was kept; writes nothing.

    Raises UnavailableError where the key cannot be used: an old list would hide a revocation.
    """
    found: JsonObject = json.loads(edition_of(listed).text)
    return found


def edition_of(listed: AnyList, *, jwt: bool = False) -> Edition:
    """Return the list as it is sent: the kept form while it holds, else signed now; writes nothing.

    Raises UnavailableError where the key cannot be used.
    """
    now = real_now()
    kept = listed.jwt if jwt else listed.credential
    if kept is not None and listed.signed_at is not None and now < listed.signed_at + REFRESH * 2:
        return Edition(kept, listed.signed_at)
    return Edition(_sign_jwt(listed, now) if jwt else _sign(listed, now), now)


def _sign(listed: AnyList, now: datetime) -> str:
    signed = sign_document(_document(listed, now), signer_of(listed.body), created=now)
    return write_document(signed)


def _sign_jwt(listed: AnyList, now: datetime) -> str:
    """Sign the same edition as JWT, for verifiers that read no Data Integrity proof."""
    return sign_jwt(_document(listed, now), signer_of(listed.body, Algorithm.P256), created=now, typ=VC_JWT)


def _document(listed: AnyList, now: datetime) -> JsonObject:
    return list_credential(
        url=list_url(listed),
        issuer=listed.body.did,
        bits=listed.bits,
        valid_from=now,
        valid_until=now + LIFETIME,
        purpose=purpose_of(listed),
    )


def keep_signed(listed: AnyList, *, at: datetime) -> bool:
    """Sign a list that changed, or whose edition is a day old, and keep it; tell whether it is kept signed now.

    Readers then need no key. The row is locked, so that no bit changes between reading and keeping.
    """
    del at  # an edition is counted by the real clock, whatever the domain's says
    now = real_now()
    current = _locked(type(listed), type(listed).id == listed.id)
    if current.signed_at is not None and now < current.signed_at + REFRESH:
        return True
    try:
        current.credential, current.jwt = _sign(current, now), _sign_jwt(current, now)
    except UnavailableError:
        return current.credential is not None
    current.signed_at = now
    session.flush()
    return True


def to_sign() -> list[AnyList]:
    """Return every list that has no signed form or an old one, and open what suspensions still lack a list."""
    for listed in session.scalars(select(StatusList).where(~_has_beside().exists())).all():
        open_beside(listed, at=listed.changed_at)
    old = real_now() - REFRESH
    revocations = select(StatusList).where(or_(StatusList.signed_at.is_(None), StatusList.signed_at <= old))
    suspensions = select(SuspensionList).where(or_(SuspensionList.signed_at.is_(None), SuspensionList.signed_at <= old))
    return [*session.scalars(revocations), *session.scalars(suspensions)]


def _has_beside() -> Select[int]:
    return select(SuspensionList.id).where(SuspensionList.status_list_id == StatusList.id)
