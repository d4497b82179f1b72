"""A certificate calls its level as the rule pack that defines it did when it was asked for, whatever comes later."""

import json
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.models import Organisation
from app.accounts.states import Role
from app.assessment.exams.models import Blueprint, ExamSession
from app.assessment.exams.services import certificates as exams
from app.core import jobs
from app.core.db import session, unit_of_work
from app.courses import services as courses
from app.courses.models import Cohort
from app.courses.queries import cohorts
from app.credentials import queries, services, verification
from app.credentials.models import Batch, Certificate
from app.credentials.paper.sheet import line_values
from app.credentials.rules import cose
from app.credentials.rules.openbadge import Bilingual, read_certificate
from app.credentials.services.lookups import told_of
from app.credentials.states import CertificateKind, ReissueReason, RowOutcome
from app.rulebook.models import RulePack
from tests.factories.accounts import SHANDONG, Member, make_member, make_person
from tests.factories.certification import DECIDED, RELEASED, decided, make_award, make_candidate, make_exam
from tests.factories.credentials import ISSUED_AT, Office, issue, make_batch, make_request
from tests.factories.credentials import make_office as make_issuers
from tests.factories.exams import make_cohort, make_trainee
from tests.factories.rulebook import AWARD_LEVELS, make_published

pytestmark = pytest.mark.one_database

Browser = Callable[[Member], FlaskClient]
RENAMED = Bilingual("初级技术经理人", "Junior technology manager")
AGAIN = Bilingual("一级技术经理人", "Technology manager, first grade")


def named(name: Bilingual, text: str) -> str:
    """Write a pack in which the junior level has another name."""
    assert name.en
    return text.replace("初级技术经纪人", name.zh).replace("Junior technology broker", name.en)


def issue_all(kind: CertificateKind) -> Certificate:
    office = make_issuers()
    batch = make_batch(office, kind)
    assert batch.faults == 0
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), by=office.second.actor, at=ISSUED_AT)
    jobs.work()
    session.expire_all()
    return session.scalars(select(Certificate).where(Certificate.kind == kind).order_by(Certificate.id.desc())).first()  # type: ignore[return-value]


def level_on(certificate: Certificate) -> Bilingual | None:
    """Return the name that the signed credential carries beside the code of the level."""
    return read_certificate(json.loads(certificate.credential or "")).achievement.level_name


def rename_syllabus(cohort: Cohort, name: Bilingual) -> None:
    """Let the syllabus that a cohort is pinned to call its level so, as another pack of a region would."""
    pack = session.get_one(RulePack, cohort.syllabus_pack_id)
    with unit_of_work():
        params = json.loads(named(name, json.dumps(pack.params, ensure_ascii=False)))
        another = RulePack(
            **{
                column.key: getattr(pack, column.key)
                for column in RulePack.__table__.columns
                if column.key not in {"id", "code", "series", "params"}
            },
            code="syllabus-renamed.1",
            series="syllabus-renamed",
            params=params,
        )
        session.add(another)
        session.flush()
        session.execute(update(Cohort).values(syllabus_pack_id=another.id))
        session.execute(update(Blueprint).values(syllabus_pack=another.code))
    session.expire_all()


def test_an_award_is_certified_under_the_name_of_its_pack(client: FlaskClient) -> None:
    """It stays so on every page, and when it is made anew, though a later pack renames the level again."""
    exam = make_exam()
    make_published(params=named(RENAMED, AWARD_LEVELS))
    decided(make_award(exam))
    certificate = issue_all(CertificateKind.CAPABILITY)
    make_published(params=named(AGAIN, AWARD_LEVELS), code="award-later", starts_on=date(2026, 3, 10))

    facts = read_certificate(json.loads(certificate.credential or ""))
    assert level_on(certificate) == RENAMED
    assert facts.achievement.name.zh == "初级技术经理人能力等级证书"
    assert line_values(facts)[0] == "初级技术经理人"
    shown = client.get(f"/credentials/{certificate.code}").text
    assert "初级技术经理人" in shown
    assert "初级技术经纪人" not in shown
    in_english = client.get(f"/credentials/{certificate.code}", headers={"Accept-Language": "en"}).text
    assert "Junior technology manager" in in_english
    assert verification.verify_certificate(certificate, at=DECIDED).valid

    office = make_issuers()
    with unit_of_work():
        found = session.get_one(Certificate, certificate.id)
        services.ask_reissue(found, because=ReissueReason.DATA_CORRECTED, by=office.first.actor, at=DECIDED)
    assert level_on(issue_all(CertificateKind.CAPABILITY)) == RENAMED


def test_completed_training_is_certified_under_the_name_of_the_syllabus(office: Office) -> None:
    assert office.body.id
    cohort = make_cohort(SHANDONG)
    rename_syllabus(cohort, RENAMED)
    make_trainee(cohort)
    base = make_member(Role.BASE, SHANDONG, session.get_one(Organisation, cohort.base_organisation_id))
    with unit_of_work():
        found = cohorts.cohort(cohort.code, base.actor)
        assert courses.ask_for_certificates(found, by=base.actor, at=RELEASED) == 1

    assert level_on(issue_all(CertificateKind.COURSE_COMPLETION)) == RENAMED


@pytest.mark.parametrize("syllabus", [True, False])
def test_a_passed_exam_is_certified_under_the_name_of_its_papers_syllabus(app: Flask, *, syllabus: bool) -> None:
    del app
    exam = make_exam()
    make_candidate(exam)
    if syllabus:
        rename_syllabus(exam.cohort, RENAMED)
    with unit_of_work():
        held = session.get_one(ExamSession, exam.session.id)
        exams.ask_for_certificates(held, by=exam.examiner.actor, at=RELEASED)
    jobs.work()

    assert level_on(issue_all(CertificateKind.EXAM_PASS)) == (RENAMED if syllabus else None)


def test_a_level_that_only_a_pack_knows_is_issued_and_proven(office: Office, client: FlaskClient) -> None:
    name = {"zh": "首席技术经理人", "en": "Chief technology manager"}
    certificate = issue(office, make_person(), level="chief", level_name=name)

    assert verification.verify_certificate(certificate, at=ISSUED_AT).valid
    assert "首席技术经理人" in client.get(f"/credentials/{certificate.code}").text
    assert client.get("/achievements/capability-chief").status_code == 200
    proven = cose.read_claims(cose.read_cose(cose.read_address(certificate.qr or "")).claims)
    assert (proven.level, proven.level_name) == ("chief", "首席技术经理人")
    assert "首席技术经理人" in client.post("/verify", data={"text": certificate.qr}).text


def test_lists_of_a_body_and_of_an_employer_call_it_so_too(office: Office, browser_of: Browser) -> None:
    name = {"zh": RENAMED.zh, "en": RENAMED.en}
    certificate = issue(office, make_person(), level_name=name)
    issuer = browser_of(office.first)

    assert RENAMED.zh in issuer.get("/issuing/certificates").text
    assert RENAMED.zh in issuer.get("/issuing/certificates.csv").get_data().decode("utf-8-sig")
    make_request(office, make_person(), level_name=name)
    assert RENAMED.zh in issuer.get("/issuing").text
    told = told_of(queries.certificate(certificate.code), RowOutcome.VALID)
    assert (told["level"], told["level_zh"], told["level_en"]) == ("junior", RENAMED.zh, RENAMED.en)
