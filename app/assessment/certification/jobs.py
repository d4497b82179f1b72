"""What a released session brings: a proposal for every candidate who passed, in chunks."""

from app.assessment.certification import queries, services
from app.assessment.certification.states import AwardState
from app.core import clock
from app.core.events import Event
from app.core.jobs import Job, start_job
from app.core.room import JobKind, Subscriber
from app.core.text import _l
from app.credentials.states import RevocationReason

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
    award = queries.by_code(event.data.get("source_code", ""))
    if event.data.get("source_type") != "award" or award is None or award.state is not AwardState.AWARDED:
        return
    if event.data["reason"] not in OF_THE_DOCUMENT:
        services.withdraw(award, reason=event.data["reason"], by=None, at=event.at)


OF_THE_DOCUMENT = {RevocationReason.SUPERSEDED, RevocationReason.KEY_COMPROMISED}
"""Reasons that lie in the certificate alone: the level stays, another certificate is issued."""

JOB = JobKind(PROPOSE, _l("Propose the levels of those who passed"), propose_some)
RELEASED = Subscriber("exams.released", "certification.on_released", on_released)
CORRECTED = Subscriber("exams.result_corrected", "certification.on_corrected", on_corrected)
REVOKED = Subscriber("credentials.revoked", "certification.on_revoked", on_revoked, now=True)
