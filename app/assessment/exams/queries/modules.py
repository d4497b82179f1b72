"""What the modules of blueprints, papers and sessions are called: by the syllabus of their blueprint."""

from sqlalchemy import select

from app.assessment.exams.models import Blueprint, ExamSession, Paper
from app.core.db import session
from app.courses.rules.syllabus import Level, Syllabus
from app.rulebook import queries as rulebook
from app.rulebook.queries import Modules


def of_blueprint(found: Blueprint) -> Modules:
    """Return the modules that a blueprint was drafted under, whatever has been published since.

    A module that only the region of its bank names has its name from there.
    """
    return rulebook.modules_of(found.syllabus_pack, found.region_code, found.bank_region)


def of_paper(paper_id: int) -> Modules:
    """Return the modules of the blueprint that a paper was drawn for."""
    query = select(Blueprint).join(Paper, Paper.blueprint_id == Blueprint.id).where(Paper.id == paper_id)
    return of_blueprint(session.scalars(query).one())


def level_of_session(found: ExamSession) -> Level | None:
    """Return the level of a session as the syllabus of its paper defines it, None where no syllabus does."""
    query = (
        select(Blueprint.syllabus_pack)
        .join(Paper, Paper.blueprint_id == Blueprint.id)
        .where(Paper.id == found.paper_id, Blueprint.syllabus_pack.is_not(None))
    )
    pack = session.scalar(query)
    levels = Syllabus.model_validate(rulebook.by_code(pack).params).levels if pack else ()
    return next((one for one in levels if one.code == found.level), None)
