"""Answers in one's own words and numbers in the comparison: equal wrong ones count, and are shown as evidence."""

from typing import Any

import numpy as np
import pytest
from flask import Flask

from app.assessment.exams.models import SimilarityPair
from app.assessment.exams.queries import papers
from app.assessment.exams.queries import similarity as queries
from app.assessment.exams.rules.order import Place, from_json
from app.assessment.exams.services import similarity as services
from app.assessment.exams.services import sitting
from app.assessment.exams.services.answers import Answer
from app.core.db import session, unit_of_work
from app.items.states import ItemType
from tests.factories.accounts import Member
from tests.factories.exams import OPENS, attempt_of, make_house, make_prepared, sitting_of, start
from tests.factories.similarity import AFTER, RULE
from tests.factories.statistics import make_rules, mark

pytestmark = pytest.mark.one_database

TYPES = (ItemType.SINGLE, ItemType.BLANK, ItemType.NUMERIC)
ALIKE = ({"blanks": ["技术培训", "技术转让"]}, {"number": "13.00", "unit": "万元"})
SPACED = ({"blanks": ["技术 培训", "技术转让"]}, {"number": "13", "unit": "万元"})
RIGHT = ({"blanks": ["技术开发", "技术转让"]}, {"number": "12.5", "unit": "万元"})


def answered(kind: ItemType, place: Place, own: tuple[dict[str, Any], dict[str, Any]]) -> dict[str, Any]:
    """Return an answer of a type: a choice is always the same wrong one."""
    return {"choice": [place.letter("A")]} if kind is ItemType.SINGLE else own[kind is ItemType.NUMERIC]


def sit(member: Member, own: tuple[dict[str, Any], dict[str, Any]]) -> None:
    writer, found = start(member), sitting_of(member)
    types = {one.position: one.version.type for one in papers.sheet_of(found.session.paper_id)}
    given = [
        Answer(number, 1, answered(types[place.position], place, own), review=False)
        for number, place in enumerate(from_json(found.order), start=1)
    ]
    with unit_of_work():
        sitting.save(writer, answers=given, at=OPENS)
        sitting.submit(writer, at=OPENS)


def test_equal_wrong_answers_in_ones_own_words_count_and_are_the_evidence_of_a_pair(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    del app
    monkeypatch.setattr(services, "LEAST", 3)
    monkeypatch.setattr(services, "notable", lambda pairs, **_rule: np.arange(len(pairs.first)))
    make_rules(**RULE)
    house = make_house(per_cell=2, of_types=TYPES)
    held, people = make_prepared(house, candidates=3)
    people.sort(key=lambda one: attempt_of(one).id)
    for member, own in zip(people, (ALIKE, SPACED, RIGHT), strict=True):
        sit(member, own)
    mark(house, held)

    done = services.compute(held.code)
    with unit_of_work():
        found = queries.held(held.code, house.examiner.actor)
        services.store(found, done, by_id=house.examiner.person.id, at=AFTER)

    free = [place.version.type is not ItemType.SINGLE for place in done.found.places]
    right, one, other = sorted(done.found.free, key=lambda row: sum(map(bool, row)))
    assert [[bool(text) for text in row] for row in (right, one, other)] == [[False] * len(free), free, free]
    assert one == other, "spacing and figures behind the comma do not count"
    assert sorted(done.pairs.same_wrong) == [free.count(False), free.count(False), len(free)]
    pair = next(one for one in session.query(SimilarityPair) if one.same_wrong == len(free))
    told = {one["position"]: one for one in pair.evidence["places"]}
    assert len(told) == len(free)
    written = {one.get("said") for one in told.values() if not one["keys"]}
    assert written in ({"技术培训、技术转让", "13.00；万元"}, {"技术 培训、技术转让", "13；万元"}), "as one wrote them"
    assert pair.evidence["answered"] == free.count(False)
