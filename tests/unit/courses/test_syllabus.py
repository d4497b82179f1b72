"""The syllabus rule kind: what it asks for, in hours and in words."""

import tomllib
from decimal import Decimal

import pytest
from pydantic import ValidationError

from app.core.errors import InvalidError
from app.courses.rules.syllabus import Syllabus, counted, lacking, level_of, required_by, tidy
from app.settings import ROOT

GIVEN = tomllib.loads((ROOT / "content" / "rules" / "syllabus-junior-sample.toml").read_text("utf-8"))["params"]
REQUIRED = {
    "general": Decimal("2.0"),
    "policy": Decimal("3.5"),
    "practice": Decimal("3.5"),
    "capability": Decimal("2.0"),
}


def test_the_shipped_pack_fits_its_kind() -> None:
    assert required_by(level_of(Syllabus.model_validate(GIVEN), "junior")) == REQUIRED


@pytest.mark.parametrize("level", ["intermediate", "unknown"])
def test_a_level_without_modules_trains_nobody(level: str) -> None:
    with pytest.raises(InvalidError):
        level_of(Syllabus.model_validate(GIVEN), level)


def test_an_optional_module_is_not_required() -> None:
    level = level_of(Syllabus.model_validate(GIVEN), "junior")
    optional = level.model_copy(
        update={"modules": tuple(one.model_copy(update={"required": one.code == "policy"}) for one in level.modules)}
    )
    assert required_by(optional) == {"policy": Decimal("3.5")}


@pytest.mark.parametrize(
    ("collected", "missing"),
    [
        ({}, {"a": Decimal(2), "b": Decimal(1)}),
        ({"a": Decimal(2)}, {"b": Decimal(1)}),
        ({"a": Decimal("1.5"), "b": Decimal(9)}, {"a": Decimal("0.5")}),
        ({"a": Decimal(2), "b": Decimal(1)}, {}),
    ],
)
def test_hours_of_one_module_do_not_stand_for_another(
    collected: dict[str, Decimal], missing: dict[str, Decimal]
) -> None:
    assert lacking({"a": Decimal(2), "b": Decimal(1)}, collected) == missing


def test_hours_beyond_a_module_do_not_count() -> None:
    assert counted({"a": Decimal(2), "b": Decimal(1)}, {"a": Decimal(5), "c": Decimal(3)}) == Decimal(2)


@pytest.mark.parametrize(("hours", "written"), [("2.00", "2"), ("3.50", "3.5"), ("10", "10"), ("0.00", "0")])
def test_hours_are_written_without_trailing_zeros(hours: str, written: str) -> None:
    assert str(tidy(Decimal(hours))) == written


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(ValidationError):
        Syllabus.model_validate(GIVEN | {"hours": 3})
