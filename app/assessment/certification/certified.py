"""What the room keeps of what it has certified: awarded levels, and the awards that class hours follow."""

from collections.abc import Collection, Mapping

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
    """Return whose hours those are by the award that they follow; the hours stand when they were asked for."""
    awards = {code: code.split(".", 1)[0] for code in codes}
    query = select(Award.code, Award.person_id).where(Award.code.in_(set(awards.values())))
    holders = dict(session.execute(query).all())
    return {code: Fact(holders[award]) for code, award in awards.items() if award in holders}


CERTIFIED = (
    Certified("award", CertificateKind.CAPABILITY, _awards),
    Certified(continuing.SOURCE, continuing.KIND, _class_hours),
)
