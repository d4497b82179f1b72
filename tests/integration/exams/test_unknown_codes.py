"""What does not exist, or is another organisation's, is not found; what is asked twice changes nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.states import OrganisationKind, Role
from app.assessment.exams import conduct_cases
from app.assessment.exams.models import ExamSession, Registration
from app.assessment.exams.queries import (
    corrections,
    enemies,
    equating,
    extra_time,
    incidents,
    papers,
    registering,
    similarity,
    standards,
    statistics,
    venues,
)
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.services import registering as registrations
from app.assessment.exams.services import tickets
from app.assessment.exams.services.papers import draft_blueprint
from app.core.access import Actor
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tests.factories.accounts import GUANGDONG, Member, make_member, make_organisation
from tests.factories.exams import (
    NOW,
    OPENS,
    House,
    make_bank,
    make_cohort,
    make_draft,
    make_house,
    make_prepared,
    make_session,
    make_trainee,
)
from tests.factories.venues import make_venue

pytestmark = pytest.mark.one_database

MINUTE = timedelta(minutes=1)


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


def test_a_code_that_nobody_gave_is_not_found(house: House) -> None:
    by, held = house.examiner.actor, make_session(house)
    asks: list[Callable[[], object]] = [
        lambda: extra_time.grant("none", by),
        lambda: extra_time.change("none", by),
        lambda: venues.venue("none", by),
        lambda: venues.room_of(held.id, "none"),
        lambda: incidents.incident_file("none", 1, by),
        lambda: corrections.correction("none", by),
        lambda: equating.equating("none", by),
        lambda: similarity.pair("none", by),
        lambda: statistics.needed(held.id, None),
        lambda: statistics.needed(held.id, "none"),
        lambda: conduct_cases.KIND.about("none"),
        lambda: papers.bank("none", by),
        lambda: registering.session_for("none", by),
        lambda: registering.mine("none", by),
    ]
    for ask in asks:
        with pytest.raises(NotFoundError):
            ask()
    assert similarity.against(0) is None
    assert standards.past_scores(None) == []


def test_a_venue_is_found_by_its_own_body_only(house: House) -> None:
    venue = make_venue(house)

    assert venues.venue(venue.code, house.examiner2.actor).id == venue.id
    with pytest.raises(NotFoundError):
        venues.venue(venue.code, make_member(Role.EXAMINER, GUANGDONG).actor)


def test_an_examiner_finds_the_banks_of_their_body_and_one_without_a_body_none(house: House) -> None:
    other = make_bank(make_organisation(kind=OrganisationKind.EXAM_BODY))

    def found(by: Actor) -> set[str]:
        return {one.code for one in papers.banks(by)}

    assert found(house.examiner.actor) == {house.bank.code}
    assert found(make_member(Role.EXAMINER).actor) == set()
    with pytest.raises(NotFoundError):
        papers.bank(other.code, house.examiner.actor)


def test_a_pair_of_enemies_is_two_items_of_the_bank(house: House) -> None:
    first, second = (one.code for one in papers.approved(house.bank.id)[:2])

    for named in ([(first, "none")], [(first, first)]):
        with pytest.raises(InvalidError) as refused:
            enemies.pairs_named(house.bank.id, named)
        assert refused.value.field == "enemies"
    assert len(enemies.pairs_named(house.bank.id, [(first, second), (second, first)])) == 1
    assert enemies.pairs_named(house.bank.id, []) == frozenset()


def test_a_role_without_a_region_drafts_no_blueprint(house: House) -> None:
    nowhere = replace(house.examiner.actor, region_code=None)

    with pytest.raises(ForbiddenError), unit_of_work():
        draft_blueprint(bank=house.bank, draft=make_draft(), by=nowhere, at=NOW)


# ---- registering


@pytest.fixture
def held(house: House) -> ExamSession:
    """A session online that takes registrations until it opens."""
    planned = make_session(house)
    with unit_of_work():
        found = sessions_queries.exam_session(planned.code, house.examiner.actor)
        found.registers_from, found.registers_until = NOW, NOW + MINUTE
    return found


def register(held: ExamSession, who: Member) -> Registration:
    with unit_of_work():
        found, enrolment = registering.session_for(held.code, who.actor)
        return registrations.register_oneself(found, enrolment, by=who.actor, at=NOW)


def test_registered_twice_is_registered_once_and_withdrawn_twice_is_withdrawn_once(held: ExamSession) -> None:
    who = make_trainee(make_cohort())
    first, again = register(held, who), register(held, who)
    assert first.id == again.id
    for at in (NOW, NOW + MINUTE * 10):
        with unit_of_work():
            registrations.withdraw(first, by=who.actor, at=at)
    assert first.withdrawn_at == NOW
    assert session.scalar(select(func.count()).select_from(Registration)) == 1


def test_a_registration_stays_once_registering_has_closed(held: ExamSession) -> None:
    who = make_trainee(make_cohort())
    mine = register(held, who)

    with pytest.raises(ConflictError), unit_of_work():
        registrations.withdraw(mine, by=who.actor, at=OPENS)
    session.refresh(mine)
    assert mine.withdrawn_at is None


def test_who_learns_in_another_province_has_no_exam_here(held: ExamSession) -> None:
    elsewhere, nowhere = make_trainee(make_cohort(GUANGDONG)), make_member(Role.TRAINEE)

    for who in (elsewhere, nowhere):
        with pytest.raises(NotFoundError):
            registering.session_for(held.code, who.actor)
        assert registering.open_sessions(who.actor, NOW) == []


def test_a_withdrawn_registration_gets_no_ticket(house: House, held: ExamSession) -> None:
    who = make_trainee(make_cohort())
    mine = register(held, who)
    with unit_of_work():
        registrations.withdraw(mine, by=who.actor, at=NOW)

    with pytest.raises(ConflictError), unit_of_work():
        tickets.issue(mine, by=house.examiner.actor, at=NOW)


def test_tickets_are_printed_for_those_who_have_none(house: House) -> None:
    planned, _people = make_prepared(house)
    by = house.examiner.actor
    with unit_of_work():
        job = tickets.ask_for_tickets(planned, by=by, at=NOW)
        assert job.total == 1
        tickets.issue(session.scalars(select(Registration)).one(), by=by, at=NOW)

    with pytest.raises(ConflictError), unit_of_work():
        tickets.ask_for_tickets(planned, by=by, at=NOW)
