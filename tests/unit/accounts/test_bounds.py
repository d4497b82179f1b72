"""The bounds of rosters, identity numbers and passwords, the words of offices, and who may give and do what."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.accounts import states
from app.accounts.access import GRANTS, Permission, covers, region_span
from app.accounts.rules import guessing, passwords, roster, roster_file, slowing
from app.accounts.rules.agents import device_name
from app.accounts.rules.contacts import mask_email, mask_phone
from app.accounts.rules.identity import mask_identity, mask_name
from app.accounts.rules.powers import may_give
from app.accounts.rules.profiles import profile
from app.accounts.rules.roster_file import RosterLine
from app.accounts.states import Role
from app.core.errors import InvalidError
from app.core.states import Lifecycle

pytestmark = pytest.mark.one_database

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
NUMBER = "11010519491231002X"
DAY = date(2026, 3, 2)
UNBORN = "110105202603030021"


def problems(**given: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - cells of a row
    (row,) = roster.checked([RosterLine(2, **{"name": "王敏", "number": NUMBER, **given})], DAY)
    return [(one.field, one.reason) for one in row.problems]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, []),
        ({"name": "王" * 100}, []),
        ({"name": "王" * 101}, [("name", "name_long")]),
        ({"name": ""}, [("name", "name_missing")]),
        ({"employer": "某" * 200}, []),
        ({"employer": "某" * 201}, [("employer", "employer_long")]),
        ({"kind": "ID card"}, []),
        ({"kind": "学生证"}, [("kind", "kind_unknown")]),
        ({"number": ""}, [("number", "number_missing")]),
        ({"number": "1", "rounded": True}, [("number", "number_rounded")]),
        ({"number": "1"}, [("number", "number_form")]),
        ({"number": NUMBER[:-1] + "1"}, [("number", "number_check")]),
        ({"number": UNBORN}, [("number", "number_unborn")]),
        ({"kind": "护照", "number": "E"}, [("number", "number_wrong")]),
        ({"phone": "1"}, [("phone", "phone_wrong")]),
        ({"email": "a"}, [("email", "email_wrong")]),
    ],
)
def test_a_row_of_a_roster_says_what_is_wrong_with_it(given: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert problems(**given) == found


def test_a_row_that_cannot_be_kept_is_cut_and_masked() -> None:
    (row,) = roster.checked([RosterLine(2, "王" * 200, "护照" * 30, "1" * 60, "", "", "某" * 300)], DAY)

    assert (len(row.name), len(row.employer), len(row.masked)) == (100, 200, 40)
    assert row.problems[-1].params["kind"] == "护照" * 20
    assert [roster._masked(text) for text in ("", "1", "123", "1" * 14)] == ["", "1", "1**", "1" + "*" * 13]
    assert roster._masked("1" * 15) == "1111*******1111", "as a card of the first generation, which has 15 digits"


@pytest.mark.parametrize(
    ("number", "shown"),
    [("1" * 15, "1111*******1111"), ("1" * 14, "1" + "*" * 10 + "111"), (NUMBER, "1101" + "*" * 10 + "002X")],
)
def test_a_long_number_shows_four_signs_at_each_end_and_a_short_one_less(number: str, shown: str) -> None:
    assert mask_identity(number) == shown


def test_masks_of_names_and_contacts() -> None:
    assert [mask_name(name) for name in ("王", "王敏", "欧阳明")] == ["王*", "王*", "欧**"]
    assert mask_phone("+8613812345678") == "+86138****5678"
    assert mask_email("wang@x.cn") == "w***@x.cn"


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("name", "姓名 学员姓名 name fullname"),
        ("kind", "证件类型 documenttype idtype"),
        ("number", "证件号码 身份证 documentnumber idnumber"),
        ("phone", "手机 电话 phone mobile telephone"),
        ("email", "邮箱 email mail e-mail emailaddress"),
        ("employer", "单位 employer organisation organization company"),
    ],
)
def test_a_column_of_a_roster_is_known_by_each_of_its_names(field: str, words: str) -> None:
    assert set(words.split()) <= set(roster_file.HEADINGS[field])


def test_a_roster_is_read_within_its_rows_and_headings(monkeypatch: pytest.MonkeyPatch) -> None:
    head, above = "姓名，证件号码\n", "说明,\n"
    monkeypatch.setattr(roster_file, "MOST_ROWS", 2)

    def read(text: str) -> int:
        return len(list(roster_file.read(text.encode())))

    assert read("姓名,证件号码\n王,1\n,\n李,2\n") == 2
    assert read(above * 9 + "姓名,证件号码\n王,1\n") == 1
    for text in (above * 10 + "姓名,证件号码\n王,1\n", "姓名,证件号码\n,\n", "姓名,name,证件号码\n王,1,1\n", head * 0):
        with pytest.raises(InvalidError):
            read(text)
    with pytest.raises(InvalidError, match="at most 2"):
        read("姓名,证件号码\n王,1\n李,2\n张,3\n")
    (line,) = roster_file.read("姓名,证件号码\n王,1\n".encode())
    assert not line.rounded


@pytest.mark.parametrize(("length", "held"), [(128, True), (129, False)])
def test_a_password_has_128_characters_at_most(length: int, held: bool) -> None:
    password = "Vx7-mQ2_" * 20
    said = ""
    try:
        passwords.check_new(password[:length], profile=profile("asvs"), alone=True)
    except InvalidError as error:
        said = str(error)

    assert ("at most 128" not in said) is held


def test_a_password_grows_old_on_its_day_and_in_some_profiles_never() -> None:
    told = [profile(code) for code in ("asvs", "mlps")]
    limited = [one for one in told if one.days]

    assert [one.is_due(AT, AT + timedelta(days=one.days)) for one in limited] == [True] * len(limited)
    assert not any(one.is_due(AT, AT + timedelta(days=one.days, seconds=-1)) for one in limited)
    assert not any(one.is_due(AT, AT + timedelta(days=9999)) for one in told if not one.days)


@pytest.mark.parametrize(("failures", "seconds"), [(4, 0), (5, 2), (6, 4), (7, 8), (13, 512), (14, 900), (40, 900)])
def test_each_failure_beyond_the_free_ones_doubles_the_wait(failures: int, seconds: int) -> None:
    assert slowing.opens_at(failures, AT) - AT == timedelta(seconds=seconds)
    assert slowing.is_forgotten(AT, AT + timedelta(hours=1))
    assert not slowing.is_forgotten(AT, AT + timedelta(minutes=59, seconds=59))


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) Safari/605", "Safari · Linux"),
        (None, ""),
        ("curl/8.0", "curl"),
        ("x" * 50, "x" * 40),
    ],
)
def test_a_device_is_named_by_its_browser_and_system_or_as_it_names_itself(agent: str | None, name: str) -> None:
    assert device_name(agent) == name


@pytest.mark.parametrize(
    ("figures", "is_day"),
    [
        ("19491231", True),
        ("19391231", False),
        ("20490101", True),
        ("20500101", False),
        ("490101", True),
        ("491301", False),
    ],
)
def test_a_date_in_a_password_is_one_somebody_was_born_on(figures: str, is_day: bool) -> None:
    assert guessing._is_day(figures, len(figures)) is is_day


def test_who_gives_which_roles() -> None:
    told = {
        Role.BASE: "base lecturer",
        Role.EMPLOYER: "employer",
        Role.REGULATOR: "regulator",
        Role.SECRETARY: "secretary expert",
        Role.EXAMINER: "examiner author reviewer invigilator marker adjudicator",
        Role.CERTIFIER: "certifier",
        Role.ISSUER: "issuer",
    }

    assert {role: set(may_give(role)) for role in Role if may_give(role)} == {
        role: {Role(name) for name in names.split()} for role, names in told.items()
    }
    assert may_give("nobody") == frozenset()


def test_what_each_role_may_do_with_accounts() -> None:
    members = dict.fromkeys(("base", "employer", "secretary", "examiner", "certifier", "issuer"), "members claims")
    programs = dict.fromkeys(("base", "employer"), "members claims access_keys")
    told = {
        **members,
        **programs,
        "sysadmin": "system_view organisations_view organisations_run",
        "secadmin": "people_view roles_manage people_import merge erasure_decide claims names",
        "auditor": "events_read",
        "regulator": "members claims organisations_view organisations_run",
    }

    assert {str(role): set(given) for role, given in GRANTS.items()} == {
        role: {Permission(f"accounts.{name}") for name in names.split()} for role, names in told.items()
    }
    assert {Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR} == states.APART
    assert {Role.TRAINEE, Role.EMPLOYER} == states.WITHOUT_SECOND_FACTOR


@pytest.mark.parametrize(
    ("code", "span"),
    [
        ("100000", ("000000", "999999")),
        ("370000", ("370000", "379999")),
        ("370100", ("370100", "370199")),
        ("370102", ("370102", "370102")),
    ],
)
def test_a_region_spans_what_lies_in_it(code: str, span: tuple[str, str]) -> None:
    assert region_span(code) == span
    assert covers(code, code)
    assert not covers(None, code)
    assert not covers(code, None)


@pytest.mark.parametrize(
    ("lifecycle", "moves"),
    [
        (states.ORDER, {"carry_out": "asked", "refuse": "asked", "withdraw": "asked"}),
        (
            states.ERASURE,
            {"withdraw": "requested", "refuse": "requested", "limit": "requested", "erase": "requested limited"},
        ),
        (states.NAME, {"withdraw": "requested", "refuse": "requested", "correct": "requested"}),
        (states.MERGE, {"confirm": "proposed", "decline": "proposed"}),
        (states.CLAIM, {"accept": "open", "refuse": "open"}),
    ],
    ids=lambda one: one.name if isinstance(one, Lifecycle) else "",
)
def test_from_where_each_record_may_move(lifecycle: Lifecycle[Any], moves: Mapping[str, str]) -> None:
    assert {name: {one.value for one in move.sources} for name, move in lifecycle.moves.items()} == {
        name: set(sources.split()) for name, sources in moves.items()
    }


def test_tries_from_an_address_drain_away_one_by_one() -> None:
    one = slowing.DRAIN
    assert slowing.drained(3, AT, AT + one * 0.9) == (3, AT)
    assert slowing.drained(3, AT, AT + one * 2.5) == (1, AT + one * 2), "what has not drained yet is not lost"
    assert slowing.drained(3, AT, AT + one * 3) == (0, AT + one * 3)
    assert slowing.drained(3, AT, AT - one) == (3, AT), "a clock set back gives nothing"
