"""Seats: everyone sits once, the same seed seats the same, people of one organisation sit apart where they can."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.assessment.exams.rules.seating import Candidate, seat_plan
from app.core.errors import InvalidError

GROUPS = st.lists(st.integers(1, 4), max_size=40)
SEEDS = st.text(max_size=8)


def people(organisations: list[int]) -> list[Candidate]:
    return [Candidate(place, one) for place, one in enumerate(organisations, start=1)]


def rooms_for(count: int) -> list[tuple[int, int]]:
    half = count // 2 + 1
    return [(7, half), (3, half)]


@given(GROUPS, SEEDS)
def test_everyone_sits_once_on_a_seat_of_their_own(organisations: list[int], seed: str) -> None:
    plan = seat_plan(rooms_for(len(organisations)), people(organisations), seed)

    assert plan.keys() == {one.registration_id for one in people(organisations)}
    assert len(set(plan.values())) == len(plan)
    limits = dict(rooms_for(len(organisations)))
    assert all(1 <= place.seat <= limits[place.room_id] for place in plan.values())


@given(GROUPS, SEEDS)
def test_the_same_seed_gives_the_same_plan_in_whatever_order_people_come(organisations: list[int], seed: str) -> None:
    rooms, listed = rooms_for(len(organisations)), people(organisations)

    assert seat_plan(rooms, listed, seed) == seat_plan(rooms, listed[::-1], seed)


@given(GROUPS, SEEDS)
def test_neighbours_come_from_different_organisations_where_no_group_is_too_large(
    organisations: list[int], seed: str
) -> None:
    most = max(Counter(organisations).values(), default=0)
    listed = people(organisations)
    plan = seat_plan([(1, len(organisations) + 1)], listed, seed)

    seated = sorted(listed, key=lambda one: plan[one.registration_id].seat)
    row = [one.organisation_id for one in seated]
    together = sum(one == other for one, other in pairwise(row))
    others = len(organisations) - most
    assert together == max(most - others - 1, 0)


def test_rooms_that_are_too_small_are_refused() -> None:
    with pytest.raises(InvalidError) as refused:
        seat_plan([(1, 2)], people([1, 1, 2]), "seed")

    assert refused.value.field == "rooms"
