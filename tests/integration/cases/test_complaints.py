"""What the rooms declare: a recheck of a result, the appeal of a base, a declaration of impartiality."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.certification.models import Award
from app.assessment.exams.models import Attempt, Result, ResultCorrection
from app.assessment.exams.queries.corrections import correction
from app.assessment.exams.services import corrections
from app.assessment.exams.states import CorrectionState
from app.bases import services as base_services
from app.bases.models import TrainingBase
from app.bases.states import BaseState
from app.cases import jobs as case_jobs
from app.cases import services
from app.cases.models import Case
from app.cases.services import Filing
from app.cases.states import CaseState
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.desk.models import Todo
from tests.factories import bases, exams
from tests.factories.accounts import MADE_AT, NATION, SHANDONG, Member, make_member, make_organisation
from tests.factories.cases import NOW, accepted, days, decided, make_clocks, make_officer
from tests.worlds import built_once

CLOSED = exams.CLOSES + timedelta(hours=1)
RECHECK, APPEAL, DECLARATION = "exams.recheck", "bases.appeal", "cases.impartiality"


@pytest.fixture(name="released")
@built_once
def _released(app: Flask) -> tuple[exams.House, Member, Attempt]:
    """Hold an exam in which one candidate hands an empty paper in, and release it."""
    del app
    make_clocks()
    exams.make_pack("award", "award-junior-sample.toml")
    house = exams.make_house()
    planned, (trainee,) = exams.make_prepared(house)
    exams.start(trainee)
    exams.release(house, planned, at=CLOSED)
    return house, trainee, exams.attempt_of(trainee)


def ask(attempt: Attempt, by: Member, *, at: datetime = CLOSED) -> Case:
    with unit_of_work():
        return services.open_case(RECHECK, attempt.code, Filing("第三题判分有误。"), by=by.actor, at=at)


def upheld(released: tuple[exams.House, Member, Attempt]) -> tuple[exams.House, Result, str]:
    house, trainee, attempt = released
    other = make_member(Role.EXAMINER, organisation=house.body)
    case = accepted(ask(attempt, trainee), other, at=CLOSED)
    decided(case, other, at=CLOSED)
    house = replace(house, examiner=other, examiner2=make_member(Role.EXAMINER, organisation=house.body))
    found = session.scalars(select(ResultCorrection).where(ResultCorrection.case_code == case.code)).one()
    return house, session.get_one(Result, found.result_id), found.code


def test_a_candidate_asks_for_a_recheck_of_their_own_result_in_time(
    released: tuple[exams.House, Member, Attempt],
) -> None:
    _house, trainee, attempt = released

    with pytest.raises(ForbiddenError):
        ask(attempt, make_member(Role.TRAINEE))
    with pytest.raises(InvalidError):
        ask(attempt, trainee, at=CLOSED + timedelta(days=30))
    assert ask(attempt, trainee).person_id == trainee.person.id


def test_an_upheld_recheck_changes_no_score_before_two_examiners_have_agreed(
    released: tuple[exams.House, Member, Attempt],
) -> None:
    house, result, code = upheld(released)
    points = {module: Decimal(part["max"]) for module, part in result.by_module.items()}
    was = result.score

    with unit_of_work():
        corrections.propose(correction(code, house.examiner.actor), points, by=house.examiner.actor, at=CLOSED)
    assert session.get_one(Result, result.id).score == was
    with pytest.raises(ForbiddenError), unit_of_work():
        corrections.confirm(correction(code, house.examiner.actor), by=house.examiner.actor, at=CLOSED)
    with unit_of_work():
        corrections.confirm(correction(code, house.examiner2.actor), by=house.examiner2.actor, at=CLOSED)
    jobs.work()

    corrected = session.get_one(Result, result.id)
    assert (corrected.score, corrected.passed) == (corrected.max_score, True)
    assert session.scalars(select(Award.result_id)).all() == [result.id]
    assert correction(code, house.examiner.actor).was == was


def test_a_correction_is_sent_back_and_proposed_again(released: tuple[exams.House, Member, Attempt]) -> None:
    house, result, code = upheld(released)
    points = {module: Decimal(1) for module in result.by_module}
    with unit_of_work():
        corrections.propose(correction(code, house.examiner.actor), points, by=house.examiner.actor, at=CLOSED)
    with unit_of_work():
        corrections.send_back(
            correction(code, house.examiner2.actor), reason="请核对。", by=house.examiner2.actor, at=CLOSED
        )

    assert correction(code, house.examiner.actor).state is CorrectionState.OPENED
    with pytest.raises(ConflictError), unit_of_work():
        corrections.confirm(correction(code, house.examiner2.actor), by=house.examiner2.actor, at=CLOSED)


def test_points_beyond_a_module_are_refused_beside_its_field(
    released: tuple[exams.House, Member, Attempt], browser_of: Callable[..., FlaskClient]
) -> None:
    house, result, code = upheld(released)
    modules = list(result.by_module)
    first, second = browser_of(house.examiner), browser_of(house.examiner2)
    path = f"/exams/corrections/{code}"
    good = {f"points-{module}": "1.5" for module in modules}

    for wrong in ("999", "-1", "1.555", "many", ""):
        page = first.post(f"{path}/propose", data={**good, f"points-{modules[0]}": wrong})
        assert page.status_code == 422
        assert 'aria-invalid="true"' in page.text
    assert first.post(f"{path}/propose", data=good).status_code == 302
    assert first.get(path).status_code == 200
    assert second.post(f"{path}/return", data={}).status_code == 302
    assert first.post(f"{path}/propose", data=good).status_code == 302
    assert second.post(f"{path}/confirm").status_code == 302
    assert second.get(path).status_code == 200
    assert browser_of(make_member(Role.EXAMINER, NATION, make_organisation())).get(path).status_code == 404


def test_the_candidate_finds_the_recheck_on_the_result(
    released: tuple[exams.House, Member, Attempt], browser_of: Callable[..., FlaskClient], at_time: Callable[..., None]
) -> None:
    _house, trainee, attempt = released
    at_time(CLOSED)
    browser = browser_of(trainee)

    page = browser.get(f"/exams/mine/{attempt.code}")
    form = browser.get(f"/cases/new?kind={RECHECK}&about={attempt.code}")

    assert f"kind={RECHECK}" in page.text
    assert form.status_code == 200


def refused_base() -> tuple[TrainingBase, Member]:
    make_clocks()
    base = bases.make_application()
    staff = make_member(Role.BASE, base.region_code, base.organisation)
    return bases.decide(base, "refuse"), staff


def appeal(base: TrainingBase, by: Member) -> Case:
    with unit_of_work():
        return services.open_case(APPEAL, base.organisation.slug, Filing("材料齐全。"), by=by.actor, at=MADE_AT)


@pytest.fixture(name="early")
def _early(app: Flask) -> None:
    """Let the shipped clocks bind from before the factories' decisions."""
    del app
    from_2019 = make_clocks()
    with unit_of_work():
        session.refresh(from_2019)
        from_2019.starts_on = date(2019, 1, 1)


@pytest.mark.usefixtures("early")
def test_a_refused_base_appeals_to_the_nation_and_its_application_is_open_again() -> None:
    base, staff = refused_base()
    case = appeal(base, staff)
    officer = make_officer(NATION)

    decided(accepted(case, officer, at=MADE_AT), officer, at=MADE_AT)

    assert case.authority_region == NATION
    assert session.get_one(TrainingBase, base.id).state is BaseState.APPLIED


@pytest.mark.usefixtures("early")
def test_an_exit_is_taken_back_by_an_upheld_appeal_and_stands_by_a_rejected_one() -> None:
    officer = make_officer(NATION)
    states = []
    for outcome in (True, False):
        base = bases.make_accredited()
        bases.decide(base, "exit")
        staff = make_member(Role.BASE, base.region_code, base.organisation)
        case = accepted(appeal(base, staff), officer, at=MADE_AT)
        decided(case, officer, upheld=outcome, at=MADE_AT)
        states.append(session.get_one(TrainingBase, base.id).state)

    assert states == [BaseState.ACCREDITED, BaseState.EXITED]


@pytest.mark.usefixtures("early")
def test_an_appeal_decided_after_the_base_moved_on_changes_nothing() -> None:
    base, staff = refused_base()
    officer = make_officer(NATION)
    case = accepted(appeal(base, staff), officer, at=MADE_AT)
    with unit_of_work():
        session.get_one(TrainingBase, base.id)
        base_services.apply(
            base.organisation, levels=["junior"], address_zh="路", address_en="Road", capacity=1,
            by=staff.actor, at=MADE_AT,
        )  # fmt: skip

    decided(case, officer, at=MADE_AT)

    assert session.get_one(TrainingBase, base.id).state is BaseState.APPLIED


@pytest.mark.usefixtures("early")
def test_only_the_base_itself_appeals() -> None:
    base, _staff = refused_base()

    with pytest.raises(ForbiddenError):
        appeal(base, make_member(Role.BASE))


def declaration_of(member: Member, year: int = 2026) -> str:
    return f"{member.person.code}-{year}"


def declare(member: Member, about: str, *, declares: bool) -> Case:
    with unit_of_work():
        return services.open_case(
            DECLARATION, about, Filing("无利益关系。", declares=declares), by=member.actor, at=NOW
        )


@pytest.fixture(name="examiner")
def _examiner(app: Flask, at_time: Callable[[datetime], None]) -> Member:
    del app
    make_clocks()
    at_time(NOW)
    return make_member(Role.EXAMINER)


def test_a_declaration_without_interests_goes_on_file(examiner: Member) -> None:
    case = declare(examiner, declaration_of(examiner), declares=False)

    assert (case.state, case.rule_pack) == (CaseState.FILED, "case-clock-nation-sample.1")


def test_a_declared_interest_goes_to_the_authority(examiner: Member) -> None:
    case = declare(examiner, declaration_of(examiner), declares=True)

    assert (case.state, case.authority_region) == (CaseState.RAISED, SHANDONG)


def test_staff_declare_for_themselves_and_for_this_year(examiner: Member) -> None:
    other = make_member(Role.EXAMINER)

    for about in (declaration_of(other), declaration_of(examiner, 2025)):
        with pytest.raises(ForbiddenError):
            declare(examiner, about, declares=False)


def test_staff_are_reminded_until_they_have_declared(examiner: Member) -> None:
    declared = make_member(Role.MARKER)
    trainee = make_member(Role.TRAINEE)
    declare(declared, declaration_of(declared), declares=False)
    for _ in range(2):
        case_jobs.ask_for_declarations()

    open_ = select(Todo.person_id).where(Todo.kind == "cases.declare", Todo.closed_at.is_(None))
    assert set(session.scalars(open_)) & {examiner.person.id, declared.person.id, trainee.person.id} == {
        examiner.person.id
    }
    declare(examiner, declaration_of(examiner), declares=False)
    assert examiner.person.id not in set(session.scalars(open_))


def test_the_periodic_work_escalates_and_ends_periods(examiner: Member, at_time: Callable[[datetime], None]) -> None:
    case = declare(examiner, declaration_of(examiner), declares=True)
    at_time(days(40))

    case_jobs.watch_clocks()

    todo = session.scalars(select(Todo).where(Todo.kind == "cases.overdue")).one()
    assert todo.subject_code == case.code
