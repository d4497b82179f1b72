"""Each room asks for the certificates of its own facts, once, and takes them back when the fact goes."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.actors import actor_of
from app.accounts.models import Person
from app.accounts.states import Role
from app.assessment.certification import continuing
from app.assessment.certification.models import Award
from app.assessment.certification.states import AwardState
from app.assessment.credit import services as credit
from app.assessment.credit.services.reports import ask_for_report
from app.assessment.titles import services as titles
from app.assessment.titles.certificates import ask_for_certificate as ask_for_title
from app.bases import services as bases
from app.bases.models import TrainingBase
from app.cases.services import end_publicity
from app.core import jobs
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Event
from app.courses.models import ClassHour, Cohort, Enrolment, Lesson
from app.credentials import paper, services
from app.credentials.models import Batch, Certificate, CertificateRequest
from app.credentials.states import CertificateKind, CertificateState, ReissueReason, RequestState, RevocationReason
from tests.factories.accounts import MADE_AT, Member, make_member
from tests.factories.bases import decide, make_accredited
from tests.factories.certification import DECIDED, decided, make_award
from tests.factories.credentials import Office, make_batch
from tests.factories.credentials import make_office as make_issuers
from tests.factories.credit import NOW, make_officers, make_packs, make_record, make_subject, rated
from tests.factories.syllabus import OWN, levels_with, publish_syllabus
from tests.factories.titles import MET_AT, fresh, make_voted
from tests.submit import submit

pytestmark = pytest.mark.one_database

Browser = Callable[[Member], FlaskClient]
TITLED_AT = datetime(2026, 5, 8, 2, 0, tzinfo=UTC)


def requests(kind: CertificateKind) -> list[CertificateRequest]:
    session.expire_all()
    query = select(CertificateRequest).where(CertificateRequest.kind == kind)
    return list(session.scalars(query.order_by(CertificateRequest.id)))


def issue_all(office: Office, kind: CertificateKind) -> list[Certificate]:
    batch = make_batch(office, kind)
    assert batch.faults == 0
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), by=office.second.actor, at=MADE_AT)
    jobs.work()
    session.expire_all()
    return list(session.scalars(select(Certificate).where(Certificate.kind == kind).order_by(Certificate.id)))


def test_an_accredited_base_gets_its_certificate_and_loses_it_when_it_leaves(office: Office) -> None:
    base = make_accredited()
    jobs.work()
    jobs.work()
    (request,) = requests(CertificateKind.ACCREDITATION)
    assert (request.organisation_id, request.state) == (base.organisation_id, RequestState.OPEN)
    assert [one["key"] for one in request.fields["entries"]][-2:] == ["address", "places"]
    (certificate,) = issue_all(office, CertificateKind.ACCREDITATION)
    assert day_of(certificate.valid_from) == base.accredited_on

    decide(session.get_one(TrainingBase, base.id), "exit")

    session.expire_all()
    gone = session.get_one(Certificate, certificate.id)
    assert (gone.state, gone.revoked_for) == (CertificateState.REVOKED, RevocationReason.ACCREDITATION_ENDED)
    assert gone.revocation_note == "依据核查：exit"


def test_a_base_that_left_before_it_was_certified_is_not(office: Office) -> None:
    base = make_accredited()
    decide(session.get_one(TrainingBase, base.id), "exit")
    jobs.work()
    assert requests(CertificateKind.ACCREDITATION) == []
    assert office.body.id


def test_the_certificate_of_a_new_period_replaces_the_earlier_one(office: Office) -> None:
    base = make_accredited()
    jobs.work()
    issue_all(office, CertificateKind.ACCREDITATION)
    regulator = make_member(Role.REGULATOR, f"{base.region_code[:2]}0000")
    with unit_of_work():
        bases.accredit(
            session.get_one(TrainingBase, base.id),
            starts_on=date(2027, 1, 1),
            ends_on=date(2029, 12, 31),
            reason="续期。",
            by=regulator.actor,
            at=MADE_AT + timedelta(days=1),
        )
    jobs.work()

    old, new = issue_all(office, CertificateKind.ACCREDITATION)

    assert (old.state, old.revoked_for) == (CertificateState.REVOKED, RevocationReason.SUPERSEDED)
    assert new.state is CertificateState.PUBLISHED
    assert day_of(new.valid_from) == date(2027, 1, 1)


@pytest.fixture
def officers(office: Office) -> tuple[Member, Member]:
    assert office.body.id
    made = make_officers()
    make_packs()
    return made


def test_a_person_asks_for_their_credit_report_once_while_it_stands(
    officers: tuple[Member, Member], office: Office
) -> None:
    subject = make_subject()
    make_record(subject.person, officers)
    rating = rated(subject.person, officers[0])
    with unit_of_work():
        first = ask_for_report(rating, by=subject.actor, at=NOW)
        again = ask_for_report(rating, by=subject.actor, at=NOW + timedelta(minutes=5))
        with pytest.raises(ForbiddenError):
            ask_for_report(rating, by=officers[0].actor, at=NOW)
    assert first.id == again.id
    assert {one["key"]: one["value"] for one in first.fields["entries"]}["grade"] == rating.grade
    (certificate,) = issue_all(office, CertificateKind.CREDIT_REPORT)
    assert certificate.valid_until is not None

    later = certificate.valid_until + timedelta(days=1)
    with unit_of_work():
        third = ask_for_report(rating, by=subject.actor, at=later)
    assert third.id != first.id
    newer = rated(subject.person, officers[0], at=NOW + timedelta(days=2))
    with pytest.raises(ConflictError), unit_of_work():
        ask_for_report(rating, by=subject.actor, at=later)
    assert newer.id != rating.id


def test_a_withdrawn_record_takes_the_reports_back(officers: tuple[Member, Member], office: Office) -> None:
    subject = make_subject()
    record = make_record(subject.person, officers)
    rating = rated(subject.person, officers[0])
    with unit_of_work():
        ask_for_report(rating, by=subject.actor, at=NOW)
    issue_all(office, CertificateKind.CREDIT_REPORT)

    with unit_of_work():
        credit.withdraw(session.merge(record), reason="申诉成立", by=officers[0].actor, at=NOW)

    session.expire_all()
    gone = session.scalars(select(Certificate)).one()
    assert (gone.state, gone.revoked_for) == (CertificateState.REVOKED, RevocationReason.FACT_CORRECTED)


def test_the_credit_page_offers_the_report(
    officers: tuple[Member, Member], browser_of: Browser, at_time: Callable[[datetime], None]
) -> None:
    at_time(NOW)
    subject = make_subject()
    browser = browser_of(subject)
    page = "/credit/mine"
    assert "申请信用报告" not in browser.get(page).text
    assert submit(browser, "/credit/mine/report", page="/me").status_code == 404
    make_record(subject.person, officers)
    rated(subject.person, officers[0])
    assert "申请信用报告" in browser.get(page).text

    assert submit(browser, "/credit/mine/report", page=page).location.endswith(page)

    assert "发证机构办理" in browser.get(page).text
    assert len(requests(CertificateKind.CREDIT_REPORT)) == 1


_lessons = count(1)


def study(enrolment_id: int, module: str, hours: str, at: datetime) -> None:
    """Let the class hours of one more lesson be collected."""
    with unit_of_work():
        cohort = select(Cohort.course_id).join(Enrolment, Enrolment.cohort_id == Cohort.id)
        number = next(_lessons)
        lesson = Lesson(
            course_id=session.scalars(cohort.where(Enrolment.id == enrolment_id)).one(),
            code=f"X{number:02}",
            position=100 + number,
            module=module,
            hours=Decimal(hours),
            title_zh="续学课",
            title_en="Further lesson",
            minimum_minutes=0,
            objectives=[],
            body="",
            content_hash="x",
            quiz=[],
            sources=[],
        )
        session.add(lesson)
        session.flush()
        hour = ClassHour(enrolment_id=enrolment_id, lesson_id=lesson.id, module=module, hours=Decimal(hours), at=at)
        session.add(hour)


def holder_of(award: Award) -> Actor:
    return actor_of(session.get_one(Person, award.person_id), None)


def test_a_transcript_counts_the_hours_of_a_year_after_the_award(office: Office) -> None:
    award = decided(make_award())
    actor = holder_of(award)
    assert continuing.years(actor) == []
    with pytest.raises(InvalidError), unit_of_work():
        continuing.ask_for_transcript(2026, by=actor, at=DECIDED)
    study(award.enrolment_id, "policy", "4.5", DECIDED - timedelta(hours=1))
    study(award.enrolment_id, "policy", "3", DECIDED + timedelta(days=2))
    study(award.enrolment_id, "practice", "2.5", DECIDED + timedelta(days=3))

    (year,) = continuing.years(actor)
    assert (year.total, year.hours) == (Decimal("5.5"), {"policy": Decimal(3), "practice": Decimal("2.5")})
    with unit_of_work():
        first = continuing.ask_for_transcript(year.year, by=actor, at=DECIDED + timedelta(days=4))
        again = continuing.ask_for_transcript(year.year, by=actor, at=DECIDED + timedelta(days=5))
    assert first.id == again.id
    (certificate,) = issue_all(office, CertificateKind.CONTINUING_EDUCATION)
    assert [one["value"] for one in certificate.fields["entries"]] == ["3", "2.5"]
    study(award.enrolment_id, "general", "1", DECIDED + timedelta(days=6))
    with unit_of_work():
        more = continuing.ask_for_transcript(year.year, by=actor, at=DECIDED + timedelta(days=7))
    assert more.id != first.id


@pytest.mark.one_database
def test_a_module_that_is_not_national_is_called_as_the_syllabus_of_its_hours_calls_it(
    office: Office, browser_of: Browser
) -> None:
    del office
    award = decided(make_award())
    pack = publish_syllabus(levels_with(OWN))
    with unit_of_work():
        session.execute(update(Cohort).values(syllabus_pack_id=pack.id))
    study(award.enrolment_id, OWN["code"], "2", DECIDED + timedelta(days=2))
    study(award.enrolment_id, "policy", "3", DECIDED + timedelta(days=3))
    publish_syllabus(levels_with({**OWN, "name_zh": "后来的名称"}), revision=2)

    holder = make_member(Role.TRAINEE, person=session.get_one(Person, award.person_id))
    page = browser_of(holder).get("/my/awards").text
    with unit_of_work():
        made = continuing.ask_for_transcript(2026, by=holder_of(award), at=DECIDED + timedelta(days=4))

    labels = [one["label"] for one in made.fields["entries"]]
    assert labels == [{"zh": "政策法规", "en": "Policy and law"}, {"zh": OWN["name_zh"], "en": OWN["name_en"]}]
    assert OWN["name_zh"] in page
    assert OWN["code"] not in page


def asked_for_transcript(award: Award, *, hours: str = "3") -> CertificateRequest:
    """Let the holder of a level ask for a transcript of what they learned since."""
    study(award.enrolment_id, "policy", hours, DECIDED + timedelta(days=2))
    with unit_of_work():
        return continuing.ask_for_transcript(2026, by=holder_of(award), at=DECIDED + timedelta(days=3))


def approved(office: Office) -> Batch:
    batch = make_batch(office, CertificateKind.CONTINUING_EDUCATION)
    assert batch.faults == 0
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), by=office.second.actor, at=MADE_AT)
    return batch


def test_a_transcript_of_other_hours_than_the_courses_count_is_a_fault_of_its_row(
    office: Office, browser_of: Browser
) -> None:
    wrong, right = decided(make_award()), decided(make_award())
    for award in (wrong, right):
        asked_for_transcript(award)
    study(wrong.enrolment_id, "practice", "1.5", DECIDED + timedelta(days=4))

    batch = make_batch(office, CertificateKind.CONTINUING_EDUCATION)

    assert batch.faults == 1
    found = {one.person_id: one.findings for one in requests(CertificateKind.CONTINUING_EDUCATION)}
    assert found[right.person_id] == []
    assert found[wrong.person_id] == [{"code": "fact-hours", "params": {"said": "3", "hours": "4.5"}}]
    page = browser_of(office.second).get(f"/issuing/batches/{batch.code}").text
    assert "课程记录现为" in page


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"hours": "300"}, "fact-hours"),
        ({"entries": []}, "fact-values"),
        ({"words": {"year": {"zh": "2025", "en": "2025"}}}, "fact-values"),
    ],
)
def test_what_a_transcript_says_is_what_the_courses_count(
    office: Office, changes: dict[str, object], code: str
) -> None:
    made = asked_for_transcript(decided(make_award()))
    with unit_of_work():
        session.get_one(CertificateRequest, made.id).fields = {**made.fields, **changes}

    make_batch(office, CertificateKind.CONTINUING_EDUCATION)

    (found,) = requests(CertificateKind.CONTINUING_EDUCATION)
    assert [one["code"] for one in found.findings] == [code]


def test_a_transcript_whose_hours_changed_since_the_approval_is_not_signed_and_is_asked_for_anew(
    office: Office,
) -> None:
    award = decided(make_award())
    first = asked_for_transcript(award)
    approved(office)
    study(award.enrolment_id, "practice", "1.5", DECIDED + timedelta(days=4))

    jobs.work()

    (waits,) = requests(CertificateKind.CONTINUING_EDUCATION)
    assert (waits.state, [one["code"] for one in waits.findings]) == (RequestState.OPEN, ["fact-hours"])
    with unit_of_work():
        continuing.ask_for_transcript(2026, by=holder_of(award), at=DECIDED + timedelta(days=5))
    old, new = requests(CertificateKind.CONTINUING_EDUCATION)
    assert (old.id, old.state, old.withdrawn_for) == (first.id, RequestState.WITHDRAWN, RevocationReason.SUPERSEDED)
    (certificate,) = issue_all(office, CertificateKind.CONTINUING_EDUCATION)
    assert (certificate.request_id, certificate.fields["hours"]) == (new.id, "4.50")


def test_without_a_level_that_stands_no_transcript_is_signed(office: Office) -> None:
    award = decided(make_award())
    asked_for_transcript(award)
    approved(office)
    with unit_of_work():
        session.execute(update(Award).where(Award.id == award.id).values(state=AwardState.WITHDRAWN, reason="x"))

    jobs.work()

    (waits,) = requests(CertificateKind.CONTINUING_EDUCATION)
    assert [one["code"] for one in waits.findings] == ["fact-ended"]


@pytest.mark.parametrize(
    ("corrected", "found"), [({}, []), ({"hours": "3.5"}, ["fact-hours"]), ({"hours": "4.5"}, ["fact-values"])]
)
def test_a_transcript_made_anew_says_what_was_certified_unless_it_is_corrected(
    office: Office, corrected: dict[str, str], found: list[str]
) -> None:
    award = decided(make_award())
    asked_for_transcript(award)
    (certificate,) = issue_all(office, CertificateKind.CONTINUING_EDUCATION)
    study(award.enrolment_id, "practice", "1.5", DECIDED + timedelta(days=4))
    with unit_of_work():
        again = services.ask_reissue(
            session.get_one(Certificate, certificate.id),
            because=ReissueReason.DATA_CORRECTED if corrected else ReissueReason.KEY_REPLACED,
            corrected=corrected,
            by=office.first.actor,
            at=MADE_AT + timedelta(days=365),
        )

    make_batch(office, CertificateKind.CONTINUING_EDUCATION)

    assert [one["code"] for one in session.get_one(CertificateRequest, again.id).findings] == found


def test_who_holds_no_level_has_no_continuing_education(app: Flask) -> None:
    del app
    assert continuing.years(make_member(Role.TRAINEE).actor) == []


def test_a_confirmed_title_asks_for_its_certificate_once(
    app: Flask, at_time: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    del app
    monkeypatch.setattr(paper, "available", lambda: False)
    at_time(MET_AT)
    scene, who, one = make_voted()
    jobs.work()
    with unit_of_work():
        end_publicity(at=TITLED_AT)
    office = make_issuers(slug="title-issuers")
    with unit_of_work():
        award = titles.confirm_title(fresh(one), by=scene.regulator.actor, at=TITLED_AT)
    jobs.work()

    (request,) = requests(CertificateKind.TITLE)
    assert (request.person_id, request.source_code, request.body_id) == (who.person.id, award.code, office.body.id)
    assert request.fields["number"] == award.number
    assert request.fields["words"]["title"] == {"zh": award.title_zh, "en": award.title_en}
    confirmed = session.scalars(select(Event).where(Event.kind == "titles.confirmed")).one()
    with unit_of_work():
        ask_for_title(confirmed)
    assert len(requests(CertificateKind.TITLE)) == 1
    (certificate,) = issue_all(office, CertificateKind.TITLE)
    assert (certificate.number, certificate.valid_until) == (award.number, None)
