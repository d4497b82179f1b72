"""What a released session brings: a proposal for every candidate who passed, in chunks."""

from collections.abc import Sequence
from datetime import date

from app.assessment.certification import queries, services
from app.assessment.certification.models import Award
from app.assessment.certification.states import AwardState
from app.core import clock
from app.core.events import Event
from app.core.jobs import Job, start_job
from app.core.room import JobKind, Subscriber
from app.core.text import _l
from app.credentials.states import RevocationReason, Succession

PROPOSE = "certification.propose"
CHUNK = 100


def on_released(event: Event) -> None:
    """Start proposing once the results of a session are released."""
    start_job(
        PROPOSE,
        key=f"{PROPOSE}:{event.subject_code}",
        by=None,
        args={"session": event.subject_code},
    )


def on_corrected(event: Event) -> None:
    """Propose the level of a candidate whose corrected result passes now."""
    if event.data["passed"]:
        code = str(event.data["session"])
        start_job(PROPOSE, key=f"{PROPOSE}:{event.subject_code}", by=None, args={"session": code})


def propose_some(job: Job) -> bool:
    """Propose the next candidates; return whether some are left."""
    code = str(job.args["session"])
    job.total = job.total or queries.passed_count(code)
    passed = queries.passed(code, after=job.cursor, limit=CHUNK, on=clock.today())
    for one in passed:
        services.propose(one, at=clock.now())
    job.done += len(passed)
    job.cursor = passed[-1].result_id if passed else job.cursor
    return len(passed) == CHUNK


def on_revoked(event: Event) -> None:
    """Withdraw the award whose certificate was revoked, in the same transaction."""
    on_all_revoked([event])


def on_all_revoked(happened: Sequence[Event]) -> None:
    """Do so for many certificates that were revoked together."""
    reasons = {one.data["source_code"]: one.data["reason"] for one in happened if _of_award(one)}
    awards = queries.standing_awards(code for code, reason in reasons.items() if reason not in OF_THE_DOCUMENT)
    services.withdraw_all([(one, reasons[one.code]) for one in awards], by=None, at=happened[0].at)


def _of_award(event: Event) -> bool:
    return event.data.get("source_type") == "award" and "source_code" in event.data


def on_suspended(event: Event) -> None:
    """Note on the award that its certificate does not count for now, in the same transaction."""
    on_all_suspended([event])


def on_all_suspended(happened: Sequence[Event]) -> None:
    """Do so for many certificates that were suspended together."""
    awards = queries.standing_awards(one.data["source_code"] for one in happened if _of_award(one))
    services.note_suspensions(awards, since=happened[0].at, at=happened[0].at)


def on_reinstated(event: Event) -> None:
    """Note on the award that its certificate counts again, in the same transaction."""
    award = _awarded(event)
    if award is not None:
        services.note_suspensions([award], since=None, at=event.at)


def on_set_aside(event: Event) -> None:
    """Restore the award whose certificate's revocation was set aside on appeal, in the same transaction."""
    award = queries.by_code(event.data.get("source_code", ""))
    if event.data.get("source_type") == "award" and award is not None and award.state is AwardState.WITHDRAWN:
        services.restore(award, at=event.at)


def on_published(event: Event) -> None:
    """Let an award run on with the renewal of its certificate, in the same transaction."""
    award = _awarded(event) if event.data.get("succession") == Succession.RENEWAL else None
    if award is not None:
        services.prolong(award, until=date.fromisoformat(event.data["valid_until"]), at=event.at)


def _awarded(event: Event) -> Award | None:
    """Return the standing award that an event of a certificate is about, None where it is about another record."""
    if event.data.get("source_type") != "award":
        return None
    found = queries.by_code(event.data.get("source_code", ""))
    return found if found is not None and found.state is AwardState.AWARDED else None


OF_THE_DOCUMENT = {
    RevocationReason.SUPERSEDED,
    RevocationReason.KEY_COMPROMISED,
    RevocationReason.ISSUER_DISTRUSTED,
}
"""Reasons that lie in the certificate alone: the level stays, another certificate is issued."""

JOB = JobKind(PROPOSE, _l("Propose the levels of those who passed"), propose_some)
RELEASED = Subscriber("exams.released", "certification.on_released", on_released)
CORRECTED = Subscriber("exams.result_corrected", "certification.on_corrected", on_corrected)
OF_CERTIFICATES = (
    Subscriber("credentials.revoked", "certification.on_revoked", on_revoked, now=True, handle_all=on_all_revoked),
    Subscriber(
        "credentials.suspended", "certification.on_suspended", on_suspended, now=True, handle_all=on_all_suspended
    ),
    Subscriber("credentials.reinstated", "certification.on_reinstated", on_reinstated, now=True),
    Subscriber("credentials.set_aside", "certification.on_set_aside", on_set_aside, now=True),
    Subscriber("credentials.published", "certification.on_published", on_published, now=True),
)
