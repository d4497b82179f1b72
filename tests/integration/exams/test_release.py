"""Marking off the request, release by two people, and who sees a result when."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select, update

from app.accounts.models import Person
from app.accounts.states import Role
from app.assessment.exams import queries as offered
from app.assessment.exams.models import ExamSession, Registration, Result
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import sessions as queries
from app.assessment.exams.rules.order import from_json
from app.assessment.exams.services import results as services
from app.assessment.exams.services import sitting
from app.assessment.exams.services.subjects import of_session
from app.assessment.exams.states import SessionState
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import timeline
from app.desk.queries import todos_of
from app.rulebook.terms import MODULES as NAMES
from tests.factories.accounts import Member, make_member, make_organisation
from tests.factories.exams import (
    CLOSES,
    ITEMS,
    MODULES,
    OPENS,
    House,
    answer,
    attempt_of,
    make_house,
    make_prepared,
    release,
    said,
    start,
)
from tests.factories.statistics import sit as sit_at
from tests.submit import submit

Browser = Callable[[Member], FlaskClient]
SECOND = "You proposed this release, so another examiner confirms it: %(names)s."
AFTER = CLOSES + timedelta(minutes=1)


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


def found(house: House, planned: ExamSession) -> ExamSession:
    return queries.exam_session(planned.code, house.examiner.actor)


def sit(member: Member, *, right: int) -> None:
    """Sit and answer the first `right` places as the key has it, the others wrongly."""
    writer = start(member)
    attempt = attempt_of(member)
    paper = session.get_one(ExamSession, attempt.session_id).paper_id
    sheet = {place.position: place.version for place in papers_queries.sheet_of(paper)}
    answers = []
    for number, place in enumerate(from_json(attempt.order), start=1):
        letters = sorted(place.letter(str(key)) for key in sheet[place.position].key)
        answers.append(answer(number, 1, "".join(letters) if number <= right else ""))
    with unit_of_work():
        sitting.save(writer, answers=answers, at=OPENS)
        sitting.submit(writer, at=OPENS)


def mark(house: House, planned: ExamSession) -> None:
    with unit_of_work():
        services.ask_to_mark(found(house, planned), by=house.examiner.actor, at=AFTER)
    jobs.work()


def propose(house: House, planned: ExamSession) -> None:
    with unit_of_work():
        services.propose_release(found(house, planned), by=house.examiner.actor, at=AFTER)


def result_of(member: Member) -> Result:
    return session.scalars(select(Result).where(Result.attempt_id == attempt_of(member).id)).one()


def test_marks_follow_the_key_whatever_order_was_shown(house: House) -> None:
    planned, (strong, weak, absent) = make_prepared(house, candidates=3)
    sit(strong, right=ITEMS)
    sit(weak, right=7)

    mark(house, planned)

    assert (result_of(strong).score, result_of(strong).max_score) == (Decimal(30), Decimal(30))
    assert result_of(strong).passed
    assert (result_of(weak).score, result_of(weak).passed) == (Decimal("17.50"), False)
    assert sum(Decimal(part["score"]) for part in result_of(weak).by_module.values()) == Decimal("17.50")
    assert result_of(weak).key_hash == found(house, planned).paper.content_hash
    assert set(session.scalars(select(Result))) == {result_of(strong), result_of(weak)}
    assert attempt_of(absent).submitted_at is None
    assert found(house, planned).state is SessionState.MARKED


def test_marking_goes_on_in_chunks(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "CHUNK", 1)
    planned, trainees = make_prepared(house, candidates=3)
    for one in trainees:
        sit(one, right=1)

    mark(house, planned)

    assert len(session.scalars(select(Result)).all()) == 3


def test_marking_waits_for_the_window_and_for_every_sitting(house: House) -> None:
    planned, trainees = make_prepared(house)
    start(trainees[0])

    with pytest.raises(ConflictError), unit_of_work():
        services.ask_to_mark(found(house, planned), by=house.examiner.actor, at=OPENS)
    with pytest.raises(ConflictError), unit_of_work():
        services.ask_to_mark(found(house, planned), by=house.examiner.actor, at=AFTER)
    with unit_of_work():
        sitting.collect(at=AFTER, session_id=planned.id)
    mark(house, planned)

    assert result_of(trainees[0]).score == 0
    with pytest.raises(ConflictError):
        mark(house, planned)


def test_results_are_seen_by_the_candidate_only_after_release(house: House, browser_of: Browser) -> None:
    planned, (one, other) = make_prepared(house, candidates=2)
    sit(one, right=ITEMS)
    address = f"/exams/mine/{attempt_of(one).code}"

    mark(house, planned)
    propose(house, planned)
    assert browser_of(one).get(address).status_code == 404
    assert said("Passed") not in browser_of(one).get("/exams/mine").text.split("<main")[1]
    assert offered.released_result(one.person.id, "junior") is None

    with unit_of_work():
        services.release(queries.exam_session(planned.code, house.examiner2.actor), by=house.examiner2.actor, at=AFTER)
    page = browser_of(one).get(address)
    assert "30.00" in page.text
    assert "18.00" in page.text
    assert said("Policy and law") in page.text
    assert said("Strong") in page.text
    assert browser_of(other).get(address).status_code == 404
    assert offered.released_result(one.person.id, "junior") == result_of(one)
    assert offered.released_result(one.person.id, "senior") is None
    assert offered.released_result(other.person.id, "junior") is None


@pytest.mark.one_database
def test_the_candidate_reads_their_strengths_by_module_in_points(house: House, browser_of: Browser) -> None:
    planned, (mine,) = make_prepared(house)
    modules: dict[str, list[int]] = {}
    for one in papers_queries.sheet_of(planned.paper_id):
        modules.setdefault(one.version.module, []).append(one.position)
    earned = dict(zip(MODULES, (3, 2, 1, 0), strict=True))
    sit_at(mine, [place for module, number in earned.items() for place in modules[module][:number]])
    release(house, planned, at=AFTER)

    page = browser_of(mine).get(f"/exams/mine/{attempt_of(mine).code}").text

    tables = [_cells(one) for one in re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL)]
    out_of = [said("%(score)s of %(best)s", score=score, best="7.50") for score in ("7.50", "5.00", "2.50", "0.00")]
    words = [said(one) for one in ("Strong", "Fair", "Worth another look", "Worth another look")]
    assert [list(row) for row in zip(map(str, map(NAMES.get, MODULES)), out_of, words, strict=True)] in tables
    shares = dict(zip(MODULES, ("100", "66.7", "33.3", "0"), strict=True))
    assert {str(NAMES[module]): [share] for module, share in shares.items()} in [
        {row[0]: row[1:] for row in one} for one in tables
    ]


def _cells(table: str) -> list[list[str]]:
    """Return what stands in the rows of a table's body."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[" ".join(re.sub(r"<[^>]+>", "", cell).split()) for cell in row] for row in cells]


def test_the_person_who_proposed_sees_why_they_cannot_confirm_and_who_can(house: House, browser_of: Browser) -> None:
    planned, trainees = make_prepared(house)
    sit(trainees[0], right=1)
    mark(house, planned)
    address = f"/exams/sessions/{planned.code}"

    submit(browser_of(house.examiner), f"{address}/propose", page=address)
    mine = browser_of(house.examiner).get(address).text
    theirs = browser_of(house.examiner2).get(address).text

    assert said(SECOND, names=house.examiner2.person.name) in mine
    assert f"{address}/release" not in mine
    assert f"{address}/release" in theirs
    assert [todo.kind for todo in todos_of(house.examiner2.actor)] == ["exams.release"]
    assert todos_of(house.examiner.actor) == []


@pytest.mark.one_database
def test_one_person_cannot_release_alone(house: House, browser_of: Browser) -> None:
    planned, trainees = make_prepared(house)
    sit(trainees[0], right=1)
    mark(house, planned)
    propose(house, planned)

    refused = submit(browser_of(house.examiner), f"/exams/sessions/{planned.code}/release", page="/home")

    assert refused.status_code == 403
    with pytest.raises(ForbiddenError), unit_of_work():
        services.release(found(house, planned), by=house.examiner.actor, at=AFTER)
    assert found(house, planned).state is SessionState.PROPOSED


def test_the_database_refuses_a_release_by_one_person(house: House) -> None:
    planned, trainees = make_prepared(house)
    sit(trainees[0], right=1)
    mark(house, planned)
    propose(house, planned)

    with pytest.raises(ConflictError, match="two_people"), unit_of_work():
        session.execute(
            update(ExamSession).values(state="released", released_by_id=house.examiner.person.id, released_at=AFTER)
        )


def test_a_second_examiner_releases_and_every_candidate_is_told(house: House, browser_of: Browser) -> None:
    planned, (one, absent) = make_prepared(house, candidates=2)
    sit(one, right=ITEMS)
    mark(house, planned)
    propose(house, planned)
    address = f"/exams/sessions/{planned.code}"

    submit(browser_of(house.examiner2), f"{address}/release", page=address)
    jobs.work()

    assert found(house, planned).released_by_id == house.examiner2.person.id
    assert [todo.kind for todo in todos_of(one.actor)] == ["exams.result"]
    assert todos_of(absent.actor) == []
    kinds = [event.kind for event in timeline(of_session(planned))]
    assert kinds[:3] == ["exams.released", "exams.release_proposed", "exams.session_marked"]
    assert todos_of(house.examiner2.actor) == []


def test_a_candidate_notes_that_they_have_seen_the_result(house: House, browser_of: Browser) -> None:
    planned, trainees = make_prepared(house)
    sit(trainees[0], right=ITEMS)
    release(house, planned, at=AFTER)
    address = f"/exams/mine/{attempt_of(trainees[0]).code}"

    submit(browser_of(trainees[0]), f"{address}/seen", page=address)

    assert todos_of(trainees[0].actor) == []


def test_a_proposal_goes_back_only_with_a_reason(house: House, browser_of: Browser) -> None:
    planned, trainees = make_prepared(house)
    sit(trainees[0], right=1)
    mark(house, planned)
    propose(house, planned)
    address = f"/exams/sessions/{planned.code}"

    without = submit(browser_of(house.examiner2), f"{address}/return", page=address)
    submit(browser_of(house.examiner2), f"{address}/return", page=address, reason="第3题答案有误")

    assert without.status_code == 422
    assert found(house, planned).state is SessionState.MARKED
    assert timeline(of_session(planned))[0].reason == "第3题答案有误"
    assert [todo.kind for todo in todos_of(house.examiner.actor)] == ["exams.propose"]


def test_the_results_page_shows_table_filter_and_chart_with_its_table(house: House, browser_of: Browser) -> None:
    planned, (strong, weak) = make_prepared(house, candidates=2)
    sit(strong, right=ITEMS)
    sit(weak, right=1)
    mark(house, planned)
    browser = browser_of(house.examiner)
    address = f"/exams/sessions/{planned.code}/results"

    page = browser.get(address).text

    assert strong.person.name in page
    assert weak.person.name in page
    assert "27–30" in page
    assert weak.person.name not in browser.get(f"{address}?passed=yes").text
    assert strong.person.name not in browser.get(f"{address}?passed=no").text


@pytest.mark.one_database
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_runs_no_formula_and_is_an_event(house: House, browser_of: Browser, kind: str) -> None:
    planned, trainees = make_prepared(house)
    with unit_of_work():
        session.execute(update(Person).where(Person.id == trainees[0].person.id).values(name="=HYPERLINK(1)"))
    sit(trainees[0], right=ITEMS)
    mark(house, planned)
    address = f"/exams/sessions/{planned.code}/results"

    sent = submit(browser_of(house.examiner), f"{address}/export", page=address, format=kind)

    if kind == "csv":
        lines = sent.get_data().decode("utf-8-sig").splitlines()
        row = lines[1].split(",")
    else:
        sheet = load_workbook(io.BytesIO(sent.get_data())).active
        assert sheet is not None
        row = [str(cell.value) for cell in sheet[2]]
    assert row[1] == "'=HYPERLINK(1)"
    assert row[2] == "30.00"
    assert timeline(of_session(planned))[0].kind == "exams.results_exported"


def test_all_who_had_a_hand_in_the_exam_are_known(house: House) -> None:
    planned, trainees = make_prepared(house)
    sit(trainees[0], right=ITEMS)
    release(house, planned, at=AFTER)

    hands = offered.examined_by(planned.id)

    assert hands == {house.examiner.person.id, house.examiner2.person.id}


def test_a_voided_result_carries_no_certificate_and_a_passed_one_goes_first(house: House) -> None:
    planned, trainees = make_prepared(house)
    sit(trainees[0], right=ITEMS)
    release(house, planned, at=AFTER)

    with unit_of_work():
        result_of(trainees[0]).voided = True

    assert offered.released_result(trainees[0].person.id, "junior") is None


@pytest.mark.one_database
def test_examiners_of_another_body_see_no_result(house: House, browser_of: Browser) -> None:
    planned, trainees = make_prepared(house)
    sit(trainees[0], right=1)
    mark(house, planned)
    stranger = make_member(Role.EXAMINER, organisation=make_organisation())

    assert browser_of(stranger).get(f"/exams/sessions/{planned.code}/results").status_code == 404


def test_the_examiner_collects_and_marks_from_the_page(
    house: House, browser_of: Browser, at_time: Callable[..., None]
) -> None:
    planned, trainees = make_prepared(house)
    start(trainees[0])
    at_time(AFTER)
    browser = browser_of(house.examiner)
    address = f"/exams/sessions/{planned.code}"

    assert f"{address}/mark" not in browser.get(address).text
    submit(browser, f"{address}/collect", page=address)
    submit(browser, f"{address}/mark", page=address)
    assert said("Sittings marked") in browser.get(address).text
    jobs.work()

    assert found(house, planned).state is SessionState.MARKED
    assert session.scalars(select(Registration)).one().person_id == trainees[0].person.id
