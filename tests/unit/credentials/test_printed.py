"""What is printed on a PDF must be what was certified, whatever was changed on it and wherever."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.credentials.rules.openbadge import Bilingual, Entry
from app.credentials.rules.printed import Sheet, Signature, certified_days, seal_check, text_check
from app.credentials.rules.verdict import Check, Result
from tests.unit.credentials import samples

FACTS = replace(
    samples.certificate(number="JJC372026000001E"),
    valid_from=datetime(2026, 5, 31, 16, tzinfo=UTC),
    valid_until=datetime(2029, 5, 31, 16, tzinfo=UTC),
)
TEXT = f"""示例省技术转移中心
初级技术经纪人能力等级证书 Certificate of capability: junior technology broker
持证人 Holder
张䶮
Zhang Yan
等级 Level
初级技术经纪人
统一编号 Unified number
JJC372026000001E
学时 Class hours
80
生效日期 Valid from
2026-06-01
有效期至 Valid until
2029-05-31
{FACTS.url}
{FACTS.statement}
2026年6月1日 1 June 2026"""
ISSUED = Sheet(TEXT, 1, "drawing", 0)


def against_facts(text: str, *, sealed: bool = True) -> Check:
    return text_check(Sheet(text, 1), FACTS, issued=None, sealed=sealed)


def test_an_honest_sheet_passes() -> None:
    assert against_facts(TEXT).code == "text-good"
    assert (
        against_facts(TEXT.replace("张䶮", "张 \u200b䶮").replace("2026-06-01", "2026 - 06 - 01")).code == "text-good"
    )
    assert [one.isoformat() for one in certified_days(FACTS)] == ["2026-06-01", "2029-05-31"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("张䶮", "李四", "张䶮"),
        ("2029-05-31", "2039-05-31", "2029-05-31"),
        ("2026-06-01", "2026-01-06", None),
        ("JJC372026000001E", "JJC372026000002E", "JJC372026000001E"),
        ("\n80\n", "\n800\n", "80"),
        ("初级技术经纪人", "高级技术经理人", "初级技术经纪人能力等级证书"),
        ("示例省技术转移中心", "示例市技术转移中心", "示例省技术转移中心"),
    ],
    ids=["name", "end", "begin", "number", "hours", "level", "issuer"],
)
def test_a_value_that_was_replaced_is_caught(old: str, new: str, told: str | None) -> None:
    check = against_facts(TEXT.replace(old, new))

    assert check.result is Result.FAIL
    if told is not None:
        assert check.params.get("missing") == told


@pytest.mark.parametrize(
    "extra",
    [
        "2039-05-31",
        "2039年5月31日",
        "31 May 2039",
        "2026-02-30",
        "JJC372026000009E",
        "120",
        "高级技术经理人",
        "senior technology manager",
    ],
)
def test_a_value_that_was_added_is_caught_though_every_other_stands(extra: str) -> None:
    check = against_facts(f"{TEXT}\n{extra}")

    assert (check.result, check.code) == (Result.FAIL, "text-added")
    assert check.params["extra"] in extra


@pytest.mark.parametrize("text", [TEXT, f"{TEXT}\n李四光"])
def test_without_a_seal_no_text_proves_what_a_sheet_shows(text: str) -> None:
    """The certified name may be hidden under another: only the issued sheet or the issuer's seal tells."""
    check = against_facts(text, sealed=False)

    assert (check.result, check.code) == (Result.UNKNOWN, "text-unproven")
    assert against_facts(text).result is Result.PASS


def test_a_changed_value_is_caught_under_a_seal_and_without_one() -> None:
    for sealed in (True, False):
        assert against_facts(TEXT.replace("张䶮", "李四"), sealed=sealed).code == "text-missing"


def test_a_note_laid_over_is_caught_without_the_issued_sheet() -> None:
    assert text_check(Sheet(TEXT, 1, notes=1), FACTS, issued=None, sealed=True).code == "notes-added"


def test_a_certificate_without_number_hours_and_end_is_held_to_the_rest() -> None:
    facts = replace(FACTS, number=None, hours=None, valid_until=None)
    text = TEXT.replace("JJC372026000001E", "").replace("\n80\n", "\n").replace("2029-05-31", "")

    of_hours = replace(facts, hours=Decimal("7.50"))
    assert text_check(Sheet(text, 1), facts, issued=None, sealed=True).code == "text-good"
    assert text_check(Sheet(f"{text} 2029-05-31", 1), facts, issued=None, sealed=True).code == "text-added"
    assert text_check(Sheet(f"{text} 7.5", 1), of_hours, issued=None, sealed=True).code == "text-good"


@pytest.mark.parametrize(
    ("change", "result", "code"),
    [
        ({}, Result.PASS, "text-as-issued"),
        ({"text": TEXT.replace("\n", " \n ")}, Result.PASS, "text-as-issued"),
        ({"text": TEXT.replace("张䶮", "李四")}, Result.FAIL, "text-changed"),
        ({"text": TEXT + "\n李四"}, Result.FAIL, "text-added"),
        ({"text": TEXT.replace("\n2029-05-31", "")}, Result.FAIL, "text-missing"),
        ({"text": "\n".join(reversed(TEXT.splitlines()))}, Result.PASS, "text-as-issued"),
        ({"text": TEXT.replace("2026-06-01\n", "2026-06-10\n")}, Result.FAIL, "text-changed"),
        ({"drawing": "another"}, Result.UNKNOWN, "text-redrawn"),
        ({"pages": 2}, Result.FAIL, "pages-changed"),
        ({"notes": 1}, Result.FAIL, "notes-added"),
    ],
)
def test_against_the_sheet_as_issued_every_line_counts(change: dict[str, object], result: Result, code: str) -> None:
    sheet = replace(ISSUED, **change)  # type: ignore[arg-type]
    check = text_check(sheet, FACTS, issued=ISSUED, sealed=False)

    assert (check.result, check.code) == (result, code)


def test_every_further_value_must_be_printed_too() -> None:
    facts = replace(FACTS, entries=(Entry("score", Bilingual("成绩", "Score"), "87.5"),))

    for score, code in (("87.5", "text-good"), ("97.5", "text-missing")):
        assert text_check(Sheet(f"{TEXT}\n成绩 Score\n{score}", 1), facts, issued=None, sealed=True).code == code


def test_a_level_is_printed_by_the_name_that_was_certified() -> None:
    """The national name of its code is another name, and so no certified one."""
    own = Bilingual("初级技术经理人", "Junior technology manager")
    named = replace(FACTS.achievement, name=Bilingual("能力等级证书", "Certificate"), level_name=own)
    facts = replace(FACTS, achievement=named)
    text = TEXT.replace("初级技术经纪人能力等级证书 Certificate of capability: junior technology broker", named.name.zh)
    honest = text.replace("初级技术经纪人", own.zh)
    assert text_check(Sheet(honest, 1), facts, issued=None, sealed=True).code == "text-good"
    found = text_check(Sheet(text, 1), facts, issued=None, sealed=True)
    assert (found.code, found.params) == ("text-missing", {"missing": own.zh})
    both = text_check(Sheet(f"{honest}\n初级技术经纪人", 1), facts, issued=None, sealed=True)
    assert both.code == "text-added"


def test_what_is_quoted_is_short() -> None:
    check = text_check(replace(ISSUED, text=TEXT + "\n" + "长" * 5000), FACTS, issued=ISSUED, sealed=False)

    assert len(check.params["extra"]) == 60


GOOD = Signature(intact=True, coverage="ENTIRE_FILE", changed="NONE", allowed=True, key=b"ours")


@pytest.mark.parametrize(
    ("signatures", "result", "code"),
    [
        ((GOOD,), Result.PASS, "seal-good"),
        ((), Result.FAIL, "seal-stripped"),
        ((replace(GOOD, intact=False),), Result.FAIL, "seal-broken"),
        ((GOOD, replace(GOOD, intact=False)), Result.FAIL, "seal-broken"),
        ((replace(GOOD, coverage="ENTIRE_REVISION", changed="LTA_UPDATES"),), Result.PASS, "seal-good"),
        ((replace(GOOD, coverage="ENTIRE_REVISION"),), Result.PASS, "seal-good"),
        ((replace(GOOD, coverage="ENTIRE_REVISION", changed="FORM_FILLING"),), Result.FAIL, "seal-changed-after"),
        ((replace(GOOD, coverage="ENTIRE_REVISION", changed="ANNOTATIONS"),), Result.FAIL, "seal-changed-after"),
        ((replace(GOOD, coverage="ENTIRE_REVISION", changed="OTHER"),), Result.FAIL, "seal-changed-after"),
        ((replace(GOOD, coverage="ENTIRE_REVISION", allowed=False),), Result.FAIL, "seal-changed-after"),
        ((replace(GOOD, coverage="UNCLEAR", changed="OTHER"),), Result.FAIL, "seal-changed-after"),
        ((replace(GOOD, key=b"theirs"),), Result.FAIL, "seal-of-another"),
        ((replace(GOOD, key=b"stolen"),), Result.FAIL, "seal-key-revoked"),
        ((replace(GOOD, key=b"stolen", intact=False),), Result.FAIL, "seal-broken"),
        ((replace(GOOD, key=b"theirs"), GOOD), Result.PASS, "seal-good"),
        ((replace(GOOD, key=b"?"),), Result.UNKNOWN, "seal-key-unknown"),
    ],
)
def test_a_seal_holds_covers_the_file_and_is_the_issuers(
    signatures: tuple[Signature, ...], result: Result, code: str
) -> None:
    sealed = replace(ISSUED, signatures=(GOOD,))
    check = seal_check(
        replace(ISSUED, signatures=signatures),
        issued=sealed,
        is_issuers={b"ours": True, b"theirs": False, b"stolen": False}.get,
        was_issuers=lambda key: key == b"stolen",
    )

    assert (check.result, check.code) == (result, code)


def test_a_sheet_that_was_issued_without_a_seal_needs_none() -> None:
    for issued in (None, ISSUED):
        check = seal_check(ISSUED, issued=issued, is_issuers=lambda _key: True)
        assert (check.result, check.code) == (Result.UNCHECKED, "seal-none")
