"""Continuing education: the class hours of a year after a level was awarded, certified as a transcript on request."""

# zh: what is certified stands in both languages

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from app.assessment.certification import queries
from app.assessment.certification.models import Award
from app.assessment.certification.states import AwardState
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.columns import JsonObject
from app.core.errors import InvalidError, Text
from app.core.events import Subject
from app.core.text import _l, in_language
from app.courses import queries as courses
from app.credentials import queries as issuing
from app.credentials import services as credentials
from app.credentials.models import CertificateRequest
from app.credentials.rules.templates import first_instant
from app.credentials.states import CertificateKind, RequestState, RevocationReason
from app.rulebook import queries as rulebook
from app.rulebook.terms import MODULES, LevelName

KIND = CertificateKind.CONTINUING_EDUCATION
SOURCE = "class_hours"


@dataclass(frozen=True, slots=True)
class Year:
    """What a holder of a level learned in a calendar year after the award: class hours by module.

    `names` has the modules that are not national, as the syllabus of the first hours of each calls them.
    """

    year: int
    hours: dict[str, Decimal]
    names: dict[str, LevelName] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        """Return the class hours of all modules."""
        return sum(self.hours.values(), Decimal(0))

    def by_module(self) -> list[tuple[Text, Decimal]]:
        """Return what each module is called and its class hours, the national modules first."""
        return [(MODULES.get(one) or self.names.get(one, one), self.hours[one]) for one in self._modules()]

    def _modules(self) -> list[str]:
        return [*filter(self.hours.__contains__, MODULES), *sorted(self.hours.keys() - MODULES.keys())]

    def entries(self) -> list[JsonObject]:
        """Return what a transcript certifies of each module."""
        return [
            {
                "key": f"module-{module.replace('_', '-').lower()}"[:40],
                "label": self._label(module),
                "value": f"{self.hours[module].normalize():f}",
                "kind": "ext:classHours",
            }
            for module in self._modules()
        ]

    def _label(self, module: str) -> dict[str, str]:
        if module in MODULES:
            return {"zh": in_language(MODULES[module], "zh_CN"), "en": in_language(MODULES[module], "en")}
        name = self.names.get(module, LevelName(module, module))
        return {"zh": name.zh, "en": name.en}

    def words(self) -> JsonObject:
        """Return what fills the blanks of the wording."""
        return {"year": {"zh": str(self.year), "en": str(self.year)}}


def first_award(actor: Actor) -> Award | None:
    """Return the first level that was awarded to a person and still stands, None where there is none."""
    standing = [one for one in queries.own(actor) if one.state is AwardState.AWARDED and one.valid_from is not None]
    return min(standing, key=lambda one: one.valid_from or date.max, default=None)


def years(actor: Actor) -> list[Year]:
    """Return the years with class hours after the first award, the latest first."""
    return sorted(counted([actor.person_id]).get(actor.person_id, {}).values(), key=lambda one: -one.year)


def counted(person_ids: Collection[int]) -> dict[int, dict[int, Year]]:
    """Return what the courses count for people, by person and year: two statements, a third for names of other modules.

    Hours count from the day after the first award that stands: the training that led to the level is not continuing
    education. Whoever holds no level is not named.
    """
    firsts = queries.first_days(person_ids)
    found: dict[int, dict[int, Year]] = {person_id: {} for person_id in firsts}
    since = {person_id: first_instant(day + timedelta(days=1)) for person_id, day in firsts.items()}
    collected = courses.class_hours_since(since)
    named = rulebook.modules_in({one.syllabus for one in collected if one.module not in MODULES})
    for one in collected:
        number = day_of(one.at).year
        year = found[one.person_id].setdefault(number, Year(number, {}))
        year.hours[one.module] = year.hours.get(one.module, Decimal(0)) + one.hours
        if one.module in named.get(one.syllabus, {}):
            year.names.setdefault(one.module, named[one.syllabus][one.module])
    return found


def ask_for_transcript(year: int, *, by: Actor, at: datetime) -> CertificateRequest:
    """Ask for a transcript of the continuing education in a year, once for the same hours.

    It takes the place of one for other hours of the year that is not made yet: that would not be signed any more.
    Raises InvalidError where the person holds no level or collected no class hours in that year after its award.
    """
    award = first_award(by)
    found = next((one for one in years(by) if one.year == year), None)
    if award is None or found is None:
        raise InvalidError(
            _l("No class hours were recorded for you in this year after a level was awarded. Choose another year."),
            field="year",
        )
    of_year = f"{award.code}.{year}."
    source = Subject(SOURCE, f"{of_year}{found.total.normalize():f}")
    made = credentials.request_certificate(
        kind=KIND,
        person_id=by.person_id,
        source=source,
        fields=_fields(found, day_of(at)),
        body=issuing.responsible_body(KIND, award.region_code),
        by=by,
        at=at,
    )
    _replace_waiting(of_year, made, at=at)
    events.record("certification.transcript_asked", _subject(award), by=by, at=at, data={"request": made.code})
    return made


def _replace_waiting(of_year: str, made: CertificateRequest, *, at: datetime) -> None:
    if made.person_id is None:
        return
    for one, certificate in issuing.requests_with_certificates(KIND, SOURCE, made.person_id):
        waits = certificate is None and one.state in (RequestState.OPEN, RequestState.BATCHED)
        if waits and one.id != made.id and one.source_code.startswith(of_year):
            credentials.withdraw(one, reason=RevocationReason.SUPERSEDED, at=at)


def _subject(award: Award) -> Subject:
    return Subject("award", award.code)


def _fields(found: Year, first: date) -> JsonObject:
    return {
        "valid_from": str(first),
        "hours": str(found.total),
        "words": found.words(),
        "entries": found.entries(),
    }
