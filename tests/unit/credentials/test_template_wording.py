"""Words of a template: blanks by name, the denial that no wording may drop, terms, and what a room must hand over."""

from datetime import date

import pytest

from app.credentials.rules.openbadge import DENIALS, Bilingual, says_what_it_is_not
from app.credentials.rules.template_files import ShippedTerms, shipped_template
from app.credentials.rules.template_wording import BLANKS, Wording, faults_of_words, filled, without_blanks
from app.credentials.rules.templates import (
    CertificateFields,
    Terms,
    achievement_in_general,
    achievement_of,
    kind_of_slug,
    last_day_after,
    level_of,
    misfit,
    slug_of,
)
from app.credentials.states import OF_LEVELS, CertificateKind

WORDS = shipped_template(CertificateKind.CAPABILITY).wording.model_dump()


def _codes(kind: CertificateKind = CertificateKind.CAPABILITY, *, may_renew: bool = False, **changes: str) -> set[str]:
    return {fault.code for fault in faults_of_words(WORDS | changes, kind, may_renew=may_renew)}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name_zh": "  "}, "empty"),
        ({"name_zh": "证" * 121}, "too-long"),
        ({"criteria_en": "x" * 601}, "too-long"),
        ({"name_zh": "证书 / 证书"}, "separator"),
        ({"description_zh": "一\n二"}, "characters"),
        ({"name_zh": "{level.__class__}"}, "blank"),
        ({"name_zh": "{title}证书"}, "blank"),
        ({"name_zh": "{证书"}, "blank"),
        ({"statement_zh": "{level}不是职业资格证书，也不是职称证书。"}, "blank"),
        ({"name_zh": "职业资格证书"}, "claim"),
        ({"name_en": "Professional Title"}, "claim"),
        ({"statement_zh": "本证书为能力等级证书。"}, "statement-dropped"),
        ({"statement_en": "This certificate attests a level."}, "statement-dropped"),
        ({"statement_zh": "不是职业资格证书，也不是职称证书"}, "statement-form"),
        ({"statement_en": "neither a vocational qualification nor a title。x"}, "statement-form"),
    ],
)
def test_a_wording_that_says_too_much_or_too_little_is_refused(changes: dict[str, str], code: str) -> None:
    assert code in _codes(CertificateKind.CAPABILITY, **changes)  # type: ignore[arg-type]


def test_what_may_be_renewed_says_what_it_takes() -> None:
    assert _codes(renewal_zh="", may_renew=True) == {"renewal-missing"}
    assert _codes(renewal_en="", may_renew=True) == {"renewal-missing"}
    assert _codes(renewal_zh="", renewal_en="") == set()
    assert _codes(may_renew=True) == set()


def test_only_a_title_may_call_itself_one() -> None:
    words = shipped_template(CertificateKind.TITLE).wording.model_dump()
    assert faults_of_words(words, CertificateKind.TITLE, may_renew=False) == []
    assert "职称" in words["name_zh"]


@pytest.mark.parametrize("kind", CertificateKind)
def test_each_kind_says_what_it_is_not_in_both_languages(kind: CertificateKind) -> None:
    assert says_what_it_is_not(kind, shipped_template(kind).wording.statement)
    for zh, en in DENIALS[kind]:
        assert not says_what_it_is_not(kind, zh)
        assert not says_what_it_is_not(kind, en)
        assert says_what_it_is_not(kind, f"任何话，{zh}。Any words; {en}.")


def test_blanks_are_filled_in_both_languages() -> None:
    text = Bilingual("{level}证书", "Certificate: {level}")
    assert filled(text, {"level": Bilingual("初级", "junior")}) == Bilingual("初级证书", "Certificate: junior")
    assert filled(Bilingual("{level}证书"), {"level": Bilingual("初级")}) == Bilingual("初级证书")
    assert filled(text, {"level": Bilingual("初级")}).en == "Certificate: 初级"
    assert without_blanks(text, CertificateKind.CAPABILITY) == Bilingual("……证书", "Certificate: …")


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        (date(2026, 6, 1), 36, date(2029, 5, 31)),
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 14)),
    ],
)
def test_a_validity_ends_the_day_before_its_anniversary(first: date, months: int, last: date) -> None:
    assert last_day_after(first, months) == last


def test_terms_say_when_a_renewal_may_be_applied_for() -> None:
    terms = Terms(CertificateKind.CAPABILITY, "junior", 60, True, 180, Bilingual("继续教育"), "x")  # noqa: FBT003 - the order of the record's own fields
    assert terms.last_day(date(2026, 6, 1)) == date(2031, 5, 31)
    assert terms.renewable_from(date(2031, 5, 31)) == date(2030, 12, 2)
    endless = Terms(CertificateKind.TITLE, None, None, False, None, None, "x")  # noqa: FBT003 - the order of the record's own fields
    assert endless.last_day(date(2026, 6, 1)) is None
    assert endless.renewable_from(date(2031, 5, 31)) is None
    with pytest.raises(ValueError, match="not renewed"):
        ShippedTerms(renew_from_days=30)


def _fields(**given: object) -> CertificateFields:
    return CertificateFields.model_validate({"valid_from": "2026-06-01", **given})


def test_a_room_hands_over_what_the_kind_needs() -> None:
    both = {"zh": "甲", "en": "A"}
    title = {"title": both, "series": both}
    assert misfit(CertificateKind.CAPABILITY, _fields(level="junior")) is None
    assert misfit(CertificateKind.CAPABILITY, _fields()) == "level"
    assert misfit(CertificateKind.TITLE, _fields(level="senior", words=title)) == "level"
    assert misfit(CertificateKind.TITLE, _fields(words=title)) is None
    assert misfit(CertificateKind.TITLE, _fields(words={"title": both})) == "words"
    assert misfit(CertificateKind.TITLE, _fields(words=title | {"day": both})) == "words"
    entry = {"key": "a", "label": both, "value": "1"}
    assert misfit(CertificateKind.TITLE, _fields(words=title, entries=[entry, entry])) == "entries"
    assert misfit(CertificateKind.TITLE, _fields(words=title, entries=[entry | {"key": "hours"}])) == "entries"
    assert misfit(CertificateKind.TITLE, _fields(words=title, entries=[entry])) is None


RENAMED = {"zh": "初级技术经理人", "en": "Junior technology manager"}


def test_a_level_goes_by_the_name_of_its_rule_pack() -> None:
    wording = shipped_template(CertificateKind.CAPABILITY).wording
    made = achievement_of(CertificateKind.CAPABILITY, wording, _fields(level="junior", level_name=RENAMED), "http://x")
    assert made.name == Bilingual("初级技术经理人能力等级证书", "Certificate of capability: junior technology manager")
    assert "初级技术经理人" in made.description.zh
    assert level_of(made) == Bilingual(**RENAMED)


def test_a_pack_with_the_national_name_names_nothing_anew() -> None:
    """Neither does another letter case: such a certificate is the same as one without the name."""
    wording = shipped_template(CertificateKind.CAPABILITY).wording
    same = {"zh": "初级技术经纪人", "en": "Junior technology broker"}
    made = achievement_of(CertificateKind.CAPABILITY, wording, _fields(level="junior", level_name=same), "http://x")
    assert made.level_name is None
    assert made == achievement_of(CertificateKind.CAPABILITY, wording, _fields(level="junior"), "http://x")
    assert level_of(made) == Bilingual("初级技术经纪人", "junior technology broker")


def test_an_abbreviation_keeps_its_capitals_in_a_sentence() -> None:
    wording = shipped_template(CertificateKind.CAPABILITY).wording
    fields = _fields(level="chief", level_name={"zh": "首席", "en": "TT chief"})
    assert achievement_of(CertificateKind.CAPABILITY, wording, fields, "http://x").name.en == (
        "Certificate of capability: TT chief"
    )


def test_a_level_of_a_rule_pack_comes_with_its_name() -> None:
    assert misfit(CertificateKind.CAPABILITY, _fields(level="chief", level_name=RENAMED)) is None
    assert misfit(CertificateKind.CAPABILITY, _fields(level="chief")) == "level_name"
    assert misfit(CertificateKind.CAPABILITY, _fields(level_name=RENAMED)) == "level"
    words = {"title": RENAMED, "series": RENAMED}
    assert misfit(CertificateKind.TITLE, _fields(words=words, level_name=RENAMED)) == "level_name"
    entry = {"key": "level", "label": RENAMED, "value": "1"}
    assert misfit(CertificateKind.CAPABILITY, _fields(level="junior", entries=[entry])) == "entries"
    assert kind_of_slug("capability-chief") == (CertificateKind.CAPABILITY, "chief")
    assert kind_of_slug("capability") is None


@pytest.mark.parametrize("kind", CertificateKind)
def test_an_achievement_has_an_address_and_a_page_of_its_own(kind: CertificateKind) -> None:
    level = "senior" if kind in OF_LEVELS else None
    slug = slug_of(kind, level)
    assert kind_of_slug(slug) == (kind, level)
    assert kind_of_slug(f"{slug}_x") is None
    wording: Wording = shipped_template(kind).wording
    shown = achievement_in_general(kind, wording, level, "http://x")
    assert shown.url == f"http://x/achievements/{slug}"
    assert "{" not in shown.name.joined() + shown.description.joined()
    assert BLANKS[kind]
