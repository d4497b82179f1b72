"""Verifying a certificate for programs: by its file, its document, its number or its address."""

import json

from flask import Blueprint, Response, jsonify, request

from app.api.shapes import Check, Verification
from app.core import clock, files
from app.core.access import public
from app.core.errors import InvalidError, NotFoundError
from app.core.text import _l
from app.credentials import verification, wording
from app.credentials.rules.openbadge import Certificate
from app.credentials.verification import Answer

bp = Blueprint("api_verify", __name__, url_prefix="/api/v1")


@bp.post("/verify")
@public
def verify() -> Response:
    """Verify what was sent; an answer with `valid` false is still an answer."""
    form = request.mimetype in {"multipart/form-data", "application/x-www-form-urlencoded"}
    answer = _by_form() if form else _by_document(files.read_limited(request.stream, verification.UPLOAD_LIMIT))
    return jsonify(answered(answer).model_dump(mode="json"))


def _by_form() -> Answer:
    sent = request.files.get("file")
    if sent is not None:
        return _by_document(files.read_limited(sent.stream, verification.UPLOAD_LIMIT))
    return _by_reference(request.form.get("q", ""))


def _by_document(raw: bytes) -> Answer:
    reference = _reference_in(raw)
    if reference is not None:
        return _by_reference(reference)
    return verification.verify_document(raw, at=clock.now())


def _reference_in(raw: bytes) -> str | None:
    """Return the number or address that a short JSON object `{"q": ...}` asks for, None for a document."""
    if len(raw) > 2 * verification.LONGEST_REFERENCE:
        return None
    try:
        given = json.loads(raw)
    except ValueError:
        return None
    found = given.get("q") if isinstance(given, dict) and set(given) == {"q"} else None
    return found if isinstance(found, str) else None


def _by_reference(reference: str) -> Answer:
    if not reference.strip():
        raise InvalidError(_l("Send a file, a certificate as JSON, or a number or address as q."))
    answer = verification.verify_reference(reference, at=clock.now())
    if answer is None:
        raise NotFoundError(_l("Nothing was issued here under this number or address. Compare it letter by letter."))
    return answer


def answered(answer: Answer) -> Verification:
    """Return an answer in its typed shape: every check in order, and every certified field."""
    found = answer.verdict
    return Verification(
        valid=found.valid,
        checks=[
            Check(name=check.name.value, result=check.result.value, detail=wording.sentence_of(check))
            for check in found.checks
        ],
        fields=fields_of(found.certificate) if found.certificate else {},
    )


def fields_of(facts: Certificate) -> dict[str, str]:
    """Return the certified fields by name; instants in ISO 8601, what was not certified left out."""
    fields = {
        "id": facts.url,
        "holder": facts.holder.name,
        "holder_latin": facts.holder.name_latin,
        "achievement_zh": facts.achievement.name.zh,
        "achievement_en": facts.achievement.name.en,
        "level": facts.achievement.level,
        "number": facts.number,
        "hours": None if facts.hours is None else f"{facts.hours:f}",
        "issuer": facts.issuer.did,
        "issuer_zh": facts.issuer.name.zh,
        "issuer_en": facts.issuer.name.en,
        "valid_from": facts.valid_from.isoformat(),
        "valid_until": facts.valid_until.isoformat() if facts.valid_until else None,
        "statement": facts.statement,
    }
    return {name: value for name, value in fields.items() if value is not None}
