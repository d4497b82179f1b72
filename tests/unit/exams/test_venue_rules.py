"""The rules of an exam day as pure functions: entry, handing in, extra time, freeze, consequences of conduct."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.assessment.exams.administration_states import Check
from app.assessment.exams.rules.conduct import ConductRule, Void, judge, sentences
from app.assessment.exams.rules.eligibility import Facts, Source, eligibility, practice
from app.assessment.exams.rules.entry import Arrival, Door, hand_in_from, may_register, may_start
from app.assessment.exams.rules.parameters import ExamRule, LevelRule
from app.assessment.exams.rules.tickets import digest, latin_name, link, secret_of
from app.assessment.exams.rules.timing import Phase, Times, deadline, extended, is_frozen, phase, resumed
from app.core.errors import InvalidError
from app.rulebook.facts import Fact
from app.rulebook.kinds import Binding
from app.settings import ROOT

OPENS = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=2)
SOURCE = Source("exam-junior-sample.1", "sample", "样例", "Sample")


def shipped(name: str) -> dict[str, object]:
    text = (Path(ROOT) / "content" / "rules" / name).read_text("utf-8")
    params: dict[str, object] = tomllib.loads(text)["params"]
    return params


LEVEL: LevelRule = ExamRule.model_validate(shipped("exam-junior-sample.toml")).of("junior")
RULE = ConductRule.model_validate(shipped("exam-conduct-2017.toml"))
CHECKED = Arrival(OPENS, at_venue=True, identity_check=True, outcome=Check.CHECKED)


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


@pytest.mark.parametrize(
    ("arrival", "at", "met"),
    [
        (CHECKED, OPENS, True),
        (CHECKED, OPENS + minutes(30), True),
        (CHECKED, OPENS + minutes(30) + timedelta(seconds=1), False),
        (Arrival(OPENS, at_venue=True, identity_check=True), OPENS, False),
        (Arrival(OPENS, at_venue=True, identity_check=True, outcome=Check.MISMATCH), OPENS, False),
        (Arrival(OPENS, at_venue=True, identity_check=False), OPENS, True),
        (Arrival(OPENS, at_venue=True, identity_check=False, room_paused=True), OPENS, False),
        (Arrival(OPENS, at_venue=False, identity_check=False), OPENS + minutes(90), True),
    ],
)
def test_who_may_start(arrival: Arrival, at: datetime, met: bool) -> None:
    verdict = may_start(LEVEL, arrival, at, SOURCE)

    assert verdict.met is met
    assert all(line.rule == SOURCE.pack for line in verdict.lines)


def test_nobody_hands_in_at_a_venue_within_the_first_minutes() -> None:
    assert hand_in_from(LEVEL, OPENS, at_venue=True) == OPENS + minutes(30)
    assert hand_in_from(LEVEL, OPENS, at_venue=False) == OPENS


@pytest.mark.parametrize(
    ("at", "taken", "missing"),
    [
        (OPENS, 9, []),
        (OPENS - timedelta(seconds=1), 9, ["exams.registration_open"]),
        (CLOSES, 9, ["exams.registration_open"]),
        (OPENS, 10, ["exams.seats_left"]),
    ],
)
def test_who_may_register_themselves(at: datetime, taken: int, missing: list[str]) -> None:
    eligible = practice(Facts(sits_on=date(2026, 3, 9)), SOURCE)
    verdict = may_register(Door(OPENS, CLOSES, taken, 10), at, eligible, said=("a", "b"), source=SOURCE)

    assert [line.reason for line in verdict.lines if line.outcome.value != "met"] == missing
    told = {line.reason: line.params for line in verdict.lines}
    assert told["exams.registration_open"] == {"first": "a", "last": "b"}
    assert told["exams.seats_left"] == {"taken": str(taken), "seats": "10"}


def test_an_online_session_has_no_last_seat() -> None:
    eligible = practice(Facts(sits_on=date(2026, 3, 9)), SOURCE)
    verdict = may_register(Door(None, None, 10_000, None), OPENS, eligible, said=("", ""), source=SOURCE)

    assert [line.reason for line in verdict.lines] == ["exams.not_restricted", "exams.registration_open"]
    assert not verdict.met


def test_a_registration_that_was_revoked_is_told_with_its_reason() -> None:
    eligible = practice(Facts(sits_on=date(2026, 3, 9)), SOURCE)
    verdict = may_register(Door(OPENS, CLOSES, 0, None, "material"), OPENS, eligible, said=("", ""), source=SOURCE)

    assert [(line.reason, line.evidence) for line in verdict.lines if line.outcome.value != "met"] == [
        ("exams.not_revoked", "material")
    ]


def test_a_rehearsal_asks_for_nothing_but_that_nobody_is_restricted() -> None:
    newcomer = Facts(sits_on=date(2026, 3, 9))

    assert practice(newcomer, SOURCE).met
    assert not eligibility(LEVEL, newcomer, SOURCE).met
    assert not practice(Facts(sits_on=date(2026, 3, 9), restricted_by="X-1"), SOURCE).met


def test_extra_time_runs_past_the_close_only_where_the_session_allows_it() -> None:
    late = OPENS + minutes(90)
    allowed = Times(OPENS, CLOSES, 60, extra=20)
    forbidden = Times(OPENS, CLOSES, 60, extra=20, extends=False)

    assert deadline(allowed, late) == CLOSES + minutes(20)
    assert deadline(forbidden, late) == CLOSES
    assert deadline(forbidden, OPENS) == OPENS + minutes(80)


@pytest.mark.parametrize(
    ("was", "more", "extends", "becomes"),
    [
        (CLOSES - minutes(30), 10, True, CLOSES - minutes(20)),
        (CLOSES - minutes(30), 10, False, CLOSES - minutes(20)),
        (CLOSES - minutes(5), 10, True, CLOSES + minutes(5)),
        (CLOSES - minutes(5), 10, False, CLOSES),
        (CLOSES + minutes(5), 10, False, CLOSES + minutes(5)),
        (CLOSES, -10, False, CLOSES - minutes(10)),
    ],
)
def test_a_running_deadline_moves_by_relative_minutes(
    was: datetime, more: int, extends: bool, becomes: datetime
) -> None:
    assert extended(was, more, CLOSES, extends=extends) == becomes


def test_a_pause_costs_no_time_and_nobody_runs_out_of_it_meanwhile() -> None:
    paused = OPENS + minutes(50)
    times = Times(OPENS, CLOSES, 60, started_at=OPENS, deadline_at=OPENS + minutes(60), paused_at=paused)

    assert phase(times, OPENS + minutes(200)) is Phase.RUNNING
    assert resumed(OPENS + minutes(60), paused, paused + minutes(15)) == OPENS + minutes(75)


@pytest.mark.parametrize(
    ("at", "frozen"),
    [
        (OPENS - minutes(30) - timedelta(seconds=1), False),
        (OPENS - minutes(30), True),
        (OPENS, True),
        (CLOSES - timedelta(seconds=1), True),
        (CLOSES, False),
    ],
)
def test_editing_is_frozen_around_the_exam(at: datetime, frozen: bool) -> None:
    assert is_frozen(OPENS, CLOSES, 30, at) is frozen


@pytest.mark.parametrize(
    ("conduct", "void", "last_day"),
    [
        ("outside_time", Void.SUBJECT, date(2026, 3, 1)),
        ("copying", Void.ALL, date(2031, 3, 1)),
        ("impersonation", Void.ALL, None),
    ],
)
def test_each_conduct_brings_the_consequence_of_its_grade(conduct: str, void: Void, last_day: date | None) -> None:
    found = RULE.of(conduct)

    assert found.void is void
    assert found.last_day(date(2026, 3, 2)) == last_day
    assert found.restricts is (conduct != "outside_time")


def test_five_years_from_a_leap_day_end_on_the_last_day_of_february() -> None:
    assert RULE.of("copying").last_day(date(2028, 2, 29)) == date(2033, 2, 28)


def test_a_rule_of_conduct_names_only_consequences_that_it_sets() -> None:
    wrong = {**RULE.model_dump(), "conducts": [{"code": "x", "name_zh": "x", "name_en": "x", "consequence": "none"}]}

    with pytest.raises(ValidationError):
        ConductRule.model_validate(wrong)
    with pytest.raises(InvalidError):
        RULE.of("unknown")


def test_a_rule_of_conduct_is_said_line_by_line_and_judges_a_code() -> None:
    binding = Binding("exam-conduct-2017.1", "sample")

    assert len(sentences(RULE)) == 1 + len(RULE.consequences) + len(RULE.conducts)
    verdict = judge(RULE, {"conduct.code": Fact("copying")}, date(2026, 3, 2), binding)
    assert verdict.met
    assert verdict.lines[0].evidence == "all_void_5y"
    with pytest.raises(InvalidError):
        judge(RULE, {}, date(2026, 3, 2), binding)


def test_a_ticket_carries_a_link_whose_secret_is_kept_as_a_digest_only() -> None:
    address = link("https://jijing.example", "s3cret")

    assert secret_of(f" {address} ") == "s3cret"
    assert secret_of("260302000100001") is None
    assert digest("s3cret") != digest("s3cret2")
    assert len(digest("s3cret")) == 32


def test_a_name_without_latin_letters_is_written_in_pinyin() -> None:
    assert latin_name("韩守正", None) == "Han Shou Zheng"
    assert latin_name("韩守正", "Han Shouzheng") == "Han Shouzheng"
