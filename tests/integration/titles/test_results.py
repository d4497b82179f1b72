"""What follows from the vote, and the whole path by page."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.states import Role
from app.assessment.titles import queries, services
from app.assessment.titles.models import TitleAward
from app.assessment.titles.personal_data import PERSONAL_DATA
from app.assessment.titles.services.rounds import RESULT
from app.assessment.titles.states import EVIDENCE, ApplicationState, RoundState
from app.ballots.models import Ballot
from app.ballots.states import Choice
from app.cases.queries import cases
from app.cases.queries.notices import publicity_of
from app.cases.services import Filing, end_publicity, handling, open_case
from app.core.clock import day_of
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.desk.models import Notice
from app.evidence import services as evidence
from app.evidence.models import Evidence
from app.evidence.states import Kind, State
from app.panels.queries import meetings as meeting_queries
from app.rulebook import queries as rulebook
from app.rulebook.models import DecisionRecord
from app.rulebook.queries.records import replayed
from app.rulebook.verdicts import Outcome, Verdict
from tests.factories import ballots as making
from tests.factories.accounts import SHANDONG, Member, make_member
from tests.factories.evidence import make_checked
from tests.factories.panels import acting
from tests.factories.titles import (
    AT,
    DAY,
    MET_AT,
    STATED,
    UNTIL,
    Scene,
    fresh,
    hold_meeting,
    make_accepted,
    make_applicant,
    make_open,
    make_scene,
    make_voted,
    vote,
)

BrowserOf = Callable[[Member], FlaskClient]
LATER = datetime(2026, 5, 8, 2, 0, tzinfo=UTC)


class TestResults:
    def test_a_vote_to_approve_passes_is_recorded_and_stands_in_the_minutes(self, app: Flask) -> None:
        del app
        scene, who, one = make_voted()
        passed = fresh(one)

        assert (passed.state, passed.approve, passed.attending) == (ApplicationState.PASSED, 3, 3)
        assert scene.round.state is RoundState.DECIDED
        record = session.scalars(select(DecisionRecord).where(DecisionRecord.kind == "title_scheme")).one()
        assert (record.person_id, record.outcome, record.judged_on) == (who.person.id, Outcome.MET, UNTIL)
        assert record.facts["titles.approve"]["value"] == "3"
        pack = rulebook.by_code(record.pack)
        assert [again.changed for again in replayed(pack, [record])] == [False]
        item = meeting_queries.all_items(scene.meeting.id)[0]
        assert item.result is not None
        assert item.result["yes"] == 3

    def test_a_vote_to_object_refuses_and_says_why(self, app: Flask, browser_of: BrowserOf) -> None:
        del app
        _scene, who, one = make_voted(Choice.OBJECT)
        refused = fresh(one)
        assert refused.state is ApplicationState.REFUSED
        last = Verdict.from_json(refused.verdict or {}).lines[-1]
        assert (last.reason, last.outcome) == ("titles.vote", Outcome.NOT_MET)
        page = browser_of(who).get(f"/titles/applications/{one.code}").text
        assert f"about={one.code}" in page

    def test_the_title_is_confirmed_by_another_person_after_five_working_days(
        self, app: Flask, run_jobs: Callable[[], int], at_time: Callable[[datetime], None]
    ) -> None:
        del app
        at_time(MET_AT)
        scene, who, one = make_voted()
        run_jobs()
        notice = publicity_of(RESULT, "title_application", one.code)
        assert notice is not None
        assert notice.names == [who.person.name]

        with pytest.raises(ConflictError), unit_of_work():
            services.confirm_title(fresh(one), by=scene.regulator.actor, at=MET_AT)
        with unit_of_work():
            end_publicity(at=datetime.combine(notice.ends_on, MET_AT.timetz()))
        assert fresh(one).state is ApplicationState.PASSED
        with unit_of_work():
            end_publicity(at=LATER)
        assert fresh(one).state is ApplicationState.CLEARED
        with pytest.raises(ForbiddenError), unit_of_work():
            services.confirm_title(fresh(one), by=scene.office.secretary.actor, at=LATER)
        with unit_of_work():
            award = services.confirm_title(fresh(one), by=scene.regulator.actor, at=LATER)

        assert (award.number[:8], award.title_zh, award.awarded_on) == ("ZC372026", "工程师", day_of(LATER))
        name = "titles.held[intermediate]"
        ids = [who.person.id]
        held = rulebook.facts_of(ids, frozenset({name}), on=day_of(LATER), known_at=LATER)[who.person.id]
        assert held[name].source == award.number
        before = rulebook.facts_of(ids, frozenset({name}), on=day_of(LATER), known_at=LATER - DAY)[who.person.id]
        assert before == {}

    def test_an_upheld_objection_stops_the_title(
        self, app: Flask, run_jobs: Callable[[], int], at_time: Callable[[datetime], None]
    ) -> None:
        del app
        at_time(MET_AT)
        scene, _who, one = make_voted()
        run_jobs()
        notice = publicity_of(RESULT, "title_application", one.code)
        assert notice is not None
        other = make_member(Role.REGULATOR, SHANDONG)
        with unit_of_work():
            objector = make_applicant().actor
            case = open_case("cases.objection", notice.code, Filing("合同系伪造。"), by=objector, at=MET_AT)
            handling.accept(case, by=other.actor, at=MET_AT)
        with unit_of_work():
            end_publicity(at=LATER)
        assert fresh(one).state is ApplicationState.PASSED
        uphold(case.code, other, at=LATER)
        with unit_of_work():
            end_publicity(at=LATER + DAY)

        assert fresh(one).state is ApplicationState.STOPPED
        with pytest.raises(ConflictError), unit_of_work():
            services.confirm_title(fresh(one), by=scene.regulator.actor, at=LATER + DAY)

    @pytest.mark.parametrize("after_publicity", [True, False])
    def test_a_title_is_not_confirmed_on_a_record_that_was_withdrawn(
        self, app: Flask, run_jobs: Callable[[], int], at_time: Callable[[datetime], None], *, after_publicity: bool
    ) -> None:
        """Given a passed application, when a record behind it is withdrawn, it is stopped and both sides are told."""
        del app
        at_time(MET_AT)
        scene, who, one = make_voted()
        run_jobs()
        if after_publicity:
            with unit_of_work():
                end_publicity(at=LATER)
            assert fresh(one).state is ApplicationState.CLEARED
        record = queries.picked(fresh(one))[0]
        with unit_of_work():
            evidence.withdraw(session.merge(record), reason="合同已解除", by=who.actor, at=LATER)
        run_jobs()

        stopped = fresh(one)
        assert (stopped.state, stopped.reason) == (ApplicationState.STOPPED, EVIDENCE)
        with pytest.raises(ConflictError), unit_of_work():
            services.confirm_title(fresh(one), by=scene.regulator.actor, at=LATER)
        with unit_of_work():
            end_publicity(at=LATER + DAY)
        assert fresh(one).state is ApplicationState.STOPPED
        told = session.execute(select(Notice.kind, Notice.person_id).where(Notice.kind.like("titles.%"))).all()
        assert set(told) >= {
            ("titles.stopped", who.person.id),
            ("titles.evidence_withdrawn", scene.office.secretary.person.id),
        }

    def test_a_record_withdrawn_before_the_vote_stops_the_result_when_its_publicity_ends(
        self, app: Flask, run_jobs: Callable[[], int], at_time: Callable[[datetime], None]
    ) -> None:
        del app
        at_time(MET_AT)
        _scene, _who, one = make_voted()
        run_jobs()
        with unit_of_work():
            session.execute(
                update(Evidence)
                .where(Evidence.id == queries.picked(fresh(one))[0].id)
                .values(state=State.WITHDRAWN, reason="合同已解除", ended_at=AT, withdrawn_by_id=Evidence.person_id)
            )

        with unit_of_work():
            end_publicity(at=LATER)

        assert (fresh(one).state, fresh(one).reason) == (ApplicationState.STOPPED, EVIDENCE)

    def test_an_upheld_recheck_puts_the_application_before_the_committee_again(self, app: Flask) -> None:
        del app
        scene, who, one = make_voted(Choice.OBJECT)
        officer = make_member(Role.REGULATOR, SHANDONG)
        with pytest.raises(ForbiddenError), unit_of_work():
            open_case("titles.recheck", one.code, Filing("x"), by=make_applicant().actor, at=MET_AT + DAY)
        with unit_of_work():
            case = open_case("titles.recheck", one.code, Filing("漏看代表作。"), by=who.actor, at=MET_AT + DAY)
            handling.accept(case, by=officer.actor, at=MET_AT + DAY)
        uphold(case.code, officer, at=MET_AT + 2 * DAY)

        assert (fresh(one).state, fresh(one).approve) == (ApplicationState.ACCEPTED, None)
        assert scene.round.state is RoundState.OPEN
        hold_meeting(scene, at=MET_AT + 14 * DAY)
        assert [x.subject for x in meeting_queries.all_items(scene.meeting.id)] == [queries.subject(one)]


class TestPages:
    def test_from_the_proposal_to_the_formal_check_by_page(self, app: Flask, browser_of: BrowserOf) -> None:
        scene, who = make_scene(), make_applicant()
        contract = make_checked(Kind.CONTRACT, who)
        office, authority, mine = (browser_of(one) for one in (scene.office.secretary, scene.regulator, who))
        assert office.get("/titles/rounds/new").status_code == 200
        pack = queries.schemes(SHANDONG, UNTIL)[0]
        sent = {"scheme": pack.code, "committee": scene.committee.code, "name_zh": "中级评审", "name_en": "Titles"}
        past = office.post("/titles/rounds/new", data={**sent, "apply_until": "2020-01-01"})
        assert past.status_code == 422
        assert "中级评审" in past.text
        made = office.post("/titles/rounds/new", data={**sent, "apply_until": "2028-12-31"})
        scene.round_code = made.location.rsplit("/", 1)[-1]
        assert authority.post(f"{made.location}/confirm").status_code == 302

        edit = mine.post(f"{made.location}/applications").location
        assert mine.get(edit).status_code == 200
        declared = {f"fact_{name.replace('.', '_')}": value for name, value in STATED.items()}
        wrong = mine.post(edit, data={**declared, "fact_stated_degree_on": "昨天", "evidence": contract.code})
        assert wrong.status_code == 422
        assert "昨天" in wrong.text
        page = mine.post(edit, data={**declared, "evidence": contract.code}).location
        assert "3,000,000" in mine.get(page).text or "300" in mine.get(page).text
        assert office.get(page).status_code == 404
        assert mine.post(f"{page}/submit").status_code == 302
        assert office.post(f"{page}/return", data={"reason": ""}).status_code == 422
        assert office.post(f"{page}/return", data={"reason": "请补充学位证书。"}).status_code == 302
        assert "请补充学位证书。" in mine.get(edit).text
        assert mine.post(f"{page}/submit").status_code == 302
        assert office.post(f"{page}/accept").status_code == 302
        assert office.post(f"{page}/accept").status_code == 409

        one = queries.own(who.actor)[0]
        assert (one.state, one.returns) == (ApplicationState.ACCEPTED, 1)
        answered = app.test_cli_runner().invoke(args=["titles", "check", one.code, "--json"])
        told = json.loads(answered.output)
        assert (told["outcome"], told["pack"], told["missing"]) == ("met", pack.code, "")
        assert told["facts"]["contracts.amount"]["value"] == "3000000.00"
        assert told["facts"]["stated.degree"]["source"] == "declared"
        read = app.test_cli_runner().invoke(args=["titles", "check", one.code]).output.splitlines()
        assert read[0] == f"met {pack.code}"
        outcomes = [line.partition(": ")[0] for line in read[1:]]
        assert outcomes == [one["outcome"] for one in told["verdict"]["lines"]]
        assert app.test_cli_runner().invoke(args=["titles", "check", "nothing"]).exit_code == 1

    def test_from_the_meeting_to_the_register_by_page(
        self, app: Flask, browser_of: BrowserOf, run_jobs: Callable[[], int], at_time: Callable[[datetime], None]
    ) -> None:
        del app
        scene = make_open()
        who = make_applicant()
        one = make_accepted(scene, who)
        office, authority = browser_of(scene.office.secretary), browser_of(scene.regulator)
        url = f"/titles/rounds/{scene.round_code}"
        at_time(AT)
        early = office.post(f"{url}/meeting", data={"place": "济南", "starts_at": "2026-04-08T10:00"})
        assert early.status_code == 409
        at_time(MET_AT)
        assert office.post(f"{url}/meeting", data={"place": "", "starts_at": ""}).status_code == 422
        assert office.get(url).status_code == 200
        hold_meeting(scene)
        first, second = (expert.code for expert in scene.experts[1:])
        assert office.post(f"{url}/ballot", data={"first": first, "second": first}).status_code == 422
        assert office.post(f"{url}/ballot", data={"first": "nobody", "second": first}).status_code == 422
        assert office.post(f"{url}/ballot", data={"first": first, "second": second}).status_code == 302
        ballot = session.scalars(select(Ballot)).one()
        vote(making.House(ballot, acting(scene.experts[0]), [acting(expert) for expert in scene.experts[1:]]))
        run_jobs()
        page = f"/titles/applications/{one.code}"
        assert authority.get(page).status_code == 200
        with unit_of_work():
            end_publicity(at=LATER)
        at_time(LATER)
        assert authority.post(f"{page}/confirm").status_code == 302
        number = session.scalars(select(TitleAward.number)).one()
        stranger = browser_of(who)
        assert number in stranger.get(page).text
        assert number in stranger.get("/titles/register?text=" + number).text
        assert stranger.get(f"/titles/register/{number}").status_code == 200
        assert stranger.get("/titles/register/ZC0").status_code == 404

    @pytest.mark.parametrize("role", [Role.TRAINEE, Role.SECRETARY, Role.REGULATOR, Role.EXPERT, Role.CHAIR])
    def test_each_role_reads_its_own_list(self, scene: Scene, role: Role, browser_of: BrowserOf) -> None:
        member = make_member(role, SHANDONG, scene.office.organisation)
        page = browser_of(member).get("/titles/rounds")
        assert (scene.round_code in page.text) is (role in {Role.TRAINEE, Role.SECRETARY, Role.REGULATOR})
        assert browser_of(make_member(Role.BASE, SHANDONG)).get("/titles/rounds").status_code == 403

    def test_what_is_kept_of_a_person_is_given_to_them(self, app: Flask) -> None:
        del app
        _scene, who, one = make_voted()
        applications = [row for part in PERSONAL_DATA for row in part.collect(who.person.id)]
        assert [row["code"] for row in applications] == [one.code]


def uphold(code: str, officer: Member, *, at: datetime) -> None:
    with unit_of_work():
        handling.decide(cases.by_code(code), upheld=True, reasons="查证属实。", by=officer.actor, at=at)
