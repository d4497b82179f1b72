"""Programs are told every certified field: none of a certificate is left out of the answer."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from decimal import Decimal

import pytest

from app.credentials.rules.fields import fields_of
from app.credentials.rules.openbadge import Bilingual, Entry
from tests.unit.credentials import samples

SCORE = Entry("score", Bilingual("成绩", "Score"), "87.5", "RawScore")
FULL = replace(samples.certificate(), entries=(SCORE, Entry("grade", Bilingual("等第"), "良好")))


def leaves(value: object) -> Iterator[str]:
    """Yield every certified text, number and instant within a certificate."""
    if is_dataclass(value):
        for one in fields(value):
            yield from leaves(getattr(value, one.name))
    elif isinstance(value, tuple):
        for one in value:
            yield from leaves(one)
    elif isinstance(value, datetime):
        yield value.isoformat()
    elif isinstance(value, Decimal):
        yield f"{value:f}"
    elif value is not None:
        yield str(value)


def test_every_part_of_a_certificate_is_told() -> None:
    told = fields_of(FULL)
    keys = {one.key for one in FULL.entries}

    assert set(leaves(FULL)) - keys <= set(told.values())
    assert (told["kind"], told["level"]) == ("capability", "junior")
    assert (told["description_zh"], told["criteria_en"]) == (
        FULL.achievement.description.zh,
        FULL.achievement.criteria.en,
    )
    assert [told[f"entry:score{part}"] for part in ("", ":zh", ":en", ":kind")] == ["87.5", "成绩", "Score", "RawScore"]


@pytest.mark.parametrize(
    ("changes", "absent"),
    [
        ({"number": None}, {"number"}),
        ({"hours": None}, {"hours"}),
        ({"valid_until": None}, {"valid_until"}),
        ({"entries": (replace(SCORE, label=Bilingual("成绩")),)}, {"entry:score:en"}),
    ],
)
def test_what_was_not_certified_is_absent(changes: dict[str, object], absent: set[str]) -> None:
    with_score = replace(FULL, entries=(SCORE,))

    assert set(fields_of(with_score)) - set(fields_of(replace(with_score, **changes))) == absent  # type: ignore[arg-type]
