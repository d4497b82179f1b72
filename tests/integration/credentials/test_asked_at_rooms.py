"""Bases and exam offices ask for the certificates of their own facts with one click, each person once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.models import Organisation
from app.accounts.states import Role
from app.assessment.exams.models import Attempt, ExamSession, Result
from app.assessment.exams.services import certificates as exams
from app.assessment.exams.services.subjects import of_attempt
from app.assessment.exams.states import SessionState
from app.core import events, jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.courses import services as courses
from app.courses.models import Cohort
from app.courses.queries import cohorts
from app.credentials import paper, services
from app.credentials.models import Batch, Certificate, CertificateRequest
from app.credentials.states import CertificateKind, CertificateState, RevocationReason
from app.desk.models import Todo
from tests.factories.accounts import NATION, SHANDONG, Member, make_member
from tests.factories.certification import RELEASED, Candidate, Exam, make_candidate, make_exam
from tests.factories.credentials import Office, make_batch
from tests.factories.exams import make_cohort, make_trainee
from tests.submit import submit

pytestmark = pytest.mark.one_database
Browser = Callable[[Member], FlaskClient]
LATER = RELEASED + timedelta(days=1)


def requests(kind: CertificateKind) -> list[CertificateRequest]:
    session.expire_all()
    query = select(CertificateRequest).where(CertificateRequest.kind == kind)
    return list(session.scalars(query.order_by(CertificateRequest.id)))


def issue_all(office: Office, kind: CertificateKind) -> Certificate:
    batch = make_batch(office, kind)
    assert batch.faults == 0
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), by=office.second.actor, at=RELEASED)
    jobs.work()
    session.expire_all()
    return session.scalars(select(Certificate).where(Certificate.kind == kind).order_by(Certificate.id.desc())).first()  # type: ignore[return-value]


COMPLETION = CertificateKind.COURSE_COMPLETION


@pytest.fixture
def cohort() -> Cohort:
    return make_cohort(SHANDONG)


@pytest.fixture
def base(cohort: Cohort) -> Member:
    organisation = session.get_one(Organisation, cohort.base_organisation_id)
    return make_member(Role.BASE, cohort.region_code, organisation)


def ask(cohort: Cohort, by: Member) -> int:
    with unit_of_work():
        return courses.ask_for_certificates(cohorts.cohort(cohort.code, by.actor), by=by.actor, at=RELEASED)


def test_a_base_asks_for_everyone_who_completed_the_training_once(office: Office, cohort: Cohort, base: Member) -> None:
    done, also = make_trainee(cohort), make_trainee(cohort)
    make_trainee(cohort, completed=False)

    assert ask(cohort, base) == 2
    assert ask(cohort, base) == 0

    made = requests(COMPLETION)
    assert {one.person_id for one in made} == {done.person.id, also.person.id}
    assert made[0].fields["level"] == "junior"
    assert made[0].fields["hours"] == "40.00"
    waiting = session.scalars(select(Todo).where(Todo.kind == "credentials.prepare", Todo.closed_at.is_(None))).all()
    assert len(waiting) == 1
    certificate = issue_all(office, COMPLETION)
    assert certificate.state is CertificateState.PUBLISHED
    make_trainee(cohort)
    assert ask(cohort, base) == 1, "who completes later is asked for later"


def test_the_list_says_for_each_person_why(office: Office, cohort: Cohort, base: Member, browser_of: Browser) -> None:
    make_trainee(cohort)
    make_trainee(cohort, completed=False)
    browser, page = browser_of(base), f"/cohorts/{cohort.code}/certificates"
    assert page in browser.get(f"/cohorts/{cohort.code}").text
    before = browser.get(page).text
    assert "待申请" in before
    assert "培训未完成" in before

    assert submit(browser, page, page=page).status_code == 302
    assert "由发证机构办理" in browser.get(page).text
    assert submit(browser, page, page=page).status_code == 302
    certificate = issue_all(office, COMPLETION)
    assert certificate.code in browser.get(page).text
    with unit_of_work():
        again = session.get_one(Certificate, certificate.id)
        why = RevocationReason.ISSUED_IN_ERROR
        services.revoke(again, reason=why, note="", by=office.first.actor, at=LATER)
    assert "已撤销或已过期" in browser.get(page).text
    assert ask(cohort, base) == 0, "what was revoked is the issuing body's to make anew"


def test_other_bases_and_overseers_ask_for_nothing(office: Office, cohort: Cohort, browser_of: Browser) -> None:
    assert office.body.id
    make_trainee(cohort)
    page = f"/cohorts/{cohort.code}/certificates"
    stranger = browser_of(make_member(Role.BASE, SHANDONG))
    assert stranger.get(page).status_code == 404
    assert submit(stranger, page, page="/me").status_code == 404
    regulator = make_member(Role.REGULATOR, SHANDONG)
    assert browser_of(regulator).get(page).status_code == 200
    assert submit(browser_of(regulator), page, page="/me").status_code == 403
    with pytest.raises(ForbiddenError):
        ask(cohort, regulator)
    assert requests(COMPLETION) == []


PASS = CertificateKind.EXAM_PASS


@pytest.fixture
def exam(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Exam:
    del app
    monkeypatch.setattr(paper, "available", lambda: False)
    return make_exam()


def ask_exam(exam: Exam) -> int:
    with unit_of_work():
        held = session.get_one(ExamSession, exam.session.id)
        count = exams.ask_for_certificates(held, by=exam.examiner.actor, at=RELEASED)
    jobs.work()
    return count


def void(one: Candidate, *, voided: bool = True) -> None:
    """Let a result be void or count again, and let the room hear that results changed."""
    with unit_of_work():
        session.execute(update(Result).where(Result.id == one.result.id).values(voided=voided))
        session.expire_all()
        code = session.get_one(Attempt, one.result.attempt_id).code
        data = {"attempt": code, "passed": False, "session": "x", "was": "0", "now": "0"}
        events.record("exams.result_corrected", of_attempt(code), by=None, at=LATER, data=data)


def test_an_exam_office_asks_for_everyone_who_passed_once(exam: Exam) -> None:
    passed = make_candidate(exam)
    make_candidate(exam, score=40)
    void(make_candidate(exam))

    assert ask_exam(exam) == 1
    assert ask_exam(exam) == 0

    (request,) = requests(PASS)
    assert (request.person_id, request.fields["valid_from"]) == (passed.member.person.id, "2026-03-02")


@pytest.mark.parametrize(
    "changes",
    [{"rehearsal": True}, {"state": SessionState.PROPOSED, "released_by_id": None, "released_at": None}],
    ids=["rehearsal", "not released"],
)
def test_nothing_is_asked_before_the_release_or_of_a_rehearsal(exam: Exam, changes: dict[str, object]) -> None:
    make_candidate(exam)
    with unit_of_work():
        held = session.get_one(ExamSession, exam.session.id)
        for name, value in changes.items():
            setattr(held, name, value)
    with pytest.raises(ConflictError):
        ask_exam(exam)
    assert requests(PASS) == []


def test_the_results_say_for_each_person_why(exam: Exam, browser_of: Browser) -> None:
    make_candidate(exam)
    make_candidate(exam, score=40)
    browser, page = browser_of(exam.examiner), f"/exams/sessions/{exam.session.code}/results"
    shown = browser.get(page).text
    assert "待申请" in shown
    assert "未达到合格线" in shown

    assert submit(browser, f"{page}/certificates", page=page).status_code == 302
    assert "已申请的证书" in browser.get(page).text, "the work shows how far it is"
    jobs.work()

    assert "由发证机构办理" in browser.get(page).text
    submit(browser, f"{page}/certificates", page=page)
    assert "没有待申请的人员" in browser.get(page).text
    assert (
        submit(browser_of(make_member(Role.INVIGILATOR, NATION)), f"{page}/certificates", page="/me").status_code == 403
    )


def test_a_certificate_follows_its_result(exam: Exam) -> None:
    one = make_candidate(exam)
    ask_exam(exam)

    void(one)
    assert requests(PASS)[0].withdrawn_for is RevocationReason.FACT_CORRECTED
    void(one, voided=False)
    assert requests(PASS)[0].withdrawn_at is None
