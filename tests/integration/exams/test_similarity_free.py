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

TYPES = (ItemType.SINGLE, ItemType.BLANK, ItemType.NUMERIC, ItemType.MATCHING, ItemType.ORDERING)
Own = dict[ItemType, dict[str, Any]]
SWAPPED, STRAIGHT = "BACD", "ABCD"
ALIKE: Own = {
    ItemType.BLANK: {"blanks": ["技术培训", "技术转让"]},
    ItemType.NUMERIC: {"number": "13.00", "unit": "万元"},
    ItemType.MATCHING: {"pairs": SWAPPED},
    ItemType.ORDERING: {"order": SWAPPED},
}
SPACED = ALIKE | {
    ItemType.BLANK: {"blanks": ["技术 培训", "技术转让"]},
    ItemType.NUMERIC: {"number": "13", "unit": "万元"},
}
RIGHT: Own = {
    ItemType.BLANK: {"blanks": ["技术开发", "技术转让"]},
    ItemType.NUMERIC: {"number": "12.5", "unit": "万元"},
    ItemType.MATCHING: {"pairs": STRAIGHT},
    ItemType.ORDERING: {"order": STRAIGHT},
}


def answered(kind: ItemType, place: Place, own: Own) -> dict[str, Any]:
    """Return an answer of a type with the letters as shown: a choice is always the same wrong one."""
    if kind is ItemType.SINGLE:
        return {"choice": [place.letter("A")]}
    if kind is ItemType.MATCHING:
        letters = own[kind]["pairs"]
        return {"pairs": {str(prompt): place.letter(letter) for prompt, letter in enumerate(letters, start=1)}}
    if kind is ItemType.ORDERING:
        return {"order": [place.letter(letter) for letter in own[kind]["order"]]}
    return own[kind]


def sit(member: Member, own: Own) -> None:
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
    rows = {one.person_id: row for one, row in zip(done.found.sittings, done.found.free, strict=True)}
    alike, spaced, right = (rows[one.person.id] for one in people)
    assert [[bool(text) for text in row] for row in (alike, spaced, right)] == [free, free, [False] * len(free)]
    assert alike == spaced, "spacing and figures behind the comma do not count"
    assert sorted(done.pairs.same_wrong, reverse=True) == [len(free), free.count(False), free.count(False)]
    pair = next(one for one in session.query(SimilarityPair) if one.same_wrong == len(free))
    told = {one["position"]: one for one in pair.evidence["places"]}
    assert len(told) == len(free)
    written = {one.get("said") for one in told.values() if not one["keys"]}
    swapped = {"B；A；C；D", "B、A、C、D"}
    assert written in (
        {"技术培训、技术转让", "13.00；万元", *swapped},
        {"技术 培训、技术转让", "13；万元", *swapped},
    ), "as one wrote them, matchings and orderings in the item's own letters"
    assert pair.evidence["answered"] == free.count(False)
