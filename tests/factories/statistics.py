"""Marked sessions whose answers are known, for statistics."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.rules.order import from_json
from app.assessment.exams.services import sitting
from app.core.db import unit_of_work
from tests.factories.accounts import Member
from tests.factories.exams import OPENS, answer, sitting_of, start

WRONG = {"A": "B", "B": "A", "C": "D", "D": "C"}


def sit(member: Member, right: Sequence[int], *, wrong: str = "", at: datetime = OPENS) -> None:
    """Let a trainee answer: the positions in `right` rightly, the others wrongly, by `wrong` where it is an option."""
    writer = start(member, at)
    found = sitting_of(member)
    sheet = {one.position: one.version for one in papers_queries.sheet_of(found.session.paper_id)}
    answers = []
    for place, shown in enumerate(from_json(found.order), start=1):
        version = sheet[shown.position]
        key = str(version.key[0])
        chosen = (
            version.key if shown.position in right else [wrong if wrong in shown.keys and wrong != key else WRONG[key]]
        )
        letters = "".join(sorted(shown.letter(str(one)) for one in chosen))
        answers.append(answer(place, choice=letters))
    with unit_of_work():
        sitting.save(writer, answers=answers, at=at + timedelta(minutes=5))
        sitting.submit(writer, at=at + timedelta(minutes=10))


def sit_all(trainees: Sequence[Member], right: Sequence[int]) -> None:
    """Let trainees sit, each with so many of the first places right."""
    for trainee, count in zip(trainees, right, strict=True):
        sit(trainee, range(1, count + 1))
