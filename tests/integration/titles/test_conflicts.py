"""Who must not judge an applicant is known from what the house records: unit, teaching, joint works, contracts."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Organisation
from app.accounts.states import Kin, OrganisationKind, Role
from app.assessment.titles import conflicts, queries
from app.assessment.titles.experts import offered
from app.core.db import session, unit_of_work
from app.courses.models import CohortLecturer, Enrolment
from app.courses.states import EnrolmentState
from app.evidence import services as evidence
from app.evidence.states import Kind
from app.panels.models.pools import PoolExpert
from app.panels.queries import scope
from app.panels.queries.meetings import members
from app.panels.states import Conflict
from tests.factories.accounts import JINAN, Member, make_member, make_organisation
from tests.factories.certification import make_exam
from tests.factories.evidence import AT as ENTERED
from tests.factories.evidence import BUYER, credit_code, make_declared
from tests.factories.panels import acting, make_expert
from tests.factories.titles import MET_AT, Scene, hold_meeting, make_accepted, make_applicant, make_open


@pytest.fixture
def scene(app: Flask, at_time: Callable[[datetime], None]) -> Scene:
    del app
    at_time(MET_AT)
    return make_open()


ALL = frozenset(Kin)


def known(applicant: Member) -> set[tuple[int, Conflict, str]]:
    return set(conflicts.against([applicant.person.id], ALL)[applicant.person.id])


def works_in(scene: Scene, unit: str) -> PoolExpert:
    return make_expert(scene.office, unit=unit)


def enrol(applicant: Member, expert: PoolExpert, state: EnrolmentState = EnrolmentState.INVITED) -> None:
    exam = make_exam()
    with unit_of_work():
        session.add(CohortLecturer(cohort_id=exam.cohort.id, person_id=expert.person_id))
        session.add(
            Enrolment(
                cohort_id=exam.cohort.id,
                person_id=applicant.person.id,
                state=state,
                invited_at=ENTERED,
                invited_by_id=exam.examiner.person.id,
            )
        )


def test_an_expert_of_a_unit_of_the_applicant_is_known_by_the_name_they_gave(scene: Scene) -> None:
    body = make_organisation(kind=OrganisationKind.INSTITUTION, region=JINAN, name_zh="泉城技术研究院")
    applicant = make_member(Role.EMPLOYER, JINAN, session.get_one(Organisation, body.id))
    expert = works_in(scene, "泉城技术研究院")
    works_in(scene, "泉城技术研究院分院")

    assert known(applicant) == {(expert.person_id, Conflict.UNIT, "pool_expert.unit")}


@pytest.mark.parametrize(
    ("body", "unit", "source"),
    [
        ("历下创新有限公司", "历下创新 有限责任公司", "pool_expert.unit_written"),
        ("泰山理工大学", "泰山理工大学（材料学院）", "pool_expert.unit_part"),
        ("泰山理工大学机械学院", "泰山理工大学材料学院", "pool_expert.unit_part"),
    ],
)
def test_a_unit_is_known_however_its_name_is_written_and_by_its_whole(
    scene: Scene, body: str, unit: str, source: str
) -> None:
    employer = make_organisation(kind=OrganisationKind.INSTITUTION, region=JINAN, name_zh=body)
    applicant = make_member(Role.EMPLOYER, JINAN, session.get_one(Organisation, employer.id))
    expert = works_in(scene, unit)
    works_in(scene, "泰山学院")

    assert known(applicant) == {(expert.person_id, Conflict.UNIT, source)}


def test_a_party_is_known_by_its_credit_code_and_however_its_name_is_written(scene: Scene) -> None:
    applicant = make_applicant()
    make_declared(Kind.CONTRACT, applicant, number="2026370102000914")
    buyer = make_organisation(kind=OrganisationKind.INSTITUTION, region=JINAN, name_zh="另一名称")
    with unit_of_work():
        session.get_one(Organisation, buyer.id).credit_code = credit_code(2)
    holder = scene.experts[0]
    make_member(Role.EMPLOYER, JINAN, session.get_one(Organisation, buyer.id), person=holder.person)
    named = works_in(scene, f"{BUYER.removesuffix('有限公司')}股份有限公司")

    assert known(applicant) == {
        (holder.person_id, Conflict.CONTRACT, "evidence.party_code"),
        (named.person_id, Conflict.CONTRACT, "evidence.parties_written"),
    }


@pytest.mark.parametrize(("state", "barred"), [(EnrolmentState.INVITED, True), (EnrolmentState.WITHDRAWN, False)])
def test_whoever_trained_the_applicant_does_not_judge_them(
    scene: Scene, state: EnrolmentState, *, barred: bool
) -> None:
    applicant, expert = make_applicant(), scene.experts[0]
    enrol(applicant, expert, state)

    assert known(applicant) == ({(expert.person_id, Conflict.STUDENT, "cohort")} if barred else set())


@pytest.mark.parametrize(
    ("kind", "fields", "conflict", "source"),
    [
        (Kind.WORK, {"number": "10.1000/jijing.2025.001"}, Conflict.COAUTHOR, "evidence.work"),
        (Kind.CONTRACT, {"number": "2026370102000911", "share": "40"}, Conflict.CONTRACT, "evidence.contract"),
    ],
)
def test_who_recorded_the_same_work_or_contract_does_not_judge_the_other_until_it_is_withdrawn(
    scene: Scene, kind: Kind, fields: dict[str, Any], conflict: Conflict, source: str
) -> None:
    applicant, expert = make_applicant(), scene.experts[0]
    make_declared(kind, applicant, **fields)
    theirs = make_declared(kind, acting(expert), **fields)
    make_declared(kind, acting(scene.experts[1]), **{**fields, "number": "2026370102000912"})

    assert known(applicant) == {(expert.person_id, conflict, source)}

    with unit_of_work():
        evidence.withdraw(theirs, reason="录入有误。", by=acting(expert).actor, at=ENTERED)
    assert known(applicant) == set()


def test_who_works_for_a_party_of_a_contract_does_not_judge_who_brought_it_about(scene: Scene) -> None:
    applicant, expert = make_applicant(), works_in(scene, BUYER)
    make_declared(Kind.CONTRACT, applicant, number="2026370102000913")

    assert known(applicant) == {(expert.person_id, Conflict.CONTRACT, "evidence.parties")}


def test_a_panel_and_a_meeting_recuse_at_once_whom_they_know_to_be_in_conflict(
    scene: Scene, browser_of: Callable[[Member], FlaskClient]
) -> None:
    applicant, teacher = make_applicant(), scene.experts[0]
    enrol(applicant, teacher)
    one = make_accepted(scene, applicant)
    other = make_accepted(scene, make_applicant())

    (given,) = (case for case in offered(scene.office.secretary.actor) if case.given.subject == queries.subject(one))
    assert {(fact.person_id, fact.kind) for fact in given.conflicts} == {
        (teacher.person_id, Conflict.STUDENT),
        (applicant.person.id, Conflict.UNIT),
    }

    hold_meeting(scene)

    people = [member.expert.person_id for member in members(scene.meeting)]
    assert scope.recused_among(people, queries.subject(one)) == {teacher.person_id}
    assert scope.recused_among(people, queries.subject(other)) == set()
    page = browser_of(acting(teacher)).get(f"/meetings/{scene.meeting.code}").text
    assert applicant.person.name not in page


def body(name: str, parent: Organisation | None = None) -> Organisation:
    made = make_organisation(kind=OrganisationKind.INSTITUTION, region=JINAN, name_zh=name)
    with unit_of_work():
        session.get_one(Organisation, made.id).parent_id = None if parent is None else parent.id
    return made


@pytest.mark.parametrize("by_role", [True, False])
@pytest.mark.parametrize(
    ("applies_in", "barred", "rules"),
    [
        ("学部", {"whole": "organisation.whole", "other": "organisation.sibling"}, ALL),
        ("学部", {"whole": "organisation.whole"}, ALL - {Kin.SIBLING}),
        ("总部", {"part": "organisation.part", "other": "organisation.part"}, ALL),
        ("总部", {}, ALL - {Kin.PART}),
        ("学部", {"other": "organisation.sibling"}, ALL - {Kin.WHOLE}),
    ],
)
def test_who_belongs_above_below_or_beside_the_unit_of_the_applicant_is_barred_as_the_rules_say(
    scene: Scene, applies_in: str, barred: dict[str, str], rules: frozenset[Kin], *, by_role: bool
) -> None:
    whole = body("泉城创新总部")
    bodies = {"whole": whole, "part": body("历山材料学部", whole), "other": body("趵突智造中心", whole)}
    stranger = body("无关研究所")
    employer = bodies["whole"] if applies_in == "总部" else bodies["part"]
    applicant = make_member(Role.EMPLOYER, JINAN, session.get_one(Organisation, employer.id))
    own = "whole" if applies_in == "总部" else "part"
    experts = {}
    for number, (name, one) in enumerate({**bodies, "stranger": stranger}.items()):
        if name == own:
            continue
        experts[name] = works_in(scene, f"另一家机构{number}" if by_role else one.name_zh)
        if by_role:
            place = session.get_one(Organisation, one.id)
            make_member(Role.EMPLOYER, JINAN, place, person=experts[name].person)

    assert set(conflicts.against([applicant.person.id], rules)[applicant.person.id]) == {
        (experts[name].person_id, Conflict.UNIT, why) for name, why in barred.items()
    }
