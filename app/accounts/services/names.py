"""Correction of a verified name: asked for by its bearer with the paper that proves it, decided by a second person.

Name and paper stand sealed under the person's key; events say that a name changed and why, never from what to what.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.access import Permission
from app.accounts.models import Person
from app.accounts.rights import NameCorrection
from app.accounts.services.people import correct_name, seal_bytes, seal_field, unseal_bytes, unseal_field
from app.accounts.states import NAME, NameState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from app.core.events import Subject
from app.core.text import _l
from app.core.uploads import media_type_of

ASKED, PAPER = "name_correction.asked", "name_correction.paper"
LONGEST = 100


class Name(NamedTuple):
    """A name as the document has it, and in Latin letters where it has one."""

    name: str
    latin: str | None


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked for: the name, the paper that proves it, and why."""

    name: Name
    paper: bytes
    reason: str


def ask(asking: Asking, *, by: Actor, at: datetime) -> NameCorrection:
    """Ask that one's own verified name be corrected; a request that waits already is returned.

    Raises InvalidError for a name that stands already, or a paper that is no scan.
    """
    known = waiting(by.person_id)
    if known is not None:
        return known
    person = session.get_one(Person, by.person_id)
    wanted = Name(asking.name.name.strip(), (asking.name.latin or "").strip() or None)
    if wanted == (person.name, person.name_latin):
        raise InvalidError(_l("This is your verified name already."), field="name")
    made = NameCorrection(
        person_id=person.id,
        asked_sealed=seal_field(person, json.dumps(wanted, ensure_ascii=False), ASKED),
        media_type=media_type_of(asking.paper),
        paper_sealed=seal_bytes(person, asking.paper, PAPER),
        digest=sha256(asking.paper).hexdigest(),
        reason=asking.reason.strip(),
        requested_at=at,
    )
    session.add(made)
    session.flush()
    _record("accounts.name_asked", made, person, by=by, at=at)
    return made


def waiting(person_id: int) -> NameCorrection | None:
    """Return the request of a person that waits for a decision."""
    query = select(NameCorrection).where(
        NameCorrection.person_id == person_id, NameCorrection.state == NameState.REQUESTED
    )
    return session.scalar(query)


def own(person_id: int) -> list[NameCorrection]:
    """Return the requests of a person, the latest first."""
    query = select(NameCorrection).where(NameCorrection.person_id == person_id)
    return list(session.scalars(query.order_by(NameCorrection.id.desc()).limit(LONGEST)))


def latest() -> list[NameCorrection]:
    """Return the latest requests with their persons."""
    query = select(NameCorrection).options(joinedload(NameCorrection.person))
    return list(session.scalars(query.order_by(NameCorrection.id.desc()).limit(LONGEST)))


def correction(code: str) -> NameCorrection:
    """Return a request with its person; raises NotFoundError."""
    query = select(NameCorrection).options(joinedload(NameCorrection.person))
    found = session.scalar(query.where(NameCorrection.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such record within what you may see."))
    return found


def name_asked(found: NameCorrection) -> Name | None:
    """Return the name that is asked for, None where it went with an erasure or a joined record."""
    if found.asked_sealed is None or found.person.data_key is None:
        return None
    return Name(*json.loads(unseal_field(found.person, found.asked_sealed, ASKED)))


def paper_of(found: NameCorrection) -> bytes:
    """Return the paper behind a request; raises NotFoundError where it went with an erasure or a joined record."""
    if found.paper_sealed is None or found.person.data_key is None:
        raise NotFoundError(_l("The paper of this request is not kept any more."))
    return unseal_bytes(found.person, found.paper_sealed, PAPER)


def withdraw(*, by: Actor, at: datetime) -> None:
    """Take one's own request back before it is decided; raises ConflictError where it is too late."""
    found = waiting(by.person_id)
    if found is None:
        raise ConflictError(_l("There is no request of yours that waits for a decision."))
    NAME.move(found, "withdraw")
    session.flush()
    _record("accounts.name_withdrawn", found, session.get_one(Person, by.person_id), by=by, at=at)


def decide(found: NameCorrection, *, correct: bool, answer: str, by: Actor, at: datetime) -> None:
    """Correct a name after seeing the paper, or refuse it, with an answer that the person reads.

    Raises ForbiddenError for one's own request, ConflictError where it was decided.
    """
    if not by.may(Permission.NAMES) or by.person_id == found.person_id:
        raise ForbiddenError(_l("A second person decides on a request: not whoever made it."))
    person = session.get_one(Person, found.person_id)
    decided = {"decided_by_id": by.person_id, "decided_at": at, "answer": answer.strip()}
    wanted = name_asked(found)
    NAME.move(found, "correct" if correct else "refuse", **decided)
    session.flush()
    if not correct:
        _record("accounts.name_refused", found, person, by=by, at=at)
        return
    if wanted is None:
        raise ConflictError(_l("This record was erased or joined with another."))
    correct_name(person, name=wanted.name, name_latin=wanted.latin, reason=answer, by=by, at=at)
    _record("accounts.name_decided", found, person, by=by, at=at)


def _record(kind: str, found: NameCorrection, person: Person, *, by: Actor, at: datetime) -> None:
    data = {"name": found.code, "digest": found.digest}
    events.record(kind, Subject("person", person.code), by=by, at=at, data=data)
