"""What of a person stands in a text: numbers that are theirs by their check digits, and no number of an office."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.rules.identity import check_digit
from app.cases.rules.private import Private, found_in, without_private

FIRST = "37010219900307123"
IDENTITY = FIRST + check_digit(FIRST)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"身份证号{IDENTITY}。", Private.IDENTITY),
        (f"{IDENTITY[:6]} {IDENTITY[6:14]} {IDENTITY[14:]}", Private.IDENTITY),
        ("".join(chr(ord(char) + 0xFEE0) for char in IDENTITY), Private.IDENTITY),
        ("电话13812345678", Private.MOBILE),
        ("+86 138-1234-5678", Private.MOBILE),
        ("138 1234 5678", Private.MOBILE),
        ("0086-13812345678", Private.MOBILE),
        ("手机-13812345678-王某", Private.MOBILE),
        ("Tel13812345678", Private.MOBILE),
        ("联系电话：156-2024-0012", Private.MOBILE),
        ("15620240012", Private.MOBILE),
        ("wang.xm@example.com", Private.MAIL),
        ("联系wang@mail.example.cn。", Private.MAIL),
        ("卡号4111 1111 1111 1111", Private.CARD),
        ("6222021234567890128", Private.CARD),
        ("6222 0212 3456 7890 128", Private.CARD),
        ("622202 1234567890128", Private.CARD),
        ("9558800000000000000", Private.CARD),
        ("3530111333300000", Private.CARD),
    ],
)
def test_what_belongs_to_a_person_is_found(text: str, kind: Private) -> None:
    (found,) = found_in(text)

    assert found.kind is kind
    assert text[found.start : found.end][:3] == found.masked[:3]
    assert set(found.masked[3:]) == {"*"}
    assert found_in(without_private(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "合同登记编号2026370102000001",
        "统一社会信用代码91350100M000100Y43",
        "发票号码25372000000012345678",
        f"{IDENTITY[:17]}{'0' if IDENTITY[17] != '0' else '1'}",
        "000000199003071239",
        "服务热线12345，值班电话0531-82345678",
        "4111111111111112",
        "鲁科字〔2026〕13号，2026-03-02至2026-03-09",
        "微信@王小明",
        "X13812345678901",
        "合同HT15020240001",
        "合同HT-15020240001号",
        "13812345678-A",
        "文号156-2024-0012",
        "BJ-156-2024-0012",
        "分别为150 2000 3000",
        "138-1234 5678",
        "合计15000000000元",
        "15000000000 元",
        "15000000000万元",
        "HT-4111111111111111",
        "4111111111111111-2",
        "4111 1111 1111 1111元",
        "4111-1111 1111-1111",
        "411 11111111 1111 1",
        "0000000000000000",
        "1111 1111 1111 1117",
    ],
)
def test_numbers_of_offices_and_papers_stand_as_they_are(text: str) -> None:
    assert found_in(text) == []
    assert without_private(text) == text


def test_each_place_is_masked_and_the_rest_stays() -> None:
    text = f"王某（{IDENTITY}，13812345678）已于3月2日提交。"

    assert without_private(text) == f"王某（370{'*' * 15}，138{'*' * 8}）已于3月2日提交。"


def test_what_stands_beside_something_private_is_looked_at_again() -> None:
    assert without_private("电话13812345678-13987654321") == f"电话138{'*' * 8}-139{'*' * 8}"


@given(st.text(alphabet="0123456789Xx -@.a王", max_size=60))
def test_a_masked_text_is_as_long_and_holds_nothing_private(text: str) -> None:
    masked = without_private(text)

    assert len(masked) == len(text)
    assert found_in(masked) == []
