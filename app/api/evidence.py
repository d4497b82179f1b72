"""Entering evidence by a program in a signed-in session: one record a request, kept as a draft or declared."""

from flask import Blueprint, Response, jsonify, request
from pydantic import ValidationError

from app.accounts import queries as accounts
from app.api.shapes import EvidenceEntered, EvidenceEntry, EvidenceRefused, FieldProblem
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import InvalidError
from app.core.text import _l
from app.evidence import services
from app.evidence.access import Permission
from app.evidence.models import Evidence
from app.evidence.services import FieldsError
from app.evidence.states import Entry, Kind

bp = Blueprint("api_evidence", __name__, url_prefix="/api/v1")


@bp.post("/evidence")
@requires(Permission.OWN)
def enter() -> tuple[Response, int]:
    """Enter a record about the signed-in person; what does not fit is answered field by field and not kept."""
    try:
        entry = EvidenceEntry.model_validate_json(request.get_data())
    except ValidationError as error:
        raise InvalidError(
            _l("Send a JSON object with kind, fields and declare, as the description of the interface says.")
        ) from error
    try:
        made = _entered(entry)
    except FieldsError as error:
        problems = [FieldProblem(field=one.field, reason=str(one)) for one in error.problems]
        refused = EvidenceRefused(detail=str(error), problems=problems)
        return jsonify(refused.model_dump(mode="json")), error.status
    answer = EvidenceEntered(code=made.code, state=made.state, standing=made.standing)
    return jsonify(answer.model_dump(mode="json")), 201


def _entered(entry: EvidenceEntry) -> Evidence:
    actor, at = acting(), clock.now()
    place = services.Place(actor.region_code or "", Entry.API)
    with unit_of_work():
        person = accounts.person_of(actor)
        draft = services.save_draft(Kind(entry.kind), entry.fields, person=person, place=place, by=actor, at=at)
        return services.declare(draft, by=actor, at=at) if entry.declare else draft
