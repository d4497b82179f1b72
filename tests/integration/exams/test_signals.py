"""What the page of a sitting reports: evidence, kept once, bounded, within its examiner's reach; never a verdict."""

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from werkzeug.test import TestResponse

from app.accounts.states import OrganisationKind, Role
from app.assessment.exams import signal_kinds
from app.assessment.exams.models import Registration, SittingSignal
from app.assessment.exams.personal_data import PERSONAL_DATA
from app.assessment.exams.queries.signals import address_of
from app.assessment.exams.services import signals as services
from app.assessment.exams.services import sitting as sitting_services
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError
from tests.factories.accounts import Member, make_member, make_organisation
from tests.factories.exams import OPENS, House, attempt_of, make_house, make_prepared, said, sitting_of, start
from tests.integration.exams.conftest import Cost

Browser = Callable[[Member], FlaskClient]
PAGE = "0123456789abcdef"


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


@pytest.fixture
def trainee(house: House, at_time: Callable[[datetime], None]) -> Member:
    """A trainee whose sitting runs."""
    _planned, trainees = make_prepared(house)
    at_time(OPENS)
    with unit_of_work():
        sitting_services.start(sitting_of(trainees[0]), by=trainees[0].actor, at=OPENS)
    return trainees[0]


def report(
    browser: FlaskClient, trainee: Member, *signals: dict[str, Any], page: str = PAGE, address: str = "127.0.0.1"
) -> TestResponse:
    return browser.post(
        f"/sit/{attempt_of(trainee).code}/signals",
        json={"page": page, "signals": signals},
        environ_overrides={"REMOTE_ADDR": address},
    )


def signal(number: int, kind: str, **detail: Any) -> dict[str, Any]:  # noqa: ANN401 - what a page tells
    return {"number": number, "kind": kind, "client_at": OPENS.isoformat(), "detail": detail}


def kept() -> list[tuple[str, str | None]]:
    session.rollback()
    rows = session.scalars(select(SittingSignal).order_by(SittingSignal.id))
    return [(row.kind.value, address_of(row.address_sealed, row.address_key)) for row in rows]


def test_a_batch_is_kept_once_however_often_it_is_sent(trainee: Member, browser_of: Browser) -> None:
    browser = browser_of(trainee)
    batch = (signal(1, "opened", screen="1440x900"), signal(2, "pasted", place=3, characters=120))

    answers = [report(browser, trainee, *batch) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert kept() == [("opened", None), ("pasted", None), ("address", "127.0.0.1")]


def test_another_network_address_is_noted_by_the_server_and_only_when_it_changes(
    trainee: Member, browser_of: Browser
) -> None:
    browser = browser_of(trainee)

    for address in ("10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.1"):
        report(browser, trainee, address=address)

    assert [address for _kind, address in kept()] == ["10.0.0.1", "10.0.0.2", "10.0.0.1"]


@pytest.mark.one_database
def test_a_page_cannot_report_an_address_for_itself(trainee: Member, browser_of: Browser) -> None:
    report(browser_of(trainee), trainee, signal(1, "address"))

    assert kept() == [("address", "127.0.0.1")]


@pytest.fixture(name="three")
def _three(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a sitting keep three of a kind."""
    monkeypatch.setattr(services, "MOST_OF_A_KIND", 3)
    monkeypatch.setattr(signal_kinds, "MOST_OF_A_KIND", 3)


@pytest.mark.usefixtures("three")
def test_a_sitting_keeps_so_many_of_a_kind_and_none_crowds_out_another(trainee: Member, browser_of: Browser) -> None:
    browser = browser_of(trainee)

    for number in range(1, 8):
        report(browser, trainee, signal(number, "blurred"))
    report(browser, trainee, signal(8, "pasted", place=1, characters=5), address="10.0.0.9")

    kinds = [kind for kind, _address in kept()]
    assert [kinds.count(one) for one in ("blurred", "pasted", "address")] == [3, 1, 2]


@pytest.mark.usefixtures("three")
def test_the_list_says_of_which_kind_no_more_is_kept(trainee: Member, house: House, browser_of: Browser) -> None:
    batch = [signal(number, "blurred") for number in range(1, 6)]
    report(browser_of(trainee), trainee, *batch, signal(6, "offline"))
    said_so = said(
        "%(kind)s: the first %(count)s are listed; a sitting keeps no more of a kind.",
        kind=said("Window left"),
        count=5,
    )
    lost = said(
        "%(kind)s: the first %(count)s are listed; a sitting keeps no more of a kind.",
        kind=said("Network lost"),
        count=1,
    )

    page = browser_of(house.examiner).get(f"/exams/sittings/{sitting_of(trainee).registration.code}/signals").text

    assert said_so in page
    assert lost not in page


def test_the_list_is_filtered_by_kind_and_sent_whole_as_a_table(
    trainee: Member, house: House, browser_of: Browser
) -> None:
    many = [signal(number, "blurred") for number in range(1, 31)]
    report(browser_of(trainee), trainee, *many, signal(31, "pasted", place=3, characters=120))
    browser, address = browser_of(house.examiner), f"/exams/sittings/{sitting_of(trainee).registration.code}/signals"

    pasted = browser.get(f"{address}?kind=pasted").text
    unknown = browser.get(f"{address}?kind=nothing").text
    whole, one_kind = (list(csv.reader(_text(browser, f"{address}.csv{query}"))) for query in ("", "?kind=pasted"))

    assert said("%(count)d characters", count=120) in pasted
    assert "127.0.0.1" not in pasted
    assert said("%(count)d characters", count=120) not in unknown, "a page of twenty-five begins with the first"
    assert len(whole) == 1 + 31 + 1, "a heading, every signal, the network address"
    assert one_kind[1:] == [["2026-03-02 10:00:00", said("Text pasted"), "3", "120", "", ""]]
    assert whole[-1][-1] == "127.0.0.1"


def _text(browser: FlaskClient, address: str) -> io.StringIO:
    return io.StringIO(browser.get(address).data.decode("utf-8-sig"))


@pytest.mark.one_database
@pytest.mark.parametrize(
    "sent",
    [
        signal(0, "opened"),
        signal(1, "cheated"),
        signal(1, "pasted", text="what was pasted is nobody's business"),
        signal(1, "opened", screen="<b>"),
        {**signal(1, "opened"), "verdict": "guilty"},
    ],
)
def test_what_a_page_would_not_report_is_refused(trainee: Member, browser_of: Browser, sent: dict[str, Any]) -> None:
    assert report(browser_of(trainee), trainee, sent).status_code == 422
    assert kept() == []


@pytest.mark.one_database
def test_more_than_a_batch_at_once_is_refused(trainee: Member, browser_of: Browser) -> None:
    many = [signal(number, "blurred") for number in range(1, 52)]

    assert report(browser_of(trainee), trainee, *many).status_code == 422


@pytest.mark.one_database
def test_nobody_reports_into_the_sitting_of_another(trainee: Member, browser_of: Browser) -> None:
    stranger = make_member(Role.TRAINEE)

    report(browser_of(stranger), trainee, signal(1, "blurred"))

    assert kept() == []


def test_signals_are_never_changed_or_taken_back(trainee: Member, browser_of: Browser) -> None:
    report(browser_of(trainee), trainee, signal(1, "blurred"))

    with pytest.raises((ConflictError, DBAPIError), match="append-only"), unit_of_work():
        session.delete(session.scalars(select(SittingSignal)).first())


def test_examiner_and_invigilator_read_them_as_a_plain_list(trainee: Member, house: House, browser_of: Browser) -> None:
    report(browser_of(trainee), trainee, signal(1, "pasted", place=3, characters=120), signal(2, "offline"))
    ticket = sitting_of(trainee).registration.code
    invigilator = make_member(Role.INVIGILATOR, organisation=house.body)

    for reader in (house.examiner, invigilator):
        page = browser_of(reader).get(f"/exams/sittings/{ticket}/signals")
        assert page.status_code == 200
        assert said("Text pasted") in page.text
        assert said("%(count)d characters", count=120) in page.text
        assert said("Network lost") in page.text
        assert "127.0.0.1" in page.text


@pytest.mark.one_database
def test_another_organisations_sitting_is_not_found(trainee: Member, browser_of: Browser) -> None:
    other = make_organisation(kind=OrganisationKind.EXAM_BODY)
    ticket = sitting_of(trainee).registration.code

    assert (
        browser_of(make_member(Role.EXAMINER, organisation=other)).get(f"/exams/sittings/{ticket}/signals").status_code
        == 404
    )
    assert browser_of(trainee).get(f"/exams/sittings/{ticket}/signals").status_code == 403
    stranger = browser_of(make_member(Role.INVIGILATOR, organisation=other))
    assert stranger.get(f"/exams/sittings/{ticket}/signals.csv").status_code == 404


@pytest.mark.one_database
def test_the_candidate_is_told_before_the_start_what_is_recorded(
    house: House, browser_of: Browser, at_time: Callable[[datetime], None]
) -> None:
    _planned, trainees = make_prepared(house)
    at_time(OPENS)

    page = browser_of(trainees[0]).get(f"/sit/{attempt_of(trainees[0]).code}")

    assert said("What is recorded") in page.text


def test_the_candidate_finds_the_records_among_their_own_data(trainee: Member, browser_of: Browser) -> None:
    report(browser_of(trainee), trainee, signal(1, "pasted", place=3, characters=120))

    told = {entry.name: entry for entry in PERSONAL_DATA}["signals"]

    assert [row["kind"] for row in told.collect(trainee.person.id)] == ["pasted", "address"]


def test_the_board_counts_how_often_a_page_was_left_or_pasted_into_in_as_many_statements(
    house: House, browser_of: Browser, at_time: Callable[[datetime], None], cost: Cost
) -> None:
    planned, trainees = make_prepared(house, candidates=3)
    at_time(OPENS)
    for one in trainees:
        start(one)
    watch = browser_of(make_member(Role.INVIGILATOR, organisation=house.body))
    board = f"/exams/sessions/{planned.code}/board"
    before = cost(watch, board)
    assert said("Flags") in watch.get(board).text
    assert figures(watch.get(board).text) == []

    left = [signal(number, "hidden") for number in (1, 2, 3)]
    report(
        browser_of(trainees[0]), trainees[0], *left, signal(4, "blurred"), signal(5, "pasted", place=3, characters=9)
    )
    report(browser_of(trainees[1]), trainees[1], signal(1, "pasted"), signal(2, "opened"), signal(3, "offline"))

    assert cost(watch, board) == before
    assert sorted(figures(watch.get(board).text)) == sorted(["离开页面3次", "离开窗口1次", "粘贴1次", "粘贴1次"])
    flagged = watch.get(f"{board}?flag=yes").text
    codes = dict(session.execute(select(Registration.person_id, Registration.code)).all())
    tickets = [codes[one.person.id] for one in trainees]
    assert [one in flagged for one in tickets] == [True, True, False]
    assert f"/exams/sittings/{tickets[0]}/signals" in flagged
    assert figures(watch.get(f"/exams/candidates/{tickets[0]}").text) == ["离开页面3次", "离开窗口1次", "粘贴1次"]


def figures(page: str) -> list[str]:
    return re.findall(r"(?:离开页面|离开窗口|粘贴)\d+次", page)
