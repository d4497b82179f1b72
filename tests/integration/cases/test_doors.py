"""A restriction is asked about at every door that declares it, and lifted everywhere at once."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.accounts.models import Membership, Person
from app.accounts.states import Role
from app.assessment.titles import services as title_services
from app.bases import services as bases
from app.cases.queries.kinds import restriction_kinds
from app.cases.queries.restrictions import in_force, refuse_if_restricted
from app.core import events
from app.core.clock import day_of
from app.core.columns import JsonObject
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Event, Subject
from app.core.files import StoredFile
from app.courses import services as courses
from app.courses.models import Enrolment
from app.courses.queries import cohorts as cohort_queries
from app.courses.queries import rosters
from app.courses.services import enrolments
from app.credentials import services as credentials
from app.credentials.models import Batch
from app.credentials.states import CertificateKind
from app.items.models import ItemImport
from app.items.rules import files as item_files
from app.items.states import FileKind
from app.panels.services import pools
from app.panels.services.draws import eligible
from app.panels.services.pools import Profile
from app.panels.states import Field, Title
from tests.factories import certification, exams, panels, titles
from tests.factories import courses as schools
from tests.factories import credentials as offices
from tests.factories import items as banks
from tests.factories import marking as written
from tests.factories.accounts import MADE_AT, SHANDONG, make_member, make_organisation, make_person
from tests.factories.cases import days, lift, make_officer, restrict
from tests.factories.doors import DOORS, Door, door
from tests.factories.serving import named_together, sitting_member
from tests.submit import submit


@door("accounts.membership")
def role() -> Door:
    person = make_person()
    return person, lambda: make_member(Role.LECTURER, person=person), MADE_AT


@door("courses.enrol")
def enrolment() -> Door:
    school = schools.make_school()
    cohort = schools.make_cohort(school)
    person = make_person()

    def invite() -> object:
        with unit_of_work():
            found = cohort_queries.own_cohort(cohort.code, school.base.actor)
            return enrolments.invite(found, person, employer=None, by=school.base.actor, at=schools.BEFORE)

    return person, invite, schools.BEFORE


@door("courses.open_cohort")
def cohort() -> Door:
    school = schools.make_school()
    planned = schools.make_cohort(school, opened=False)

    def open_it() -> None:
        with unit_of_work():
            found = cohort_queries.own_cohort(planned.code, school.base.actor)
            courses.open_cohort(found, by=school.base.actor, at=schools.BEFORE)

    return school.organisation, open_it, schools.BEFORE


@door("exams.sit")
def sitting() -> Door:
    house = exams.make_house()
    _session, (trainee,) = exams.make_prepared(house)
    return trainee.person, lambda: exams.start(trainee), exams.OPENS


@door("exams.mark")
def marking() -> Door:
    made = written.make_written()
    written.add_seeds(made, made.essay)
    return made.one.person, lambda: written.claim(made.essay, made.one), written.AFTER


@door("certification.award")
def award() -> Door:
    offices.make_office()
    proposed = certification.make_award()
    person = session.get_one(Person, proposed.person_id)
    return person, lambda: certification.decided(proposed), certification.DECIDED


@door("credentials.issue")
def certificate() -> Door:
    office = offices.make_office()
    person = make_person()
    offices.make_request(office, person)
    return person, lambda: offices.make_batch(office), offices.ISSUED_AT


@door("credentials.issue_to_organisation")
def accreditation() -> Door:
    office, base = offices.make_office(), make_organisation(slug="holder-base")
    words = {"levels": {"zh": "初级", "en": "junior"}}
    given = {"valid_from": "2026-06-01", "words": words}
    with unit_of_work():
        credentials.request_certificate(
            kind=CertificateKind.ACCREDITATION,
            organisation_id=base.id,
            source=Subject("sample", "s-1"),
            fields=given,
            body=session.merge(office.body),
            by=None,
            at=offices.ISSUED_AT,
        )
    return base, lambda: offices.make_batch(office, CertificateKind.ACCREDITATION), offices.ISSUED_AT


def test_every_declared_restriction_has_its_door_in_this_test(app: Flask) -> None:
    del app
    assert {name.split()[0] for name in DOORS} == set(restriction_kinds())


def test_whoever_may_not_serve_is_refused_wherever_experts_are_set_to_work_or_work(app: Flask) -> None:
    del app
    assert {name for name in DOORS if name.startswith("panels.serve ")} == {
        "panels.serve set_members",
        "panels.serve file",
        "panels.serve call_meeting",
        "panels.serve attend",
        "panels.serve open_round",
        "panels.serve submit",
        "panels.serve ask_correction",
        "panels.serve call_ballot",
        "panels.serve cast",
        "panels.serve appoint_proxy",
        "panels.serve join",
        "panels.serve deal",
        "panels.serve confirm",
        "panels.serve complain",
        "panels.serve restart",
        "panels.serve open_vote",
        "panels.serve close_vote",
        "panels.serve call_off",
        "panels.serve hand_in",
        "panels.serve sign",
        "panels.serve decide_correction",
    }


@door("titles.apply")
def title() -> Door:
    scene, applicant = titles.make_open(), titles.make_applicant()

    def apply() -> None:
        with unit_of_work():
            title_services.start(scene.round, by=applicant.actor, at=titles.AT)

    return applicant.person, apply, titles.AT


@door("panels.serve")
def expert() -> Door:
    office, person = panels.make_office(), make_person()
    profile = Profile(Field.LAW, Title.SENIOR, "齐州研究院", SHANDONG)

    def nominate() -> None:
        with unit_of_work():
            pools.nominate(office.pool, person, profile, by=office.secretary.actor, at=panels.AT)

    return person, nominate, panels.AT


@door("bases.apply")
def application() -> Door:
    body = make_organisation()
    words = {"address_zh": "济南市历下区1号", "address_en": "1 Lixia, Jinan"}

    def apply() -> None:
        with unit_of_work():
            bases.apply(body, levels=["junior"], **words, capacity=60, by=None, at=MADE_AT)

    return body, apply, MADE_AT


def test_an_expert_who_may_no_longer_serve_is_neither_admitted_nor_drawn(app: Flask) -> None:
    del app
    office = panels.make_office()
    first, *others = panels.make_experts(office, 3)
    planned = panels.make_panel(office)
    restrict("panels.serve", first.person)
    assert {one.code for one in eligible(planned, at=panels.AT)} == {one.code for one in others}


@pytest.mark.parametrize("name", DOORS)
def test_a_restricted_subject_is_refused_at_the_door_and_let_in_after_the_lifting(app: Flask, name: str) -> None:
    del app
    whom, act, at = DOORS[name]()
    found = restrict(name.split(maxsplit=1)[0], whom)

    with pytest.raises(ForbiddenError) as refused:
        act()
    said = str(refused.value)
    lift(found, on=day_of(at), at=at)
    act()

    assert refused.value.code == "restricted"
    assert "提供虚假材料" in said
    assert found.code in said
    assert "鲁科认〔2026〕3号" in said


@pytest.mark.parametrize("name", ["set_members", "file", "call_meeting", "open_round", "call_ballot"])
def test_an_office_that_sets_experts_to_work_reads_who_of_them_may_not_serve(app: Flask, name: str) -> None:
    del app
    people, act = named_together(name)
    for one in people:
        restrict("panels.serve", one)

    with pytest.raises(ForbiddenError) as refused:
        act()

    for one in people:
        assert f"{one.name}：" in str(refused.value)
    assert "请去掉上述人员" in str(refused.value)


def test_a_restricted_member_leaves_the_meeting_at_once_and_comes_in_no_more(app: Flask) -> None:
    del app
    member, pass_through = sitting_member()
    pass_through(entering=True)
    restrict("panels.serve", member)

    with pytest.raises(ConflictError):
        pass_through(entering=False)
    with pytest.raises(ForbiddenError):
        pass_through(entering=True)


@pytest.mark.parametrize("kind", ["courses.enrol", "exams.sit"])
def test_a_restriction_holds_from_its_first_to_its_last_day_only(app: Flask, kind: str) -> None:
    del app
    person = make_person()
    restrict(kind, person, starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 31))

    def holds(day: date) -> bool:
        return bool(in_force(kind, person_id=person.id, on=day))

    assert [holds(date(2026, 3, 1)), holds(date(2026, 3, 2)), holds(date(2026, 3, 31)), holds(date(2026, 4, 1))] == [
        False,
        True,
        True,
        False,
    ]


def test_the_refusal_names_the_last_day_and_who_can_change_it(app: Flask) -> None:
    del app
    person = make_person()
    restrict("exams.sit", person, region=SHANDONG, ends_on=date(2026, 12, 31))

    with pytest.raises(ForbiddenError) as refused:
        refuse_if_restricted("exams.sit", person_id=person.id, on=date(2026, 3, 2))

    assert "2026年12月31日" in str(refused.value)
    assert "山东省" in str(refused.value)


def test_another_restriction_does_not_close_this_door(app: Flask) -> None:
    del app
    person = make_person()
    restrict("exams.sit", person)

    refuse_if_restricted("courses.enrol", person_id=person.id, on=date(2026, 3, 2))


def test_the_others_of_a_batch_do_not_wait_for_a_restricted_person(app: Flask) -> None:
    del app
    office = offices.make_office()
    barred, free = make_person(), make_person()
    offices.make_request(office, barred)
    offices.make_request(office, free)
    restrict("credentials.issue", barred)

    batch = offices.make_batch(office)

    assert batch.size == 1


def test_a_batch_with_a_person_restricted_meanwhile_is_not_approved(app: Flask) -> None:
    del app
    office = offices.make_office()
    person = make_person()
    offices.make_request(office, person)
    batch = offices.make_batch(office)
    restrict("credentials.issue", person)

    with pytest.raises(ForbiddenError), unit_of_work():
        credentials.approve_batch(
            session.get_one(Batch, batch.id), vouched=True, by=office.second.actor, at=offices.ISSUED_AT
        )


def test_a_restricted_candidate_is_not_registered_and_the_list_says_by_which_decision(
    app: Flask, browser_of: Callable[..., FlaskClient]
) -> None:
    del app
    house = exams.make_house()
    planned = exams.make_session(house)
    trainee = exams.make_trainee(exams.make_cohort())
    other = exams.make_trainee(exams.make_cohort())
    restrict("exams.sit", trainee.person)

    exams.prepare(house, planned)
    page = browser_of(house.examiner).get(f"/exams/sessions/{planned.code}/candidates")

    assert exams.attempt_of(other) is not None
    assert "鲁科认〔2026〕3号" in page.text


def test_a_roster_with_a_restricted_person_is_refused_with_its_row(app: Flask) -> None:
    del app
    school = schools.make_school()
    sheet = schools.xlsx(schools.roster_rows(1, 4000))
    first, second = schools.make_cohort(school), schools.make_cohort(school)
    (enrolled,) = _commit(school, first.code, sheet)
    restrict("courses.enrol", session.get_one(Person, enrolled.person_id))

    with pytest.raises(ForbiddenError, match="第2行"):
        _commit(school, second.code, sheet)


def test_a_roster_with_somebody_who_may_hold_no_role_is_refused_with_its_row(app: Flask) -> None:
    del app
    school = schools.make_school()
    sheet = schools.xlsx(schools.roster_rows(1, 4000))
    first, second = schools.make_cohort(school), schools.make_cohort(school)
    (enrolled,) = _commit(school, first.code, sheet)
    restrict("accounts.membership", session.get_one(Person, enrolled.person_id))

    # while the role of a trainee is held, no other is given
    assert len(_commit(school, second.code, sheet)) == 1
    with unit_of_work():
        ended = {"starts_on": date(2020, 1, 1), "ends_on": date(2020, 1, 2)}
        session.execute(update(Membership).where(Membership.role == Role.TRAINEE).values(ended))
    third = schools.make_cohort(school)
    with pytest.raises(ForbiddenError, match="第2行"):
        _commit(school, third.code, sheet)


def test_a_restricted_author_is_refused_where_the_file_of_items_comes_in_and_nothing_of_it_stays(
    app: Flask, browser_of: Callable[..., FlaskClient], at_time: Callable[[object], None]
) -> None:
    del app
    at_time(banks.AT)
    body = banks.make_exam_body()
    bank, author = banks.make_bank(body), make_member(Role.AUTHOR, SHANDONG, body)
    found, browser = restrict("items.write", author.person), browser_of(author)
    sheet = item_files.write([banks.content("A-1")], FileKind.GIFT)
    path = f"/items/{bank.code}/import"

    refused = submit(browser, path, file=(BytesIO(sheet), "items.gift"))
    kept = [session.scalar(select(func.count(one.id))) for one in (ItemImport, StoredFile)]
    lift(found, on=day_of(banks.AT), at=banks.AT)
    let_in = submit(browser, path, file=(BytesIO(sheet), "items.gift"))

    assert (refused.status_code, kept) == (403, [0, 0])
    for told in ("提供虚假材料", "鲁科认〔2026〕3号", found.code, "申诉"):
        assert told in refused.text
    assert let_in.status_code == 302
    staged = session.scalars(select(Event).where(Event.kind == "items.file_staged")).one()
    assert staged.data["items"] == 1


def test_roles_given_together_are_refused_where_one_of_the_persons_may_hold_none(app: Flask) -> None:
    del app
    people = [make_person(), make_person()]
    restrict("accounts.membership", people[1])

    given: list[tuple[Subject, JsonObject]] = [(Subject("person", person.code), {}) for person in people]
    with pytest.raises(ForbiddenError, match="鲁科认〔2026〕3号"), unit_of_work():
        events.record_many("accounts.role_granted", given, by=None, at=days(0))


def _commit(school: schools.School, code: str, sheet: bytes) -> list[Enrolment]:
    by, at = school.base.actor, schools.BEFORE
    with unit_of_work():
        found = cohort_queries.own_cohort(code, by)
        roster = courses.stage_roster(found, courses.read_roster(sheet, "名单.xlsx"), by=by, at=at)
        courses.commit_roster(found, roster, only_good=False, by=by, at=at)
        return rosters.made(roster)


def test_imposing_the_same_restriction_twice_makes_one(app: Flask) -> None:
    del app
    person, officer = make_person(), make_officer("100000")

    first = restrict("exams.sit", person, by=officer)
    second = restrict("exams.sit", person, by=officer, at=days(1))

    assert first.id == second.id
