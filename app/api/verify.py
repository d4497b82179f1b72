"""Verifying a certificate for programs: by its file, its document, its number or its address."""

import json
from typing import Literal

from flask import Blueprint, Response, jsonify, request

from app.api import lists
from app.api.shapes import Beside, Check, Verification
from app.core import clock, files
from app.core.access import public
from app.core.config import settings
from app.core.errors import InvalidError, NotFoundError
from app.core.text import _l
from app.credentials import verification, wording
from app.credentials.models import Certificate as Record
from app.credentials.queries import changes
from app.credentials.references import Missed
from app.credentials.rules.fields import fields_of
from app.credentials.states import Succession
from app.credentials.verification import Answer
from app.credentials.views.verify import by_hand
from app.credentials.wording_verify import missed_sentence, outcome_with_name

SHORT = 2048
bp = Blueprint("api_verify", __name__, url_prefix="/api/v1")


@bp.post("/verify")
@public
def verify() -> Response:
    """Verify what was sent, row by row where it is a list; an answer with `valid` false is still an answer."""
    if lists.is_list():
        return lists.answer()
    form = request.mimetype in {"multipart/form-data", "application/x-www-form-urlencoded"}
    raw, name = _by_form() if form else _by_body(files.read_limited(request.stream, verification.UPLOAD_LIMIT))
    return jsonify(answered(_found(raw, name)).model_dump(mode="json"))


def _by_form() -> tuple[bytes, str]:
    """Return what was sent in a form, a file before a text before a number, and the name to compare."""
    name, sent = request.form.get("name", ""), request.files.get("file")
    if sent is not None:
        return files.read_limited(sent.stream, verification.UPLOAD_LIMIT), name
    return (request.form.get("text") or request.form.get("q", "")).encode(errors="replace"), name


def _by_body(raw: bytes) -> tuple[bytes, str]:
    """Return the number and name of a short JSON object `{"q": ..., "name": ...}`, or the document that was sent."""
    if len(raw) > SHORT:
        return raw, ""
    try:
        given = json.loads(raw)
    except (ValueError, RecursionError):
        return raw, ""
    if not isinstance(given, dict) or "q" not in given or not set(given) <= {"q", "name"}:
        return raw, ""
    if not all(isinstance(value, str) for value in given.values()):
        return raw, ""
    return given["q"].encode(errors="replace"), given.get("name", "")


def _found(raw: bytes, name: str) -> Answer:
    if not raw.strip():
        raise InvalidError(_l("Send a file, a certificate as JSON, or a number or address as q."))
    answer = verification.verify_input(raw, at=clock.now(), name=name)
    by_hand(answer)
    if isinstance(answer, Missed):
        raise NotFoundError(missed_sentence(answer))
    return answer


def answered(answer: Answer) -> Verification:
    """Return an answer in its typed shape: every check in order, every certified field, the register beside."""
    found = answer.verdict
    facts = found.certificate or answer.held
    fields = fields_of(facts) if facts else {}
    held = fields_of(answer.held) if answer.held else fields
    return Verification(
        valid=found.valid,
        outcome=outcome_with_name(answer).word,
        kind=answer.kind.value,
        checks=[
            Check(name=check.name.value, result=check.result.value, detail=wording.sentence_of(check))
            for check in found.checks
        ],
        fields=fields,
        in_register={name: held.get(name, "") for name in {*fields, *held} if held.get(name) != fields.get(name)},
        name_fits=answer.name_fits,
        **_beside(answer.record),
    )


def _beside(record: Record | None) -> dict[str, Beside]:
    """Return what replaced or renewed a certificate of ours, and what it follows itself."""
    if record is None:
        return {}
    found = changes.neighbours(record)
    told = {}
    if found.follower is not None:
        told["replaced_by"] = _named(found.follower, found.follower)
    if found.former is not None:
        told["replaces"] = _named(found.former, record)
    return told


def _named(one: Record, later: Record) -> Beside:
    """Return one of two certificates; `later` is the one that follows and says how."""
    how: Literal["reissue", "renewal"] = "reissue" if later.succession is Succession.REISSUE else "renewal"
    return Beside(
        url=f"{settings().public_url}/credentials/{one.code}", how=how, issued=one.published_at or one.stored_at
    )
