"""Awards: proposed from released results, decided by a person who was not involved, read by the candidate."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.states import Role
from app.assessment.certification import jobs as award_jobs
from app.assessment.certification import queries, services
from app.assessment.certification.models import Award, AwardInvolvement
from app.assessment.certification.rules import is_unified_number
from app.assessment.certification.states import AwardState
from app.core.access import Actor
from app.core.db import db, session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError, UnavailableError
from app.core.events import Event
from app.core.jobs import Job, JobState, start_job, work
from app.credentials.models import CertificateRequest, IssuingBody
from app.credentials.states import CertificateKind
from app.desk.queries import todos_of
from app.rulebook import queries as rulebook
from app.rulebook.verdicts import Verdict
from tests.factories import exams
from tests.factories.accounts import GUANGDONG, JINAN, NATION, SHANDONG, Member, make_member
from tests.factories.certification import (
    DECIDED,
    RELEASED,
    Exam,
    decided,
    make_award,
    make_candidate,
    make_exam,
    propose_all,
    refused,
)
from tests.factories.credentials import make_office

SignIn = Callable[..., FlaskClient]
BrowserOf = Callable[[Member], FlaskClient]


@pytest.fixture
def exam(app: object) -> Exam:
    del app
    return make_exam()


def stored() -> Award:
    return session.scalars(select(Award).execution_options(populate_existing=True)).one()


def outcomes(award: Award) -> dict[str, str]:
    return {line.reason: line.outcome.value for line in Verdict.from_json(award.verdict).lines}


def test_a_passed_result_is_proposed_with_its_verdict_to_the_certifiers_of_the_region(exam: Exam) -> None:
    candidate = make_candidate(exam)
    certifier, elsewhere = make_member(Role.CERTIFIER, SHANDONG), make_member(Role.CERTIFIER, GUANGDONG)

    (award,) = propose_all(exam)

    assert (award.state, award.level, award.person_id) == (AwardState.PROPOSED, "junior", candidate.member.person.id)
    assert outcomes(award) == {"training": "met", "passed": "met", "recent": "met", "not_held": "met"}
    assert award.rule_pack == "award-sample.1"
    assert [todo.url for todo in todos_of(certifier.actor)] == [f"/awards/{award.code}"]
    assert not todos_of(elsewhere.actor)


def test_failed_voided_and_already_proposed_results_are_left_alone(exam: Exam) -> None:
    make_candidate(exam, score=59)
    voided = make_candidate(exam)
    with unit_of_work():
        voided.result.voided = True
    make_candidate(exam)

    assert len(propose_all(exam)) == 1
    assert propose_all(exam) == []


def test_who_trained_and_who_examined_is_written_beside_the_award(exam: Exam) -> None:
    award = make_award(exam)

    involved = queries.involvement(award.id)

    assert involved[exam.lecturer.person.id] == ["trained"]
    assert involved[exam.cohort.created_by_id] == ["trained"]
    assert involved[exam.examiner.person.id] == ["examined"]
    assert involved[exam.examiner2.person.id] == ["examined"]


def test_a_real_release_proposes_the_levels_of_those_who_passed(app: object, run_jobs: Callable[[], int]) -> None:
    """The whole way: two examiners release a sat session, and the subscriber's job proposes."""
    del app
    exams.make_pack("award", "award-junior-sample.toml")
    house = exams.make_house()
    held, trainees = exams.make_prepared(house, candidates=2)
    for trainee in trainees:
        exams.start(trainee)
    exams.release(house, held, at=exams.CLOSES + timedelta(minutes=5))
    run_jobs()

    job = session.scalars(select(Job).where(Job.kind == award_jobs.PROPOSE)).one()
    assert job.state is JobState.DONE
    passed = queries.passed_count(held.code)
    assert passed == 0, "nobody who passed is left without a proposal"


def test_many_candidates_are_proposed_in_chunks(exam: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(award_jobs, "CHUNK", 2)
    for _ in range(5):
        make_candidate(exam)
    with unit_of_work():
        start_job(award_jobs.PROPOSE, key="k", by=None, args={"session": exam.session.code})

    work()

    job = session.scalars(select(Job).where(Job.kind == award_jobs.PROPOSE)).one()
    assert (job.state, job.done, job.total, job.error) == (JobState.DONE, 5, 5, None)
    assert session.scalar(select(func.count()).select_from(Award)) == 5


def test_a_certifier_awards_by_page(exam: Exam, browser_of: BrowserOf) -> None:
    award = make_award(exam)
    certifier = make_member(Role.CERTIFIER)
    browser = browser_of(certifier)
    assert "待决定" in browser.get("/awards").text or "等待" in browser.get("/awards").text
    page = browser.get(f"/awards/{award.code}").text
    assert "已完成该等级的培训" in page
    assert "授予等级" in page

    assert browser.post(f"/awards/{award.code}/award").status_code == 302

    found = stored()
    assert (found.state, found.decided_by_id) == (AwardState.AWARDED, certifier.person.id)
    assert is_unified_number(found.unified_number or "")
    assert (found.unified_number or "").startswith("JJC37")
    assert not todos_of(certifier.actor)
    kinds = session.scalars(select(Event.kind).where(Event.subject_code == award.code).order_by(Event.id)).all()
    assert list(kinds)[:2] == ["certification.proposed", "certification.awarded"]
    assert (found.unified_number or "none") in browser.get(f"/awards/{award.code}").text
    assert browser.post(f"/awards/{award.code}/award").status_code == 409


def test_an_award_asks_for_its_certificate_once(exam: Exam) -> None:
    award = decided(make_award(exam))

    request = session.scalars(select(CertificateRequest)).one()

    assert (request.kind, request.source_type, request.source_code) == (CertificateKind.CAPABILITY, "award", award.code)
    assert request.fields["number"] == award.unified_number
    assert request.fields["hours"] == "40.00"
    assert (request.fields["valid_from"], request.fields["valid_until"]) == ("2026-03-09", "2031-03-08")


def test_without_an_issuing_body_nothing_is_awarded(exam: Exam) -> None:
    award = make_award(exam)
    with unit_of_work():
        session.scalars(select(IssuingBody)).one().closed_at = RELEASED

    with pytest.raises(UnavailableError):
        decided(award)
    assert stored().state is AwardState.PROPOSED


def test_serials_count_up_within_level_province_and_year(exam: Exam) -> None:
    for _ in range(3):
        make_candidate(exam)
    numbers = [decided(award).unified_number or "" for award in propose_all(exam)]

    assert [number[:9] for number in numbers] == ["JJC372026"] * 3
    serials = [int(number[9:15]) for number in numbers]
    assert serials[0] in {1, 2}
    assert serials == sorted(set(serials))
    other = decided(make_award(make_exam(GUANGDONG))).unified_number or ""
    assert other.startswith("JJC442026")
    assert int(other[9:15]) in {1, 2}


@pytest.mark.parametrize("form", ["{prefix}{province}{year}{serial:5}-{check}", "{prefix}{province}{year}{serial:7}"])
def test_a_form_that_the_pack_sets_in_mid_year_counts_from_its_own_numbers(exam: Exam, form: str) -> None:
    """Numbers of the form before begin alike and are as long."""
    given = decided(make_award(exam))
    level = queries.level_of(rulebook.by_code(given.rule_pack), given.level)
    changed = level.model_copy(update={"number_form": form})

    assert queries.next_serial(level, given.region_code, 2026) == int((given.unified_number or "")[9:15]) + 1
    assert queries.next_serial(changed, given.region_code, 2026) == 1


def test_an_award_holds_from_the_day_in_shanghai_for_whole_years(exam: Exam) -> None:
    late = DECIDED.replace(hour=16, minute=30)  # already the 10th in Shanghai

    award = decided(make_award(exam), at=late)

    assert (award.valid_from, award.valid_until) == (date(2026, 3, 10), date(2031, 3, 9))


def test_an_award_of_29_february_holds_to_the_end_of_february(exam: Exam) -> None:
    leap = DECIDED.replace(year=2028, month=2, day=29)
    award = make_award(exam, at=RELEASED)

    decided(award, at=leap)

    assert (award.valid_from, award.valid_until) == (date(2028, 2, 29), date(2033, 2, 28))


def deciders(exam: Exam, award: Award) -> dict[str, int]:
    return {
        "lecturer": exam.lecturer.person.id,
        "examiner": exam.examiner.person.id,
        "second examiner": exam.examiner2.person.id,
        "who opened the cohort": exam.cohort.created_by_id,
        "the candidate": award.person_id,
    }


WHO = ["lecturer", "examiner", "second examiner", "who opened the cohort", "the candidate"]


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("act", [services.award_level, partial(services.refuse, reason="不符")])
def test_the_service_refuses_who_trained_examined_or_is_the_candidate(
    exam: Exam, who: str, act: Callable[..., None]
) -> None:
    award = make_award(exam)
    by = Actor(deciders(exam, award)[who], "p", "某", Role.CERTIFIER, "", frozenset(), region_code=SHANDONG)

    with pytest.raises(ForbiddenError), unit_of_work():
        act(award, by=by, at=DECIDED)

    assert stored().state is AwardState.PROPOSED


@pytest.mark.parametrize("who", WHO)
def test_the_database_refuses_them_whatever_the_service_does(exam: Exam, who: str) -> None:
    award = make_award(exam)
    forged = text("UPDATE award SET state = 'refused', reason = 'x', decided_at = proposed_at, decided_by_id = :who")

    with pytest.raises((ConflictError, DBAPIError), match=r"award|trained"), unit_of_work():
        session.execute(forged, {"who": deciders(exam, award)[who]})

    assert stored().state is AwardState.PROPOSED


def test_the_database_lets_an_uninvolved_person_decide(exam: Exam) -> None:
    award = make_award(exam)
    certifier = make_member(Role.CERTIFIER)

    with unit_of_work():
        session.execute(
            text("UPDATE award SET state = 'refused', reason = 'x', decided_at = proposed_at, decided_by_id = :who"),
            {"who": certifier.person.id},
        )

    assert stored().state is AwardState.REFUSED
    assert award.code


@pytest.mark.one_database
def test_who_is_barred_sees_why_and_has_no_button(exam: Exam, browser_of: BrowserOf) -> None:
    award = make_award(exam)
    lecturer = make_member(Role.CERTIFIER, person=exam.lecturer.person)
    browser = browser_of(lecturer)

    page = browser.get(f"/awards/{award.code}").text

    assert "您参与了此人的培训或考务" in page
    assert f"/awards/{award.code}/award" not in page
    assert browser.post(f"/awards/{award.code}/award").status_code == 403


@pytest.mark.one_database
def test_nobody_decides_on_their_own_award(exam: Exam, browser_of: BrowserOf) -> None:
    candidate = make_candidate(exam)
    (award,) = propose_all(exam)
    browser = browser_of(make_member(Role.CERTIFIER, person=candidate.member.person))

    assert "须由另一位认证人员决定" in browser.get(f"/awards/{award.code}").text
    assert browser.post(f"/awards/{award.code}/award").status_code == 403


@pytest.mark.one_database
def test_an_unmet_condition_is_shown_and_cannot_be_awarded(exam: Exam, sign_in: SignIn) -> None:
    award = make_award(exam, completed=False)
    assert outcomes(award)["training"] == "not"
    browser = sign_in(Role.CERTIFIER, SHANDONG)

    page = browser.get(f"/awards/{award.code}").text
    assert "有条件未满足" in page or "未满足" in page
    assert f"/awards/{award.code}/award" not in page
    assert browser.post(f"/awards/{award.code}/award").status_code == 422
    assert stored().state is AwardState.PROPOSED


def test_the_verdict_is_taken_again_when_the_training_is_completed_later(exam: Exam) -> None:
    candidate = make_candidate(exam, completed=False)
    (award,) = propose_all(exam)
    with unit_of_work():
        candidate.enrolment.state = "completed"  # type: ignore[assignment]
        candidate.enrolment.completed_at = RELEASED

    decided(award)

    assert outcomes(stored())["training"] == "met"


def test_a_result_voided_after_the_proposal_stops_the_award(exam: Exam) -> None:
    candidate = make_candidate(exam)
    (award,) = propose_all(exam)
    with unit_of_work():
        candidate.result.voided = True

    with pytest.raises(InvalidError):
        decided(award)


def test_a_result_grown_too_old_stops_the_award(exam: Exam) -> None:
    award = make_award(exam)

    with pytest.raises(InvalidError):
        decided(award, at=RELEASED.replace(year=2028, day=3))


def test_a_level_held_already_is_not_awarded_twice(exam: Exam) -> None:
    first = make_candidate(exam)
    (award,) = propose_all(exam)
    decided(award)
    again = make_exam()
    session.expire_all()
    make_candidate(again, member=first.member)
    (second,) = propose_all(again, at=DECIDED)

    assert outcomes(second)["not_held"] == "not"
    with pytest.raises(InvalidError):
        decided(second)


def test_a_refusal_needs_a_reason_that_the_candidate_reads(exam: Exam, sign_in: SignIn, browser_of: BrowserOf) -> None:
    candidate = make_candidate(exam)
    (award,) = propose_all(exam)
    browser = sign_in(Role.CERTIFIER, SHANDONG)

    missing = browser.post(f"/awards/{award.code}/refuse", data={"reason": ""})
    assert missing.status_code == 422
    assert "请填写理由" in missing.text
    assert browser.post(f"/awards/{award.code}/refuse", data={"reason": "实践材料不足"}).status_code == 302

    assert stored().state is AwardState.REFUSED
    assert "实践材料不足" in browser_of(candidate.member).get("/my/awards").text
    assert session.scalars(select(CertificateRequest)).all() == []
    assert browser.post(f"/awards/{award.code}/refuse", data={"reason": "再次"}).status_code == 409


def test_a_person_reads_their_own_awards_only(exam: Exam, browser_of: BrowserOf, sign_in: SignIn) -> None:
    candidate = make_candidate(exam)
    (award,) = propose_all(exam)
    waiting = browser_of(candidate.member).get("/my/awards").text
    assert "初级技术经纪人" in waiting
    decided(award)

    assert (award.unified_number or "none") in browser_of(candidate.member).get("/my/awards").text
    assert (award.unified_number or "none") not in sign_in(Role.TRAINEE).get("/my/awards").text


@pytest.mark.one_database
def test_another_regions_award_does_not_exist(exam: Exam, sign_in: SignIn) -> None:
    award = make_award(exam)

    for region in (GUANGDONG, JINAN):
        browser = sign_in(Role.CERTIFIER, region)
        assert browser.get(f"/awards/{award.code}").status_code == 404
        assert browser.post(f"/awards/{award.code}/award").status_code == 404
        assert browser.post(f"/awards/{award.code}/refuse", data={"reason": "x"}).status_code == 404
        assert award.code not in browser.get("/awards").text
    assert sign_in(Role.CERTIFIER, NATION).get(f"/awards/{award.code}").status_code == 200
    assert sign_in(Role.EXAMINER, SHANDONG).get(f"/awards/{award.code}").status_code == 403
    assert stored().state is AwardState.PROPOSED


def test_the_list_filters_by_state_and_pages(exam: Exam, sign_in: SignIn) -> None:
    for _ in range(3):
        make_candidate(exam)
    first, second, _third = propose_all(exam)
    decided(first)
    refused(second)
    browser = sign_in(Role.CERTIFIER, SHANDONG)

    def shown(query: str = "") -> int:
        return browser.get(f"/awards{query}").text.count('data-href="/awards/')

    assert shown() == 3
    assert [shown(f"?state={state}") for state in ("proposed", "awarded", "refused", "withdrawn")] == [1, 1, 1, 0]
    assert shown("?state=nonsense") == 3
    assert shown("?page=-1") == shown("?page=99999999999999999999") == 3


def test_withdrawing_by_the_service_keeps_number_and_validity(exam: Exam) -> None:
    award = decided(make_award(exam))

    with unit_of_work():
        services.withdraw_all([(award, "exam_breach")], by=None, at=DECIDED)

    found = stored()
    assert (found.state, found.reason) == (AwardState.WITHDRAWN, "exam_breach")
    assert is_unified_number(found.unified_number or "")


def test_awards_whose_certificates_change_together_change_together(exam: Exam) -> None:
    """What lies in the paper alone, is no award, or stands no more, leaves the awards as they are."""
    for _one in range(3):
        make_candidate(exam)
    awards = [decided(one) for one in propose_all(exam)]
    about = [{"source_type": "award", "source_code": one.code} for one in awards]
    reasons = ("false_papers", "exam_breach", "superseded")
    told = [Event(at=DECIDED, data={**one, "reason": why}) for one, why in zip(about, reasons, strict=True)]
    told.append(Event(at=DECIDED, data={"source_type": "enrolment", "source_code": awards[2].code, "reason": "x"}))

    with unit_of_work():
        award_jobs.on_all_suspended([Event(at=DECIDED, data=one) for one in about])
    assert [one.suspended_at for one in found(awards)] == [DECIDED] * 3
    for _twice in range(2):
        with unit_of_work():
            award_jobs.on_all_revoked(told)

    withdrawn, other, standing = found(awards)
    assert [(one.state, one.reason) for one in (withdrawn, other)] == [
        (AwardState.WITHDRAWN, "false_papers"),
        (AwardState.WITHDRAWN, "exam_breach"),
    ]
    assert (standing.state, standing.suspended_at) == (AwardState.AWARDED, DECIDED)
    kinds = session.scalars(select(Event.rule).where(Event.kind == "certification.withdrawn")).all()
    assert kinds == [withdrawn.rule_pack] * 2


def found(awards: list[Award]) -> list[Award]:
    session.expire_all()
    return [session.get_one(Award, one.id) for one in awards]


def test_a_proposed_award_cannot_be_withdrawn(exam: Exam) -> None:
    award = make_award(exam)

    with pytest.raises(ConflictError), unit_of_work():
        services.withdraw_all([(award, "exam_breach")], by=None, at=DECIDED)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("state = 'awarded', decided_by_id = :who, decided_at = proposed_at", "awarded"),
        ("state = 'refused', decided_by_id = :who, decided_at = proposed_at", "reason"),
        ("decided_at = proposed_at", "decided"),
        ("valid_from = '2026-02-01', valid_until = '2026-01-01'", "period"),
    ],
)
def test_the_database_ties_columns_to_states(exam: Exam, change: str, rule: str) -> None:
    award = make_award(exam)
    who = make_member(Role.CERTIFIER).person.id
    given = {"who": who} if ":who" in change else {}

    with pytest.raises(ConflictError) as broken, unit_of_work():
        session.execute(text(f"UPDATE award SET {change}"), given)

    assert f"ck_award_{rule}" in broken.value.code
    assert award.code


def test_one_result_carries_one_award(exam: Exam) -> None:
    make_candidate(exam)
    with unit_of_work():
        (one,) = queries.passed(exam.session.code, after=0, limit=9, on=RELEASED.date())
        services.propose(one, at=RELEASED)

    with pytest.raises(ConflictError), unit_of_work():
        services.propose(one, at=RELEASED)
    assert session.scalar(select(func.count(func.distinct(AwardInvolvement.award_id)))) == 1


def test_a_page_needs_few_statements_however_many_awards_there_are(
    exam: Exam, sign_in: SignIn, count_statements: Callable[[], list[str]]
) -> None:
    for _ in range(4):
        make_candidate(exam)
    awards = propose_all(exam)
    browser = sign_in(Role.CERTIFIER, SHANDONG)
    sent = count_statements()
    for path in ("/awards", f"/awards/{awards[0].code}", "/register"):
        sent.clear()
        assert browser.get(path).status_code == 200
        spoken = [one for one in sent if one.lstrip().upper().startswith(("SELECT", "UPDATE", "INSERT", "WITH"))]
        assert len(spoken) < 12, f"{path}: {len(spoken)}"
    assert db.engine.dialect.name in {"sqlite", "postgresql"}
    assert make_office(region=NATION).body.id
