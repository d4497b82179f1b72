"""The access log: who looked at whom is on record, shown to the person, and cannot be rewritten."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import literal, select, text, update
from sqlalchemy.exc import DatabaseError

from app.accounts.models import Person
from app.accounts.services.erasure import request_erasure
from app.accounts.states import OrganisationKind, Role
from app.cases.models import Case
from app.core import access_log, clock
from app.core.access import Actor
from app.core.access_log import AccessLook, Purpose, looked_up, write_looks
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError
from app.core.events import Subject
from app.desk.queries import looks as queries
from app.evidence.services import draw_sample
from app.evidence.states import Kind
from tests.factories.accounts import (
    GUANGDONG,
    JINAN,
    NATION,
    SHANDONG,
    Member,
    make_member,
    make_organisation,
    make_person,
)
from tests.factories.cases import make_clocks, make_complaint, make_officer, restrict
from tests.factories.certification import make_award
from tests.factories.courses import make_cohort, make_school, make_trainee
from tests.factories.evidence import AT as EVIDENCE_AT
from tests.factories.evidence import make_checker, make_declared, make_owner, publish_checks
from tests.factories.panels import AT, acting, make_expert, make_office

RECORD = Subject("people", "list")


def look(person_ids: list[int], *, by: Actor | None, purpose: Purpose, record: Subject) -> None:
    looked_up(person_ids, by=by, purpose=purpose, record=record)
    write_looks()


def looks(member: Member) -> list[tuple[str, str]]:
    page = queries.looks_at_me(member.actor)
    return [(line.viewer, str(line.purpose)) for line in page.rows]


def test_a_list_of_people_leaves_a_line_for_each_person_shown(browser_of: Callable[[Member], FlaskClient]) -> None:
    admin, seen = make_member(Role.SECADMIN, SHANDONG), make_member(Role.EXAMINER, JINAN)
    unseen = make_member(Role.EXAMINER, GUANGDONG)
    browser_of(admin).get("/people")
    assert looks(seen) == [(admin.person.name, "人员与角色管理")]
    assert looks(unseen) == looks(admin) == [], "neither who was not shown nor oneself"


@pytest.mark.parametrize("page_of", ["", "/trainees/{}/withdraw"], ids=["cohort", "withdrawal"])
def test_a_trainee_reads_which_base_looked(browser_of: Callable[[Member], FlaskClient], page_of: str) -> None:
    school = make_school()
    cohort = make_cohort(school)
    trainee, enrolment = make_trainee(school, cohort)
    browser_of(school.base).get(f"/cohorts/{cohort.code}{page_of.format(enrolment.code)}")
    page = browser_of(trainee).get("/me/looks").text
    assert school.base.person.name in page
    assert school.organisation.name_zh in page
    assert "组织培训" in page


def test_an_award_that_is_opened_leaves_a_line(browser_of: Callable[[Member], FlaskClient]) -> None:
    award = make_award()
    certifier = make_member(Role.CERTIFIER, award.region_code)
    browser_of(certifier).get(f"/awards/{award.code}")
    row = session.scalars(select(AccessLook)).one()
    assert (row.person_id, row.viewer_id, row.role) == (award.person_id, certifier.person.id, "certifier")
    assert (row.purpose, row.record_type, row.record_code) == (Purpose.CERTIFICATION, "award", award.code)


def read_of(member: Member) -> list[str]:
    return sorted({str(line.record) for line in queries.looks_at_me(member.actor).rows})


def test_evidence_that_an_officer_opens_lists_or_takes_away_leaves_a_line(
    browser_of: Callable[[Member], FlaskClient],
) -> None:
    publish_checks()
    owner, checker = make_owner(), make_checker()
    record = make_declared(Kind.CONTRACT, owner)
    for path in (f"/evidence/{record.code}", "/evidence/region", "/evidence/region.csv"):
        assert browser_of(checker).get(path).status_code == 200, path
    assert browser_of(owner).get(f"/evidence/{record.code}").status_code == 200
    assert read_of(owner) == ["业绩佐证列表", "业绩佐证记录"]
    kinds = session.scalars(select(AccessLook.record_type).order_by(AccessLook.id)).all()
    assert kinds == ["evidence", "evidence_list", "evidence_list"], "one's own record leaves none"


def test_an_expert_a_member_and_who_asks_for_erasure_read_who_looked(
    browser_of: Callable[[Member], FlaskClient], at_time: Callable[[object], None]
) -> None:
    at_time(AT)
    office = make_office()
    expert = make_expert(office)
    pool = f"/pools/{office.pool.code}"
    for path in (pool, f"{pool}/experts/{expert.code}", f"{pool}/export.csv"):
        assert browser_of(office.secretary).get(path).status_code == 200, path
    assert read_of(acting(expert)) == ["专家库专家名单", "专家库登记信息"]
    browser_of(office.secretary).get(f"/organisations/{office.organisation.slug}")
    assert "机构成员" in read_of(office.regulator)
    with unit_of_work():
        asked = request_erasure(by=office.regulator.actor, at=AT)
    browser_of(make_member(Role.SECADMIN, NATION)).get(f"/people/erasures/{asked.code}")
    assert "删除申请" in read_of(office.regulator)


def test_looks_at_a_record_that_was_joined_are_told_to_the_one_that_stays(app: Flask) -> None:
    del app
    kept, gone, admin = make_member(Role.TRAINEE), make_member(Role.TRAINEE), make_member(Role.SECADMIN, NATION)
    look([gone.person.id], by=admin.actor, purpose=Purpose.ADMINISTRATION, record=RECORD)
    assert looks(kept) == []
    with unit_of_work():
        empty = {"identity_kind": None, "identity_sealed": None, "identity_index": None}
        session.execute(
            update(Person).where(Person.id == gone.person.id).values(merged_into_id=kept.person.id, **empty)
        )
    assert looks(kept) == [(admin.person.name, "人员与角色管理")]


@pytest.mark.parametrize("role", [Role.EXPERT, Role.CHAIR, Role.MARKER, Role.ADJUDICATOR])
def test_who_judges_a_person_is_not_named_to_them_nor_found_by_name_but_to_the_auditor(
    browser_of: Callable[[Member], FlaskClient], role: Role
) -> None:
    applicant, judge = make_member(Role.TRAINEE), make_member(role, SHANDONG)
    officer, auditor = make_member(Role.SECRETARY, SHANDONG), make_member(Role.AUDITOR, SHANDONG)
    record = Subject("title_application", "a1")
    for viewer in (judge, officer):
        look([applicant.person.id], by=viewer.actor, purpose=Purpose.CERTIFICATION, record=record)

    page = browser_of(applicant).get("/me/looks").text

    assert judge.person.name not in page
    assert "不公开姓名" in page
    assert officer.person.name in page
    assert queries.looks_at_me(applicant.actor, queries.Wanted(name=judge.person.name)).total == 0
    assert queries.looks_at_me(applicant.actor, queries.Wanted(name=officer.person.name)).total == 1
    under = queries.looks_under(applicant.actor, select(literal("a1")))
    assert {line.viewer for line in under} == {"不公开姓名", officer.person.name}
    assert judge.person.name in browser_of(auditor).get("/access-log").text


def test_a_refused_page_leaves_no_line(browser_of: Callable[[Member], FlaskClient]) -> None:
    award = make_award()
    assert browser_of(make_member(Role.CERTIFIER, GUANGDONG)).get(f"/awards/{award.code}").status_code == 404
    assert session.scalars(select(AccessLook)).all() == []


def test_the_public_leaves_no_line_and_the_same_person_one_a_page(app: Flask) -> None:
    del app
    one, other = make_member(Role.EMPLOYER), make_member(Role.TRAINEE)
    look([other.person.id], by=None, purpose=Purpose.VERIFICATION, record=RECORD)
    assert looks(other) == []
    look([other.person.id, other.person.id], by=one.actor, purpose=Purpose.VERIFICATION, record=RECORD)
    assert len(looks(other)) == 1


def test_a_page_whose_line_cannot_be_written_is_not_shown(
    browser_of: Callable[[Member], FlaskClient], monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    browser = browser_of(make_member(Role.SECADMIN, SHANDONG))
    make_member(Role.EXAMINER, JINAN)

    def fail(_looks: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(access_log, "_write", fail)
    monkeypatch.setattr(app, "testing", False)
    assert browser.get("/people").status_code == 500


@pytest.mark.parametrize("statement", ["UPDATE access_look SET purpose = 'training'", "DELETE FROM access_look"])
def test_what_was_looked_at_cannot_be_rewritten(app: Flask, statement: str) -> None:
    del app
    one, other = make_member(Role.SECADMIN), make_member(Role.TRAINEE)
    look([other.person.id], by=one.actor, purpose=Purpose.ADMINISTRATION, record=RECORD)
    with pytest.raises((DatabaseError, ConflictError), match="append-only"), unit_of_work():
        session.execute(text(statement))
    assert len(looks(other)) == 1


def test_the_auditor_filters_what_was_looked_at_within_the_region(
    browser_of: Callable[[Member], FlaskClient],
) -> None:
    bureau = make_organisation(kind=OrganisationKind.AUTHORITY, name_zh="查阅单位")
    viewer, seen = make_member(Role.SECADMIN, JINAN, bureau), make_member(Role.TRAINEE)
    far = make_member(Role.SECADMIN, GUANGDONG)
    look([seen.person.id], by=viewer.actor, purpose=Purpose.ADMINISTRATION, record=RECORD)
    look([seen.person.id], by=far.actor, purpose=Purpose.SUPERVISION, record=RECORD)
    province, nation = make_member(Role.AUDITOR, SHANDONG), make_member(Role.AUDITOR, NATION)
    assert queries.looks_in_scope(province.actor).total == 1
    assert queries.looks_in_scope(nation.actor).total == 2
    supervision = queries.Wanted(purpose="supervision")
    assert queries.looks_in_scope(nation.actor, supervision).total == 1
    assert queries.looks_in_scope(nation.actor, queries.Wanted(name=viewer.person.name)).total >= 1
    assert queries.looks_in_scope(nation.actor, queries.Wanted(name="查无此人")).total == 0
    today = clock.today()
    assert queries.looks_in_scope(nation.actor, queries.Wanted(since=today, until=today)).total == 2
    assert queries.looks_in_scope(nation.actor, queries.Wanted(since=today + timedelta(days=1))).total == 0
    assert queries.looks_in_scope(nation.actor, queries.Wanted(until=today - timedelta(days=1))).total == 0
    page = browser_of(province).get("/access-log?purpose=administration").text
    assert "查阅单位" in page
    assert browser_of(viewer).get("/access-log").status_code == 403


def types_of(member: Member) -> set[str]:
    return set(session.scalars(select(AccessLook.record_type).where(AccessLook.person_id == member.person.id)))


def test_a_restriction_that_an_authority_lists_or_opens_leaves_a_line(
    browser_of: Callable[[Member], FlaskClient],
) -> None:
    barred, officer = make_member(Role.TRAINEE), make_officer(NATION)
    found = restrict("exams.sit", barred.person)
    for reader in (officer, barred):
        for path in ("/restrictions", f"/restrictions/{found.code}"):
            assert browser_of(reader).get(path).status_code == 200

    assert types_of(barred) == {"restriction", "restriction_list"}
    assert {line.viewer for line in queries.looks_at_me(barred.actor).rows} == {officer.person.name}
    assert read_of(barred) == sorted(str(queries.RECORD_LABELS[one]) for one in types_of(barred))


def test_the_authority_above_that_reads_a_case_about_somebody_leaves_a_line(
    browser_of: Callable[[Member], FlaskClient],
) -> None:
    make_clocks()
    about, above = make_member(Role.TRAINEE), make_officer(NATION)
    case = make_complaint(make_member(Role.TRAINEE).actor)
    with unit_of_work():
        session.execute(update(Case).where(Case.id == case.id).values(person_id=about.person.id))
    session.expire_all()
    assert browser_of(about).get(f"/cases/{case.code}").status_code == 200
    assert types_of(about) == set()

    assert browser_of(above).get(f"/cases/{case.code}").status_code == 200

    assert types_of(about) == {"case"}


def test_a_sample_audit_that_lists_records_leaves_a_line(browser_of: Callable[[Member], FlaskClient]) -> None:
    publish_checks()
    owner, checker = make_owner(), make_checker()
    make_declared(Kind.CONTRACT, owner)
    with unit_of_work():
        day = EVIDENCE_AT.date()
        audit = draw_sample(region_code=SHANDONG, since=day, until=day, size=1, by=checker.actor, at=EVIDENCE_AT)
    assert browser_of(checker).get(f"/evidence/audits/{audit.code}").status_code == 200

    assert types_of(owner) == {"sample_audit"}


def test_whoever_is_found_by_a_search_reads_who_searched(browser_of: Callable[[Member], FlaskClient]) -> None:
    seen = make_member(Role.EXAMINER, JINAN, person=make_person(name="司徒望舒"))
    other = make_member(Role.EXAMINER, JINAN, person=make_person(name="上官清扬"))
    admin = make_member(Role.SECADMIN, SHANDONG)
    browser = browser_of(admin)
    browser.get("/search/suggest?q=司徒")
    assert looks(seen) == [], "what is suggested while typing was not looked for"
    for path in ("/search?q=司徒望舒", "/search?q=司徒望舒&kind=accounts.person"):
        assert "司徒" in browser.get(path).text
    assert looks(seen) == [(admin.person.name, "人员与角色管理")] * 2
    assert read_of(seen) == ["检索"]
    assert looks(other) == []


def test_a_person_reads_which_security_administrator_opened_their_page(
    browser_of: Callable[[Member], FlaskClient],
) -> None:
    seen, admin = make_member(Role.EXAMINER, JINAN), make_member(Role.SECADMIN, SHANDONG)
    browser = browser_of(admin)
    for path in (f"/security/people/{seen.person.code}", f"/security/roles/{seen.membership.code}"):
        assert browser.get(path).status_code == 200
    assert read_of(seen) == ["人员页面"]


def test_a_member_reads_which_administrator_of_the_body_opened_their_role(
    browser_of: Callable[[Member], FlaskClient],
) -> None:
    body = make_organisation()
    base, seen = make_member(Role.BASE, organisation=body), make_member(Role.LECTURER, organisation=body)
    browser_of(base).get(f"/organisations/{body.slug}/members/{seen.membership.code}")
    assert read_of(seen) == ["机构成员"]
