"""One act on many certificates: staged, checked row by row, proposed, approved by a second person, carried out once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import insert

from app.accounts.actors import actor_of
from app.accounts.models import Person
from app.accounts.states import Role
from app.core import events, failpoints, staging
from app.core.access import Actor
from app.core.clock import real_now
from app.core.columns import ALPHABET, CODE_LENGTH, JsonObject
from app.core.config import settings
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.jobs import Job, start_job
from app.core.text import _l
from app.credentials.models import BulkChange, BulkRow, Certificate, IssuingBody
from app.credentials.queries import changes as queries
from app.credentials.rules.bulk import REASONS, Found, problem_of
from app.credentials.rules.change_file import Given
from app.credentials.services import succession, suspension
from app.credentials.services.revocation import Revoking, mark, revoke_all
from app.credentials.services.status_lists import mark_suspended
from app.credentials.states import (
    CHANGE,
    Act,
    CertificateState,
    ChangeState,
    ReissueReason,
    RevocationReason,
    SuspensionReason,
)
from app.desk import services as desk

AT_ONCE = 1000
"""Up to so many rows a change is checked within the request; a longer one by a job."""
AT_A_TIME = 200
"""How many certificates a chunk changes: it holds the write lock of SQLite, and nobody must wait for it."""
CHECK_JOB, RUN_JOB = "credentials.check_change", "credentials.run_change"
PATH = "/credentials/"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done: the act, the reason where a row gives none, the end of a suspension, a note for the file."""

    act: Act
    reason: str | None
    until: datetime | None = None
    note: str = ""


def subject(change: BulkChange) -> Subject:
    """Name a change in events and to-dos."""
    return Subject("certificate_change", change.code)


def stage(
    body: IssuingBody,
    order: Order,
    rows: Iterable[Given],
    *,
    file_name: str | None = None,
    digest: str | None = None,
    by: Actor,
    at: datetime,
) -> BulkChange:
    """Stage a list of certificates for an act; nothing changes yet. A long list is checked by a job.

    `rows` are line, number or code or address, and reason. Raises InvalidError where the list is empty or the
    order does not fit, ForbiddenError for another body.
    """
    _own(body, by)
    _check_order(order, at)
    sealed = staging.sealed([list(row) for row in rows])
    if not sealed.rows:
        raise InvalidError(_l("No certificate is chosen. Tick some, or choose all that match."))
    change = BulkChange(
        body_id=body.id,
        act=order.act,
        reason=order.reason,
        note=order.note or None,
        until=order.until,
        file_name=file_name,
        digest=digest,
        staged_file_id=staging.keep(sealed).id,
        total=sealed.rows,
        prepared_by_id=by.person_id,
        prepared_at=at,
    )
    session.add(change)
    session.flush()
    session.refresh(change, ["staged"])
    data = {"act": order.act.value, "count": sealed.rows}
    events.record("credentials.change_staged", subject(change), by=by, at=at, data=data)
    if sealed.rows > AT_ONCE:
        start_job(CHECK_JOB, key=queries.job_key(CHECK_JOB, change.code), by=by, args={"change": change.code})
        return change
    while check_some(change, at=at):
        pass
    return change


def _check_order(order: Order, at: datetime) -> None:
    suspension.check_until(order.until, at)
    if order.reason is not None and order.reason not in REASONS[order.act]:
        raise InvalidError(_l("Choose a reason of this act."), field="reason")


def check_some(change: BulkChange, *, at: datetime) -> bool:
    """Check the next block of rows and keep what stands against each; return whether blocks are left."""
    if change.state is not ChangeState.CHECKING or change.staged is None:
        return False
    given = staging.read(change.staged, change.checked // staging.BLOCK_ROWS)
    rows = _judged(change, [(int(line), str(reference), str(reason)) for line, reference, reason in given], at)
    session.execute(insert(BulkRow), rows)
    bad = sum(row["problem"] is not None for row in rows)
    change.checked += len(rows)
    change.bad += bad
    change.good += len(rows) - bad
    if change.checked < change.total:
        session.flush()
        return True
    staged_id = change.staged.id
    CHANGE.move(change, "check", staged_file_id=None)
    session.flush()
    staging.forget(staged_id)
    return False


def _judged(change: BulkChange, given: Sequence[Given], at: datetime) -> list[JsonObject]:
    known = _known(change, [reference for _line, reference, _reason in given])
    taken = queries.taken(change.id, [one.id for one in known.values()])
    beside = _beside(change, [one.id for one in known.values()])
    rows: list[JsonObject] = []
    for line, reference, reason in given:
        found = known.get(bare(reference))
        why = reason or change.reason
        problem = problem_of(change.act, _facts(found, beside), why, at)
        if problem is None and found is not None:
            problem = "twice" if found.id in taken else None
            taken.add(found.id)
        rows.append(
            {
                "change_id": change.id,
                "line": line,
                "reference": reference,
                "reason": (why or "")[:64] or None,
                "certificate_id": found.id if found is not None else None,
                "problem": problem,
            }
        )
    return rows


@dataclass(frozen=True, slots=True)
class Beside:
    """What only making anew asks of certificates: which were asked for already, whose holder has another name."""

    asked: frozenset[int] = frozenset()
    renamed: frozenset[int] = frozenset()


def _beside(change: BulkChange, ids: list[int]) -> Beside:
    if change.act is not Act.REISSUE:
        return Beside()
    return Beside(frozenset(queries.successor_open(ids)), frozenset(succession.renamed(ids)))


def _facts(found: queries.Known | None, beside: Beside) -> Found | None:
    if found is None:
        return None
    return Found(
        state=found.state,
        valid_until=found.valid_until,
        asked=found.id in beside.asked,
        renamed=found.id in beside.renamed,
    )


def _known(change: BulkChange, references: Sequence[str]) -> dict[str, queries.Known]:
    """Return the certificate of the body that each reference names: of several under one number the latest that stands.

    One of another body is not told apart from none.
    """
    found: dict[str, queries.Known] = {}
    for one in queries.referred_to(change.body_id, {bare(reference) for reference in references}):
        for name in {one.code, one.number or one.code}:
            if name not in found or _rank(one) > _rank(found[name]):
                found[name] = one
    return found


def _rank(one: queries.Known) -> tuple[bool, int]:
    return one.state in {CertificateState.PUBLISHED, CertificateState.SUSPENDED}, one.id


def bare(reference: str) -> str:
    """Return the code or number that a reference names: an address of ours, a code, a number in any case."""
    text = reference.strip()
    ours = f"{settings().public_url}{PATH}"
    if text.startswith(ours):
        return text.removeprefix(ours).partition(".")[0]
    is_code = len(text) == CODE_LENGTH and set(text) <= set(ALPHABET)
    return text if is_code else text.upper()


def propose(change: BulkChange, *, only_good: bool, by: Actor, at: datetime) -> None:
    """Put a checked change before a second person: every row, or the good ones only as its author chooses.

    Raises InvalidError where nothing would change, or a row has a problem and all were asked for.
    """
    _own(change.body, by)
    if by.person_id != change.prepared_by_id:
        raise ForbiddenError(_l("Whoever prepared the change proposes it. You decide on it then."))
    if not change.good:
        raise InvalidError(_l("No row can be carried out. Correct the list and choose again."))
    if change.bad and not only_good:
        raise InvalidError(_l("Rows have problems. Correct the list, or go on with the good rows only."))
    CHANGE.move(change, "propose", only_good=only_good)
    session.flush()
    data = {"act": change.act.value, "count": change.good}
    events.record("credentials.change_proposed", subject(change), by=by, at=at, data=data)
    desk.open_todo(
        "credentials.approve_change",
        subject(change),
        url=f"/issuing/changes/{change.code}",
        at=at,
        role=Role.ISSUER,
        organisation_id=change.body.organisation_id,
        not_person_id=by.person_id,
        params={"count": str(change.good)},
    )


def approve(change: BulkChange, *, by: Actor, at: datetime) -> Job:
    """Approve a change as a second person; a job carries it out.

    Raises ForbiddenError for whoever prepared it, ConflictError where a row can no longer be carried out though all
    were asked for.
    """
    _second(change, by)
    if not change.only_good and queries.moved_on(change, at):
        raise ConflictError(_l("Some of these certificates changed meanwhile. Reject the change and prepare it again."))
    CHANGE.move(change, "approve", approved_by_id=by.person_id, approved_at=at)
    session.flush()
    data = {"act": change.act.value, "count": change.good}
    events.record("credentials.change_approved", subject(change), by=by, at=at, data=data)
    desk.close_todos(subject(change), at=at)
    job = start_job(RUN_JOB, key=queries.job_key(RUN_JOB, change.code), by=by, args={"change": change.code})
    job.total = change.good
    job.due_at = real_now()
    return job


def reject(change: BulkChange, *, reason: str, by: Actor, at: datetime) -> None:
    """Reject a proposed change with a reason; no certificate changes."""
    _second(change, by)
    CHANGE.move(change, "reject", approved_by_id=by.person_id, approved_at=at, refusal=reason, ended_at=at)
    session.flush()
    events.record("credentials.change_rejected", subject(change), by=by, at=at, reason=reason)
    desk.close_todos(subject(change), at=at)


def discard(change: BulkChange, *, by: Actor, at: datetime) -> None:
    """Discard a change that nobody approved; what was staged of it is destroyed."""
    _own(change.body, by)
    staged_id = change.staged_file_id
    CHANGE.move(change, "discard", ended_at=at, staged_file_id=None)
    session.flush()
    if staged_id is not None:
        staging.forget(staged_id)
    events.record("credentials.change_discarded", subject(change), by=by, at=at)
    desk.close_todos(subject(change), at=at)


def _second(change: BulkChange, by: Actor) -> None:
    _own(change.body, by)
    if by.person_id == change.prepared_by_id:
        raise ForbiddenError(_l("You prepared this change, so another issuer of your body decides on it."))


def _own(body: IssuingBody, by: Actor) -> None:
    if by.organisation_id != body.organisation_id:
        raise ForbiddenError(_l("Only issuers of the issuing body do this."))


def run_some(change: BulkChange, *, at: datetime) -> int:
    """Carry out the next rows of an approved change, each once; return how many, none where the change is done.

    A chunk is one transaction of as many statements as a single row takes: certificates, public log, lists, events.
    A certificate that moved on since the check is skipped and said so.
    """
    if change.state is not ChangeState.APPROVED:
        return 0
    rows = queries.rows_left(change.id, AT_A_TIME)
    by = _approver(change)
    if not rows:
        _finish(change, by=by, at=at)
        return 0
    good = _good(change, rows, at)
    if good:
        CARRY_OUT[change.act](change, good, by, at)
    failpoints.reach("mid_change")
    for row, _certificate in good:
        row.done_at = at
    change.done += len(good)
    change.skipped += len(rows) - len(good)
    session.flush()
    return len(rows)


Good = tuple[BulkRow, Certificate]


def _good(change: BulkChange, rows: Sequence[BulkRow], at: datetime) -> list[Good]:
    """Return the rows that can be carried out now with their certificates; the others say why not."""
    beside = _beside(change, [row.certificate_id or 0 for row in rows])
    good = []
    for row in rows:
        certificate = row.certificate
        row.skipped_for = problem_of(change.act, _present(certificate, beside), row.reason, at)
        if row.skipped_for is None and certificate is not None:
            good.append((row, certificate))
    return good


def _present(certificate: Certificate | None, beside: Beside) -> Found | None:
    if certificate is None:
        return None
    return Found(
        state=certificate.state,
        valid_until=certificate.valid_until,
        asked=certificate.id in beside.asked,
        renamed=certificate.id in beside.renamed,
    )


def _approver(change: BulkChange) -> Actor:
    """Return the issuer who approved a change, in whose name it is carried out."""
    person = session.get_one(Person, change.approved_by_id)
    return replace(actor_of(person, None), role=Role.ISSUER.value, organisation_id=change.body.organisation_id)


def _revoke(change: BulkChange, good: Sequence[Good], by: Actor, at: datetime) -> None:
    revoking = [Revoking(one, RevocationReason(row.reason or "")) for row, one in good]
    mark(revoke_all(revoking, note=change.note or "", by=by, at=at), at=at)


def _suspend(change: BulkChange, good: Sequence[Good], by: Actor, at: datetime) -> None:
    suspending = [(one, SuspensionReason(row.reason or "")) for row, one in good]
    suspension.suspend_all(suspending, until=change.until, note=change.note or "", by=by, at=at)
    indexes: dict[int, list[int]] = {}
    for _row, one in good:
        indexes.setdefault(one.status_list_id, []).append(one.status_index)
    for list_id, listed in sorted(indexes.items()):
        mark_suspended(list_id, listed, suspended=True, at=at)


def _reissue(change: BulkChange, good: Sequence[Good], by: Actor, at: datetime) -> None:
    del change
    asking = [(one, ReissueReason(row.reason or "")) for row, one in good]
    succession.ask_reissue_all(asking, by=by, at=at)


CARRY_OUT: Mapping[Act, Callable[[BulkChange, Sequence[Good], Actor, datetime], None]] = MappingProxyType(
    {Act.REVOKE: _revoke, Act.SUSPEND: _suspend, Act.REISSUE: _reissue}
)


def _finish(change: BulkChange, *, by: Actor, at: datetime) -> None:
    CHANGE.move(change, "finish", ended_at=at)
    session.flush()
    data = {"act": change.act.value, "count": change.done, "skipped": change.skipped}
    events.record("credentials.change_done", subject(change), by=by, at=at, data=data)
