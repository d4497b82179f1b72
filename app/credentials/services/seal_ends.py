"""A seal needs another certificate in time: its issuers have it on their desks some weeks before, until it is there.

Certificates hold by the real clock, so it is counted by it.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from app.accounts.states import Role
from app.core import events
from app.core.clock import day_of, real_now
from app.core.config import settings
from app.credentials.models import IssuingBody, SigningKey
from app.credentials.queries import seals
from app.credentials.rules.chain import links_of
from app.credentials.services.bodies import subject
from app.desk import services as desk

ENDS, REVOKED = "credentials.seal_ends", "credentials.replace_seal"
PATH = "/issuing/keys"


class Ending(NamedTuple):
    """A seal that needs another certificate: of whom, which to-do says so, and since or until which day."""

    body: IssuingBody
    kind: str
    on: date


def first_end(chain: Sequence[bytes]) -> datetime:
    """Return when the first certificate of a chain ends: from then on the seal proves nothing new."""
    return min(one.ends for one in links_of(chain))


def ends_soon(end: datetime, now: datetime) -> bool:
    """Tell whether an end is near enough to be on a desk (SEAL_WARNING_DAYS)."""
    return end - now <= timedelta(days=settings().seal_warning_days)


def endings(now: datetime) -> list[Ending]:
    """Return the seals that need another certificate now, of every open body."""
    current = seals.current_seals()
    revoked = seals.revocations(key for key, _body in current)
    return [found for key, body in current for found in _ending(key, body, revoked.get(key.id), now)]


def _ending(key: SigningKey, body: IssuingBody, revoked: datetime | None, now: datetime) -> Iterable[Ending]:
    if revoked is not None:
        yield Ending(body, REVOKED, day_of(revoked))
        return
    end = first_end(seals.chain_of(key))
    if ends_soon(end, now):
        yield Ending(body, ENDS, day_of(end))


def put_on_desks(*, at: datetime) -> int:
    """Open a to-do for each seal that needs another certificate, and close those that need none any more."""
    found = endings(real_now())
    waiting = {(one.body.id, one.kind) for one in found}
    for _key, body in seals.current_seals():
        for kind in (ENDS, REVOKED):
            if (body.id, kind) not in waiting:
                desk.close_todos(subject(body), kind=kind, at=at)
    for one in found:
        _open(one, at)
    return len(found)


def settle(body: IssuingBody, *, at: datetime) -> None:
    """Take from the desks what waits about the seal of a body: it has another certificate, or another key."""
    for kind in (ENDS, REVOKED):
        desk.close_todos(subject(body), kind=kind, at=at)


def _open(ending: Ending, at: datetime) -> None:
    """Open a to-do once, and tell the issuers by a notice when it is opened."""
    body = ending.body
    todo = desk.open_todo(
        ending.kind,
        subject(body),
        url=PATH,
        at=at,
        role=Role.ISSUER,
        organisation_id=body.organisation_id,
        due_on=ending.on if ending.kind == ENDS else None,
        params={"body_zh": body.name_zh, "body_en": body.name_en, "day": ending.on.isoformat()},
    )
    if ending.kind == ENDS and todo.opened_at == at:
        data = {"day": ending.on.isoformat()}
        events.record("credentials.seal_ending", subject(body), by=None, at=at, data=data)
