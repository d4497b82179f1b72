"""A document whose twin passed is not held against the schema again: that must never let anything through."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.credentials.rules import lint, openbadge
from app.credentials.rules.drawing import draw_indexes
from app.credentials.rules.lint import LintTools, Passed
from app.credentials.rules.openbadge import Certificate, Holder, StatusEntry
from app.credentials.rules.status_list import StatusListError
from tests.unit.credentials.samples import BASE, LIST_URL, certificate

SCHEMA = lint.load_schema(lint.schema_path())
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=40)
CODES = st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=26, max_size=26)


def tools(passed: Passed | None = None) -> LintTools:
    return LintTools(SCHEMA, None, lambda _certificate: False, passed or Passed())


def codes(facts: Certificate, given: LintTools) -> list[str]:
    return [one.code for one in lint.lint(facts, given)]


@settings(max_examples=15, deadline=None)
@given(
    NAMES,
    st.none() | NAMES,
    st.integers(0, 131_071),
    st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=26, max_size=26),
)
def test_twins_pass_and_fail_as_the_full_check_says(name: str, latin: str | None, index: int, code: str) -> None:
    """Whatever the blanked values are, a remembered twin changes no finding."""
    remembered = Passed()
    assert codes(certificate(), tools(remembered)) == []
    facts = replace(
        certificate(),
        url=f"{BASE}/credentials/{code}",
        holder=Holder(name, latin),
        status=StatusEntry(LIST_URL, index),
    )

    assert codes(facts, tools(remembered)) == codes(facts, tools())


def test_what_is_no_twin_is_checked_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    remembered = Passed()
    assert codes(certificate(), tools(remembered)) == []
    looked: list[object] = []
    monkeypatch.setattr(lint, "canonicalize", looked.append)

    codes(replace(certificate(), holder=Holder("李四")), tools(remembered))
    twins = len(looked)
    codes(replace(certificate(), hours=None), tools(remembered))
    codes(replace(certificate(), number=None), tools(remembered))

    assert twins == (0 if certificate().holder.name_latin is None else 1)
    assert len(looked) == twins + 2


def test_a_document_with_a_finding_is_not_remembered() -> None:
    remembered = Passed()
    bad = replace(certificate(), statement="x")

    codes(bad, tools(remembered))

    assert openbadge.build_credential(bad)["description"] == "x"
    assert codes(bad, tools(remembered)) == codes(bad, tools())


def test_only_so_many_shapes_are_remembered() -> None:
    remembered = Passed()
    for place in range(Passed.MOST + 1):
        remembered.add(replace(certificate(), statement=str(place)))

    assert replace(certificate(), statement="0") not in remembered
    assert replace(certificate(), statement=str(Passed.MOST)) in remembered


def test_places_are_drawn_once_and_never_a_taken_one() -> None:
    taken = set(range(0, 1000, 2))
    asked: list[int] = []

    def taken_of(indexes: object) -> set[int]:
        asked.append(len(list(indexes)))  # type: ignore[call-overload]
        return taken & set(indexes)  # type: ignore[call-overload]

    chance = random.Random(1)
    drawn = draw_indexes(300, taken_of, length=1000, draw=chance.randrange)

    assert len(set(drawn)) == 300
    assert not taken & set(drawn)
    assert len(asked) < 64


def test_a_list_without_a_free_place_says_so() -> None:
    with pytest.raises(StatusListError):
        draw_indexes(1, set, length=10)
