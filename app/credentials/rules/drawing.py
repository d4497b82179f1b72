"""Places in a status list, drawn at random for many certificates at once."""

import secrets
from collections.abc import Callable, Collection

from app.credentials.rules.status_list import LENGTH, StatusListError

TRIES = 64


def draw_indexes(
    count: int,
    taken_of: Callable[[Collection[int]], Collection[int]],
    *,
    length: int = LENGTH,
    draw: Callable[[int], int] = secrets.randbelow,
) -> list[int]:
    """Draw free indexes, each once, so that neighbours in the list are strangers.

    `taken_of` tells which of some indexes are taken: one question for many. Raises StatusListError where so many
    draws fail that a fresh list should be opened.
    """
    found: list[int] = []
    for _try in range(TRIES):
        if len(found) == count:
            return found
        drawn = dict.fromkeys(draw(length) for _one in range(count - len(found)))
        taken = set(taken_of(drawn)) | set(found)
        found += [one for one in drawn if one not in taken]
    if len(found) == count:
        return found
    raise StatusListError("status-list-full")
