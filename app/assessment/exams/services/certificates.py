"""Certificates of passed exams: asked for from a released session, taken back when the result does not stand."""

from datetime import datetime

from app.assessment.exams.models import ExamSession
from app.assessment.exams.queries import certificates as queries
from app.assessment.exams.queries.certificates import ASK, KIND, SOURCE
from app.assessment.exams.queries.modules import level_of_session
from app.assessment.exams.services.subjects import of_session
from app.core import events, jobs
from app.core.access import Actor
from app.core.clock import day_of
from app.core.columns import JsonObject
from app.core.errors import ConflictError
from app.core.events import Subject
from app.core.text import _l
from app.credentials import queries as issuing
from app.credentials import services as credentials
from app.credentials.states import AskStep, RevocationReason

CHUNK = 100


def ask_for_certificates(found: ExamSession, *, by: Actor, at: datetime) -> int:
    """Start asking for the certificates of everyone who passed and has none; return how many those are.

    A repeated click starts nothing twice. Raises ConflictError before the release and for a rehearsal,
    UnavailableError where no body issues in the region yet.
    """
    if not queries.may_be_asked_for(found):
        raise ConflictError(_l("Certificates are asked for once the results are released; a rehearsal has none."))
    ready = queries.ready(found, at=at)
    if not ready:
        return 0
    body = issuing.responsible_body(KIND, found.region_code)
    key = f"{ASK}:{found.code}:{ready[-1].candidate.attempt_id}:{len(ready)}"
    job = jobs.start_job(ASK, key=key, by=by, args={"session": found.code})
    if job.total == 0:
        job.total = len(ready)
        data = {"count": len(ready), "body": body.slug}
        events.record("exams.certificates_asked", of_session(found), by=by, at=at, data=data)
    return len(ready)


def ask_some(found: ExamSession, after: int, *, at: datetime) -> tuple[int, int, int]:
    """Ask for the next certificates behind a key; return the last key, how many were looked at, how many asked for."""
    lines = queries.next_lines(found, after, CHUNK, at=at)
    ready = [one for one in lines if one.step is AskStep.READY]
    body = issuing.responsible_body(KIND, found.region_code)
    fields = _fields(found) if ready else {}
    for one in ready:
        credentials.request_certificate(
            kind=KIND,
            person_id=one.candidate.person_id,
            source=Subject(SOURCE, one.candidate.attempt),
            fields=fields,
            body=body,
            by=None,
            at=at,
        )
    return (lines[-1].candidate.attempt_id if lines else after), len(lines), len(ready)


def _fields(found: ExamSession) -> JsonObject:
    first = day_of(found.released_at or found.closes_at)
    last = issuing.terms_of(KIND, found.level).last_day(first)
    level = level_of_session(found)
    return {
        "level": found.level,
        "level_name": {"zh": level.name_zh, "en": level.name_en} if level else None,
        "valid_from": str(first),
        "valid_until": str(last) if last else None,
    }


def settle(person_id: int, *, reason: RevocationReason, decision: str, at: datetime) -> None:
    """Let the certificates of a person's sittings follow their results.

    What was certified is taken back where the result is void or not passed any more, and given back where it counts
    again. A second call changes nothing.
    """
    for request in issuing.requests_from(KIND, SOURCE, person_id):
        stands = queries.stands(request.source_code)
        if request.withdrawn_at is None and not stands:
            credentials.withdraw(request, reason=reason, decision=decision, at=at)
        elif request.withdrawn_at is not None and stands:
            credentials.give_back(Subject(SOURCE, request.source_code), kind=KIND, at=at)
