"""How it is stored that somebody must not judge a subject: once a person and subject, with what was found since."""

from collections.abc import Iterable
from datetime import datetime

from app.accounts.states import Role
from app.cases.states import BY_NAME
from app.core.access import Actor
from app.core.db import session
from app.core.events import Subject
from app.desk import services as desk
from app.panels.models.draws import Recusal, RecusalFinding
from app.panels.queries.recusals import Recorded, recorded, recorded_of, waited_for
from app.panels.services.signing import ask_signatories
from app.panels.services.subjects import of_recusals
from app.panels.states import Conflict


def bar(subject: Subject, person_id: int, *, kind: Conflict, reason: str, by: Actor | None, at: datetime) -> bool:
    """Store that a person must not judge a subject; return whether they could until now.

    What is sure settles a recusal that rested on a name alone, and takes back that another person was meant.
    """
    known = recorded_of(subject, person_id)
    if known is None:
        session.add(
            Recusal(
                person_id=person_id,
                subject_type=subject.type,
                subject_code=subject.code,
                kind=kind,
                reason=reason,
                by_id=by.person_id if by else None,
                at=at,
            )
        )
        session.flush()
    elif reason != BY_NAME and (known.waits or not known.holds):
        find(known, same=True, reason=reason, by=by, at=at)
    ask_signatories(subject, at=at)
    if reason == BY_NAME:
        ask_offices([subject], at=at)
    return known is None or not known.holds


def ask_offices(about: Iterable[Subject], *, at: datetime) -> None:
    """Let each office before which subjects are say whom a declaration by name alone means, while nobody has."""
    for one in waited_for([subject.code for subject in about]):
        desk.open_todo(
            "panels.settle",
            of_recusals(one.subject),
            url=one.url,
            at=at,
            role=Role.SECRETARY,
            organisation_id=one.organisation_id,
        )


def find(known: Recorded, *, same: bool, reason: str, by: Actor | None, at: datetime) -> None:
    """Store whether a recusal is about the person whom its subject concerns; nobody is asked about it any more."""
    found = RecusalFinding(
        recusal_id=known.recusal.id, same=same, reason=reason, by_id=by.person_id if by else None, at=at
    )
    session.add(found)
    session.flush()
    about = Subject(known.recusal.subject_type, known.recusal.subject_code)
    if not any(one.waits for one in recorded(about)):
        desk.close_todos(of_recusals(about), at=at)
