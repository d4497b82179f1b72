"""What a bank has for a blueprint: its items with their use, expected time and information at the cut score."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select, true

from app.assessment.exams.models import ExamSession, PaperItem
from app.assessment.exams.queries.papers import approved
from app.assessment.exams.queries.parameters import parameters_of
from app.assessment.exams.queries.unsat import readable_uses
from app.assessment.exams.rules.assembly import Candidate
from app.assessment.exams.rules.blueprint import Options
from app.assessment.exams.rules.information import informations
from app.assessment.exams.states import SessionState
from app.core.db import session
from app.items.models import ItemVersion


def uses(organisation_id: int, sessions: int, at: datetime) -> dict[int, int]:
    """Count for each item in how many sessions of a body it was since the first of its last exams, by item id.

    A rehearsal counts, since whoever sits it sees its items, but it pushes no exam out of the last ones. A frozen paper
    that is open to read and not yet sat counts as one session to come. Papers that are still sealed do not count.
    """
    opened = (
        ExamSession.organisation_id == organisation_id,
        ExamSession.state != SessionState.PLANNED,
        ExamSession.opens_at <= at,
    )
    exams = select(ExamSession.opens_at).where(*opened, ExamSession.rehearsal.is_(False))
    first = session.scalar(exams.order_by(ExamSession.opens_at.desc()).offset(sessions - 1).limit(1))
    query = (
        select(ItemVersion.item_id, func.count(func.distinct(ExamSession.id)))
        .join(PaperItem, PaperItem.item_version_id == ItemVersion.id)
        .join(ExamSession, ExamSession.paper_id == PaperItem.paper_id)
        .where(*opened, true() if first is None else ExamSession.opens_at >= first)
        .group_by(ItemVersion.item_id)
    )
    counted = Counter(dict(session.execute(query).all()))
    counted.update(item_id for item_id, _paper in session.execute(readable_uses(organisation_id, at)))
    return counted


def stock(bank_id: int, organisation_id: int, options: Options, at: datetime) -> list[Candidate]:
    """Return the approved items of a bank with how often they were used and how long they take."""
    exposure = options.exposure
    used = uses(organisation_id, exposure.sessions, at) if exposure else {}
    return [
        replace(one, seconds=options.seconds_of(one.type), uses=used.get(one.item_id, 0)) for one in approved(bank_id)
    ]


def informed(candidates: Sequence[Candidate], theta: float) -> list[Candidate]:
    """Return the items with their information at an ability."""
    known = parameters_of(one.version_id for one in candidates)
    values = informations(theta, [known[one.version_id] for one in candidates])
    return [replace(one, information=float(value)) for one, value in zip(candidates, values, strict=True)]
