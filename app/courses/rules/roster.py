"""What a cohort adds to the check of a roster row (学员名单核对): who is in already, and how many places are left."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.accounts.rules import roster as people
from app.accounts.rules.roster import Candidate, Problem, with_problems
from app.core.errors import Text
from app.core.text import _l

SENTENCES: Mapping[str, Text] = {
    **people.SENTENCES,
    "enrolled": _l("This person is in the cohort already. Leave the row out."),
    "over_capacity": _l(
        "The cohort has %(places)s places left and they are taken by the rows above. Leave the row out."
    ),
}


def worded(stored: Mapping[str, Any]) -> str:
    """Return a stored problem of a row in words."""
    return people.worded(stored, SENTENCES)


def judge(enrolled: frozenset[int], *, places: int, taken: int) -> Callable[[Sequence[Candidate]], list[Candidate]]:
    """Return the check of a block: `enrolled` are person ids, `taken` the places that earlier rows hold."""

    def check(block: Iterable[Candidate]) -> list[Candidate]:
        left = places - taken
        done = []
        for candidate in block:
            row = _unless_enrolled(candidate, enrolled)
            if row.good and left <= 0:
                row = with_problems(row, [Problem("row", "over_capacity", {"places": places})])
            left -= row.good
            done.append(row)
        return done

    return check


def _unless_enrolled(candidate: Candidate, enrolled: frozenset[int]) -> Candidate:
    if candidate.known is None or candidate.known.person_id not in enrolled:
        return candidate
    return replace(candidate, problems=(Problem("row", "enrolled"),))
