"""Seats: everyone sits once, the same seed seats the same, people of one organisation sit apart where they can."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.assessment.exams.rules.seating import Candidate, Place, late_places, seat_plan
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


@given(GROUPS, SEEDS, st.lists(st.integers(1, 4), max_size=8), st.integers(0, 10))
def test_late_candidates_get_free_seats_and_move_nobody(
    organisations: list[int], seed: str, late: list[int], most: int
) -> None:
    rooms, listed = rooms_for(len(organisations)), people(organisations)
    whose = {one.registration_id: one.organisation_id for one in listed}
    taken = {place: whose[one] for one, place in seat_plan(rooms, listed, seed).items()}
    coming = [Candidate(1000 + place, one) for place, one in enumerate(late)]

    given_ = late_places(rooms, taken, coming, most)

    left = sum(count for _room, count in rooms) - len(taken)
    assert list(given_) == [one.registration_id for one in coming][: min(most, left)]
    assert len({*given_.values(), *taken}) == len(given_) + len(taken)
    assert given_ == late_places(rooms, taken, coming, most)


def test_a_late_candidate_sits_beside_people_of_other_organisations_where_a_seat_is_left() -> None:
    taken = {Place(7, 1): 1, Place(7, 5): 2}
    rooms = [(7, 5), (3, 2)]

    assert late_places(rooms, taken, [Candidate(9, 1)], 1) == {9: Place(7, 3)}
    assert late_places(rooms, taken, [Candidate(9, 2)], 1) == {9: Place(7, 2)}
    assert late_places(rooms, taken, [Candidate(9, 2), Candidate(8, 1)], 2) == {9: Place(7, 2), 8: Place(7, 3)}
    assert late_places([(7, 2)], {Place(7, 1): 1}, [Candidate(9, 1), Candidate(8, 3)], 2) == {9: Place(7, 2)}
    assert late_places(rooms, taken, [Candidate(9, 1)], 0) == {}
