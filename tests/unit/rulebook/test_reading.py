"""A pack file is read whole or refused with every wrong field named, in the reader's language."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

import pytest
from flask import Flask
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from app.core.errors import InvalidError
from app.core.text import _l
from app.rulebook import rules
from app.rulebook.rules.packs import Source
from app.rulebook.states import Tag
from app.rulebook.wording import REASONS, WrongFields, path_of
from tests.factories.rulebook import pack_text


class Colour(StrEnum):
    RED = "red"


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: str = Field(pattern=r"^[a-z]+$", min_length=2, max_length=5)


class Params(BaseModel):
    model_config = ConfigDict(extra="forbid")

    whole: int = Field(ge=1, le=10)
    share: Decimal = Field(gt=0, lt=1)
    on: date
    yes: bool
    colour: Colour
    word: Literal["one", "two"]
    inner: list[Inner] = Field(min_length=1)
    even: int = 2

    @field_validator("even")
    @classmethod
    def _even(cls, value: int) -> int:
        if value == 0:
            raise ValueError
        if value % 2:
            raise ValueError(_l("The reason of a room"))
        return value


GOOD: dict[str, object] = {
    "whole": 3,
    "share": "0.6",
    "on": date(2025, 1, 1),
    "yes": True,
    "colour": "red",
    "word": "one",
    "inner": [{"code": "abc"}],
}


def refusal_of(**changes: object) -> str:
    with pytest.raises(InvalidError) as refused:
        rules.check_params(Params, {**GOOD, **changes})
    assert refused.value.field == "file"
    return str(refused.value)


def test_a_whole_file_is_read() -> None:
    given = rules.read(pack_text(ends_on=date(2025, 12, 31)))

    assert (given.kind, given.code, given.region, given.tag) == ("award", "award-test", "370000", Tag.SAMPLE)
    assert (given.starts_on, given.ends_on) == (date(2025, 1, 1), date(2025, 12, 31))
    assert given.source.issuer_zh == "测试机关"


def test_a_period_may_be_a_single_day() -> None:
    day = date(2025, 1, 1)

    assert rules.read(pack_text(starts_on=day, ends_on=day)).ends_on == day


@pytest.mark.parametrize(
    ("text", "place"), [('kind = "award"\nname =\n', "line 2, column 7"), ("kind = ", "the end of the file")]
)
def test_what_is_not_toml_is_refused_with_the_place(text: str, place: str) -> None:
    with pytest.raises(InvalidError, match=f"not valid TOML: {place}") as refused:
        rules.read(text)
    assert refused.value.field == "file"


def test_what_is_not_utf8_is_refused_and_a_mark_of_byte_order_is_not() -> None:
    assert rules.decode("\ufeffkind".encode()) == "kind"
    with pytest.raises(InvalidError) as refused:
        rules.decode("样例".encode("gb18030"))
    assert refused.value.field == "file"


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('code = "award-test"', 'code = "Award Test"', "code"),
        ('code = "award-test"', 'code = "a"', "code"),
        (f'code = "{"award-test"}"', f'code = "{"a" * 52}"', "code"),
        ('name_zh = "授予规则"', 'name_zh = ""', "name_zh"),
        ('region = "370000"', 'region = "37000"', "region"),
        ("starts_on = 2025-01-01", 'starts_on = "soon"', "starts_on"),
        ("starts_on = 2025-01-01", "starts_on = 2025-01-01\nends_on = 2024-12-31", "ends_on"),
        ('kind = "award"', f'kind = "{"k" * 65}"', "kind"),
        ('name_zh = "授予规则"', f'name_zh = "{"规" * 201}"', "name_zh"),
        ('name_en = "Award of levels"', f'name_en = "{"n" * 201}"', "name_en"),
        ('tag = "sample"', 'tag = "law"', "tag"),
        ('tag = "sample"', 'tag = "sample"\nsurprise = 1', "surprise"),
        ('issuer_en = "Test authority"', "", "source.issuer_en"),
        ('issuer_en = "Test authority"', 'issuer_en = ""', "source.issuer_en"),
        ('note_en = "Sample values"', 'note_en = "Sample values"\nurl = "x"', "source.url"),
    ],
)
def test_each_wrong_field_is_named(old: str, new: str, place: str) -> None:
    text = pack_text()
    assert old in text
    with pytest.raises(InvalidError) as refused:
        rules.read(text.replace(old, new, 1))
    assert f" {place} " in str(refused.value)
    assert refused.value.field == "file"


SHORTEST = {
    'kind = "award"': 'kind = "k"',
    'name_zh = "授予规则"': 'name_zh = "规"',
    'name_en = "Award of levels"': 'name_en = "R"',
    'title_zh = "样例"': 'title_zh = "甲"',
    'title_en = "Sample"': 'title_en = "A"',
    'issuer_zh = "测试机关"': 'issuer_zh = "乙"',
    'issuer_en = "Test authority"': 'issuer_en = "B"',
}
LONGEST = {
    'kind = "award"': f'kind = "{"k" * 64}"',
    'name_zh = "授予规则"': f'name_zh = "{"规" * 200}"',
    'name_en = "Award of levels"': f'name_en = "{"n" * 200}"',
}


@pytest.mark.parametrize(("old", "new"), [*SHORTEST.items(), *LONGEST.items()])
def test_the_shortest_and_the_longest_texts_are_read(old: str, new: str) -> None:
    text = pack_text()
    assert old in text

    assert rules.read(text.replace(old, new, 1)).code == "award-test"


def test_every_wrong_field_is_named_at_once() -> None:
    text = pack_text().replace('kind = "award"', "").replace('title_en = "Sample"', "")

    with pytest.raises(InvalidError) as refused:
        rules.read(text)

    assert "kind is missing" in str(refused.value)
    assert "source.title_en is missing" in str(refused.value)


def test_good_parameters_are_typed() -> None:
    assert rules.check_params(Params, GOOD) == Params.model_validate(GOOD)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"whole": "three"}, "params.whole must be a whole number"),
        ({"whole": 1.5}, "params.whole must be a whole number"),
        ({"whole": 0}, "params.whole must be at least 1"),
        ({"whole": 11}, "params.whole must be at most 10"),
        ({"share": "0"}, "params.share must be more than 0"),
        ({"share": "1"}, "params.share must be less than 1"),
        ({"share": "much"}, "params.share must be a decimal number in quotation marks"),
        ({"on": "soon"}, "params.on must be a day such as 2026-11-23"),
        ({"yes": "perhaps"}, "params.yes must be true or false"),
        ({"colour": "blue"}, "params.colour must be one of 'red'"),
        ({"word": "three"}, "params.word must be one of 'one' or 'two'"),
        ({"inner": []}, "params.inner needs at least 1 entries"),
        ({"inner": 1}, "params.inner must be a list"),
        ({"inner": [1]}, "params.inner[1] must be a table"),
        ({"inner": [{"code": "abc"}, {"code": "AB"}]}, "params.inner[2].code must have the form ^[a-z]+$"),
        ({"inner": [{"code": ""}]}, "params.inner[1].code needs at least 2 characters"),
        ({"inner": [{"code": "abcdef"}]}, "params.inner[1].code may have at most 5 characters"),
        ({"inner": [{"code": 1}]}, "params.inner[1].code must be text in quotation marks"),
        ({"inner": [{}]}, "params.inner[1].code is missing"),
        ({"more": 1}, "params.more is not a field of this kind"),
        ({"even": 3}, "params.even The reason of a room"),
        ({"even": 0}, "params.even does not fit"),
    ],
)
def test_a_parameter_is_refused_with_its_place_and_reason(changes: dict[str, object], said: str) -> None:
    assert said in refusal_of(**changes)


def test_several_wrong_parameters_are_said_in_one_sentence() -> None:
    assert "params.whole must be at least 1; params.yes must be true or false" in refusal_of(whole=0, yes="x")


def test_an_unforeseen_reason_still_names_the_field() -> None:
    class Even(BaseModel):
        number: int = Field(multiple_of=2)

    with pytest.raises(ValidationError) as found:
        Even.model_validate({"number": 1})

    assert "multiple_of" not in REASONS
    assert str(WrongFields(found.value.errors())) == "number does not fit"


def test_places_are_counted_from_one() -> None:
    assert path_of(("params", "levels", 0, "code")) == "params.levels[1].code"
    assert path_of(()) == ""


def test_reasons_are_said_in_chinese_on_a_chinese_page(app: Flask) -> None:
    with app.test_request_context():
        assert "params.whole 不得小于1；params.inner[1].code 缺少" in refusal_of(whole=0, inner=[{}])


@pytest.mark.parametrize(
    ("zh", "en", "tag"), [("第3号", "", "A"), ("", "No. 3", "A"), (" ", "No. 3", "A"), ("第3号", "No. 3", "C")]
)
def test_a_source_that_is_read_in_one_language_only_or_weak_makes_nothing_official(zh: str, en: str, tag: str) -> None:
    given = {"title_zh": "办法", "title_en": "Measures", "issuer_zh": "部", "issuer_en": "Ministry"}

    assert Source(**given, citation_zh="第3号", citation_en="No. 3", tag="A").named
    assert not Source(**given, citation_zh=zh, citation_en=en, tag=tag).named
