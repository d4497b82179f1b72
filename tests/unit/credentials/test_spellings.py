"""What is allowed by name: acts and states, fields and elements, words and days, and who may do what."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.accounts.states import Role
from app.core.access import Actor
from app.core.notes import NoteError
from app.core.states import Lifecycle
from app.credentials import states
from app.credentials.access import GRANTS, Permission, confirms_templates, designs
from app.credentials.rules import change_file, differences, digits, downloads, lists, log_check, printed, sharing
from app.credentials.rules.layout import FIELDS, About, Layout, LayoutError, faults_of, fill
from app.credentials.rules.openbadge import DENIALS, Holder
from app.credentials.rules.qr_check import QrTrust, _key_unknown, _Now, _varint, trust_document
from app.credentials.rules.template_files import shipped_template
from app.credentials.rules.template_wording import faults_of_words
from app.credentials.states import CertificateKind, CertificateState, RevocationReason
from tests.unit.credentials import samples

pytestmark = pytest.mark.one_database

AT = datetime(2026, 11, 23, 4, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("lifecycle", "moves"),
    [
        (states.BATCH, {"approve": "prepared", "reject": "prepared", "finish": "approved"}),
        (
            states.CERTIFICATE,
            {
                "sign": "stored",
                "publish": "signed",
                "publish_revoked": "signed",
                "suspend": "published",
                "reinstate": "suspended",
                "revoke": "published suspended",
            },
        ),
        (
            states.CHANGE,
            {
                "check": "checking",
                "propose": "checked",
                "approve": "proposed",
                "reject": "proposed",
                "discard": "checking checked proposed",
                "finish": "approved",
            },
        ),
        (states.TEMPLATE, {"confirm": "draft", "discard": "draft", "retire": "confirmed"}),
        (states.KEY_ORDER, {"carry_out": "asked", "refuse": "asked"}),
        (states.DELEGATION, {"approve": "asked", "refuse": "asked", "end": "in_force"}),
    ],
    ids=lambda one: one.name if isinstance(one, Lifecycle) else "",
)
def test_from_where_each_record_may_move(lifecycle: Lifecycle[Any], moves: Mapping[str, str]) -> None:
    assert {name: {one.value for one in move.sources} for name, move in lifecycle.moves.items()} == {
        name: set(sources.split()) for name, sources in moves.items()
    }


def test_which_kinds_states_and_acts_belong_together() -> None:
    assert {one.value for one in states.OF_LEVELS} == {"course_completion", "exam_pass", "capability"}
    assert {CertificateState.PUBLISHED, CertificateState.SUSPENDED} == states.STANDING
    assert {one.value for one in states.NEW_BYTES} == {"issue", "resign"}


def test_what_was_wrong_from_the_start_takes_along_what_was_built_on_it() -> None:
    assert {reason for reason, along in states.TAKES_ALONG.items() if not along} == {
        RevocationReason.SUPERSEDED,
        RevocationReason.HOLDER_REQUEST,
        RevocationReason.KEY_COMPROMISED,
        RevocationReason.ISSUER_DISTRUSTED,
    }
    assert set(states.TAKES_ALONG) == set(RevocationReason)


def test_what_each_role_may_do_with_certificates() -> None:
    of_issuer = set(Permission) - {Permission.HOLD, Permission.HOLD_FOR_ORGANISATION, Permission.CHECK}

    assert {role: set(given) for role, given in GRANTS.items()} == {
        Role.ISSUER: of_issuer,
        Role.SYSADMIN: {Permission.DESIGN},
        Role.TRAINEE: {Permission.HOLD},
        Role.BASE: {Permission.HOLD_FOR_ORGANISATION},
        Role.EMPLOYER: {Permission.CHECK},
    }


@pytest.mark.parametrize(
    ("role", "organisation", "authority", "may_design", "may_confirm"),
    [
        (Role.ISSUER, 7, 7, True, True),
        (Role.ISSUER, 8, 7, False, False),
        (Role.ISSUER, None, None, False, False),
        (Role.SYSADMIN, None, 7, True, False),
        (Role.TRAINEE, 7, 7, False, False),
    ],
)
def test_only_the_authority_designs_and_confirms_and_a_system_administrator_designs(
    role: Role, organisation: int | None, authority: int | None, may_design: bool, may_confirm: bool
) -> None:
    actor = Actor(1, "p1", "王敏", role, "", frozenset(GRANTS[role]), organisation_id=organisation)

    assert (designs(actor, authority), confirms_templates(actor, authority)) == (may_design, may_confirm)


def codes(html: str = "", css: str = "") -> list[tuple[str, int]]:
    return [(fault.code, fault.line) for fault in faults_of(Layout(html, css))]


@pytest.mark.parametrize(
    "html",
    [
        "<header><main><footer><section><div><p>x</p></div></section></footer></main></header>",
        "<h1>x</h1><h2>x</h2><h3>x</h3><p><span><b><i><em><strong>x</strong></em></i></b></span></p>",
        "<table><caption>x</caption><thead><tr><th>x</th></tr></thead><tbody><tr><td>x</td></tr></tbody></table>",
        "<dl><dt>x</dt><dd>y</dd></dl><ul><li>x</li></ul><ol><li>x</li></ol>",
        '<html><head><meta charset="utf-8"><title>x</title></head><body class="a">x</body></html>',
        '<p class="a" id="b" lang="zh" aria-hidden="true">x<br></p>',
        '<table><tr><th scope="col" colspan="2" rowspan="2">x</th><td scope="row">y</td></tr></table>',
        '<svg viewBox="0 0 1 1" preserveAspectRatio="none"><rect x="1"/></svg>',
        '<svg><text text-anchor="middle" dx="1"><tspan dy="1">x</tspan></text></svg>',
        '<svg><defs><clipPath id="a"><polygon points="0,0 1,1"/></clipPath></defs></svg>',
        '<svg><use href="#a" clip-path="url(#a)"/></svg>',
        '<svg><path d="M0" stroke-dasharray="1"/><text><textPath startOffset="1">x</textPath></text></svg>',
        "{% if facts == label %}{{ statement }}{% endif %}",
        "{% if not seal and qr or days %}x{% endif %}{{ cells[0] }}",
        "{% for row in lines|batch(20) %}{% for one in row|batch(1) %}{{ one }}{% endfor %}{% endfor %}",
        "<p>" * 39 + "</p>" * 39,
        "<br>" * 1_999,
        "{{ statement }}".ljust(65_536),
    ],
)
def test_what_a_layout_may_hold(html: str) -> None:
    assert codes(html) == []


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("{{ statement }}".ljust(65_537), ("too-long", 1)),
        ("{% for a in lines %}{% for b in a %}{% for c in b %}x{% endfor %}{% endfor %}{% endfor %}", ("loop", 1)),
        ("\n{% for a in lines|batch(21) %}x{% endfor %}", ("loop", 2)),
        ("{% for a in lines|batch(0) %}x{% endfor %}", ("loop", 1)),
        ("{% for a in lines|batch(2, 3) %}x{% endfor %}", ("loop", 1)),
        ("\n" + "<p>" * 40 + "</p>" * 40, ("too-deep", 2)),
        ("\n\n" + "<br>" * 2_000, ("too-many-elements", 3)),
        ('<table><tr><td points="1">x</td></tr></table>', ("attribute", 1)),
        ('<p scope="col">x</p>', ("attribute", 1)),
        ('<svg><use href="http://x"/></svg>', ("address", 1)),
        ("{{ cells[label] }}", ("blank-refused", 1)),
    ],
)
def test_what_a_layout_may_not_hold_is_named_with_its_line(html: str, code: tuple[str, int]) -> None:
    assert codes(html)[0] == code


@pytest.mark.parametrize(
    "css",
    [
        "@page { size: A4 }\n@media print { p { color: red } }",
        "p { background: radial-gradient(red, blue) }",
        "p { transform: rotate(3deg) scaley(2) }",
        "p { grid-template-columns: repeat(2, minmax(1px, fit-content(3px))) }",
        "p { content: counters(a, b); color: hsla(1, 1%, 1%, 1) }",
    ],
)
def test_what_a_style_sheet_may_use(css: str) -> None:
    assert codes(css=css) == []


@pytest.mark.parametrize(
    ("css", "code"),
    [
        ("\n@supports (x) { p {} }", ("at-rule", 2)),
        ("p { @import 'x'; }", ("at-rule", 1)),
        ("\n\np { background: attr(x) }", ("function", 3)),
        ("p { width: calc(min(attr(x))) }", ("function", 1)),
        ("p { width: " + "calc(" * 41 + "1" + ")" * 41 + " }", ("too-deep", 1)),
    ],
)
def test_what_a_style_sheet_may_not_use_is_named_with_its_line(css: str, code: tuple[str, int]) -> None:
    assert codes(css=css)[0] == code


def filled(html: str, statement: str) -> str:
    values = dict.fromkeys(FIELDS, "") | {"statement": statement}
    return fill(Layout(html, ""), values, About("T", "A")).partition(">")[2].partition('<body class="">')[2]


def test_a_filled_layout_is_escaped_and_as_long_as_can_be_drawn() -> None:
    assert filled("{% if statement %}\n{{ statement }}\n{% endif %}\n", "<b>") == "&lt;b&gt;\n</body></html>"
    assert filled("{{ statement }}", "x" * 262_144).count("x") == 262_144
    with pytest.raises(LayoutError) as refused:
        filled("{{ statement }}", "x" * 262_145)
    (fault,) = refused.value.faults
    assert (fault.code, fault.line, fault.params) == ("filled-too-long", 1, {"limit": "262144"})


def test_a_blank_that_cannot_be_filled_is_named_with_its_line() -> None:
    with pytest.raises(LayoutError) as refused:
        filled("x\n\n{{ statement.a.b }}", "x")

    assert [(fault.code, fault.line) for fault in refused.value.faults] == [("blank-failed", 3)]


def test_two_versions_are_compared_line_by_line_with_two_lines_around() -> None:
    rows = differences.difference("abcdefg", "abcxyefg")

    assert [(row.left, row.right, row.changed) for row in rows] == [
        ((2, "b"), (2, "b"), False),
        ((3, "c"), (3, "c"), False),
        ((4, "d"), (4, "x"), True),
        (None, (5, "y"), True),
        ((5, "e"), (6, "e"), False),
        ((6, "f"), (7, "f"), False),
    ]
    many = ["x"] * 210
    assert [row.right for row in differences.difference(many, [*many, "y"]) if row.changed] == [(211, "y")]


def test_bytes_are_written_in_as_few_digits_as_hold_them() -> None:
    assert [len(digits.write_digits(bytes(size))) for size in range(9)] == [0, 3, 5, 8, 10, 13, 15, 17, 20]
    assert digits.write_digits(b"\xff") == "255"
    for text in ("256", "1", "12", "1234", "a12", "٣٣٣"):
        with pytest.raises(digits.DigitsError):
            digits.read_digits(text)


def test_what_can_be_downloaded() -> None:
    assert set(downloads.ENDINGS) == {"pdf", "png", "svg", "json", "jwt", "qr.png", "qr.svg", "tlog-proof"}


@pytest.mark.parametrize(
    ("table", "field", "words"),
    [
        (
            change_file.HEADINGS,
            "reference",
            "统一编号 证书编号 编号 证书号 证书链接 number certificatenumber code link",
        ),
        (change_file.HEADINGS, "reason", "原因 事由 撤销原因 暂停原因 reason"),
        (
            lists.HEADINGS,
            "given",
            "证书编号 统一编号 证书号码 证书地址 网址 number certificate unifiednumber url link id",
        ),
        (lists.HEADINGS, "name", "姓名 持证人 员工姓名 name holder fullname"),
    ],
)
def test_a_column_is_known_by_each_of_its_names(table: Mapping[str, Sequence[str]], field: str, words: str) -> None:
    assert set(words.split()) <= set(table[field])


MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def test_days_are_read_as_certificates_write_them() -> None:
    english = [day for day, _words in printed._days(" ".join(f"3 {month} 2026" for month in MONTHS))]

    assert english == [date(2026, month, 3) for month in range(1, 13)]
    assert [day for day, _words in printed._days("2026年6月1日 2026-06-02 2026.6.3 31 February 2026")] == [
        date(2026, 6, 1),
        date(2026, 6, 2),
        date(2026, 6, 3),
        None,
    ]
    assert printed._without_days("a 1 June 2026 b 2026年6月1日 c 2026-06-01 d").split() == ["a", "b", "c", "d"]


@pytest.mark.parametrize(("second", "last"), [(0, date(2029, 5, 31)), (1, date(2029, 6, 1))])
def test_the_last_day_printed_is_the_one_whose_last_second_counts(second: int, last: date) -> None:
    facts = samples.certificate(valid_until=datetime(2029, 5, 31, 16, 0, second, tzinfo=UTC))

    assert printed.certified_days(facts)[-1] == last


def test_a_check_of_paper_quotes_sixty_characters_at_most() -> None:
    facts = replace(samples.certificate(), holder=Holder("张" * 61))

    assert printed.text_check(printed.Sheet("", 1), facts, issued=None, sealed=True).params["missing"] == "张" * 60


@pytest.mark.parametrize(
    ("coverage", "changed", "allowed", "covered"),
    [
        ("ENTIRE_FILE", "OTHER", False, True),
        ("CONTIGUOUS_BLOCK_FROM_START", "NONE", True, True),
        ("CONTIGUOUS_BLOCK_FROM_START", "LTA_UPDATES", True, True),
        ("CONTIGUOUS_BLOCK_FROM_START", "LTA_UPDATES", False, False),
        ("CONTIGUOUS_BLOCK_FROM_START", "FORM_FILLING", True, False),
    ],
)
def test_what_was_added_after_a_seal_may_only_keep_it_readable(
    coverage: str, changed: str, allowed: bool, covered: bool
) -> None:
    assert printed._covered([printed.Signature(True, coverage, changed, allowed, b"")]) is covered  # noqa: FBT003 - a fact


@pytest.mark.parametrize(
    ("as_of", "until", "stale"),
    [
        (AT - SECOND, None, False),
        (AT - timedelta(days=1), None, False),
        (AT - timedelta(days=1) - SECOND, None, True),
        (None, None, True),
        (AT, AT, False),
        (AT, AT - SECOND, True),
    ],
)
def test_a_list_clears_until_it_is_too_old(as_of: datetime | None, until: datetime | None, stale: bool) -> None:
    assert _Now(AT, AT - timedelta(days=1)).is_stale(as_of, until) is stale
    assert _Now(AT, None).is_stale(AT - timedelta(days=999), None) is False


@pytest.mark.parametrize(("passed", "code"), [(3600, "key-unknown"), (3601, "key-newer")])
def test_a_key_may_be_newer_than_what_was_asked_an_hour_ago(passed: int, code: str) -> None:
    assert _key_unknown(QrTrust(as_of=AT), AT + timedelta(seconds=passed)).code == code
    assert _key_unknown(QrTrust(), AT).code == "key-unknown"


def test_what_a_reader_takes_along_has_a_version_and_an_age() -> None:
    told = trust_document(QrTrust(as_of=AT))

    assert (told["version"], told["days"], told["at"]) == (1, 30, "2026-11-23T04:00:00Z")
    assert [_varint(number) for number in (0, 127, 128, 16_384)] == [b"\0", b"\x7f", b"\x80\x01", b"\x80\x80\x01"]


def test_a_log_is_known_by_sixteen_keys_at_most() -> None:
    with pytest.raises(NoteError, match="too many keys"):
        log_check.read_logs("k " * 17, "")
    with pytest.raises(NoteError) as refused:
        log_check.read_logs("k " * 16, "")
    assert "too many" not in str(refused.value)


@pytest.mark.parametrize("days", [1, 7, 30, 90, 180, 365])
def test_a_link_lasts_one_of_the_offered_terms(days: int) -> None:
    assert sharing.expiry(days, AT) - AT == timedelta(days=days)


def test_no_other_terms_of_links_are_offered_and_not_without_end() -> None:
    assert sharing.DAYS == (1, 7, 30, 90, 180, 365)
    assert (sharing.MOST_CERTIFICATES, sharing.MOST_LINKS) == (20, 100)


WORDS = shipped_template(CertificateKind.CAPABILITY).wording.model_dump()
DENIED = "".join(DENIALS[CertificateKind.CAPABILITY][0][:1])


@pytest.mark.parametrize(
    ("field", "longest"),
    [("name_zh", 120), ("name_en", 120), ("description_zh", 600), ("criteria_en", 600), ("renewal_zh", 600)],
)
def test_a_text_of_a_template_has_so_many_characters_and_not_one_more(field: str, longest: int) -> None:
    def said(size: int) -> list[tuple[str, str, Mapping[str, str]]]:
        given = WORDS | {field: f" {'x' * size}\n"}
        found = faults_of_words(given, CertificateKind.CAPABILITY, may_renew=False)
        return [(fault.field, fault.code, dict(fault.params)) for fault in found]

    assert said(longest) == []
    assert said(longest + 1) == [(field, "too-long", {"limit": str(longest)})]


def test_what_a_statement_of_a_template_may_hold() -> None:
    def said(size: int) -> list[str]:
        given = WORDS | {"statement_zh": f"{DENIED}。".rjust(size, "证")}
        return [fault.code for fault in faults_of_words(given, CertificateKind.CAPABILITY, may_renew=False)]

    assert (said(400), said(401)) == ([], ["too-long"])


@pytest.mark.parametrize("field", ["name_zh", "statement_en"])
def test_an_empty_text_of_a_template_is_named_as_empty(field: str) -> None:
    found = faults_of_words(WORDS | {field: " \n "}, CertificateKind.CAPABILITY, may_renew=False)

    assert [(fault.field, fault.code) for fault in found] == [(field, "empty")]
