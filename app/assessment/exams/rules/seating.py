"""Who sits where: a plan drawn by a seed, with people of one organisation apart as far as the numbers allow."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from app.core.errors import InvalidError
from app.core.text import _l


@dataclass(frozen=True, slots=True)
class Candidate:
    """A registration and the organisation whose people it sits apart from."""

    registration_id: int
    organisation_id: int


@dataclass(frozen=True, slots=True)
class Place:
    """A numbered seat of a room."""

    room_id: int
    seat: int


def seat_plan(rooms: Sequence[tuple[int, int]], candidates: Iterable[Candidate], seed: str) -> dict[int, Place]:
    """Give each candidate a seat; `rooms` lists room ids with their seats, filled in turn.

    The same seed gives the same plan. Neighbours in number come from different organisations wherever no organisation
    has more than half of the candidates. Raises InvalidError where the rooms are too small.
    """
    order = _apart(list(candidates), Random(seed))  # noqa: S311 - a plan anyone may draw again, not a secret
    seats = [Place(room_id, seat) for room_id, count in rooms for seat in range(1, count + 1)]
    if len(order) > len(seats):
        raise InvalidError(
            _l(
                "The rooms have %(seats)d seats for %(candidates)d candidates. Add a room.",
                seats=len(seats),
                candidates=len(order),
            ),
            field="rooms",
        )
    return {one.registration_id: place for one, place in zip(order, seats, strict=False)}


def late_places(
    rooms: Sequence[tuple[int, int]], taken: Mapping[Place, int], late: Iterable[Candidate], most: int
) -> dict[int, Place]:
    """Give candidates without a seat free ones and move nobody; `taken` maps seats to the organisation that sits there.

    Candidates are served in the order given, `most` of them at the most. Each gets the first free seat, in the order
    of the rooms, whose neighbours are of other organisations; where there is none, the first free seat. The same
    seats and candidates give the same places.
    """
    held = dict(taken)
    free = [Place(room_id, seat) for room_id, count in rooms for seat in range(1, count + 1)]
    free = [place for place in free if place not in held]
    given: dict[int, Place] = {}
    for one in late:
        if len(given) >= most or not free:
            break
        place = next((place for place in free if one.organisation_id not in _beside(place, held)), free[0])
        free.remove(place)
        held[place] = one.organisation_id
        given[one.registration_id] = place
    return given


def _beside(place: Place, held: Mapping[Place, int]) -> set[int | None]:
    return {held.get(Place(place.room_id, place.seat + step)) for step in (-1, 1)}


def _apart(candidates: list[Candidate], chance: Random) -> list[Candidate]:
    """Order candidates so that two of one organisation follow each other only where it cannot be helped."""
    candidates.sort(key=lambda one: one.registration_id)
    chance.shuffle(candidates)
    left: dict[int, list[Candidate]] = defaultdict(list)
    for one in candidates:
        left[one.organisation_id].append(one)
    order: list[Candidate] = []
    while left:
        organisation = _next(left, order[-1].organisation_id if order else None, chance)
        order.append(left[organisation].pop())
        if not left[organisation]:
            del left[organisation]
    return order


def _next(left: dict[int, list[Candidate]], last: int | None, chance: Random) -> int:
    """Choose whose turn it is: the largest group must go where it could not be spread otherwise, else by chance."""
    others = sorted(one for one in left if one != last) or sorted(left)
    total = sum(len(group) for group in left.values())
    largest = max(others, key=lambda one: len(left[one]))
    if len(left[largest]) * 2 >= total:
        return largest
    return chance.choices(others, weights=[len(left[one]) for one in others])[0]
