"""Certificates as they would be signed, and what lint needs to look at them."""

import hashlib
import json
from functools import cache

from jsonschema import Draft201909Validator

from app.core.errors import UnavailableError
from app.core.text import _l
from app.credentials.models import CertificateRequest, CertificateTemplate, IssuingBody
from app.credentials.paper.fonts import covered
from app.credentials.queries import templates
from app.credentials.rules.lint import LintTools, Passed, SchemaMissingError, load_schema, schema_path
from app.credentials.rules.openbadge import (
    Bilingual,
    Certificate,
    Holder,
    Issuer,
    StatusEntry,
    build_credential,
)
from app.credentials.rules.status_list import LENGTH
from app.credentials.rules.templates import CertificateFields, achievement_of, end_of, first_instant

DRAFT = "draft"


def facts_of(
    request: CertificateRequest, body: IssuingBody, base_url: str, *, code: str, status: StatusEntry
) -> Certificate:
    """Return every fact that a request's certificate will carry."""
    template = template_of(request)
    wording = templates.wording_of(template)
    fields = fields_of(request)
    return Certificate(
        url=f"{base_url}/credentials/{code}",
        holder=_holder_of(request),
        issuer=Issuer(body.did, Bilingual(body.name_zh, body.name_en), base_url),
        achievement=achievement_of(request.kind, wording, fields, base_url),
        valid_from=first_instant(fields.valid_from),
        valid_until=end_of(fields.valid_until),
        status=status,
        statement=wording.statement,
        number=fields.number,
        hours=fields.hours,
        entries=tuple(one.entry for one in fields.entries),
    )


def template_of(request: CertificateRequest) -> CertificateTemplate:
    """Return the version that a request is certified under: the pinned one, before that the one in force."""
    return request.template or templates.current(request.kind, request.fields.get("level"))


def fields_of(request: CertificateRequest) -> CertificateFields:
    """Return the facts that the room handed over; the template sets the last day where the room set none."""
    fields = CertificateFields.model_validate(request.fields)
    if fields.valid_until is not None:
        return fields
    last = templates.terms_under(template_of(request), fields.level).last_day(fields.valid_from)
    return fields.model_copy(update={"valid_until": last})


def _holder_of(request: CertificateRequest) -> Holder:
    if request.person is not None:
        return Holder(request.person.name, request.person.name_latin)
    if request.organisation is not None:
        return Holder(request.organisation.name_zh, request.organisation.name_en)
    return Holder("")


def draft_of(request: CertificateRequest, body: IssuingBody, base_url: str) -> Certificate:
    """Return the facts with a stand-in for the address and the status index, which come when it is stored."""
    status = StatusEntry(f"{base_url}/status/{DRAFT}", LENGTH - 1)
    return facts_of(request, body, base_url, code=request.code, status=status)


def digest_of(facts: Certificate) -> bytes:
    """Return the SHA-256 of everything that a draft would certify: what lint looked at and an approval pins."""
    text = json.dumps(build_credential(facts), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()


def tools(*, duplicate: bool) -> LintTools:
    """Return what lint needs; raises UnavailableError where the official schema is not installed."""
    try:
        return LintTools(
            schema=_schema(), covered=covered(), is_duplicate=lambda _certificate: duplicate, passed=_passed()
        )
    except SchemaMissingError as error:
        raise UnavailableError(
            _l("The schema of Open Badges is not installed, so nothing can be issued. Run the set-up again.")
        ) from error


@cache
def _passed() -> Passed:
    """Return which shapes of document passed the schema in this process."""
    return Passed()


@cache
def _schema() -> Draft201909Validator:
    return load_schema(schema_path())
