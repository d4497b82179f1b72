"""Sample audits: a draw that anyone can repeat, a finding by one officer, confirmed by a second."""

import secrets
from datetime import date, datetime

from sqlalchemy import insert

from app.accounts.access import covers
from app.accounts.states import Role
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.columns import new_code
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _l
from app.desk import services as desk
from app.evidence.access import Permission
from app.evidence.models import Evidence, SampleAudit, SampleItem
from app.evidence.queries import audits as queries
from app.evidence.rules import sampling
from app.evidence.services.decisions import end_by_withdrawal
from app.evidence.services.doors import refuse_checking
from app.evidence.services.subjects import of_audit
from app.evidence.states import LIVE, Finding

SEED_BYTES = 16
MOST = 500


def draw_sample(*, region_code: str, since: date, until: date, size: int, by: Actor, at: datetime) -> SampleAudit:
    """Draw records declared in a region and period; the seed is made here, so nobody chooses it.

    Raises InvalidError where the period or the size does not fit, ForbiddenError outside of the own region.
    """
    _check_auditor(by, region_code, at)
    if until < since:
        raise InvalidError(_l("The period ends before it starts. Choose a later last day."), field="until")
    found = queries.population(region_code, since, until)
    if not found:
        raise InvalidError(_l("Nothing was declared in this region and period. Choose another period."), field="since")
    if not 1 <= size <= min(len(found), MOST):
        raise InvalidError(
            _l("Draw between 1 and %(most)s records.", most=min(len(found), MOST)),
            field="size",
        )
    seed = secrets.token_hex(SEED_BYTES)
    audit = SampleAudit(
        region_code=region_code,
        since=since,
        until=until,
        seed=seed,
        algorithm=sampling.ALGORITHM,
        population=len(found),
        population_digest=sampling.population_digest(found),
        population_codes=sorted(found),
        size=size,
        drawn_by_id=by.person_id,
        drawn_at=at,
    )
    session.add(audit)
    session.flush()
    drawn = sampling.draw(found, seed=seed, size=size)
    rows = [
        {"audit_id": audit.id, "evidence_id": found[code], "place": place, "code": new_code(), "version": 1}
        for place, code in enumerate(drawn, start=1)
    ]
    session.execute(insert(SampleItem), rows)
    digests = {"seed": seed, "digest": audit.population_digest, "size": size}
    events.record("evidence.sample_drawn", of_audit(audit), by=by, at=at, data=digests)
    return audit


def _check_auditor(by: Actor, region_code: str, at: datetime) -> None:
    if not by.may(Permission.AUDIT) or not covers(by.region_code, region_code):
        raise ForbiddenError(_l("An authority audits the evidence of its own region."))
    refuse_checking(by, on=day_of(at))


def assign(audit: SampleAudit, item: SampleItem, *, officer_id: int, by: Actor, at: datetime) -> None:
    """Give a drawn record to an officer whose region covers it, and put it on their desk.

    Raises InvalidError for the field `officer`, ConflictError where a finding is recorded.
    """
    _check_auditor(by, audit.region_code, at)
    evidence = session.get_one(Evidence, item.evidence_id)
    if item.finding is not None:
        raise ConflictError(_l("A finding is recorded already."))
    able = {person.id for person in queries.officers(audit.region_code)}
    if officer_id not in able - {evidence.person_id, evidence.entered_by_id, evidence.checked_by_id}:
        raise InvalidError(
            _l("Choose an officer of the region who neither entered nor checked the record."), field="officer"
        )
    if item.assigned_to_id == officer_id:
        return
    before = item.assigned_to_id
    item.assigned_to_id = officer_id
    session.flush()
    if before is not None:
        _done_by(audit, before, at)
    _open_todo(audit, officer_id, at)
    events.record("evidence.sample_assigned", of_audit(audit), by=by, at=at, data={"item": item.code})


def _done_by(audit: SampleAudit, officer_id: int, at: datetime) -> None:
    """Take the sample off an officer's desk once nothing of it waits for them."""
    if not any(one.assigned_to_id == officer_id and one.finding is None for one in queries.items(audit.id)):
        desk.close_todos(of_audit(audit), at=at, kind="evidence.sample", person_id=officer_id)


def _open_todo(audit: SampleAudit, officer_id: int, at: datetime) -> None:
    desk.open_todo(
        "evidence.sample", of_audit(audit), url=f"/evidence/audits/{audit.code}", at=at, person_id=officer_id
    )


def find(audit: SampleAudit, item: SampleItem, *, finding: Finding, note: str, by: Actor, at: datetime) -> None:
    """Record what the assigned officer found; a second officer confirms it.

    Raises ForbiddenError for anyone but the assigned officer, InvalidError for the field `note`.
    """
    _check_auditor(by, audit.region_code, at)
    if item.assigned_to_id != by.person_id:
        raise ForbiddenError(_l("The officer to whom the record was given records the finding."))
    if item.confirmed_by_id is not None:
        raise ConflictError(_l("The finding was confirmed already."))
    if not note.strip():
        raise InvalidError(_l("Say what was compared and what was found."), field="note")
    item.finding, item.note = finding, note.strip()
    item.found_by_id, item.found_at = by.person_id, at
    session.flush()
    _done_by(audit, by.person_id, at)
    desk.open_todo(
        "evidence.second",
        of_audit(audit),
        url=f"/evidence/audits/{audit.code}",
        at=at,
        role=Role.CREDIT,
        region_code=audit.region_code,
        not_person_id=by.person_id,
    )
    data = {"item": item.code, "finding": finding.value}
    events.record("evidence.sample_found", of_audit(audit), by=by, at=at, data=data)


def confirm_finding(audit: SampleAudit, item: SampleItem, *, by: Actor, at: datetime) -> None:
    """Confirm a finding as a second officer; a record that does not conform is withdrawn, its users are told.

    Raises ForbiddenError for who found it and for the record's own person, ConflictError where there is no
    finding; repeated, it changes nothing.
    """
    _check_auditor(by, audit.region_code, at)
    if item.finding is None:
        raise ConflictError(_l("There is no finding to confirm yet."))
    if item.confirmed_by_id is not None:
        return
    evidence = session.get_one(Evidence, item.evidence_id)
    if by.person_id in {item.found_by_id, evidence.person_id, evidence.entered_by_id}:
        raise ForbiddenError(_l("A second officer confirms the finding."))
    item.confirmed_by_id, item.confirmed_at = by.person_id, at
    session.flush()
    data = {"item": item.code, "finding": item.finding.value}
    events.record("evidence.sample_confirmed", of_audit(audit), by=by, at=at, data=data)
    if not any(one.finding is not None and one.confirmed_by_id is None for one in queries.items(audit.id)):
        desk.close_todos(of_audit(audit), at=at, kind="evidence.second")
    if item.finding is Finding.DEFECT and evidence.state in LIVE:
        end_by_withdrawal(evidence, reason=item.note or "", by=by, at=at)
