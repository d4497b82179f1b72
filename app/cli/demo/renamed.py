"""A province that calls a level otherwise, a class certified under its name, and a row that was taken back."""

from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts import services as accounts
from app.accounts.models import Person
from app.accounts.states import IdentityKind, Role
from app.cli.demo.courses import invented, load_class
from app.cli.demo.criteria import publish
from app.cli.demo.moved import moved_to
from app.cli.demo.people import identity_number
from app.cli.demo.rules import FOLDER
from app.cli.demo.step import MADE_AT, ROLES_FROM, Demo, acting_as
from app.core import clock, jobs
from app.core.db import session, unit_of_work
from app.core.events import Subject
from app.courses import services as courses
from app.courses.models import Cohort, Enrolment
from app.courses.queries import cohorts
from app.credentials import queries as issuing
from app.credentials import services as credentials
from app.credentials.models import CertificateRequest
from app.credentials.states import CertificateKind
from app.rulebook import rules

# zh: a class, and what an issuer wrote
CLASS = "2026年深圳秋季初级班"
LECTURER, SERIAL = ("罗浮生", "Luo Fusheng"), 973
WRONG = "名单中等级填错：该学员结业的是初级，不是中级。"
CLASS_AT = datetime(2026, 9, 21, 9, 0, tzinfo=clock.SHANGHAI)
AT = CLASS_AT + timedelta(days=40)
SERIES, PLACES = 1500, 4
"""Which of the invented people the class has, and how many."""
KIND = CertificateKind.COURSE_COMPLETION
SYLLABUS = "syllabus-junior-sample.toml"
# zh: the syllabus as a province would publish it, for the demo
SOURCE = """[source]
title_zh = "广东省技术经理人培训大纲（样例）"
title_en = "Training syllabus for technology managers, Guangdong (sample)"
issuer_zh = "由广东省主管部门设定"
issuer_en = "To be set by the authority of Guangdong"
note_zh = "样例：演示地方规则包可以为等级另定名称；名称、学时和知识点均由主管部门设定。"
note_en = "Sample: a pack of a region may call a level otherwise; its authority sets names, class hours and topics."

"""
CHANGES = (
    ("syllabus-junior-sample", "syllabus-guangdong-sample"),
    ('region = "100000"', 'region = "440000"'),
    ("技术经理人培训大纲（初级，样例）", "广东省技术经理人培训大纲（初级，样例）"),
    ("Training syllabus for technology managers (junior, sample)", "Training syllabus, Guangdong (junior, sample)"),
    ("初级技术经纪人", "初级技术经理人"),
    ("Junior technology broker", "Junior technology manager"),
)


def load(demo: Demo) -> int:
    """Publish the syllabus, train a class under it and certify it, take a row back; once."""
    del demo
    known = session.scalar(select(Cohort.code).where(Cohort.name == CLASS)) is not None
    session.rollback()
    if known:
        return 0
    text = _syllabus()
    with unit_of_work():
        publish(text, rules.read(text))
        lecturer = _lecturer()
    load_class(CLASS, invented(SERIES, PLACES), CLASS_AT, base="base2", lecturer=lecturer)
    code = session.scalars(select(Cohort.code).where(Cohort.name == CLASS)).one()
    session.rollback()
    with moved_to(AT):
        _take_back(_asked_wrongly())
        _certify(code)
    return 2


def _lecturer() -> Person:
    """Return a lecturer of the base, who has no sign-in."""
    base = acting_as("base2")
    name, latin = LECTURER
    person = accounts.add_person(
        name=name,
        name_latin=latin,
        identity_kind=IdentityKind.RESIDENT_ID,
        identity_number=identity_number(SERIAL),
        phone=f"198{SERIAL:08d}",
        at=MADE_AT,
    )
    accounts.grant_role(
        person,
        Role.LECTURER,
        region_code=base.region_code or "",
        organisation_id=base.organisation_id,
        starts_on=ROLES_FROM,
        by=None,
        at=MADE_AT,
    )
    return person


def _syllabus() -> str:
    text = (FOLDER / SYLLABUS).read_text("utf-8")
    head, _mark, rest = text.partition("[source]")
    _source, mark, params = rest.partition("[params]")
    text = head + SOURCE + mark + params
    for before, after in CHANGES:
        text = text.replace(before, after)
    return text


def _asked_wrongly() -> str:
    """Ask for one of the class by a request file whose row says the wrong level; return the code of the request."""
    trained = select(Enrolment.person_id).join(Cohort, Cohort.id == Enrolment.cohort_id).where(Cohort.name == CLASS)
    issuer = acting_as("issuer")
    with unit_of_work():
        asked = credentials.request_certificate(
            kind=KIND,
            person_id=session.scalars(trained.order_by(Enrolment.id).limit(1)).one(),
            source=Subject("decision", "SZ-2026-10"),
            fields={"level": "intermediate", "hours": "10", "valid_from": str(AT.date())},
            body=issuing.body_of(issuer),
            by=issuer,
            at=AT,
        )
        asked.requested_by_id = issuer.person_id
        return asked.code


def _take_back(code: str) -> None:
    with unit_of_work():
        found = session.scalars(select(CertificateRequest).where(CertificateRequest.code == code)).one()
        credentials.take_back(found, reason=WRONG, by=acting_as("issuer2"), at=AT + timedelta(hours=1))


def _certify(cohort: str) -> None:
    base, first, second = acting_as("base2"), acting_as("issuer"), acting_as("issuer2")
    at = AT + timedelta(hours=2)
    with unit_of_work():
        courses.ask_for_certificates(cohorts.cohort(cohort, base), by=base, at=at)
    with unit_of_work():
        batch = credentials.prepare_batch(issuing.body_of(first), kind=KIND, by=first, at=at)
        credentials.lint_batch(batch, by=first, at=at)
    with unit_of_work():
        credentials.approve_batch(issuing.batch(batch.code, second), by=second, at=at)
    while jobs.work():
        pass
