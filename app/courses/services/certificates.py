"""Certificates of completed training: asked for by the base, for whoever completed it and has none."""

from datetime import datetime

from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.columns import JsonObject
from app.core.errors import ForbiddenError
from app.core.events import Subject
from app.core.text import _l
from app.courses.access import runs
from app.courses.models import Cohort
from app.courses.queries import level_in
from app.courses.queries.certificates import KIND, SOURCE, Line, lines
from app.courses.rules.syllabus import Level
from app.courses.services.subjects import of_cohort
from app.credentials import queries as issuing
from app.credentials import services as credentials
from app.credentials.states import AskStep


def ask_for_certificates(cohort: Cohort, *, by: Actor, at: datetime) -> int:
    """Ask the issuing body to certify everyone who completed the training and has no certificate; return how many.

    A second click asks for nobody twice. Raises ForbiddenError for other bases, UnavailableError where no body
    issues in the region yet.
    """
    if not runs(by, cohort):
        raise ForbiddenError(_l("The base that runs the cohort asks for its certificates."))
    ready = [one for one in lines(cohort, at=at) if one.step is AskStep.READY]
    if not ready:
        return 0
    body, level = issuing.responsible_body(KIND, cohort.region_code), level_in(cohort)
    for one in ready:
        credentials.request_certificate(
            kind=KIND,
            person_id=one.trainee.person_id,
            source=Subject(SOURCE, one.trainee.code),
            fields=_fields(cohort, level, one),
            body=body,
            by=by,
            at=at,
        )
    data = {"count": len(ready), "body": body.slug}
    events.record("courses.certificates_asked", of_cohort(cohort), by=by, at=at, data=data)
    return len(ready)


def _fields(cohort: Cohort, level: Level, one: Line) -> JsonObject:
    completed_at = one.trainee.completed_at
    first = day_of(completed_at) if completed_at else cohort.ends_on
    last = issuing.terms_of(KIND, cohort.course.level).last_day(first)
    return {
        "level": cohort.course.level,
        "level_name": {"zh": level.name_zh, "en": level.name_en},
        "hours": str(one.hours) if one.hours else None,
        "valid_from": str(first),
        "valid_until": str(last) if last else None,
    }
