"""What the rooms of certificates, credit, cases and meetings let people find, and whom they do not."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Person
from app.accounts.states import Role
from app.cases import services as cases
from app.cases.declared import COMPLAINT, LEAD
from app.cases.queries.cases import by_code as case_of
from app.cases.services.cases import Filing
from app.core.access import Actor
from app.core.db import session, unit_of_work
from app.core.events import Subject
from app.credentials import services as credentials
from app.credentials.models import Certificate
from app.credentials.states import RevocationReason
from app.desk.kinds import DocumentKind
from app.desk.models import SearchDocument
from app.desk.queries import search as queries
from app.desk.queries.documents import document_kinds
from app.desk.services import documents
from app.panels.models.meetings import Meeting
from app.panels.services import committees, meetings
from app.panels.services.draws import CaseGiven
from tests.factories import cases as complaints
from tests.factories import credentials as offices
from tests.factories import credit
from tests.factories import panels as making
from tests.factories.accounts import GUANGDONG, JINAN, SHANDONG, Member, make_member, make_organisation, make_person

pytestmark = pytest.mark.one_database

NAME = "司徒望舒"
TYPED = (NAME, "situwangshu", "stws", "司徒望书")
CERTIFICATE, RECORD, CASE, MEETING = "credentials.certificate", "credit.record", "cases.case", "panels.meeting"


def found(actor: Actor | None, typed: str, kind: str) -> list[str]:
    return [hit.url for hit in queries.search_kind(actor, typed, kind).rows]


def counted(actor: Actor | None, typed: str) -> int:
    return queries.search(actor, typed).total


def kind(name: str) -> DocumentKind:
    return document_kinds()[name]


def erased(person: Person, name: str, code: str) -> int:
    """Erase a person and return how many documents of their record are left."""
    with unit_of_work():
        held = session.get_one(Person, person.id)
        held.erased_at, held.data_key = complaints.NOW, None
        documents.refresh(name, [code])
    kept = select(func.count()).select_from(SearchDocument).where(SearchDocument.subject_code == code)
    return session.scalar(kept) or 0


@pytest.fixture(autouse=True)
def _day(app: Flask, at_time: Callable[[datetime], None]) -> None:
    del app
    at_time(complaints.NOW)


def certificate(person: Person, **changes: object) -> tuple[offices.Office, Certificate]:
    office = offices.make_office()
    return office, offices.issue(office, person, **changes)


def test_a_certificate_is_found_by_its_holder_and_its_issuers_and_by_nobody_else() -> None:
    holder = make_member(Role.TRAINEE, JINAN, person=make_person(name=NAME))
    office, made = certificate(holder.person, number="JJC372026009901E")
    url = [f"/credentials/{made.code}"]

    for actor in (holder.actor, office.first.actor):
        for typed in (*TYPED, made.number or "", made.code):
            assert found(actor, typed, CERTIFICATE) == url, typed
    other = offices.make_office(slug="other-centre", platform=False, region=GUANGDONG)
    strangers = (
        other.first.actor,
        make_member(Role.TRAINEE, JINAN).actor,
        make_member(Role.REGULATOR, SHANDONG).actor,
        make_member(Role.EMPLOYER, JINAN, make_organisation(region=JINAN)).actor,
        None,
    )
    for stranger in strangers:
        assert not any(found(stranger, typed, CERTIFICATE) for typed in (*TYPED, made.number or "", made.code))
        assert counted(stranger, NAME) == 0


def test_a_revoked_certificate_is_found_as_such_and_one_of_an_erased_holder_no_more() -> None:
    holder = make_member(Role.TRAINEE, JINAN, person=make_person(name=NAME))
    office, made = certificate(holder.person)
    with unit_of_work():
        credentials.revoke(
            session.get_one(Certificate, made.id),
            reason=RevocationReason.ISSUED_IN_ERROR,
            note="",
            by=office.first.actor,
            at=complaints.NOW,
        )

    assert found(office.first.actor, f"{NAME} revoked", CERTIFICATE) == [f"/credentials/{made.code}"]
    assert erased(holder.person, CERTIFICATE, made.code) == 0
    assert found(office.first.actor, NAME, CERTIFICATE) == []


def test_a_credit_record_is_found_by_the_officers_of_its_region_and_once_confirmed_by_its_person() -> None:
    credit.make_packs()
    officers = credit.make_officers()
    subject = make_member(Role.TRAINEE, SHANDONG, person=make_person(name=NAME))
    made = credit.entered(subject.person, officers[0])
    url = [f"/credit/records/{made.code}"]

    assert found(officers[1].actor, NAME, RECORD) == url
    assert found(subject.actor, NAME, RECORD) == [], "it is not known before a second officer confirmed it"
    credit.confirmed(made, officers[1])

    for typed in (*TYPED, "提供虚假合同"):
        assert found(officers[0].actor, typed, RECORD) == url, typed
    assert found(subject.actor, NAME, RECORD) == url
    strangers = (
        make_member(Role.CREDIT, GUANGDONG).actor,
        make_member(Role.TRAINEE, SHANDONG).actor,
        make_member(Role.BASE, SHANDONG, make_organisation()).actor,
        None,
    )
    for stranger in strangers:
        assert not any(found(stranger, typed, RECORD) for typed in TYPED)
        assert counted(stranger, NAME) == 0
    assert erased(subject.person, RECORD, made.code) == 0


def test_an_open_case_is_found_by_its_parties_and_its_authority() -> None:
    complaints.make_clocks()
    body = make_organisation(name_zh="岱宗培训基地", name_en="Daizong base", region=JINAN)
    author = make_member(Role.TRAINEE, JINAN)
    made = complaints.make_complaint(author.actor, body)
    url = [f"/cases/{made.code}"]

    parties = (author, make_member(Role.BASE, JINAN, body), complaints.make_officer(SHANDONG))
    for one in parties:
        for typed in ("岱宗培训基地", "daizong", "dzpx", "岱宗培川基地"):
            assert found(one.actor, typed, CASE) == url, typed
    strangers = (
        make_member(Role.TRAINEE, JINAN).actor,
        make_member(Role.BASE, JINAN, make_organisation(region=JINAN)).actor,
        complaints.make_officer(GUANGDONG).actor,
        make_member(Role.EXAMINER, SHANDONG).actor,
        None,
    )
    for stranger in strangers:
        assert found(stranger, "岱宗培训基地", CASE) == []


@pytest.mark.parametrize("anonymous", [False, True])
def test_who_raised_a_protected_case_stands_in_no_document(anonymous: bool) -> None:
    notice = complaints.make_publicity()
    author = make_member(Role.TRAINEE, SHANDONG, person=make_person(name=NAME))
    made = (
        complaints.make_objection(notice, None, kind=LEAD)
        if anonymous
        else complaints.make_objection(notice, author.actor)
    )

    row = session.scalars(select(SearchDocument).where(SearchDocument.subject_code == made.code)).one()
    assert author.person.id not in [key for _realm, key in row.scopes]
    assert NAME not in f"{row.title_zh}{row.words}"
    assert found(author.actor, "认定公示", CASE) == [], "the author finds it among their own cases"
    assert found(complaints.make_officer(SHANDONG).actor, "认定公示", CASE) == [f"/cases/{made.code}"]
    assert found(complaints.make_officer(GUANGDONG).actor, "认定公示", CASE) == []


def test_a_draft_is_nobody_s_to_find() -> None:
    complaints.make_clocks()
    body, author = make_organisation(name_zh="昆仑培训基地"), make_member(Role.TRAINEE, SHANDONG)
    with unit_of_work():
        draft = cases.keep_draft(COMPLAINT, body.slug, Filing("未写完"), by=author.actor, at=complaints.NOW)
        documents.refresh(CASE, [draft.code])
    assert found(author.actor, "昆仑培训基地", CASE) == []
    assert kind(CASE).every(0, 50) == []
    with unit_of_work():
        cases.raise_draft(case_of(draft.code), by=author.actor, at=complaints.NOW)
    assert found(author.actor, "昆仑培训基地", CASE) == [f"/cases/{draft.code}"]


def called(office: making.Office, members: int = 5) -> tuple[Meeting, list[Member]]:
    """Call a meeting of a filed committee; return it with its members as they act."""
    experts = making.make_experts(office, members)
    committee = making.file_committee(making.make_committee(office, experts), office)
    with unit_of_work():
        made = meetings.call(
            committee,
            name_zh="泰山评审会议",
            name_en="Taishan meeting",
            place="济南市历下区",
            starts_at=making.AT + timedelta(days=7),
            by=office.secretary.actor,
            at=making.AT,
        )
    return made, [making.acting(one) for one in experts[1:]]


def test_a_meeting_is_found_by_its_office_its_members_and_who_oversees_it() -> None:
    office = making.make_office()
    made, members = called(office)
    url = [f"/meetings/{made.code}"]

    for one in (office.secretary, office.regulator, office.supervisor, members[0]):
        for typed in ("泰山评审会议", "taishan", "tsps", "泰山评申会议"):
            assert found(one.actor, typed, MEETING) == url, typed
    neighbour = make_organisation(region=SHANDONG)
    strangers = (
        make_member(Role.SECRETARY, SHANDONG, neighbour).actor,
        make_member(Role.SECRETARY, GUANGDONG, make_organisation(region=GUANGDONG)).actor,
        make_member(Role.REGULATOR, GUANGDONG).actor,
        make_member(Role.EXPERT, SHANDONG).actor,
        make_member(Role.TRAINEE, SHANDONG).actor,
        None,
    )
    for stranger in strangers:
        assert found(stranger, "泰山评审会议", MEETING) == []
        assert counted(stranger, "泰山评审会议") == 0


def test_who_left_the_committee_finds_its_meeting_no_more_and_who_came_does() -> None:
    office = making.make_office()
    made, members = called(office)
    newcomer = making.make_expert(office)
    with unit_of_work():
        kept = session.get_one(Meeting, made.id)
        committees.renew(kept.committee, by=office.secretary.actor, at=making.AT)
        committees.set_members(kept.committee, [newcomer], chair=newcomer, by=office.secretary.actor, at=making.AT)

    assert found(making.acting(newcomer).actor, "泰山评审会议", MEETING) == [f"/meetings/{made.code}"]
    assert found(members[0].actor, "泰山评审会议", MEETING) == []


def test_what_stands_on_the_agenda_is_in_no_document() -> None:
    office = making.make_office()
    made, _members = called(office)
    with unit_of_work():
        kept = session.get_one(Meeting, made.id)
        given = CaseGiven(Subject("test_record", "agenda-1"), f"{NAME}的申报", "Application")
        meetings.add_item(kept, given, by=office.secretary.actor, at=making.AT)
        documents.refresh(MEETING, [made.code])

    row = session.scalars(select(SearchDocument).where(SearchDocument.subject_code == made.code)).one()
    assert NAME not in f"{row.title_zh}{row.words}"
    assert found(office.secretary.actor, NAME, MEETING) == []


@pytest.mark.parametrize("name", [CERTIFICATE, RECORD, CASE, MEETING])
def test_a_reindex_makes_the_same_documents(name: str) -> None:
    credit.make_packs()
    officers = credit.make_officers()
    credit.make_record(credit.make_subject().person, officers)
    certificate(make_person())
    complaints.make_objection(complaints.make_publicity(), make_member(Role.TRAINEE, SHANDONG).actor)
    called(making.make_office())
    codes = [code for _key, code in kind(name).every(0, 50)]
    before = session.scalars(select(SearchDocument.subject_code).where(SearchDocument.kind == name)).all()
    assert codes
    assert sorted(before) == sorted(codes), "what happened has indexed every one of them"
    assert {one.subject.code for one in kind(name).of(codes)} == set(codes)
    assert all({scope.form for scope in one.scopes} <= set(kind(name).forms) for one in kind(name).of(codes))
    assert kind(name).every(10**9, 50) == []
