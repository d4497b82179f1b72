"""Entering evidence by a program: one's own in a signed-in session, that of an organisation's people with a key."""

from datetime import datetime
from typing import TypeVar

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel, ValidationError

from app.accounts import queries as accounts
from app.api.once import REPEATED, once
from app.api.shapes import (
    EvidenceCheck,
    EvidenceEntered,
    EvidenceEntry,
    EvidenceRecord,
    EvidenceRecords,
    EvidenceRefused,
    FieldProblem,
    StaffEvidenceEntry,
)
from app.core import clock
from app.core.access import acting, by_key, requires
from app.core.access_log import Purpose, looked_up
from app.core.columns import JsonObject
from app.core.db import unit_of_work
from app.core.errors import InvalidError, Text
from app.core.text import _l
from app.evidence import services
from app.evidence.access import Permission
from app.evidence.models import Evidence
from app.evidence.queries import programs
from app.evidence.queries import records as queries
from app.evidence.rules import roster
from app.evidence.rules.checks import REASONS
from app.evidence.services import FieldsError
from app.evidence.states import Entry, Kind, State
from app.evidence.views.lists import LIST
from app.rulebook.verdicts import Verdict, rendered

bp = Blueprint("api_evidence", __name__, url_prefix="/api/v1")
Shape = TypeVar("Shape", bound=BaseModel)


@bp.post("/evidence")
@requires(Permission.OWN)
def enter() -> tuple[Response, int]:
    """Enter a record about the signed-in person; what does not fit is answered field by field and not kept."""
    entry = _sent(
        EvidenceEntry, _l("Send a JSON object with kind, fields and declare, as the description of the interface says.")
    )
    try:
        made = _entered(entry)
    except FieldsError as error:
        return _refused(error)
    return jsonify(_told(made)), 201


@bp.post("/organisation/evidence")
@by_key(Permission.ENTER)
def enter_for_staff() -> tuple[Response, int]:
    """Enter a record about one of the people of the organisation whose key was sent; repeated, it is entered once."""
    made: list[Evidence] = []
    try:
        answer, repeated = once(lambda: _entered_for_staff(made))
    except FieldsError as error:
        return _refused(error)
    if not repeated:
        people, record = [made[-1].person_id], services.of_evidence(made[-1])
        looked_up(people, by=acting(), purpose=Purpose.ADMINISTRATION, record=record)
    response = jsonify(answer)
    response.headers[REPEATED] = "true" if repeated else "false"
    return response, 201


@bp.get("/organisation/evidence/<code>")
@by_key(Permission.ENTER)
def of_staff(code: str) -> Response:
    """Tell where a record is that the organisation whose key was sent entered, and how its checks stand."""
    found = programs.entered_record(code, acting())
    looked_up([found.person_id], by=acting(), purpose=Purpose.ADMINISTRATION, record=services.of_evidence(found))
    verdict = queries.verdicts([found], acting()).get(found.id)
    return jsonify(_record(found, verdict).model_dump(mode="json"))


@bp.get("/organisation/evidence")
@by_key(Permission.ENTER)
def all_of_staff() -> Response:
    """List what the organisation whose key was sent entered, narrowed to a state and to what changed since."""
    page = programs.entered_records(acting(), _asked())
    looked_up([one.person_id for one in page.rows], by=acting(), purpose=Purpose.ADMINISTRATION, record=LIST)
    verdicts = queries.verdicts(page.rows, acting())
    records = [_record(one, verdicts.get(one.id)) for one in page.rows]
    answer = EvidenceRecords(records=records, page=page.page, pages=page.pages, total=page.total)
    return jsonify(answer.model_dump(mode="json"))


def _asked() -> programs.Asked:
    """Read what the address asks for; raises InvalidError for a state or an instant that is none."""
    given = request.args
    state, page = given.get("state", ""), given.get("page", "1")
    if state and state not in ASKABLE:
        raise InvalidError(_l("Send as state one of: %(states)s.", states=", ".join(ASKABLE)), field="state")
    if not page.isdecimal():
        raise InvalidError(_l("Send as page a number from 1 on."), field="page")
    return programs.Asked(State(state) if state else None, _instant(given.get("changed_since", "")), int(page))


ASKABLE = tuple(one.value for one in State if one is not State.DRAFT)


def _instant(text: str) -> datetime | None:
    """Read an instant with its offset; a plus sign that came as a space, as in addresses, is read as meant."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        said = _l("Send as changed_since an instant with its offset, such as 2026-11-23T08:00:00+08:00.")
        raise InvalidError(said, field="changed_since")
    return found


def _record(found: Evidence, verdict: Verdict | None) -> EvidenceRecord:
    return EvidenceRecord(
        code=found.code,
        kind=found.kind,
        number=found.number,
        happened_on=found.happened_on,
        state=found.state,
        standing=found.standing,
        reason=found.reason,
        declared_at=found.declared_at,
        accepted_at=found.accepted_at,
        confirmed_at=found.confirmed_at,
        disputed_at=found.disputed_at,
        checked_at=found.checked_at,
        check_due_on=found.check_due_on,
        ended_at=found.ended_at,
        changed_at=found.changed_at,
        pack=verdict.pack if verdict else None,
        checks=[EvidenceCheck.model_validate(line) for line in rendered(verdict, REASONS)] if verdict else [],
    )


def _sent(shape: type[Shape], otherwise: Text) -> Shape:
    try:
        return shape.model_validate_json(request.get_data())
    except ValidationError as error:
        raise InvalidError(otherwise) from error


def _entered(entry: EvidenceEntry) -> Evidence:
    actor, at = acting(), clock.now()
    place = services.Place(actor.region_code or "", Entry.API)
    with unit_of_work():
        person = accounts.person_of(actor)
        draft = services.save_draft(Kind(entry.kind), entry.fields, person=person, place=place, by=actor, at=at)
        return services.declare(draft, by=actor, at=at) if entry.declare else draft


def _entered_for_staff(made: list[Evidence]) -> JsonObject:
    entry = _sent(
        StaffEvidenceEntry,
        _l(
            "Send a JSON object with kind, person_name, person_document and fields, as the description of the "
            "interface says."
        ),
    )
    whom = services.Whom(entry.person_name, entry.person_document)
    made.append(services.enter_for(Kind(entry.kind), entry.fields, whom=whom, by=acting(), at=clock.now()))
    return _told(made[-1])


def _told(made: Evidence) -> JsonObject:
    return EvidenceEntered(code=made.code, state=made.state, standing=made.standing).model_dump(mode="json")


def _refused(error: FieldsError) -> tuple[Response, int]:
    problems = [
        FieldProblem(field=one.field, reason=roster.in_words({"reason": one.reason, "params": one.params}))
        for one in error.problems
    ]
    refused = EvidenceRefused(detail=str(error), problems=problems)
    return jsonify(refused.model_dump(mode="json")), error.status
