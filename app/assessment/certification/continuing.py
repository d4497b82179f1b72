"""Continuing education: the class hours of a year after a level was awarded, certified as a transcript on request."""

# zh: what is certified stands in both languages

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from app.assessment.certification import queries
from app.assessment.certification.models import Award
from app.assessment.certification.states import AwardState
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.columns import JsonObject
from app.core.errors import InvalidError
from app.core.events import Subject
from app.core.text import _l, in_language
from app.courses import queries as courses
from app.credentials import queries as issuing
from app.credentials import services as credentials
from app.credentials.models import CertificateRequest
from app.credentials.rules.templates import first_instant
from app.credentials.states import CertificateKind
from app.rulebook.terms import MODULES

KIND = CertificateKind.CONTINUING_EDUCATION
SOURCE = "class_hours"


@dataclass(frozen=True, slots=True)
class Year:
    """What a holder of a level learned in a calendar year after the award: class hours by module."""

    year: int
    hours: dict[str, Decimal]

    @property
    def total(self) -> Decimal:
        """Return the class hours of all modules."""
        return sum(self.hours.values(), Decimal(0))


def first_award(actor: Actor) -> Award | None:
    """Return the first level that was awarded to a person and still stands, None where there is none."""
    standing = [one for one in queries.own(actor) if one.state is AwardState.AWARDED and one.valid_from is not None]
    return min(standing, key=lambda one: one.valid_from or date.max, default=None)


def years(actor: Actor) -> list[Year]:
    """Return the years with class hours after the first award, the latest first.

    They count from the day after the award: the training that led to the level is not continuing education.
    """
    award = first_award(actor)
    if award is None or award.valid_from is None:
        return []
    found: dict[int, Year] = {}
    first = first_instant(award.valid_from + timedelta(days=1))
    for at, module, hours in courses.class_hours_since(actor.person_id, first):
        year = found.setdefault(day_of(at).year, Year(day_of(at).year, {}))
        year.hours[module] = year.hours.get(module, Decimal(0)) + hours
    return sorted(found.values(), key=lambda one: -one.year)


def ask_for_transcript(year: int, *, by: Actor, at: datetime) -> CertificateRequest:
    """Ask for a transcript of the continuing education in a year, once for the same hours.

    Raises InvalidError where the person holds no level or collected no class hours in that year after its award.
    """
    award = first_award(by)
    found = next((one for one in years(by) if one.year == year), None)
    if award is None or found is None:
        raise InvalidError(
            _l("No class hours were recorded for you in this year after a level was awarded. Choose another year."),
            field="year",
        )
    source = Subject(SOURCE, f"{award.code}.{year}.{found.total.normalize():f}")
    made = credentials.request_certificate(
        kind=KIND,
        person_id=by.person_id,
        source=source,
        fields=_fields(found, day_of(at)),
        body=issuing.responsible_body(KIND, award.region_code),
        by=by,
        at=at,
    )
    events.record("certification.transcript_asked", _subject(award), by=by, at=at, data={"request": made.code})
    return made


def _subject(award: Award) -> Subject:
    return Subject("award", award.code)


def _fields(found: Year, first: date) -> JsonObject:
    modules = [module for module in MODULES if module in found.hours]
    modules += sorted(module for module in found.hours if module not in MODULES)
    return {
        "valid_from": str(first),
        "hours": str(found.total),
        "words": {"year": {"zh": str(found.year), "en": str(found.year)}},
        "entries": [
            {
                "key": f"module-{module.replace('_', '-').lower()}"[:40],
                "label": {
                    "zh": in_language(MODULES[module], "zh_CN") if module in MODULES else module,
                    "en": in_language(MODULES[module], "en") if module in MODULES else module,
                },
                "value": f"{found.hours[module].normalize():f}",
                "kind": "ext:classHours",
            }
            for module in modules
        ],
    }
