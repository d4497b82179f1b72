"""What modules and levels of blueprints, papers and sessions are called: by the syllabus of their blueprint."""

from sqlalchemy import select

from app.assessment.exams.models import Blueprint, ExamSession, Paper
from app.assessment.exams.rules import parameters
from app.assessment.exams.rules.parameters import ExamRule
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import Text
from app.courses.rules.syllabus import Level, Syllabus
from app.rulebook import queries as rulebook
from app.rulebook.queries import LevelWords, Modules
from app.rulebook.terms import LEVELS


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


def level_told(found: ExamSession) -> JsonObject:
    """Return the level of a session as a to-do keeps it: a national one by its code, another by its names."""
    own = None if found.level in LEVELS else rulebook.levels(found.region_code).get(found.level)
    return {"level_zh": own.zh, "level_en": own.en} if own else {"level": found.level}


def sentences(rule: ExamRule) -> list[Text]:
    """Say a pack of the kind `exam` in plain sentences, each level by its name."""
    return parameters.sentences(rule, LevelWords(LEVELS))
