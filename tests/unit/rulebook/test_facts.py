"""Facts: names with or without brackets, values of their type, stored and read back the same."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rulebook.facts import (
    Catalogued,
    Fact,
    FactKind,
    FactType,
    Question,
    Value,
    from_json,
    kind_of,
    label_of,
    read_value,
    split,
    to_json,
)
from tests.unit.rulebook.trees import ON

MODULE = FactKind("hours.module", "Hours of %(parameter)s", FactType.DECIMAL, "", parameter="module")
LEVEL = FactKind(
    "exam.passed", "Passed %(parameter)s", FactType.DATE, "", parameter="level", parameters={"junior": "J"}
)
TOTAL = FactKind("hours.total", "Hours", FactType.COUNT, "")
CATALOGUE = {one.name: Catalogued(one, "courses", "person", given=True) for one in (MODULE, LEVEL, TOTAL)}


def test_a_name_may_carry_one_word_in_brackets() -> None:
    assert split("hours.module[policy]") == ("hours.module", "policy")
    assert split("hours.total") == ("hours.total", "")


@pytest.mark.parametrize(
    "name", ["hours", "hours.module[]", "hours.module[a][b]", "Hours.total", "hours.module[政策]", ""]
)
@pytest.mark.usefixtures("app")
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="不是事实的名称"):
        split(name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("hours.nothing", "没有提供事实"),
        ("hours.module", "须在方括号中写明module"),
        ("hours.total[x]", "不带方括号"),
        ("exam.passed[senior]", "junior"),
    ],
)
@pytest.mark.usefixtures("app")
def test_a_name_must_be_catalogued_with_its_brackets(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        kind_of(name, CATALOGUE)


def test_a_fact_is_called_by_its_label_in_words() -> None:
    assert label_of("hours.module[policy]", CATALOGUE) == "Hours of policy"
    assert label_of("exam.passed[junior]", CATALOGUE) == "Passed J"
    assert label_of("hours.total", CATALOGUE) == "Hours"
    assert label_of("gone.away", CATALOGUE) == "gone.away"


@pytest.mark.parametrize(
    ("kind", "given_", "value"),
    [
        (FactType.COUNT, "15", Decimal(15)),
        (FactType.MONEY, "5000000.50", Decimal("5000000.50")),
        (FactType.DECIMAL, 2.5, Decimal("2.5")),
        (FactType.DATE, "2026-11-23", date(2026, 11, 23)),
        (FactType.DATE, date(2026, 11, 23), date(2026, 11, 23)),
        (FactType.FLAG, "true", True),
        (FactType.FLAG, False, False),
        (FactType.TEXT, "词", "词"),
        (FactType.CHOICE, "a", "a"),
    ],
)
def test_a_value_is_read_as_its_type(kind: FactType, given_: object, value: Value) -> None:
    assert read_value(FactKind("a.b", "", kind, "", choices={"a": "A"}), given_) == value


@pytest.mark.parametrize(
    ("kind", "wrong", "said"),
    [
        (FactType.COUNT, "1.5", "须为整数"),
        (FactType.NUMBER, "x", "须为数字"),
        (FactType.DECIMAL, True, "须为数字"),
        (FactType.MONEY, "NaN", "须为数字"),
        (FactType.DATE, "23.11.2026", "2026-11-23"),
        (FactType.FLAG, "perhaps", "true"),
        (FactType.CHOICE, "z", "不在可用值之中"),
    ],
)
@pytest.mark.usefixtures("app")
def test_a_value_of_another_type_is_refused(kind: FactType, wrong: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_value(FactKind("a.b", "", kind, "", choices={"a": "A"}), wrong)


@given(
    st.dictionaries(
        st.sampled_from(["a.b", "a.c[x]", "a.d"]),
        st.builds(
            Fact,
            st.booleans() | st.text() | st.dates() | st.decimals(allow_nan=False, allow_infinity=False, places=2),
            st.none() | st.dates(),
            st.text(max_size=5),
        ),
    )
)
def test_stored_facts_read_back_the_same(facts: dict[str, Fact]) -> None:
    again = from_json(to_json(facts))

    assert again == facts
    assert [type(fact.value) for fact in again.values()] == [type(facts[name].value) for name in again]


def test_a_question_asks_for_a_fact_whatever_stands_in_its_brackets() -> None:
    asked = Question([1], frozenset({"hours.module[policy]"}), ON, None)  # type: ignore[arg-type]

    assert asked.asks("hours.module")
    assert not asked.asks("hours.total")
