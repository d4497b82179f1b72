"""What a page reported as sentences: what ends belongs to what began, spans are told, answers stand between."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.assessment.exams.rules.chronicle import (
    ALONE,
    ENDS,
    LASTED,
    Happening,
    Reported,
    Saved,
    chronicle,
    clock,
    happenings,
    summary,
)
from app.assessment.exams.signal_kinds import SignalKind
from app.core.text import speaking

pytestmark = pytest.mark.one_database

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english(app: Flask) -> Iterator[None]:
    """Say everything in English."""
    with app.test_request_context(), speaking("en"):
        yield


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def seen(kind: SignalKind, seconds: float, page: str = "one", **detail: object) -> Reported:
    return Reported(kind, after(seconds), page, detail=detail)


def told(found: list[Happening]) -> list[str]:
    return [str(one.text) for one in found]


def test_what_ends_is_joined_to_what_began_on_the_same_page() -> None:
    found = happenings(
        [
            seen(SignalKind.HIDDEN, 0),
            seen(SignalKind.BLURRED, 1),
            seen(SignalKind.SHOWN, 5, "two"),
            seen(SignalKind.SHOWN, 75),
            seen(SignalKind.FOCUSED, 76.4),
        ]
    )

    assert told(found) == [
        "The page was hidden for 1:15 (minutes, seconds).",
        "The window was left for 1:15 (minutes, seconds).",
        "The page was shown again; when it was hidden was not reported.",
    ]
    assert [one.lasted for one in found] == [timedelta(seconds=75), timedelta(seconds=75.4), None]


def test_what_never_ended_or_never_began_is_told_as_it_is() -> None:
    found = happenings([seen(SignalKind.SHOWN, 0), seen(SignalKind.HIDDEN, 9), seen(SignalKind.HIDDEN, 10)])

    assert [one.lasted for one in found] == [None, None, None]
    assert told(found)[1] == "The page was hidden; when it was shown again was not reported."


def test_pasted_text_names_its_question_and_an_address_itself() -> None:
    found = happenings(
        [
            seen(SignalKind.OPENED, 0, screen="1440x900"),
            Reported(SignalKind.ADDRESS, after(1), "one", "10.0.0.1", {}),
            seen(SignalKind.PASTED, 2, place=3, characters=120),
            seen(SignalKind.COPIED, 3, place=0, characters=7),
        ]
    )

    assert told(found) == [
        "The page was opened on a screen of 1440x900.",
        "The page was open from the network address 10.0.0.1.",
        "Text of 120 characters was pasted into question 3.",
        "Text of 7 characters was copied.",
    ]


def test_each_kind_has_a_sentence_that_needs_nothing_more_than_a_page_tells() -> None:
    assert set(ALONE) == set(SignalKind)
    assert set(LASTED) == set(ENDS.values())
    assert all(str(Happening(Reported(kind, AT)).text) for kind in SignalKind)


def test_a_summary_counts_and_adds_up() -> None:
    found = happenings(
        [
            seen(SignalKind.BLURRED, 0),
            seen(SignalKind.FOCUSED, 50),
            seen(SignalKind.BLURRED, 60),
            seen(SignalKind.FOCUSED, 75),
            seen(SignalKind.PASTED, 80, place=1, characters=5),
            seen(SignalKind.PASTED, 81, place=2, characters=6),
            *(Reported(SignalKind.ADDRESS, after(90 + n), "one", address) for n, address in enumerate("aba")),
        ]
    )

    assert [str(one) for one in summary(found)] == [
        "Window left: 2 times, 1:05 in all (minutes, seconds)",
        "Text pasted: 2 times, 11 characters in all",
        "Network addresses from which the page was open: 2",
    ]
    assert summary([]) == []


def test_answers_stand_between_what_happened_and_only_the_last_of_a_run_is_told() -> None:
    found = happenings([seen(SignalKind.BLURRED, 10), seen(SignalKind.FOCUSED, 20)])
    saved = [
        Saved(1, after(0), {"choice": [], "review": True}),
        Saved(1, after(1), {"choice": ["A"], "review": False}),
        Saved(1, after(2), {"choice": ["B"], "review": False}),
        Saved(2, after(3), {"text": "甲"}),
        Saved(1, after(11), {"choice": ["B"], "review": True}),
        Saved(1, after(12), {"choice": [], "review": True}),
    ]

    lines = chronicle(found, saved)

    assert [(one.at, one.answer) for one in lines] == [
        (after(2), "B"),
        (after(3), "甲"),
        (after(10), None),
        (after(12), "left empty"),
    ]
    assert str(lines[0].text) == "Answer to question 1 saved"


@pytest.mark.parametrize(("seconds", "said"), [(0, "0:00"), (59.4, "0:59"), (60, "1:00"), (3661, "61:01")])
def test_spans_are_minutes_and_seconds(seconds: float, said: str) -> None:
    assert clock(timedelta(seconds=seconds)) == said
