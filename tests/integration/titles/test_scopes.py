"""Who sees which rounds and applications, what a sent application no longer allows, and what waits on desks."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from app.accounts.states import Role
from app.assessment.titles import desk, queries, rechecks, services
from app.assessment.titles.models import TitleApplication
from app.assessment.titles.states import ApplicationState
from app.ballots.states import Choice
from app.core.access import Actor
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, DomainError, ForbiddenError, InvalidError, NotFoundError
from app.panels.states import Title
from tests.factories.accounts import GUANGDONG, JINAN, NATION, SHANDONG, Member, make_member
from tests.factories.desk import kinds_waiting
from tests.factories.panels import acting
from tests.factories.titles import (
    AT,
    DAY,
    UNTIL,
    Scene,
    facts,
    fresh,
    hold_meeting,
    make_accepted,
    make_applicant,
    make_draft,
    make_scene,
    make_submitted,
    make_voted,
    propose,
    publish_scheme,
)

pytestmark = pytest.mark.one_database


def refused(error: type[DomainError], act: Callable[[], object]) -> str:
    """Do what is refused; return the field that it names."""
    with pytest.raises(error) as told, unit_of_work():
        act()
    session.rollback()
    return told.value.field or ""


def sees(actor: Actor, one: TitleApplication) -> tuple[bool, bool]:
    """Tell whether somebody sees the round of an application, and the application."""
    rounds = {found.code for found in queries.rounds(actor)}
    try:
        return one.round.code in rounds, queries.application(one.code, actor).id == one.id
    except NotFoundError:
        return one.round.code in rounds, False


def test_a_round_is_seen_before_it_is_open_by_the_office_and_the_authority_only(app: Flask) -> None:
    del app
    scene = make_scene()
    code = propose(scene).code

    def rounds(actor: Actor) -> list[str]:
        return [one.code for one in queries.rounds(actor)]

    assert rounds(scene.office.secretary.actor) == rounds(scene.regulator.actor) == [code]
    assert rounds(make_member(Role.REGULATOR, NATION).actor) == [code]
    for actor in (
        make_applicant().actor,
        acting(scene.experts[0]).actor,
        make_member(Role.SECRETARY, SHANDONG).actor,
        make_member(Role.REGULATOR, GUANGDONG).actor,
    ):
        assert rounds(actor) == []
        with pytest.raises(NotFoundError):
            queries.round_(code, actor)


def test_an_application_is_its_own_until_sent_and_its_experts_from_the_meeting_on(scene: Scene, who: Member) -> None:
    one, expert = make_draft(scene, who), acting(scene.experts[0]).actor
    officers = [scene.office.secretary.actor, scene.regulator.actor, make_member(Role.REGULATOR, JINAN).actor]
    other, colleague = make_member(Role.TRAINEE, GUANGDONG).actor, make_applicant().actor
    assert sees(who.actor, one) == (True, True)
    assert [sees(actor, one)[1] for actor in (*officers, expert, other, colleague)] == [False] * 6

    with unit_of_work():
        services.submit(fresh(one), by=who.actor, at=AT)
    assert [sees(actor, one) for actor in officers] == [(True, True), (True, True), (False, False)]
    assert sees(expert, one) == sees(other, one) == (False, False)
    assert sees(colleague, one) == (True, False)

    with unit_of_work():
        services.accept(fresh(one), by=scene.office.secretary.actor, at=AT + DAY)
    hold_meeting(scene)
    assert sees(expert, one) == (True, True)


def test_what_does_not_exist_is_not_found(scene: Scene) -> None:
    actor = scene.office.secretary.actor
    for ask in (
        lambda: queries.round_("none", actor),
        lambda: queries.application("none", actor),
        lambda: queries.by_code("none"),
        lambda: queries.withdrawal("none", actor),
        lambda: queries.withdrawal_with("none"),
        lambda: queries.registered("none"),
    ):
        with pytest.raises(NotFoundError):
            ask()


def test_a_sent_application_stays_as_it_was_sent(scene: Scene, who: Member) -> None:
    one = make_submitted(scene, who)

    refused(ConflictError, lambda: services.save(fresh(one), facts({}), [], by=who.actor, at=AT))
    assert fresh(one).declared


def test_only_the_applicant_takes_new_versions_of_the_evidence_and_only_before_it_is_accepted(
    scene: Scene, who: Member
) -> None:
    one = make_submitted(scene, who)

    def take(by: Member) -> int:
        return services.take_new_versions(fresh(one), by=by.actor, at=AT)

    refused(ForbiddenError, lambda: take(make_applicant()))
    with unit_of_work():
        fresh(one).verdict = {}
    with unit_of_work():
        assert take(who) == 0
    assert fresh(one).verdict, "a sent application is judged anew"
    with unit_of_work():
        services.accept(fresh(one), by=scene.office.secretary.actor, at=AT + DAY)
    refused(ConflictError, lambda: take(who))


def test_a_sent_application_waits_for_the_office_and_a_returned_one_for_its_applicant(
    scene: Scene, who: Member
) -> None:
    def ours() -> set[str]:
        return {kind for kind in kinds_waiting() if kind.startswith("titles.")}

    one = make_submitted(scene, who)
    assert ours() == {"titles.check"}
    with unit_of_work():
        services.give_back(fresh(one), reason="请补充。", by=scene.office.secretary.actor, at=AT)
    assert ours() == {"titles.correct"}
    assert {(told.kind, told.person_id) for told in desk.expected()} == {("titles.correct", who.person.id)}
    with unit_of_work():
        services.submit(fresh(one), by=who.actor, at=AT)
        services.accept(fresh(one), by=scene.office.secretary.actor, at=AT)
    assert ours() == set()


def test_nobody_complains_of_what_is_not_decided(scene: Scene, who: Member) -> None:
    one = make_accepted(scene, who)

    with pytest.raises(NotFoundError):
        rechecks.KIND.about(one.code)


def test_a_recheck_is_asked_by_the_applicant_of_what_was_not_passed(app: Flask) -> None:
    del app
    scene, who, one = make_voted(Choice.OBJECT)
    assert fresh(one).state is ApplicationState.REFUSED
    about = rechecks.KIND.about(one.code)

    def may(actor: Actor | None) -> bool:
        return rechecks.KIND.may_raise(actor, about)

    assert may(who.actor)
    assert not may(None)
    assert not may(make_applicant().actor)
    assert not may(make_member(Role.EMPLOYER, person=who.person).actor)
    assert about.deciders == {scene.office.secretary.person.id}
    with unit_of_work():
        services.reopen(fresh(one), case_code="case", by=scene.regulator.actor, at=AT)
    assert not may(who.actor), "it is before the committee again"


def test_a_committee_reviews_no_titles_above_its_level(app: Flask) -> None:
    del app
    scene = make_scene()
    pack = queries.schemes(SHANDONG, UNTIL)[0]
    assert queries.typed_scheme(pack).level is Title.INTERMEDIATE
    assert queries.schemes(GUANGDONG, UNTIL) == []
    assert queries.schemes(SHANDONG, pack.starts_on - timedelta(days=1)) == []
    publish_scheme("senior")
    senior = next(one for one in queries.schemes(SHANDONG, UNTIL) if one.code != pack.code)
    assert queries.typed_scheme(senior).level is Title.SENIOR
    wanted = services.Planned("2026年度副高级职称评审", "Senior titles of 2026", UNTIL)
    by = scene.office.secretary.actor

    def plan() -> None:
        services.propose(senior, scene.committee, wanted, by=by, at=AT)

    assert refused(InvalidError, plan) == "committee"
