"""The public API: registers, its own description, and its page for people."""

from flask import Blueprint, Response, jsonify, render_template, request

from app.api import description
from app.api.shapes import BaseEntry, Bases, RegisterEntry
from app.assessment.certification import queries as certification
from app.bases import queries as bases
from app.core import clock
from app.core.access import public
from app.core.config import settings
from app.core.errors import Text
from app.core.text import _l

bp = Blueprint("api", __name__, url_prefix="/api/v1", template_folder="templates")


@bp.get("/openapi.json")
@public
def openapi() -> Response:
    """Describe the API."""
    return jsonify(description.openapi(settings().public_url))


@bp.get("/docs")
@public
def docs() -> str:
    """Describe the API to people."""
    api = description.openapi(settings().public_url)
    return render_template("api/docs.html", api=api, says=SAYS, meanings=MEANINGS, examples=EXAMPLES)


SAYS: dict[str, Text] = {
    "verify": _l(
        "Verifies a certificate: send its file (PDF, PNG, SVG, JSON, JWT or a photo of its QR code), its text, or its "
        "number or address as q, with a name to compare where you like. A list as CSV or xlsx is answered row by row. "
        "An answer with valid false is an answer, too; the checks say why."
    ),
    "enter_evidence": _l(
        "Enters a record of your own evidence: sign in first and send the token of a page in the header X-CSRFToken. "
        "Fields that do not fit are named one by one, and nothing is kept then."
    ),
    "enter_staff_evidence": _l(
        "Enters a record about one of the people of your organisation, with a key that its administrator made for this "
        "purpose under “My organisation”. The person confirms it first, as with an imported file. Give each request an "
        "Idempotency-Key: repeated with the same one it is entered once, and answered the same."
    ),
    "staff_evidence": _l(
        "Lists what your organisation entered, by key, file or page, fifty a page, what changed longest ago first: the "
        "state, how the checks stand, each check with its reason. Narrow it with state and changed_since. Drafts are "
        "not listed, names are not told, and the people see the look among the looks at their data."
    ),
    "staff_evidence_record": _l(
        "Tells of one record that your organisation entered: its state, each check with its reason, and why it was "
        "rejected or withdrawn. The record of another organisation is answered as one that does not exist."
    ),
    "bases": _l("Gives the public register of training bases, searched by part of a name, page by page."),
    "registered": _l("Gives the technology manager registered under a unified number."),
}
MEANINGS: dict[str, Text] = {
    "200": _l("The answer"),
    "201": _l("The record is entered"),
    "400": _l("A header is missing or does not fit"),
    "401": _l("The session has ended, or the key opens nothing"),
    "403": _l("The role or key does not include this, the token is missing, or the organisation is restricted"),
    "404": _l("Nothing is known under this number or address"),
    "409": _l("The records changed meanwhile"),
    "413": _l("The file is too large"),
    "422": _l("What was sent cannot be used; the answer says why"),
    "429": _l("Too much was asked for from here, or with this key"),
    "503": _l("Files cannot be read at the moment"),
}
EXAMPLES = {
    "verify": "curl -F file=@certificate.json {server}/verify",
    "enter_evidence": "curl -b jijing=… -H 'X-CSRFToken: …' -d @record.json {server}/evidence",
    "enter_staff_evidence": (
        "curl -H 'Authorization: Bearer jjk_…' -H 'Idempotency-Key: 7c0e0a52-…' -d @record.json "
        "{server}/organisation/evidence"
    ),
    "staff_evidence": (
        "curl -H 'Authorization: Bearer jjk_…' "
        "'{server}/organisation/evidence?state=rejected&changed_since=2026-11-23T00:00:00Z'"
    ),
    "staff_evidence_record": "curl -H 'Authorization: Bearer jjk_…' {server}/organisation/evidence/01JDX…",
    "bases": "curl '{server}/bases?page=1'",
    "registered": "curl {server}/register/JJC372026000001E",
}


@bp.get("/bases")
@public
def base_register() -> Response:
    """Give a page of the register of training bases."""
    page = bases.register(None, text=request.args.get("text", ""), page=request.args.get("page", 1, type=int))
    entries = [
        BaseEntry(
            slug=row.organisation.slug,
            name_zh=row.organisation.name_zh,
            name_en=row.organisation.name_en,
            region_code=row.region_code,
            levels=row.levels,
            state=row.state,
            accredited_on=row.accredited_on,
            accredited_until=row.accredited_until,
        )
        for row in page.rows
    ]
    answer = Bases(entries=entries, page=page.page, pages=page.pages, total=page.total)
    return jsonify(answer.model_dump(mode="json"))


@bp.get("/register/<number>")
@public
def registered(number: str) -> Response:
    """Give the entry under a unified number."""
    award = certification.registered(number)
    expired = certification.expired(award, clock.today())
    answer = RegisterEntry(
        unified_number=award.unified_number or "",
        name=certification.shown_names([award])[award.person_id],
        level=award.level,
        state="expired" if expired else award.state,
        valid_from=award.valid_from,
        valid_until=award.valid_until,
    )
    return jsonify(answer.model_dump(mode="json"))
