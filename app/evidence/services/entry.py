"""Entering evidence: drafts that keep what was typed, declaring, correcting by a new version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from app.accounts.models import Person
from app.accounts.states import Role
from app.core import calendar, events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.columns import new_code
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _l
from app.desk import services as desk
from app.evidence.access import enters, handles
from app.evidence.models import Evidence, EvidenceFile
from app.evidence.queries.records import contracts_to_link, files_of
from app.evidence.queries.uses import told_uses
from app.evidence.rules import reading
from app.evidence.rules.params import CheckParams
from app.evidence.services import shares
from app.evidence.services.doors import refuse_entering
from app.evidence.services.papers import join
from app.evidence.services.subjects import checks_in_force, of_evidence
from app.evidence.services.verdicts import refresh
from app.evidence.states import EVIDENCE, LIVE, OPEN, PAPERS, Entry, Kind, State

CONTRACT = "contract"
"""The draft of a paper keeps under this name the series of the contract it will be linked to."""
CORRECTABLE = frozenset({*LIVE, State.REJECTED})


class FieldsError(InvalidError):
    """Fields of a record that cannot be declared as they are, each with what to do."""

    def __init__(self, problems: Sequence[reading.Problem]) -> None:
        super().__init__(_l("Some fields are missing or do not fit. Correct them, then declare the record."))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Place:
    """Under which body and in which region a record is entered, and how."""

    region_code: str
    entry: Entry = Entry.PERSON
    organisation_id: int | None = None


def save_draft(
    kind: Kind,
    raw: Mapping[str, Any],
    *,
    person: Person,
    place: Place,
    by: Actor,
    at: datetime,
    draft: Evidence | None = None,
) -> Evidence:
    """Keep what was typed, whole or not, as a new draft or in an earlier one.

    Raises ForbiddenError where another one entered the draft, ConflictError where it is declared already.
    """
    if draft is None:
        code = new_code()
        draft = Evidence(
            code=code,
            series=code,
            kind=kind,
            state=State.DRAFT,
            person_id=person.id,
            region_code=place.region_code,
            organisation_id=place.organisation_id,
            entered_by_id=by.person_id,
            entry=place.entry,
            title="",
            drafted_at=at,
        )
        session.add(draft)
    _check_draft(draft, by)
    draft.details = {**reading.kept(draft.kind, raw), **_contract_named(draft.kind, raw)}
    draft.title = _draft_title(draft)
    session.flush()
    return draft


def discard(draft: Evidence, *, by: Actor) -> None:
    """Throw a draft away with its list of files; raises ConflictError once it is declared."""
    _check_draft(draft, by)
    session.execute(delete(EvidenceFile).where(EvidenceFile.evidence_id == draft.id))
    session.delete(draft)
    session.flush()


def _contract_named(kind: Kind, raw: Mapping[str, Any]) -> dict[str, str]:
    named = str(raw.get(CONTRACT) or "")
    return {CONTRACT: named} if kind in PAPERS and named else {}


def _draft_title(draft: Evidence) -> str:
    for name in ("title", "number", "reference"):
        if draft.text(name):
            return draft.text(name)
    return ""


def _check_draft(draft: Evidence, by: Actor) -> None:
    if not enters(by, draft):
        raise ForbiddenError(_l("Whoever began this draft goes on with it."))
    if draft.state is not State.DRAFT:
        raise ConflictError(_l("This record is declared already. Correct it by a new version."))


def declare(evidence: Evidence, *, by: Actor, at: datetime) -> Evidence:
    """Declare a draft: from now on its content stays as it is.

    What the person enters waits for a checker, what an organisation enters waits for the person first.
    Raises FieldsError with every field that does not fit, InvalidError where the shares of the contract are
    taken, ConflictError where it was declared already, ForbiddenError for who may enter nothing.
    """
    _check_draft(evidence, by)
    refuse_entering(by, on=day_of(at), person_id=evidence.person_id, organisation_id=evidence.organisation_id)
    checks_in_force(evidence.region_code, at)
    found = reading.read(evidence.kind, evidence.details, today=day_of(at))
    if found.problems:
        raise FieldsError(found.problems)
    contract = evidence.text(CONTRACT)
    columns = found.columns
    if evidence.kind is Kind.CONTRACT:
        shares.claim(evidence, columns["number"], columns["share"])
    accepted = by.person_id == evidence.person_id
    EVIDENCE.move(
        evidence,
        "declare",
        details=found.details,
        declared_at=at,
        accepted_at=at if accepted else None,
        **columns,
    )
    session.flush()
    events.record("evidence.declared", of_evidence(evidence), by=by, at=at, data={"kind": evidence.kind.value})
    _let_wait(evidence, accepted=accepted, at=at)
    _join_contract(evidence, contract, by=by, at=at)
    _replace_open_version(evidence, by=by, at=at)
    refresh(evidence, at=at)
    return evidence


def _let_wait(evidence: Evidence, *, accepted: bool, at: datetime) -> None:
    if accepted:
        wait_for_check(evidence, at=at)
        return
    desk.open_todo(
        "evidence.accept",
        of_evidence(evidence),
        url=f"/evidence/{evidence.code}",
        at=at,
        person_id=evidence.person_id,
        params={"title": evidence.title},
    )


def check_by(params: CheckParams, accepted_at: datetime, known: calendar.Published) -> calendar.Deadline:
    """Return the last day to check a record that its person stands by since an instant."""
    return calendar.add_working_days(day_of(accepted_at), params.check_within_working_days, known)


def wait_for_check(evidence: Evidence, *, at: datetime) -> None:
    """Put a record before the credit officers of its region, by the day that the rules set."""
    params, _pack = checks_in_force(evidence.region_code, at)
    due = check_by(params, at, calendar.published())
    evidence.check_due_on = due.day
    session.flush()
    desk.open_todo(
        "evidence.check",
        of_evidence(evidence),
        url=f"/evidence/{evidence.code}",
        at=at,
        role=Role.CREDIT,
        region_code=evidence.region_code,
        not_person_id=evidence.entered_by_id,
        due_on=due.day,
        params={"title": evidence.title},
    )


def _join_contract(evidence: Evidence, series: str, *, by: Actor, at: datetime) -> None:
    """Link a paper to the contract that was chosen, a certificate else to the one whose number it bears."""
    if evidence.kind not in PAPERS:
        return
    for contract in contracts_to_link(evidence.person_id):
        same_number = evidence.kind is Kind.REGISTRATION and contract.number == evidence.number
        if contract.series == series or (not series and same_number):
            join(contract, evidence, by=by, at=at)
            return


def _replace_open_version(evidence: Evidence, *, by: Actor, at: datetime) -> None:
    """Supersede an earlier version that nobody has checked yet; a checked one stands until its correction is."""
    query = select(Evidence).where(
        Evidence.series == evidence.series, Evidence.id != evidence.id, Evidence.state.in_(OPEN)
    )
    for earlier in session.scalars(query):
        supersede(earlier, evidence, by=by, at=at)


def supersede(earlier: Evidence, later: Evidence, *, by: Actor, at: datetime) -> None:
    """End an earlier version in favour of a later one; whoever relies on it is told by the event."""
    EVIDENCE.move(earlier, "supersede", ended_at=at)
    session.flush()
    desk.close_todos(of_evidence(earlier), at=at)
    data = {"by": later.code, "uses": told_uses(earlier.id)}
    events.record("evidence.superseded", of_evidence(earlier), by=by, at=at, data=data)
    shares.recount(earlier)


def correct(evidence: Evidence, *, by: Actor, at: datetime) -> Evidence:
    """Begin a new version of a record with its content and files; a draft begun earlier is given back.

    Raises ForbiddenError for anyone but the subject and who entered it, ConflictError where it cannot be
    corrected any more.
    """
    if not handles(by, evidence):
        raise ForbiddenError(_l("The person whom the record is about corrects it, or whoever entered it."))
    begun = select(Evidence).where(Evidence.series == evidence.series, Evidence.state == State.DRAFT)
    draft = session.scalars(begun).first()
    if draft is not None:
        _check_draft(draft, by)
        return draft
    if evidence.state not in CORRECTABLE:
        raise ConflictError(_l("This version has ended already. Correct the latest version instead."))
    own = by.person_id == evidence.person_id
    draft = Evidence(
        series=evidence.series,
        supersedes_id=evidence.id,
        kind=evidence.kind,
        state=State.DRAFT,
        person_id=evidence.person_id,
        region_code=evidence.region_code,
        organisation_id=None if own else evidence.organisation_id,
        entered_by_id=by.person_id,
        entry=Entry.PERSON if own else Entry.ORGANISATION,
        title=evidence.title,
        details=dict(evidence.details),
        drafted_at=at,
    )
    session.add(draft)
    session.flush()
    for one in files_of([evidence.id]):
        session.add(_copied(one, draft, by, at))
    session.flush()
    return draft


def _copied(one: EvidenceFile, draft: Evidence, by: Actor, at: datetime) -> EvidenceFile:
    return EvidenceFile(
        evidence_id=draft.id, file_id=one.file_id, name=one.name, attached_by_id=by.person_id, attached_at=at
    )
