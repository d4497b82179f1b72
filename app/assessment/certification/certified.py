"""What the room keeps of what it has certified: awarded levels, and the awards that class hours follow."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select

from app.assessment.certification import continuing
from app.assessment.certification.models import Award
from app.assessment.certification.states import AwardState
from app.core.db import session
from app.credentials.rules.certified import Certified, Fact
from app.credentials.states import CertificateKind


def _awards(codes: Collection[str]) -> Mapping[str, Fact]:
    query = select(Award.code, Award.person_id, Award.level, Award.unified_number, Award.state)
    return {
        code: Fact(person_id, None, level, number, stands=state is AwardState.AWARDED)
        for code, person_id, level, number, state in session.execute(query.where(Award.code.in_(codes)))
    }


def _class_hours(codes: Collection[str]) -> Mapping[str, Fact]:
    """Return what the courses count now in the year after the award that each code names, whatever was asked for."""
    named = {code: code.split(".", 2)[:2] for code in codes}
    query = select(Award.code, Award.person_id).where(Award.code.in_({award for award, *_year in named.values()}))
    holders = dict(session.execute(query).all())
    counted = continuing.counted(set(holders.values()))
    return {
        code: _hours(holders[award], counted.get(holders[award], {}), year)
        for code, (award, *year) in named.items()
        if award in holders
    }


def _hours(person_id: int, years: Mapping[int, continuing.Year], named: Sequence[str]) -> Fact:
    """Return the hours of a year; nothing stands where the person holds no level any more or learned nothing in it."""
    found = next((one for one in years.values() if [str(one.year)] == list(named)), None)
    if found is None:
        return Fact(person_id, stands=False)
    entries = {one["key"]: one["value"] for one in found.entries()}
    return Fact(person_id, hours=found.total, entries=entries, words=found.words())


CERTIFIED = (
    Certified("award", CertificateKind.CAPABILITY, _awards),
    Certified(continuing.SOURCE, continuing.KIND, _class_hours),
)
