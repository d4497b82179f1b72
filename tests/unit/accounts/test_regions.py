"""Lists of regions: what a code says, where a region lies, what is wrong with a row, and names in pinyin."""

import pytest

from app.accounts.rules.regions import RegionLine, latin, level_of, names, parent_of, problems, read
from app.accounts.states import RegionLevel
from app.core.errors import InvalidError

LISTED = frozenset({"100000", "110000", "370000", "370100", "420000", "429004"})


def reasons(*lines: RegionLine) -> dict[int, list[str]]:
    return {line.line: [one.reason for one in found] for line, found in problems(lines, LISTED)}


def test_a_list_is_read_row_by_row_and_one_without_rows_is_refused() -> None:
    assert read("行政区划代码,单位名称\n370100,济南市\n,\n370102,历下区\n".encode()) == [
        RegionLine(2, "370100", "济南市"),
        RegionLine(4, "370102", "历下区"),
    ]
    with pytest.raises(InvalidError, match="no rows") as refused:
        read("行政区划代码,单位名称\n,\n".encode())
    assert refused.value.field == "file"


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("100000", RegionLevel.NATION),
        ("370000", RegionLevel.PROVINCE),
        ("370100", RegionLevel.CITY),
        ("370102", RegionLevel.COUNTY),
    ],
)
def test_a_code_says_its_level(code: str, level: RegionLevel) -> None:
    assert level_of(code) is level


@pytest.mark.parametrize(
    ("code", "parent"),
    [
        ("370102", "370100"),
        ("370100", "370000"),
        ("370000", "100000"),
        ("100000", None),
        ("110108", "110000"),
        ("429004", "420000"),
        ("990101", "100000"),
    ],
)
def test_a_region_lies_in_the_next_one_above_that_is_listed_and_never_in_itself(code: str, parent: str | None) -> None:
    assert parent_of(code, LISTED) == parent


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("370102", []),
        ("100000", []),
        ("110108", []),
        ("429005", []),
        ("370300", []),
        ("37010", ["code_form"]),
        ("37010２", ["code_form"]),
        ("990101", ["province_unknown"]),
        ("370001", ["code_unused"]),
        ("370302", ["parent_missing"]),
    ],
)
def test_a_code_has_six_digits_and_a_region_to_lie_in(code: str, found: list[str]) -> None:
    assert reasons(RegionLine(2, code, "某地")).get(2, []) == found


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("3" * 30, {"code": "3" * 20}),
        ("990101", {"digits": "99"}),
        ("370302", {"code": "370300"}),
    ],
)
def test_a_reason_names_what_to_look_at(code: str, told: dict[str, str]) -> None:
    ((_line, (problem,)),) = problems([RegionLine(2, code, "某地")], LISTED)

    assert problem.params == told


def test_the_city_of_a_county_may_stand_in_the_same_list() -> None:
    assert reasons(RegionLine(2, "370302", "淄川区"), RegionLine(3, "370300", "淄博市")) == {}


def test_a_code_stands_once() -> None:
    assert reasons(RegionLine(2, "370102", "历下区"), RegionLine(3, "370102", "历城区")) == {3: ["code_twice"]}


@pytest.mark.parametrize(
    ("chinese", "english", "found"),
    [
        ("湖" * 200, "H" * 200, []),
        ("湖" * 201, "", ["name_long"]),
        ("湖", "H" * 201, ["name_long"]),
        ("", "", ["name_missing"]),
    ],
)
def test_a_name_has_one_to_two_hundred_characters(chinese: str, english: str, found: list[str]) -> None:
    assert reasons(RegionLine(2, "370102", chinese, english)).get(2, []) == found


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("济南市", "Jinan Shi"),
        ("西安市", "Xi'an Shi"),
        ("鄂州市", "Ezhou Shi"),
        ("白鸥区", "Bai'ou Qu"),
        ("西峨县", "Xi'e Xian"),
        ("香港特别行政区", "Xianggang Tebiexingzhengqu"),
    ],
)
def test_pinyin_parts_a_syllable_that_begins_with_a_vowel_inside_a_word(name: str, written: str) -> None:
    assert latin(name) == written


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (RegionLine(2, "370100", "济南市", "City of Jinan"), ("济南市", "City of Jinan")),
        (RegionLine(2, "370100", "济南市"), ("济南市", "Jinan")),
        (RegionLine(2, "370100", "泉城市"), ("泉城市", "Quancheng Shi")),
        (RegionLine(2, "370300", "淄博市"), ("淄博市", "Zibo Shi")),
    ],
)
def test_a_row_without_an_english_name_keeps_the_one_that_stands_unless_the_chinese_changes(
    line: RegionLine, kept: tuple[str, str]
) -> None:
    assert names(line, {"370100": ("济南市", "Jinan")}) == kept
