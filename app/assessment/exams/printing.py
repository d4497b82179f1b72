"""The job that prints the tickets of a session, a file a chunk; drawing happens outside of any transaction."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.assessment.exams.models import ExamSession, Registration
from app.assessment.exams.queries import venues
from app.assessment.exams.queries.candidates import rule_of
from app.assessment.exams.rules.tickets import digest
from app.assessment.exams.services import tickets
from app.assessment.exams.ticket_paper import Ticket, tickets_pdf
from app.core import clock, files
from app.core.db import session
from app.core.jobs import Job
from app.core.room import JobKind
from app.core.text import _l

CHUNK = 20


@dataclass(frozen=True, slots=True)
class Drawn:
    """Tickets drawn and not yet kept: the digests of their secrets by registration, the file, where to go on."""

    digests: dict[int, bytes]
    pdf: bytes
    cursor: int


def draw(job: Job) -> Drawn | None:
    """Draw the next tickets, None where everyone has one."""
    found = session.scalars(select(ExamSession).where(ExamSession.code == job.args["session"])).one()
    query = (
        select(Registration)
        .options(joinedload(Registration.person))
        .where(
            Registration.session_id == found.id,
            Registration.id > job.cursor,
            Registration.ticket_hash.is_(None),
            Registration.withdrawn_at.is_(None),
        )
        .order_by(Registration.id)
        .limit(CHUNK)
    )
    registrations = list(session.scalars(query))
    if not registrations:
        return None
    rule, _source = rule_of(found)
    seats = venues.seats_by_registration([one.id for one in registrations])
    drawn = [Ticket(one, seats.get(one.id), tickets.new_secret()) for one in registrations]
    digests = {one.registration.id: digest(one.secret) for one in drawn}
    return Drawn(digests, tickets_pdf(found, rule, drawn), registrations[-1].id)


def keep(job: Job, drawn: Drawn | None) -> bool:
    """Keep what was drawn: from now on these tickets open the door."""
    if drawn is None:
        return False
    name = f"tickets-{len(job.result.get('files', [])) + 1:03d}.pdf"
    stored = files.store(drawn.pdf, name=name, media_type="application/pdf")
    tickets.keep_issued(drawn.digests, by=None, at=clock.now())
    job.done += len(drawn.digests)
    job.cursor = drawn.cursor
    job.result = {"files": [*job.result.get("files", []), stored.sha256]}
    return True


PRINT = JobKind(tickets.TICKETS, _l("Print the admission tickets"), keep, draw)
