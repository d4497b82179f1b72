"""Keys with which programs of organisations act: made, used, revoked; what a program repeats is done once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, or_, update

from app.accounts import key_queries as queries
from app.accounts.access import Permission
from app.accounts.keyed import AccessKey, KeyedRequest
from app.accounts.models import Organisation
from app.core import events
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.crypto import digest_token, new_token
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, TooManyError
from app.core.text import _l

MARK = "jjk_"
"""How every key begins, so that those who look for leaked secrets know it."""
ENDING = 4
MOST_DAYS = 366
MOST_LIVE = 20
MINUTE = timedelta(minutes=1)
USES_A_MINUTE = 120


@dataclass(frozen=True, slots=True)
class Terms:
    """What a key is called, which permission it carries, and for how many days."""

    name: str
    purpose: str
    days: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of a program: the name by which it repeats it, and the digest of its body."""

    name: str
    digest: bytes


def make_key(organisation: Organisation, terms: Terms, *, by: Actor, at: datetime) -> tuple[AccessKey, str]:
    """Make a key of one's own organisation and return it with its text, which is told this once only.

    `at` is security time. Raises ForbiddenError for others, ConflictError for a closed body, a name in use or too
    many keys, InvalidError for a purpose that the role does not carry and for a term beyond a year.
    """
    _check_own(organisation, by)
    name = terms.name.strip()
    if terms.purpose not in queries.purposes() or not by.may(terms.purpose):
        raise InvalidError(_l("Your role may not do this itself, so no key of yours may."), field="purpose")
    if not 1 <= terms.days <= MOST_DAYS:
        raise InvalidError(_l("A key holds for a year at most. Choose a shorter term."), field="days")
    if queries.name_taken(organisation.id, name, at):
        raise ConflictError(_l("A key of this name is in use. Name the program more closely."), field="name")
    if queries.count_live(organisation.id, at) >= MOST_LIVE:
        raise ConflictError(_l("Your organisation holds %(count)s keys. Revoke one first.", count=MOST_LIVE))
    text = MARK + new_token()
    key = AccessKey(
        token=digest_token(text),
        ending=text[-ENDING:],
        name=name,
        purpose=terms.purpose,
        organisation_id=organisation.id,
        membership_id=by.membership_id,
        made_at=at,
        expires_at=at + timedelta(days=terms.days),
    )
    session.add(key)
    session.flush()
    told = {"purpose": key.purpose, "until": key.expires_at.isoformat()}
    events.record("accounts.key_made", queries.of_key(key), by=by, at=at, data=told)
    return key, text


def _check_own(organisation: Organisation, by: Actor) -> None:
    if by.organisation_id != organisation.id or by.membership_id is None or not by.may(Permission.ACCESS_KEYS):
        raise ForbiddenError(_l("The administrator of an organisation makes and revokes the keys of its programs."))
    if organisation.closed_on is not None:
        raise ConflictError(_l("This organisation is closed: its record is kept as it is."))


def end_key(key: AccessKey, organisation: Organisation, *, by: Actor, at: datetime) -> None:
    """Revoke a key at once, for good; raises ForbiddenError for others, ConflictError where it opens nothing any more.

    `at` is security time.
    """
    _check_own(organisation, by)
    if key.organisation_id != organisation.id:
        raise NotFoundError(_l("There is no such record within what you may see."))
    if key.ended_at is not None or key.expires_at <= at:
        raise ConflictError(_l("This key has ended already."))
    key.ended_at = at
    session.flush()
    events.record("accounts.key_revoked", queries.of_key(key), by=by, at=at)


def count_use(code: str, *, at: datetime) -> None:
    """Count a use of a key before it is heard; `at` is security time.

    Raises TooManyError where the running minute holds its share already; a use that is not heard is not counted.
    """
    fresh = or_(AccessKey.minute_at.is_(None), AccessKey.minute_at <= at - MINUTE)
    counted = session.execute(
        update(AccessKey)
        .where(AccessKey.code == code, or_(fresh, AccessKey.in_minute < USES_A_MINUTE))
        .values(
            used_at=at,
            uses=AccessKey.uses + 1,
            in_minute=case((fresh, 1), else_=AccessKey.in_minute + 1),
            minute_at=case((fresh, at), else_=AccessKey.minute_at),
        )
        .returning(AccessKey.id)
        .execution_options(synchronize_session=False)
    ).first()
    if counted is None:
        error = TooManyError(
            _l("A key is heard %(count)s times a minute. Wait a minute, then go on.", count=USES_A_MINUTE)
        )
        error.headers = {"Retry-After": f"{int(MINUTE.total_seconds())}"}
        raise error


def do_once(asked: Asked, act: Callable[[], JsonObject], *, by: Actor, at: datetime) -> tuple[JsonObject, bool]:
    """Do what a program asks for, once; return the answer, and whether it is that of an earlier request.

    Name, answer and what `act` writes are of one transaction, and the name is taken first: of two requests at the same
    time the second waits or meets a ConflictError, and finds the answer when it comes again. Raises InvalidError where
    the name was given to another request, and whatever `act` raises.
    """
    key = queries.by_code(by.key or "")
    earlier = queries.request_named(key.id, asked.name)
    if earlier is None:
        earlier = KeyedRequest(access_key_id=key.id, name=asked.name, digest=asked.digest, answer={}, at=at)
        session.add(earlier)
        session.flush()
        earlier.answer = act()
        session.flush()
        note_use(by, at=at, data={"record": earlier.answer.get("code", ""), "status": DONE})
        return earlier.answer, False
    if earlier.digest != asked.digest:
        raise InvalidError(_l("This Idempotency-Key was used for another request. Give every new request a new one."))
    note_use(by, at=at, data={"record": earlier.answer.get("code", ""), "status": DONE, "repeated": True})
    return earlier.answer, True


DONE = 201


def note_use(by: Actor, *, at: datetime, data: JsonObject) -> None:
    """Record a use of a key: which record came of it, or with which status it was refused."""
    events.record("accounts.key_used", queries.of_key(queries.by_code(by.key or "")), by=by, at=at, data=data)
