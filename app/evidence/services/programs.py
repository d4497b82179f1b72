"""What a program of an organisation enters: one record about one of its people, judged as a row of a file would be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.accounts.models import Organisation, Person
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.evidence.models import Evidence
from app.evidence.queries import imports as queries
from app.evidence.rules import roster
from app.evidence.rules.numbers import tidy
from app.evidence.rules.tables import ImportLine
from app.evidence.services.doors import refuse_entering
from app.evidence.services.entry import FieldsError, Place, declare, save_draft
from app.evidence.services.imports import organisation_of
from app.evidence.states import Entry, Kind


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom a record is about: the name and the number of the document, as it shows them."""

    name: str
    document: str


def enter_for(kind: Kind, fields: Mapping[str, str], *, whom: Whom, by: Actor, at: datetime) -> Evidence:
    """Declare a record about one of the people of the actor's organisation; it waits for the person first.

    Raises FieldsError with every field that does not fit, ForbiddenError for anyone who does not enter evidence for
    an organisation and for a restricted one, and as `declare`.
    """
    organisation_id = organisation_of(by)
    refuse_entering(by, on=day_of(at), organisation_id=organisation_id)
    written = {name: text.strip() for name, text in fields.items()}
    line = ImportLine(1, whom.name.strip(), whom.document.strip(), written)
    known = queries.known(organisation_id, kind, [line.document], [tidy(written.get("number", ""))])
    (row,) = roster.judged([line], kind, known, today=day_of(at))
    problems = [*row.problems, *roster.strange(kind, fields)]
    if problems:
        raise FieldsError(problems)
    person = session.get_one(Person, row.person_id)
    region = session.get_one(Organisation, organisation_id).region_code
    place = Place(region, Entry.API, organisation_id)
    return declare(save_draft(kind, row.details, person=person, place=place, by=by, at=at), by=by, at=at)
