"""The content hash of a paper covers what is asked, what it is worth, the cut score and the minutes."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.assessment.exams.rules.papers import Leaf, content_hash

LEAVES = [Leaf(1, "a" * 64, Decimal("2.5")), Leaf(2, "b" * 64, Decimal("2.50"))]
CUT = Decimal("3.0")


def digest(leaves: list[Leaf] = LEAVES, *, cut_score: Decimal = CUT, minutes: int = 60) -> str:
    return content_hash(leaves, cut_score=cut_score, minutes=minutes)


def test_the_order_of_reading_and_the_writing_of_a_number_change_nothing() -> None:
    written = [LEAVES[1], replace(LEAVES[0], points=Decimal("2.500"))]

    assert digest(written, cut_score=Decimal("3.00")) == digest()


@pytest.mark.parametrize(
    "changed",
    [
        digest([replace(LEAVES[0], content_hash="c" * 64), LEAVES[1]]),
        digest([replace(LEAVES[0], points=Decimal(3)), LEAVES[1]]),
        digest(LEAVES[:1]),
        digest(cut_score=Decimal("3.01")),
        digest(minutes=61),
        digest([replace(LEAVES[0], position=3), LEAVES[1]]),
    ],
)
def test_any_change_of_content_changes_the_hash(changed: str) -> None:
    assert changed != digest()
    assert len(changed) == 64
