"""The rows of a request file: each is read and told, before any certificate is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.accounts.queries import person
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.errors import DomainError, InvalidError
from app.core.events import Subject
from app.core.text import _l
from app.credentials import queries, services
from app.credentials.models import IssuingBody
from app.credentials.models.records import REQUEST_FILE
from app.credentials.services.batches import checked_fields
from app.credentials.states import CertificateKind

NEW, REPEATED, FAILED = "new", "repeated", "failed"
NO_SOURCE = Subject("", "")


@dataclass(frozen=True, slots=True)
class Asked:
    """A row of a request file; `reason` says why it cannot be asked for, empty where it can or was."""

    number: int
    result: str = FAILED
    reason: str = ""
    person_id: int = 0
    source: Subject = NO_SOURCE
    fields: JsonObject | None = None


def read(rows: Sequence[object], kind: CertificateKind, file_name: str) -> list[Asked]:
    """Read every row, the wrong ones with the reason; nothing is asked for yet."""
    found: list[Asked] = []
    known: dict[Subject, Asked] = {}
    for number, row in enumerate(rows, start=1):
        try:
            one = _read(number, row, kind, file_name)
            one = _compared(one, kind, known.get(one.source))
        except DomainError as error:
            one = Asked(number, reason=str(error))
        else:
            known.setdefault(one.source, one)
        found.append(one)
    return found


def _read(number: int, row: object, kind: CertificateKind, file_name: str) -> Asked:
    if not isinstance(row, dict) or not row.get("person") or not isinstance(row.get("fields"), dict):
        raise InvalidError(_l("The row needs “person”, the code of who is certified, and “fields”."))
    holder = person(str(row["person"]))
    given = row.get("source")
    if given is not None and not (isinstance(given, dict) and given.get("type") and given.get("code")):
        raise InvalidError(_l("The “source” of the row needs “type” and “code” of the decision that it certifies."))
    source = (
        Subject(str(given["type"]), str(given["code"]))
        if given
        else Subject(REQUEST_FILE, f"{file_name}-{holder.code}")
    )
    if "level_name" in row["fields"]:
        raise InvalidError(_l("The rule pack of a level says what it is called. Leave “level_name” out of the row."))
    fields = checked_fields(kind, row["fields"]).model_dump(mode="json")
    return Asked(number, NEW, person_id=holder.id, source=source, fields=fields)


def _compared(one: Asked, kind: CertificateKind, earlier: Asked | None) -> Asked:
    """Compare a row with what was asked for under its source: by an earlier row, or before.

    Raises InvalidError where it says something else: a source is certified once.
    """
    known = queries.request_for(kind, one.source)
    if earlier is None and known is None:
        return one
    said = earlier or known
    if said and (said.person_id, _unnamed(said.fields)) == (one.person_id, _unnamed(one.fields)):
        return replace(one, result=REPEATED)
    if earlier is not None:
        raise InvalidError(
            _l(
                "Row %(row)s asks for something else under the same source. Name the decision of each as “source”.",
                row=earlier.number,
            )
        )
    raise InvalidError(
        _l(
            "Under this source something else was asked for before (request %(request)s). Name another “source”; "
            "where the earlier row is wrong and not issued yet, take it back first: on the page “Issuing”, or with the "
            "command “credentials take-back”.",
            request=known.code if known else "",
        )
    )


def _unnamed(fields: JsonObject | None) -> JsonObject:
    """Return what a request says, without what its room calls the level: no row says that."""
    return {name: value for name, value in (fields or {}).items() if name != "level_name"}


def ask(one: Asked, kind: CertificateKind, *, body: IssuingBody, by: Actor, at: datetime) -> JsonObject:
    """Ask for the certificate of a row, once for its source; return what is told of the row."""
    request = services.request_certificate(
        kind=kind, person_id=one.person_id, source=one.source, fields=one.fields or {}, body=body, by=by, at=at
    )
    if one.result == NEW:
        request.requested_by_id = by.person_id
    return {"row": one.number, "result": one.result, "request": request.code}
