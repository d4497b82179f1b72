"""Marked sessions whose answers are known, for statistics."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import update

from app.assessment.exams.models import ExamSession
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.rules.order import from_json
from app.assessment.exams.services import results, sitting
from app.core import jobs
from app.core.db import session, unit_of_work
from app.items.models import ItemVersion
from app.rulebook.models import RulePack
from tests.factories.accounts import Member
from tests.factories.exams import CLOSES, OPENS, House, answer, make_house, make_pack, make_prepared, sitting_of, start
from tests.worlds import built_once

SHIPPED: dict[str, Any] = {}


def sit(member: Member, right: Sequence[int], *, wrong: int = 0, at: datetime = OPENS) -> None:
    """Let a trainee answer: the positions in `right` rightly, the others wrongly; the same `wrong` errs the same."""
    writer = start(member, at)
    found = sitting_of(member)
    chance = Random(wrong)
    chosen = {
        one.position: _chosen(one.version, chance, right=one.position in right)
        for one in papers_queries.sheet_of(found.session.paper_id)
    }
    answers = [
        answer(place, choice="".join(sorted(shown.letter(key) for key in chosen[shown.position])))
        for place, shown in enumerate(from_json(found.order), start=1)
    ]
    with unit_of_work():
        sitting.save(writer, answers=answers, at=at + timedelta(minutes=5))
        sitting.submit(writer, at=at + timedelta(minutes=10))


def _chosen(version: ItemVersion, chance: Random, *, right: bool) -> list[str]:
    others = [str(one["key"]) for one in version.options if one["key"] not in version.key]
    wrong = chance.choice(others)
    return [str(key) for key in version.key] if right else [wrong]


def sit_all(trainees: Sequence[Member], right: Sequence[int | Sequence[int]]) -> None:
    """Let trainees sit, each with the places named right, or so many of the first ones; the first two err alike."""
    for number, (trainee, one) in enumerate(zip(trainees, right, strict=True)):
        sit(trainee, range(1, one + 1) if isinstance(one, int) else one, wrong=max(number, 1))


@dataclass(frozen=True)
class Marked:
    """A session that was sat and marked, and who sat it."""

    house: House
    session: ExamSession
    trainees: list[Member]


def make_rules(**changes: Any) -> RulePack:  # noqa: ANN401 - parameters of a pack
    """Publish the shipped statistics pack, with some parameters changed."""
    pack = make_pack("exam_statistics", "exam-statistics-sample.toml")
    with unit_of_work():
        session.execute(update(RulePack).where(RulePack.id == pack.id).values(params={**pack.params, **changes}))
    session.expire_all()
    return pack


@built_once
def make_marked(right: Sequence[int | Sequence[int]], *, pack: dict[str, Any] | None = SHIPPED) -> Marked:
    """Let as many candidates as `right` names sit, each as `sit_all` says, and mark them.

    `pack` changes parameters of the statistics pack; None publishes none.
    """
    if pack is not None:
        make_rules(**pack)
    house = make_house()
    planned, trainees = make_prepared(house, candidates=len(right))
    sit_all(trainees, right)
    mark(house, planned)
    return Marked(house, sessions_queries.exam_session(planned.code, house.examiner.actor), trainees)


def mark(house: House, planned: ExamSession) -> None:
    """Mark a session whose window has closed and do the work that follows."""
    with unit_of_work():
        sitting.collect(at=CLOSES)
        held = sessions_queries.exam_session(planned.code, house.examiner.actor)
        results.ask_to_mark(held, by=house.examiner.actor, at=CLOSES)
    jobs.work()
