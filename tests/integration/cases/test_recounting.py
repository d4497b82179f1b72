"""Days of cases counted anew once the holidays of a year are published; the days are samples of a far year."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from app.accounts.states import Role
from app.cases import services
from app.cases.desk import expected
from app.cases.jobs import tend_older
from app.cases.models import AppealPeriod, Case, CasePause, NoticeDay, Publicity
from app.cases.queries.cases import request_of
from app.cases.queries.notices import decision_served, notices_of
from app.cases.services.subjects import of_case, of_publicity
from app.cases.states import NoticeKind
from app.core import clock, jobs
from app.core.calendar import add_working_days
from app.core.calendar import published as known
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, InvalidError
from app.core.events import Event, Subject, timeline
from app.desk.models import Notice as DeskNotice
from app.desk.models import Todo
from app.desk.queries.notices import notice_kinds
from app.desk.queries.todos import in_words
from app.rulebook.services import recounting
from app.rulebook.services.recounting import COMMAND, STAYS
from app.web.formats import day
from tests.factories.accounts import Member, make_member
from tests.factories.cases import (
    accepted,
    again,
    decided,
    make_clocks,
    make_complaint,
    make_officer,
    make_own_clocks,
    make_publicity,
)
from tests.factories.holidays import DAYS, FAR, HEAD, NUMBER, make_year

Clock = Callable[[datetime], None]
BrowserOf = Callable[[Member], FlaskClient]
DAYS_TO_SUPPLY, DAYS_TO_APPEAL = 10, 10
"""What the shipped clocks set."""
DECISION_GOES_TO = ("author", "body")
BEFORE = f"示例〔{FAR - 2}〕7号"


def on(month: int, day: int, year: int = FAR) -> datetime:
    return datetime(year, month, day, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _year_before(app: Flask) -> None:
    """The running year is published: only the next one is not."""
    del app
    make_year(FAR - 1, HEAD + f"{FAR - 1}-01-02,放假\n", number=BEFORE)
    jobs.work()


@pytest.fixture(name="author")
def _author() -> Member:
    make_clocks()
    return make_member(Role.TRAINEE)


def published() -> None:
    make_year()
    jobs.work()
    session.expire_all()


def latest(subject: Subject) -> Event:
    return timeline(subject)[0]


def waiting(case: Case) -> dict[str, date | None]:
    query = select(Todo.kind, Todo.due_on).where(Todo.subject_code == case.code, Todo.closed_at.is_(None))
    return dict(session.execute(query).all())


def test_the_clock_of_a_case_over_new_year_follows_the_notice(author: Member, at_time: Clock) -> None:
    at_time(on(12, 28, FAR - 1))
    case = make_complaint(author.actor, at=on(12, 28, FAR - 1))
    assert (case.accept_by, case.provisional) == (date(FAR, 1, 2), True)

    published()

    case = again(case)
    assert (case.accept_by, case.provisional) == (date(FAR, 1, 5), False)
    assert waiting(case) == {"cases.accept": date(FAR, 1, 5)}
    told = latest(of_case(case))
    assert (told.kind, told.rule, told.actor_id) == ("cases.recounted", NUMBER, None)
    assert told.data.items() >= {"was": f"{FAR}-01-02", "due": f"{FAR}-01-05", "counted": f"{FAR}-01-05"}.items()


def test_the_clock_of_a_decision_is_counted_over_the_festival_and_over_its_stop(author: Member, at_time: Clock) -> None:
    at_time(on(2, 16))
    officer = make_officer()
    case = accepted(make_complaint(author.actor, at=on(2, 12)), officer, at=on(2, 12))
    with unit_of_work():
        services.ask_for_materials(again(case), what="请补充缴费凭证。", by=officer.actor, at=on(2, 14))
    with unit_of_work():
        services.supply(again(case), "已补充。", (), by=author.actor, at=on(2, 16))
    assert (again(case).decide_by, again(case).provisional) == (date(FAR, 2, 28), True)

    published()

    case = again(case)
    assert (case.decide_by, case.provisional) == (date(FAR, 3, 6), False)
    assert waiting(case)["cases.decide"] == date(FAR, 3, 6)


def test_a_clock_that_had_run_out_runs_again_and_can_run_out_again(author: Member, at_time: Clock) -> None:
    case = make_complaint(author.actor, at=on(12, 28, FAR - 1))
    with unit_of_work():
        assert services.escalate(at=on(1, 3)) == 1
    at_time(on(1, 3))

    published()

    assert waiting(case) == {"cases.accept": date(FAR, 1, 5)}
    with unit_of_work():
        assert services.escalate(at=on(1, 5)) == 0
    with unit_of_work():
        assert services.escalate(at=on(1, 8)) == 1
    assert waiting(case)["cases.overdue"] == date(FAR, 1, 5)


def test_a_period_of_publicity_that_runs_ends_later(author: Member, at_time: Clock) -> None:
    del author
    at_time(on(12, 28, FAR - 1))
    longer, begun_later = make_publicity(at=on(12, 28, FAR - 1)), make_publicity(at=on(1, 4))
    assert [(row.ends_on, row.provisional) for row in (longer, begun_later)] == [
        (date(FAR, 1, 4), True),
        (date(FAR, 1, 11), True),
    ]

    published()

    assert [(row.ends_on, row.provisional) for row in rows()] == [
        (date(FAR, 1, 8), False),
        (date(FAR, 1, 11), True),  # it has not begun: it is not running
    ]
    assert latest(of_publicity(longer)).rule == NUMBER


def rows() -> list[Publicity]:
    return list(session.scalars(select(Publicity).order_by(Publicity.id)))


@pytest.mark.parametrize("today", [10, 11])
def test_a_period_that_everyone_was_told_of_does_not_end_earlier(at_time: Clock, today: int) -> None:
    row = make_publicity(at=on(1, 4))
    at_time(on(1, today))

    published()

    (row,) = rows()
    assert (row.ends_on, row.provisional) == (date(FAR, 1, 11), False)
    told = latest(of_publicity(row))
    assert (told.kind, told.data["counted"], told.data["due"]) == (STAYS, f"{FAR}-01-10", f"{FAR}-01-11")


def test_a_corrected_notice_moves_again_what_it_changes_and_tells_nothing_else(
    author: Member, at_time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recounting, "CHUNK", 1)
    at_time(on(12, 28, FAR - 1))
    moved = make_complaint(author.actor, at=on(12, 28, FAR - 1))
    other = make_complaint(author.actor, at=on(3, 5))
    published()
    assert latest(of_case(other)).kind == "cases.recounted"

    make_year(text=DAYS + f"{FAR}-01-04,放假\n", number="示例更正")
    jobs.work()
    session.expire_all()

    assert again(moved).accept_by == date(FAR, 1, 6)
    assert latest(of_case(moved)).rule == "示例更正"
    assert latest(of_case(other)).rule == NUMBER


def asked(author: Member, officer: Member, at: datetime) -> Case:
    case = accepted(make_complaint(author.actor, at=at), officer, at=at)
    with unit_of_work():
        services.ask_for_materials(again(case), what="请补充缴费凭证。", by=officer.actor, at=at)
    return again(case)


def told_of(member: Member, kind: str) -> list[DeskNotice]:
    query = select(DeskNotice).where(DeskNotice.person_id == member.person.id, DeskNotice.kind == kind)
    return list(session.scalars(query))


def in_both(app: Flask, notice: DeskNotice) -> list[str]:
    sentence = notice_kinds()[notice.kind].sentence
    said = []
    for language in ("zh_CN", "en"):
        with app.test_request_context(), force_locale(language):
            said.append(in_words(sentence, notice.label))
    return said


def test_materials_may_be_supplied_longer_and_the_author_is_told_in_both_languages(
    app: Flask, author: Member, at_time: Clock
) -> None:
    at_time(on(12, 28, FAR - 1))
    case = asked(author, make_officer(), on(12, 28, FAR - 1))
    before = request(case).due_on
    assert before is not None

    published()

    assert request(case).due_on == add_working_days(date(FAR - 1, 12, 28), DAYS_TO_SUPPLY, known()).day
    due = request(case).due_on
    assert due is not None
    assert due > before
    assert waiting(case)["cases.supply"] == due
    (told,) = (one for one in timeline(of_case(case)) if one.kind == "cases.supply_recounted")
    assert told.data.items() >= {"was": before.isoformat(), "due": due.isoformat(), "source": COMMAND}.items()
    assert (told.rule, told.data["year"], told.data["entered_by"]) == (NUMBER, FAR, None)
    (notice,) = told_of(author, "cases.supply_recounted")
    assert all(due.isoformat() in sentence for sentence in in_both(app, notice))
    assert len(set(in_both(app, notice))) == 2


def test_materials_are_not_cut_short_by_make_up_days(author: Member, at_time: Clock) -> None:
    at_time(on(1, 4))
    case = asked(author, make_officer(), on(1, 4))
    before = request(case).due_on

    make_year(text=HEAD + f"{FAR}-01-06,上班\n{FAR}-01-07,上班\n")
    jobs.work()
    session.expire_all()

    assert request(case).due_on == before
    assert STAYS in [one.kind for one in timeline(of_case(case))]
    assert told_of(author, "cases.supply_recounted") == []


def test_materials_that_were_late_by_a_wrong_count_are_waited_for_again(author: Member, at_time: Clock) -> None:
    officer = make_officer()
    case = asked(author, officer, on(12, 28, FAR - 1))
    due = request(case).due_on
    assert due is not None
    late = datetime(due.year, due.month, due.day, 1, tzinfo=UTC) + timedelta(days=1)
    at_time(late)
    with unit_of_work():
        assert services.tell_of_missing(at=late) == 1
    assert "cases.unanswered" in waiting(case)

    published()

    assert (request(case).told_at, "cases.unanswered" in waiting(case)) == (None, False)
    assert {one.kind for one in expected()} == {"cases.supply", "cases.read"}
    with unit_of_work():
        assert services.tell_of_missing(at=late) == 0


def ruled(author: Member, officer: Member, at: datetime) -> Case:
    case = accepted(make_complaint(author.actor, at=at), officer, at=at)
    return decided(case, officer, upheld=False, at=at)


def until(case: Case, author: Member) -> date:
    """Return until when the author is told that they may appeal, whatever day it is asked on."""
    told = {services.appeal_until(again(case), author.actor, on=date(year, 6, 1)) for year in (FAR - 1, FAR)}
    (found,) = told
    assert found is not None
    return found


def test_a_decision_counts_as_delivered_later_and_may_be_taken_further_from_then(
    app: Flask, author: Member, at_time: Clock, browser_of: BrowserOf
) -> None:
    at_time(on(12, 28, FAR - 1))
    case = ruled(author, make_officer(), on(12, 28, FAR - 1))
    first, told_first, browser = served(case, author), until(case, author), browser_of(author)
    assert told_first == last_to_appeal(first)

    published()

    later, told_later = served(case, author), until(case, author)
    assert later > first
    assert told_later == last_to_appeal(later) > told_first
    with app.test_request_context(), force_locale("zh_CN"):
        said = day(told_later)
    notice = next(one.notice for one in notices_of(again(case)) if one.notice.kind is NoticeKind.DECIDED)
    for page in ("", "/appeal", f"/notices/{notice.code}"):
        assert said in "".join(browser.get(f"/cases/{case.code}{page}").text.split()), page
    assert (notice.first_deemed_on, notice.deemed_on) == (first, later)
    happened = {one.kind: one for one in timeline(of_case(case))}
    assert happened["cases.delivery_recounted"].data["was"] == first.isoformat()
    moved = happened["cases.appeal_recounted"]
    days = {"was": told_first.isoformat(), "due": told_later.isoformat(), "code": notice.code}
    assert (moved.rule, moved.data.items() >= days.items()) == (NUMBER, True)
    (told,) = told_of(author, "cases.appeal_recounted")
    assert all(told_later.isoformat() in sentence for sentence in in_both(app, told))
    assert len(set(in_both(app, told))) == 2
    assert told_of(author, "cases.delivery_recounted") == [], "one notice says what it means for them"


def test_the_time_to_appeal_that_was_told_is_not_cut_short_by_make_up_days(author: Member, at_time: Clock) -> None:
    at_time(on(1, 4))
    case = ruled(author, make_officer(), on(1, 4))
    before = until(case, author)

    make_year(text=HEAD + f"{FAR}-01-06,上班\n{FAR}-01-07,上班\n{FAR}-01-13,上班\n{FAR}-01-14,上班\n")
    jobs.work()
    session.expire_all()

    assert until(case, author) == before
    assert last_to_appeal(served(case, author)) < before, "which the calendar alone would give"
    stays = [one.data for one in timeline(of_case(case)) if one.kind == STAYS]
    assert before.isoformat() in [one["due"] for one in stays]
    assert told_of(author, "cases.appeal_recounted") == []
    at_time(datetime(before.year, before.month, before.day, 1, tzinfo=UTC))
    assert appealed(case, author, clock.now()).previous_id == case.id


def appealed(case: Case, author: Member, at: datetime) -> Case:
    with unit_of_work():
        return services.appeal(again(case), services.Filing("请上级复核。"), by=author.actor, at=at)


def test_a_time_to_appeal_that_had_ended_by_a_wrong_count_runs_again(author: Member, at_time: Clock) -> None:
    case = ruled(author, make_officer(), on(12, 28, FAR - 1))
    over = until(case, author) + timedelta(days=1)
    late = datetime(over.year, over.month, over.day, 1, tzinfo=UTC)
    at_time(late)
    with pytest.raises(InvalidError):
        appealed(case, author, late)

    published()

    assert until(case, author) >= over
    assert appealed(case, author, late).previous_id == case.id


def test_a_decision_that_was_taken_further_is_counted_no_more(author: Member, at_time: Clock) -> None:
    at_time(on(12, 28, FAR - 1))
    case = ruled(author, make_officer(), on(12, 28, FAR - 1))
    before = until(case, author)
    appealed(case, author, on(12, 29, FAR - 1))

    published()

    assert until(case, author) == before
    assert "cases.appeal_recounted" not in {one.kind for one in timeline(of_case(case))}


def test_a_receipt_starts_the_time_to_appeal_earlier_and_a_later_one_changes_nothing(
    author: Member, at_time: Clock
) -> None:
    at_time(on(12, 28, FAR - 1))
    case = ruled(author, make_officer(), on(12, 27, FAR - 1))
    before = until(case, author)
    sent = next(one.notice for one in notices_of(again(case)) if one.notice.kind is NoticeKind.DECIDED)
    with unit_of_work():
        services.confirm_receipt(again(case), sent, by=author.actor, at=on(12, 28, FAR - 1))
    assert until(case, author) == last_to_appeal(date(FAR - 1, 12, 28)) < before

    published()

    assert until(case, author) == last_to_appeal(date(FAR - 1, 12, 28))


def test_the_day_stands_although_later_clocks_give_less_time(author: Member, at_time: Clock) -> None:
    at_time(on(3, 2, 2026))
    case = ruled(author, make_officer(), on(3, 2, 2026))
    before = services.appeal_until(again(case), author.actor, on=date(2026, 3, 2))

    make_own_clocks(starts_on=date(2026, 3, 3))

    assert services.appeal_until(again(case), author.actor, on=date(2026, 3, 4)) == before


def test_a_decision_from_before_the_day_was_kept_is_given_one_once(author: Member, at_time: Clock) -> None:
    at_time(on(12, 28, FAR - 1))
    case = ruled(author, make_officer(), on(12, 28, FAR - 1))
    before = until(case, author)
    with unit_of_work():
        session.execute(delete(AppealPeriod))
    session.expire_all()
    assert services.appeal_until(again(case), author.actor, on=date(FAR, 1, 1)) == before

    tend_older()
    tend_older()

    kept = session.scalars(select(AppealPeriod)).all()
    assert [row.ends_on for row in kept] == [before] * len(kept)
    assert len({row.notice_id for row in kept}) == len(kept) == len(DECISION_GOES_TO)
    assert until(case, author) == before


def test_what_was_sent_and_what_was_counted_later_are_never_changed(author: Member, at_time: Clock) -> None:
    at_time(on(12, 28, FAR - 1))
    accepted(make_complaint(author.actor, at=on(12, 28, FAR - 1)), make_officer(), at=on(12, 28, FAR - 1))
    published()
    row = session.scalars(select(NoticeDay)).one()
    counted = row.deemed_on

    with pytest.raises((ConflictError, DBAPIError)), unit_of_work():
        session.execute(update(NoticeDay).where(NoticeDay.id == row.id).values(deemed_on=date(FAR, 1, 1)))

    assert session.scalars(select(NoticeDay.deemed_on)).all() == [counted]


def test_a_notice_whose_receipt_was_confirmed_is_delivered_and_counted_no_more(author: Member, at_time: Clock) -> None:
    at_time(on(12, 28, FAR - 1))
    case = accepted(make_complaint(author.actor, at=on(12, 28, FAR - 1)), make_officer(), at=on(12, 28, FAR - 1))
    (sent,) = notices_of(case)
    with unit_of_work():
        services.confirm_receipt(again(case), sent.notice, by=author.actor, at=on(12, 28, FAR - 1))

    published()

    assert session.scalars(select(NoticeDay)).all() == []


def request(case: Case) -> CasePause:
    found = request_of(again(case))
    assert found is not None
    return found


def served(case: Case, author: Member) -> date:
    found = decision_served(again(case), author.actor, author=True)
    assert found is not None
    return found.delivered_on


def last_to_appeal(since: date) -> date:
    return add_working_days(since, DAYS_TO_APPEAL, known()).day
