"""Rounds of two people, applications with evidence, the formal check, and the committee."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.titles import queries, services
from app.assessment.titles.models import TitleApplication
from app.assessment.titles.states import ApplicationState, RoundState
from app.ballots import services as ballots
from app.ballots.queries import records
from app.cases.services.restrictions import Terms, impose
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from app.desk.models import Todo
from app.evidence.queries.uses import evidence_used_by
from app.evidence.states import Kind
from app.panels.queries import meetings as meeting_queries
from app.panels.services.recusal import keep
from app.panels.states import Conflict
from app.rulebook.verdicts import Outcome
from tests.factories.accounts import GUANGDONG, JINAN, SHANDONG, SHENZHEN, Member, make_member
from tests.factories.evidence import make_checked
from tests.factories.panels import acting
from tests.factories.titles import (
    AT,
    DAY,
    MET_AT,
    Scene,
    call_vote,
    facts,
    fresh,
    hold_meeting,
    make_accepted,
    make_applicant,
    make_draft,
    make_scene,
    make_submitted,
    propose,
)

BrowserOf = Callable[[Member], FlaskClient]
LATER = datetime(2026, 5, 8, 2, 0, tzinfo=UTC)


def outcomes(one: TitleApplication) -> dict[str, Outcome]:
    lines = queries.judged(fresh(one), known_at=AT).verdict.lines
    return {line.name_en: line.outcome for line in lines}


class TestRounds:
    def test_a_round_is_open_only_after_a_second_person_confirmed_it(self, app: Flask) -> None:
        del app
        scene = make_scene()
        made = propose(scene)
        who = make_applicant()

        with pytest.raises(ForbiddenError), unit_of_work():
            services.confirm_round(scene.round, by=scene.office.secretary.actor, at=AT)
        with pytest.raises(NotFoundError):
            queries.round_(made.code, who.actor)
        with unit_of_work():
            services.confirm_round(scene.round, by=scene.regulator.actor, at=AT)

        assert scene.round.state is RoundState.OPEN
        assert queries.round_(made.code, who.actor).id == made.id

    def test_the_schema_too_wants_two_people(self, app: Flask) -> None:
        del app
        scene = make_scene()
        propose(scene)

        def confirm_alone() -> None:
            with unit_of_work():
                found = scene.round
                found.state, found.confirmed_at = RoundState.OPEN, AT
                found.confirmed_by_id = found.proposed_by_id

        with pytest.raises(ConflictError, match="two_people"):
            confirm_alone()

    @pytest.mark.parametrize(("until", "field"), [(date(2026, 3, 1), "apply_until"), (date(2029, 3, 2), "committee")])
    def test_a_round_needs_a_day_to_come_within_the_filing(self, app: Flask, until: date, field: str) -> None:
        del app
        scene = make_scene()
        with pytest.raises(InvalidError) as refused:
            propose(scene, until=until)
        assert refused.value.field == field

    def test_other_regions_know_nothing_of_a_round(self, scene: Scene) -> None:
        for stranger in (make_member(Role.REGULATOR, GUANGDONG), make_applicant(SHENZHEN)):
            with pytest.raises(NotFoundError):
                queries.round_(scene.round_code, stranger.actor)


class TestApplying:
    def test_the_verdict_says_line_by_line_what_is_met_near_missing_or_unknown(self, scene: Scene, who: Member) -> None:
        services_ = [make_checked(Kind.SERVICE, who, title=f"服务{n}", ended_on="2025-09-01") for n in range(4)]
        one = make_draft(scene, who, records=services_, degree_on="2024-05-31")

        assert outcomes(one) == {
            "Who may not apply": Outcome.MET,
            "Degree and years": Outcome.NEAR,
            "Yearly appraisals passed": Outcome.MET,
            "Achievements (one of)": Outcome.NEAR,
            "Representative work": Outcome.NOT_MET,
        }
        with unit_of_work():
            services.save(fresh(one), {}, services_, by=who.actor, at=AT)
        assert outcomes(one)["Degree and years"] is Outcome.UNKNOWN

    def test_only_picked_evidence_counts_and_is_used_once(self, scene: Scene, who: Member) -> None:
        contract = make_checked(Kind.CONTRACT, who)
        one = make_draft(scene, who, records=[])
        assert outcomes(one)["Achievements (one of)"] is Outcome.NOT_MET

        for picked in ([contract], [contract], [], [contract]):
            with unit_of_work():
                services.save(fresh(one), facts({}), picked, by=who.actor, at=AT)
            assert [x.id for x in evidence_used_by(queries.subject(one))] == [x.id for x in picked]

        assert queries.judged(fresh(one), known_at=AT).facts["contracts.amount"].value == Decimal("3000000.00")

    def test_nobody_relies_on_the_records_of_somebody_else(self, scene: Scene, who: Member) -> None:
        other = make_checked(Kind.CONTRACT, make_applicant())
        with pytest.raises(ForbiddenError):
            make_draft(scene, who, records=[other])

    def test_who_is_excluded_may_not_send(self, scene: Scene, who: Member) -> None:
        one = make_draft(scene, who, retired="true")
        with pytest.raises(InvalidError), unit_of_work():
            services.submit(fresh(one), by=who.actor, at=AT)
        assert fresh(one).state is ApplicationState.DRAFT

    def test_applications_are_sent_by_the_last_day_in_shanghai(self, scene: Scene, who: Member) -> None:
        one = make_draft(scene, who)
        with pytest.raises(ConflictError), unit_of_work():
            services.submit(fresh(one), by=who.actor, at=datetime(2026, 3, 31, 16, 0, tzinfo=UTC))
        with unit_of_work():
            services.submit(fresh(one), by=who.actor, at=datetime(2026, 3, 31, 15, 59, tzinfo=UTC))
        assert fresh(one).state is ApplicationState.SUBMITTED

    def test_a_second_click_begins_no_second_application(self, scene: Scene, who: Member) -> None:
        first, second = make_draft(scene, who, records=[]), make_draft(scene, who, records=[])
        assert first.id == second.id

    def test_a_person_of_another_region_may_not_apply(self, scene: Scene) -> None:
        with pytest.raises(ForbiddenError):
            make_draft(scene, make_applicant(SHENZHEN), records=[])

    def test_a_restricted_person_is_stopped_at_every_door(self, scene: Scene, who: Member) -> None:
        one = make_submitted(scene, who)
        with unit_of_work():
            terms = Terms(date(2026, 3, 1), date(2029, 2, 28), "材料造假", "鲁人社罚〔2026〕1号")
            impose(["titles.apply"], who.person, terms, region_code=SHANDONG, by=scene.regulator.actor, at=AT)
        with pytest.raises(ForbiddenError) as refused, unit_of_work():
            services.accept(fresh(one), by=scene.office.secretary.actor, at=AT + DAY)
        assert refused.value.code == "restricted"


class TestFormalCheck:
    def test_returns_are_counted_and_a_returned_application_may_come_late(self, scene: Scene, who: Member) -> None:
        one = make_submitted(scene, who)
        for round_ in (1, 2):
            with unit_of_work():
                services.give_back(fresh(one), reason="缺少学历证明。", by=scene.office.secretary.actor, at=AT)
            assert fresh(one).returns == round_
            waiting = session.scalars(
                select(Todo.kind).where(Todo.person_id == who.person.id, Todo.closed_at.is_(None))
            )
            assert list(waiting) == ["titles.correct"]
            with unit_of_work():
                services.submit(fresh(one), by=who.actor, at=AT + 40 * DAY)
        assert fresh(one).reason is None

    def test_what_is_not_met_is_not_accepted(self, scene: Scene, who: Member) -> None:
        one = make_submitted(scene, who, degree_on="2025-06-30")
        with pytest.raises(InvalidError), unit_of_work():
            services.accept(fresh(one), by=scene.office.secretary.actor, at=AT)
        assert fresh(one).state is ApplicationState.SUBMITTED

    def test_nobody_checks_their_own(self, scene: Scene) -> None:
        secretary = scene.office.secretary
        person = make_member(Role.TRAINEE, JINAN, person=secretary.person)
        one = make_submitted(scene, person)
        for act in (services.accept, lambda *a, **k: services.give_back(*a, reason="x", **k)):
            with pytest.raises(ForbiddenError), unit_of_work():
                act(fresh(one), by=secretary.actor, at=AT)


class TestReview:
    def test_the_meeting_waits_for_the_last_day_and_the_formal_checks(self, scene: Scene, who: Member) -> None:
        def call(at: datetime) -> None:
            with unit_of_work():
                secretary = scene.office.secretary.actor
                services.call_meeting(scene.round, place="济南", starts_at=MET_AT, by=secretary, at=at)

        with pytest.raises(ConflictError, match="截止日"):
            call(AT)
        with pytest.raises(ConflictError, match="没有可评审"):
            call(MET_AT)
        make_submitted(scene, who)
        with pytest.raises(ConflictError, match="形式审查"):
            call(MET_AT)

    def test_the_accepted_applications_are_the_agenda(self, scene: Scene, who: Member) -> None:
        one = make_accepted(scene, who)
        make_draft(scene, make_applicant(), records=[])
        meeting = hold_meeting(scene)
        assert [item.subject for item in meeting_queries.all_items(meeting.id)] == [queries.subject(one)]
        assert scene.round.state is RoundState.REVIEW

    def test_an_application_does_not_exist_for_a_recused_expert(
        self, scene: Scene, who: Member, browser_of: BrowserOf
    ) -> None:
        one, other = make_accepted(scene, who), make_accepted(scene, make_applicant())
        expert = scene.experts[1]
        with unit_of_work():
            keep(queries.subject(one), expert.person, kind=Conflict.IMPOSED, reason="同一单位", by=None, at=AT)
        hold_meeting(scene)
        recused, free = browser_of(acting(expert)), browser_of(acting(scene.experts[2]))

        assert recused.get(f"/titles/applications/{one.code}").status_code == 404
        assert recused.get(f"/titles/applications/{other.code}").status_code == 200
        assert free.get(f"/titles/applications/{one.code}").status_code == 200
        page = recused.get(f"/titles/rounds/{scene.round_code}").text
        assert one.code not in page
        assert other.code in page

    def test_experts_read_nothing_before_the_meeting_is_called(self, scene: Scene, who: Member) -> None:
        one = make_accepted(scene, who)
        with pytest.raises(NotFoundError):
            queries.application(one.code, acting(scene.experts[1]).actor)

    def test_who_is_recused_does_not_vote_on_it(self, scene: Scene, who: Member) -> None:
        one, other = make_accepted(scene, who), make_accepted(scene, make_applicant())
        expert = scene.experts[2]
        with unit_of_work():
            keep(queries.subject(one), expert.person, kind=Conflict.DECLARED, reason="师生", by=None, at=AT)
        hold_meeting(scene)
        house = call_vote(scene)
        voter = house.voter(acting(expert))
        asked = [one.reference for one in records.questions_for(house.fresh(), voter)]
        assert asked == [other.code]

    def test_the_ballot_needs_an_open_meeting_and_two_other_members_present(self, scene: Scene, who: Member) -> None:
        make_accepted(scene, who)
        secretary = scene.office.secretary.actor
        with unit_of_work():
            services.call_meeting(scene.round, place="济南", starts_at=MET_AT, by=secretary, at=MET_AT - DAY)
        with pytest.raises(ConflictError, match="会议召开期间"):
            call_vote(scene)

    @pytest.mark.parametrize("places", [(1, 1), (0, 1)])
    def test_the_keepers_are_two_members_beside_the_chair(
        self, scene: Scene, who: Member, places: tuple[int, int]
    ) -> None:
        make_accepted(scene, who)
        hold_meeting(scene)
        keepers = [scene.experts[place].person_id for place in places]
        with pytest.raises(InvalidError), unit_of_work():
            services.call_vote(scene.round, keepers, by=scene.office.secretary.actor, at=MET_AT)

    def test_after_a_ballot_was_called_off_another_one_can_be_called(self, scene: Scene, who: Member) -> None:
        make_accepted(scene, who)
        hold_meeting(scene)
        house = call_vote(scene)
        with unit_of_work():
            ballots.call_off(house.fresh(), reason="密钥文件遗失", by=house.chair.actor, at=MET_AT)
        assert scene.round.state is RoundState.REVIEW
        assert call_vote(scene).ballot.code != house.ballot.code
