"""Where the bounds of a sitting lie: doors, deadlines, answers and marks, and who may do what."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.accounts.states import Role
from app.assessment.exams import states
from app.assessment.exams.access import GRANTS, Permission
from app.assessment.exams.rules import answered, blueprint_file, doublemarking, entry, seb, timing
from app.assessment.exams.rules.answered import State, says_something, state_of
from app.assessment.exams.rules.distribution import histogram
from app.assessment.exams.rules.eligibility import Facts, Source, eligibility
from app.assessment.exams.rules.information import curve
from app.assessment.exams.rules.parameters import LevelRule
from app.assessment.exams.rules.psychometrics.analysis import number
from app.assessment.exams.rules.regrading import Figures, stays, worse
from app.assessment.exams.rules.tasks import needed, question_of, written
from app.assessment.exams.states import LowerPolicy
from app.assessment.exams.statistics_states import ITEM_FLAG
from app.core.errors import InvalidError
from app.core.states import Lifecycle
from app.items.rules.bodies import Body, Part
from app.items.rules.responses import Parts, Written
from app.items.states import ItemType
from app.rulebook.verdicts import Outcome, Verdict
from tests.unit.exams.levels import LEVEL

pytestmark = pytest.mark.one_database

OPENS = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=2)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
SOURCE = Source("pack.1", "sample", "来源", "A source")


def outcomes(verdict: Verdict) -> list[tuple[str, bool]]:
    return [(line.reason.removeprefix("exams."), line.outcome is Outcome.MET) for line in verdict.lines]


@pytest.mark.parametrize(("late", "met"), [(timedelta(0), True), (30 * MINUTE, True), (30 * MINUTE + SECOND, False)])
def test_nobody_enters_a_venue_after_the_minutes_of_the_rule(late: timedelta, met: bool) -> None:
    rule = LevelRule.model_validate(LEVEL | {"late_entry_minutes": 30})
    arrival = entry.Arrival(OPENS, at_venue=True, identity_check=False)

    assert outcomes(entry.may_start(rule, arrival, OPENS + late, SOURCE)) == [("in_time", met), ("room_running", True)]
    assert outcomes(entry.may_start(rule, replace(arrival, at_venue=False), OPENS + late, SOURCE)) == []
    without = LevelRule.model_validate(LEVEL)
    assert outcomes(entry.may_start(without, arrival, OPENS + late, SOURCE)) == [("room_running", True)]
    paused = replace(arrival, room_paused=True, identity_check=True)
    assert outcomes(entry.may_start(without, paused, OPENS, SOURCE)) == [
        ("identity_checked", False),
        ("room_running", False),
    ]


@pytest.mark.parametrize(
    ("held", "late", "paused", "met"),
    [(20, 50, None, True), (20, 51, None, False), (0, 90, 30, True), (0, 90, 31, False), (20, 90, 50, True)],
)
def test_no_minute_of_a_pause_counts_for_late_entry(held: int, late: int, paused: int | None, met: bool) -> None:
    rule = LevelRule.model_validate(LEVEL | {"late_entry_minutes": 30})
    since = None if paused is None else OPENS + paused * MINUTE
    arrival = entry.Arrival(OPENS, at_venue=True, identity_check=False, paused_at=since)
    arrival = replace(arrival, held=held * MINUTE, until="9:50")

    line = entry.may_start(rule, arrival, OPENS + late * MINUTE, SOURCE).lines[0]

    assert (line.outcome is Outcome.MET) is met
    assert line.params == {"minutes": "30", **({"until": "9:50"} if held else {})}
    assert line.reason == ("exams.in_time_held" if held else "exams.in_time")


def test_at_a_venue_nobody_hands_in_at_once() -> None:
    rule = LevelRule.model_validate(LEVEL | {"no_hand_in_minutes": 30})

    assert entry.hand_in_from(rule, OPENS, at_venue=True) == OPENS + 30 * MINUTE
    assert entry.hand_in_from(rule, OPENS, at_venue=False) == OPENS


@pytest.mark.parametrize(
    ("at", "taken", "seats", "met"),
    [
        (OPENS, 0, None, [True]),
        (OPENS - SECOND, 0, None, [False]),
        (CLOSES - SECOND, 0, None, [True]),
        (CLOSES, 0, None, [False]),
        (OPENS, 9, 10, [True, True]),
        (OPENS, 10, 10, [True, False]),
    ],
)
def test_registration_is_open_within_its_window_while_seats_are_left(
    at: datetime, taken: int, seats: int | None, met: list[bool]
) -> None:
    nothing = replace(eligibility(LevelRule.model_validate(LEVEL), Facts(date(2026, 3, 2)), SOURCE), lines=())
    door = entry.Door(OPENS, CLOSES, taken, seats)

    assert [one for _name, one in outcomes(entry.may_register(door, at, nothing, said=("", ""), source=SOURCE))] == met
    shut = entry.may_register(replace(door, closes_at=None), at, nothing, said=("", ""), source=SOURCE)
    assert outcomes(shut)[0] == ("registration_open", False)


@pytest.mark.parametrize(
    ("minutes", "extends", "moved"), [(10, True, 10), (10, False, 0), (-5, False, -5), (-5, True, -5), (0, False, 0)]
)
def test_time_is_added_beyond_the_window_only_where_the_window_extends(minutes: int, extends: bool, moved: int) -> None:
    assert timing.extended(CLOSES, minutes, CLOSES, extends=extends) == CLOSES + moved * MINUTE
    late = CLOSES + 20 * MINUTE
    assert timing.extended(late, 10, CLOSES, extends=False) == late


def test_a_pause_gives_back_its_time_and_a_window_that_does_not_extend_ends_all() -> None:
    times = timing.Times(OPENS, CLOSES, minutes=60, extra=15, extends=False)

    assert timing.resumed(CLOSES, OPENS, OPENS + 7 * MINUTE) == CLOSES + 7 * MINUTE
    assert timing.deadline(times, CLOSES - 10 * MINUTE) == CLOSES
    assert timing.deadline(replace(times, extends=True), CLOSES - 10 * MINUTE) == CLOSES + 15 * MINUTE
    assert timing.phase(replace(times, paused_at=OPENS, deadline_at=OPENS), CLOSES) is timing.Phase.RUNNING


@pytest.mark.parametrize(
    ("at", "frozen"),
    [
        (OPENS - 30 * MINUTE - SECOND, False),
        (OPENS - 30 * MINUTE, True),
        (CLOSES - SECOND, True),
        (CLOSES, False),
    ],
)
def test_a_session_is_frozen_from_before_its_opening_to_its_close(at: datetime, frozen: bool) -> None:
    assert timing.is_frozen(OPENS, CLOSES, 30, at) is frozen


@pytest.mark.parametrize(
    ("response", "fields", "state"),
    [
        ({"blanks": ["甲", " "]}, 2, State.PARTLY),
        ({"blanks": ["甲", "乙"]}, 2, State.ANSWERED),
        ({"blanks": ["", ""]}, 2, State.OPEN),
        ({"number": "5", "unit": ""}, 2, State.PARTLY),
        ({"number": "5", "unit": "m"}, 2, State.ANSWERED),
        ({"number": "5", "unit": None}, 1, State.ANSWERED),
        ({"number": "", "unit": "m"}, 2, State.OPEN),
        ({"pairs": {"1": "A"}}, 2, State.PARTLY),
        ({"choice": ["A"]}, 1, State.ANSWERED),
        ({"order": ["A"]}, 1, State.ANSWERED),
        ({"text": " "}, 1, State.OPEN),
        ({"text": "x"}, 1, State.ANSWERED),
        ({"text": None}, 1, State.OPEN),
        ({"ranks": {"A": "1"}}, 1, State.PARTLY),
    ],
)
def test_an_item_is_answered_when_every_field_is(response: dict[str, Any], fields: int, state: State) -> None:
    assert state_of(response, fields) is state
    assert says_something(response) is (state is not State.OPEN)
    assert says_something({"parts": [None, response]}) is says_something(response)
    assert answered.says_something({"parts": [None]}) is False


@pytest.mark.parametrize(
    ("given", "held"), [("0", True), ("5", True), ("5.01", False), ("-0.01", False), ("0.01", True), ("0.001", False)]
)
def test_a_marker_gives_from_nothing_to_the_points_of_a_criterion(given: str, held: bool) -> None:
    if held:
        assert doublemarking.checked({"a": Decimal(given)}, {"a": Decimal(5)}) == {"a": f"{Decimal(given):.2f}"}
    else:
        with pytest.raises(InvalidError):
            doublemarking.checked({"a": Decimal(given)}, {"a": Decimal(5)})


def test_scores_are_counted_in_ten_bins_of_which_the_last_holds_the_best() -> None:
    found = histogram([Decimal(one) for one in (0, 9, 10, 99, 100)], Decimal(100))

    assert [one.count for one in found] == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]
    assert (found[0].label, found[9].label) == ("0–10", "90–100")
    assert sum(one.count for one in histogram([Decimal(0)], Decimal(0))) == 0


def test_a_curve_of_information_runs_from_minus_three_to_three_by_halves() -> None:
    assert [one.theta for one in curve([])] == [-3, -2.5, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3]
    assert curve([])[0].error is None
    assert (number(1 / 3), number(float("nan"))) == (0.333333, None)


def test_a_new_marking_is_worse_where_less_of_the_points_is_reached() -> None:
    def figures(score: int, best: int, cut: int) -> Figures:
        return Figures(Decimal(score), Decimal(best), Decimal(cut))

    assert worse(figures(59, 100, 60), figures(60, 100, 60))
    assert not worse(figures(60, 100, 60), figures(59, 100, 60))
    assert worse(figures(69, 100, 60), figures(70, 100, 60))
    assert not worse(figures(63, 90, 54), figures(70, 100, 60))
    assert worse(figures(62, 90, 54), figures(70, 100, 60))
    assert stays(figures(69, 100, 60), figures(70, 100, 60), LowerPolicy.HIGHER)
    assert not stays(figures(69, 100, 60), figures(70, 100, 60), LowerPolicy.LOWER)
    assert not stays(figures(71, 100, 60), figures(70, 100, 60), LowerPolicy.HIGHER)


def test_what_a_marker_must_read_is_named_by_its_part_counted_from_one() -> None:
    essay = Part(ItemType.ESSAY, "论述")
    case = Part(ItemType.CASE, "材料", body=Body(parts=(Part(ItemType.SINGLE, "选"), essay)))

    assert [(one.part, one.points) for one in needed(essay)] == [(0, Decimal(10))]
    assert [(one.part, one.question) for one in needed(case)] == [(2, essay)]
    assert (question_of(case, 2), question_of(essay, 0)) == (essay, essay)
    assert written(Parts((None, Written("因为"))), 2) == "因为"
    assert written(Parts((None,)), 2) == written(Written(" "), 0) == written(None, 1) == ""
    assert written(Written("因为"), 0) == "因为"


def test_a_blueprint_file_has_256_kilobytes_at_most() -> None:
    for size, said in ((262_144, "wrong"), (262_145, "256")):
        with pytest.raises(InvalidError) as refused:
            blueprint_file.read(b"#".ljust(size, b"x"))
        assert said in str(refused.value)


def test_safe_exam_browser_is_told_what_candidates_may_do() -> None:
    told = seb.settings_of(start_url="s", quit_url="q", salt=b"0")

    assert {name: value for name, value in told.items() if isinstance(value, bool)} == {
        "quitURLConfirm": False,
        "sendBrowserExamKey": True,
        "allowQuit": False,
        "allowBrowsingBackForward": False,
        "browserWindowAllowReload": True,
        "showReloadButton": True,
        "showTime": True,
        "enablePrivateClipboard": True,
        "enablePrintScreen": False,
        "allowDownUploads": False,
        "allowSpellCheck": False,
        "allowVirtualMachine": False,
        "examSessionClearCookiesOnEnd": True,
        "removeBrowserProfile": False,
        "removeLocalStorage": False,
    }
    assert {name: value for name, value in told.items() if type(value) is int} == {
        "sebConfigPurpose": 0,
        "browserWindowWebView": 2,
        "browserViewMode": 1,
        "newBrowserWindowByLinkPolicy": 0,
        "newBrowserWindowByScriptPolicy": 0,
    }


@pytest.mark.parametrize(
    ("lifecycle", "moves"),
    [
        (states.PAPER, {"sign": "draft", "return": "signed", "freeze": "signed"}),
        (
            states.SESSION,
            {
                "prepare": "planned",
                "mark": "prepared",
                "propose": "marked",
                "return": "proposed",
                "release": "proposed",
            },
        ),
        (states.CORRECTION, {"propose": "opened", "return": "proposed", "confirm": "proposed"}),
        (states.LATE, {"propose": "returned", "return": "proposed", "confirm": "proposed"}),
        (
            states.RUN,
            {"show": "counting", "confirm": "proposed", "return": "proposed", "apply": "counting applying"},
        ),
        (
            states.SCRIPT,
            {
                "differ": "open",
                "decide": "open differing",
                "mark_afresh": "decided",
                "reopen": "differing decided",
                "set_aside": "open differing decided",
            },
        ),
        (
            states.STUDY,
            {
                "open": "planned closed",
                "close": "open",
                "propose": "closed",
                "return": "proposed",
                "decide": "proposed",
            },
        ),
        (states.EQUATING, {"decide": "proposed", "reject": "proposed"}),
        (ITEM_FLAG, {"keep": "open", "retire": "open", "revise": "open", "close": "revision", "drop": "revision"}),
    ],
    ids=lambda one: one.name if isinstance(one, Lifecycle) else "",
)
def test_from_where_each_record_may_move(lifecycle: Lifecycle[Any], moves: Mapping[str, str]) -> None:
    assert {name: {one.value for one in move.sources} for name, move in lifecycle.moves.items()} == {
        name: set(sources.split()) for name, sources in moves.items()
    }


def test_what_each_role_may_do_in_exams() -> None:
    others = {
        Role.INVIGILATOR: "view watch",
        Role.TRAINEE: "sit",
        Role.BASE: "reports",
        Role.REGULATOR: "reports confirm_correction",
        Role.REVIEWER: "item_review item_revision",
        Role.MARKER: "mark",
        Role.ADJUDICATOR: "mark adjudicate",
        Role.EXPERT: "standards judge similarity confirm_similarity",
        Role.CHAIR: "standards judge lead_standard similarity confirm_similarity",
    }
    not_an_examiners = "sit mark adjudicate judge item_review confirm_similarity"

    assert {role: {one.value for one in given} for role, given in GRANTS.items()} == {
        Role.EXAMINER: {one.value for one in Permission} - {f"exams.{name}" for name in not_an_examiners.split()},
        **{role: {f"exams.{name}" for name in names.split()} for role, names in others.items()},
    }
