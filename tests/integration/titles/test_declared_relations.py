"""A relation that an expert declares in their declaration of impartiality keeps them from the cases it concerns."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Organisation
from app.accounts.states import OrganisationKind, Role
from app.assessment.titles import queries
from app.assessment.titles.experts import offered
from app.assessment.titles.models import TitleApplication
from app.ballots import services as ballots
from app.ballots.states import Choice
from app.cases import services as cases
from app.cases.models import Case, DeclaredRelation
from app.cases.queries import relations
from app.cases.services import Filing, Relative
from app.cases.states import Relation
from app.core import clock, post
from app.core.db import session, unit_of_work
from app.core.events import Event
from app.desk import services as desk
from app.desk.models import Notice, NoticeDelivery, Todo
from app.desk.personal_data import PERSONAL_DATA
from app.desk.post import send_waiting
from app.desk.queries import notices
from app.desk.states import Channel
from app.panels.models.draws import ConflictFact, Panel
from app.panels.models.pools import PoolExpert
from app.panels.queries import draws, meetings, scope
from app.panels.services import offers
from app.panels.services.draws import Plan, eligible, reveal
from app.panels.states import Conflict, SeatState
from tests.factories import ballots as making
from tests.factories.accounts import JINAN, Member, make_member, make_organisation
from tests.factories.desk import expected, waiting
from tests.factories.panels import AT as PANEL_AT
from tests.factories.panels import acting, draw, fresh, publish, secret_of
from tests.factories.titles import AT, MET_AT, Scene, call_vote, hold_meeting, make_accepted, make_applicant, make_open
from tests.submit import submit

BrowserOf = Callable[[Member], FlaskClient]
KIN = Relation.KINSHIP


@pytest.fixture
def scene(app: Flask, at_time: Callable[[datetime], None]) -> Scene:
    del app
    at_time(AT)
    return make_open()


def declare(expert: PoolExpert, *named: Relative, at: datetime = AT) -> Case:
    """Let an expert make the declaration of the year."""
    member = acting(expert)
    about = f"{member.person.code}-{at.year}"
    with unit_of_work():
        filing = Filing("见所列人员。", declares=False, relations=named)
        return cases.open_case(relations.DECLARATION, about, filing, by=member.actor, at=at)


def to(applicant: Member, kind: Relation = KIN) -> Relative:
    return Relative(kind, applicant.person.name, applicant.person.code)


def planned(scene: Scene, code: str, *, seats: int = 1) -> Panel:
    with unit_of_work():
        secretary = scene.office.secretary.actor
        wanted = Plan("专家组", "Experts", seats, regions=1)
        return offers.plan(scene.office.pool, wanted, [f"title_application:{code}"], by=secretary, at=AT)


def test_whoever_declared_kinship_is_not_drawn_and_finds_nothing(scene: Scene, browser_of: BrowserOf) -> None:
    applicant, relative = make_applicant(), scene.experts[0]
    one = make_accepted(scene, applicant)
    declare(relative, to(applicant))

    panel = planned(scene, one.code)

    assert relative.code not in [candidate.code for candidate in eligible(panel, at=AT)]
    fact = session.scalars(select(ConflictFact).where(ConflictFact.expert_id == relative.id)).one()
    assert (fact.kind, fact.source) == (Conflict.KINSHIP, "declaration")
    drawn = draw(panel, scene.office)
    assert relative.person_id not in [seat.expert.person_id for seat in draws.seats(drawn)]
    browser = browser_of(acting(relative))
    assert browser.get(f"/panels/{panel.code}").status_code == 404
    assert browser.get(f"/titles/applications/{one.code}").status_code == 404


def test_a_meeting_recuses_whom_a_declaration_names(scene: Scene, browser_of: BrowserOf) -> None:
    applicant, relative = make_applicant(), scene.experts[1]
    one, other = make_accepted(scene, applicant), make_accepted(scene, make_applicant())
    declare(relative, to(applicant, Relation.COAUTHOR))

    hold_meeting(scene)

    assert scope.recused(relative.person_id, queries.subject(one))
    assert not scope.recused(relative.person_id, queries.subject(other))
    assert applicant.person.name not in browser_of(acting(relative)).get(f"/meetings/{scene.meeting.code}").text


def test_a_declaration_after_the_draw_seats_the_next_substitute(scene: Scene) -> None:
    applicant = make_applicant()
    one = make_accepted(scene, applicant)
    panel = draw(planned(scene, one.code), scene.office)
    seated = next(seat for seat in draws.seats(panel) if seat.state is SeatState.SEATED)

    declare(seated.expert, to(applicant))

    now = {seat.expert_id: seat.state for seat in draws.seats(fresh(panel))}
    assert now[seated.expert_id] is SeatState.RECUSED
    assert list(now.values()).count(SeatState.SEATED) == 1


def test_a_declaration_while_the_population_is_public_waits_for_the_draw(scene: Scene) -> None:
    applicant = make_applicant()
    one = make_accepted(scene, applicant)
    panel = planned(scene, one.code)
    publish(panel, scene.office)
    for expert in scene.experts[:2]:
        declare(expert, to(applicant))
        assert not scope.recused(expert.person_id, queries.subject(one))

    draw_published(panel, scene)

    assert all(scope.recused(expert.person_id, queries.subject(one)) for expert in scene.experts[:2])
    (left,) = [seat for seat in draws.seats(fresh(panel)) if seat.state is SeatState.SEATED]
    assert left.expert_id == scene.experts[2].id


def draw_published(panel: Panel, scene: Scene) -> None:
    office = scene.office
    for member in (office.secretary, office.supervisor, office.supervisor2):
        with unit_of_work():
            reveal(fresh(panel), secret_of(member.actor), by=member.actor, at=PANEL_AT + timedelta(minutes=5))


def test_a_vote_that_was_given_stands_and_the_office_reads_that_the_declaration_came_late(scene: Scene) -> None:
    applicant, late = make_applicant(), scene.experts[2]
    one = make_accepted(scene, applicant)
    hold_meeting(scene)
    house = making.make_ready(call_vote(scene))
    with unit_of_work():
        ends = MET_AT + timedelta(hours=1)
        ballots.open_vote(house.fresh(), closes_at=ends, by=house.chair.actor, at=MET_AT)
    making.cast(house, acting(late), Choice.APPROVE, at=MET_AT)

    declare(late, to(applicant), at=MET_AT)

    assert not scope.recused(late.person_id, queries.subject(one))
    told = session.scalars(select(Event).where(Event.kind == "panels.relation_late")).one()
    assert told.subject_code == scene.meeting.code


def test_without_a_number_everyone_who_bears_the_name_counts_until_the_next_declaration(scene: Scene) -> None:
    applicant, relative = make_applicant(), scene.experts[0]
    one = make_accepted(scene, applicant)
    spaced = " ".join(applicant.person.name)
    declare(relative, Relative(KIN, spaced), at=AT)
    kept = session.scalars(select(DeclaredRelation)).one()
    assert (kept.other_id, applicant.person.name in kept.name_kept) == (None, False), "the name lies sealed"
    (given,) = offered(scene.office.secretary.actor)
    assert given.given.subject == queries.subject(one)
    assert relations.to_people([applicant.person.id]) == [(applicant.person.id, relative.person_id, KIN, True)]

    declare(relative, at=AT + timedelta(days=1))

    assert relations.to_people([applicant.person.id]) == []


def test_a_body_that_is_named_keeps_from_everyone_who_works_there(scene: Scene) -> None:
    body = make_organisation(kind=OrganisationKind.INSTITUTION, region=JINAN, name_zh="历下技术转移有限公司")
    applicant = make_member(Role.TRAINEE, JINAN, session.get_one(Organisation, body.id))
    one = make_accepted(scene, applicant)
    shareholder = scene.experts[2]
    declare(shareholder, Relative(Relation.UNIT, "历下技术转移有限公司"))

    planned(scene, one.code)

    assert scope.recused(shareholder.person_id, queries.subject(one))


@dataclass
class Told:
    """What an expert reads of notices: their page, the number at the bell, their letters and their export."""

    expert: PoolExpert
    browser: FlaskClient

    def page(self) -> list[str]:
        """Return where the notices on their page lead, newest first, with a star behind those not read."""
        shown = self.browser.get("/messages").text
        query = select(Notice).where(Notice.person_id == self.expert.person_id).order_by(Notice.id.desc())
        lines = []
        for one in session.scalars(query):
            if f"/messages/{one.code}/open" in shown:
                lines.append(f"{one.url}*")
            elif f'href="{one.url}"' in shown:
                lines.append(one.url)
        return lines

    def bell(self) -> int:
        return notices.frame_counts(acting(self.expert).actor, clock.today())[1]

    def letters(self) -> int:
        post.empty_memory()
        send_waiting()
        return len(post.in_memory())

    def exported(self) -> list[object]:
        kept = next(one for one in PERSONAL_DATA if one.name == "notices")
        return [row["subject_code"] for row in kept.collect(self.expert.person_id)]


def told(expert: PoolExpert, browser: FlaskClient, *about: TitleApplication) -> Told:
    """Tell an expert of each application by two notices, the first read, both still on their way by mail."""
    with unit_of_work():
        for one in about:
            rows = session.scalars(
                select(Event).where(Event.subject_code == one.code).order_by(Event.id).limit(2)
            ).all()
            for happened, read_at in zip(rows, (AT, None), strict=True):
                notice = Notice(
                    event_id=happened.id,
                    kind="titles.stopped",
                    person_id=expert.person_id,
                    subject_type="title_application",
                    subject_code=one.code,
                    url=f"/titles/applications/{one.code}#{happened.id}",
                    label={},
                    at=AT,
                    read_at=read_at,
                )
                session.add(notice)
                session.flush()
                session.add(
                    NoticeDelivery(notice_id=notice.id, person_id=expert.person_id, channel=Channel.MAIL, due_at=AT)
                )
    return Told(expert, browser)


def test_the_notices_that_a_recused_member_had_of_the_case_are_gone(scene: Scene, browser_of: BrowserOf) -> None:
    applicant, relative = make_applicant(), scene.experts[0]
    one = make_accepted(scene, applicant)
    reads = told(relative, browser_of(acting(relative)), one)
    codes = session.scalars(select(Notice.code).where(Notice.person_id == relative.person_id)).all()
    assert (len(reads.page()), reads.bell(), len(reads.exported())) == (2, 1, 2)

    declare(relative, to(applicant))
    planned(scene, one.code)

    assert [reads.browser.post(f"/messages/{code}/open").status_code for code in codes] == [404, 404]
    assert (reads.page(), reads.bell(), reads.letters(), reads.exported()) == ([], 0, 0, [])
    assert desk.withdraw_notices(queries.subject(one), at=AT, person_id=applicant.person.id) == 0


@pytest.mark.parametrize("before_a_meeting", [False, True])
def test_after_another_person_was_found_the_expert_has_exactly_the_notices_they_had(
    scene: Scene, browser_of: BrowserOf, *, before_a_meeting: bool
) -> None:
    """Meanwhile they saw none of the case, whatever they pressed; those of another case stayed as they were."""
    other = make_accepted(scene, make_member(Role.TRAINEE, JINAN))
    _applicant, one, expert = by_name(scene)
    reads = told(expert, browser_of(acting(expert)), one, other)
    had, exported = reads.page(), reads.exported()
    assert [line.endswith("*") for line in had] == [True, False, True, False]

    page = brought(scene, one, to_meeting=before_a_meeting)
    others = [line for line in had if other.code in line]
    assert (reads.page(), reads.bell(), reads.exported()) == (others, 1, [other.code] * 2)
    assert reads.letters() == 2, "of the other case"
    reads.browser.post("/messages/read")
    assert reads.bell() == 0

    office = browser_of(scene.office.secretary)
    assert office.post(f"{page}/settle", data=found("no", expert)).status_code == 302

    assert reads.page() == [line.removesuffix("*") if other.code in line else line for line in had]
    assert (reads.bell(), reads.exported()) == (1, exported)
    assert reads.letters() == 2, "what had not left before"
    assert reads.letters() == 0
    planned(scene, one.code)
    assert (len(reads.page()), reads.bell()) == (len(had), 1), "what was found holds"


def test_the_same_person_gets_no_notice_back_and_a_later_recusal_takes_them_again(
    scene: Scene, browser_of: BrowserOf
) -> None:
    _applicant, one, expert = by_name(scene)
    reads, office = told(expert, browser_of(acting(expert)), one), browser_of(scene.office.secretary)
    second = scene.experts[1]
    declare(second, Relative(KIN, _applicant.person.name))
    also = told(second, browser_of(acting(second)), one)
    page = brought(scene, one)

    office.post(f"{page}/settle", data=found("yes", expert))
    office.post(f"{page}/settle", data=found("no", second))
    assert (reads.page(), reads.bell(), reads.letters()) == ([], 0, 2), "two letters of the second expert"
    assert (len(also.page()), also.bell()) == (2, 1)

    assert submit(office, f"{page}/recuse", page=page, expert=second.code, reason="同一项目组成员。").status_code == 302
    assert (also.page(), also.bell()) == ([], 0)


def test_the_declaration_is_made_on_its_page_and_filled_in_again(scene: Scene, browser_of: BrowserOf) -> None:
    applicant, expert = make_applicant(), acting(scene.experts[0])
    browser, address = browser_of(expert), f"/cases/new?kind=cases.impartiality&about={expert.person.code}-{AT.year}"
    row = {"kind_1": "kinship", "name_1": applicant.person.name, "known_by_1": applicant.person.code}

    half = submit(browser, address, page=address, facts="如下。", kind_1="kinship", name_1="")
    assert half.status_code == 422
    assert "请填写姓名或者名称" in half.text
    assert submit(browser, address, page=address, facts="如下。", **row).status_code == 302

    assert relations.to_people([applicant.person.id]) == [(applicant.person.id, expert.person.id, KIN, False)]
    assert applicant.person.name in browser.get(address).text
    again = submit(browser, address, page=address, facts="如下。", kind_1="kinship", name_1=applicant.person.name)
    assert again.status_code == 302
    last = session.scalars(select(DeclaredRelation).order_by(DeclaredRelation.id.desc())).first()
    assert last is not None
    assert last.other_id == applicant.person.id, "who was found once is found again by the name"


def by_name(scene: Scene) -> tuple[Member, TitleApplication, PoolExpert]:
    """Return an applicant with their application, and an expert who named them by name alone."""
    applicant, expert = make_applicant(), scene.experts[0]
    one = make_accepted(scene, applicant)
    declare(expert, Relative(KIN, applicant.person.name))
    return applicant, one, expert


def brought(scene: Scene, one: TitleApplication, *, to_meeting: bool = False) -> str:
    """Bring an application before a panel, or before the meeting; return the page where the office settles names."""
    if to_meeting:
        meeting = hold_meeting(scene)
        items = {item.subject.code: item for item in meetings.all_items(meeting.id)}
        return f"/meetings/{meeting.code}/items/{items[one.code].code}"
    panel = planned(scene, one.code)
    (case,) = draws.all_cases(panel.id)
    return f"/panels/{panel.code}/cases/{case.code}"


def found(said: str, expert: PoolExpert, **more: str) -> dict[str, str]:
    code = expert.person.code
    return {"settle-expert": code, "settle-same": said, "settle-reason": "经询问专家并核对证件号码。", **more}


def test_a_name_without_a_number_bars_until_the_office_found_another_person(
    scene: Scene, browser_of: BrowserOf
) -> None:
    _applicant, one, expert = by_name(scene)
    panel = planned(scene, one.code)
    about, office = queries.subject(one), browser_of(scene.office.secretary)
    assert scope.recused(expert.person_id, about)
    assert expert.code not in [candidate.code for candidate in eligible(panel, at=AT)]
    (case,) = draws.all_cases(panel.id)
    page = f"/panels/{panel.code}/cases/{case.code}"
    assert "待核实" in office.get(page).text
    assert office.post(f"{page}/settle", data=found("", expert)).status_code == 422
    assert office.post(f"{page}/settle", data=found("no", expert, **{"settle-reason": ""})).status_code == 422
    assert scope.recused(expert.person_id, about)

    assert office.post(f"{page}/settle", data=found("no", expert)).location == page

    assert not scope.recused(expert.person_id, about)
    assert expert.code in [candidate.code for candidate in eligible(fresh(panel), at=AT)]
    told = session.scalars(select(Event).where(Event.kind == "panels.another_person")).one()
    assert (told.subject_code, told.data) == (panel.code, {"person": expert.person.code})
    shown = office.get(page).text
    assert "并非同一人" in shown
    assert "经询问专家" in shown
    assert office.post(f"{page}/settle", data=found("yes", expert)).status_code == 409


def settling() -> list[str]:
    """Return where offices are asked whom a declaration by name means."""
    assert expected() == waiting()
    query = select(Todo.url).where(Todo.kind == "panels.settle", Todo.closed_at.is_(None))
    return list(session.scalars(query.order_by(Todo.id)))


def test_the_office_is_asked_once_a_case_until_it_has_said_who_is_meant(scene: Scene, browser_of: BrowserOf) -> None:
    """Also where the declaration was known before the case came to a panel, and where it comes before a meeting too."""
    applicant, one, expert = by_name(scene)
    assert settling() == []
    panel = planned(scene, one.code)
    (case,) = draws.all_cases(panel.id)
    page = f"/panels/{panel.code}/cases/{case.code}"
    assert settling() == [page]
    declare(scene.experts[1], Relative(KIN, applicant.person.name))
    hold_meeting(scene)
    assert settling() == [page]
    office = browser_of(scene.office.secretary)
    assert page in office.get("/inbox").text

    office.post(f"{page}/settle", data=found("no", expert))
    assert settling() == [page], "another declaration waits"
    office.post(f"{page}/settle", data=found("yes", scene.experts[1]))

    assert settling() == []


def test_what_the_office_found_holds_wherever_the_case_goes_next(scene: Scene, browser_of: BrowserOf) -> None:
    _applicant, one, expert = by_name(scene)
    panel = planned(scene, one.code)
    (case,) = draws.all_cases(panel.id)
    office = browser_of(scene.office.secretary)
    office.post(f"/panels/{panel.code}/cases/{case.code}/settle", data=found("no", expert))

    hold_meeting(scene)
    planned(scene, one.code)

    assert not scope.recused(expert.person_id, queries.subject(one))
    assert call_vote(scene).voter(acting(expert)).open_questions == 1


def test_the_same_person_stays_recused_and_the_item_of_a_meeting_says_so(scene: Scene, browser_of: BrowserOf) -> None:
    _applicant, one, expert = by_name(scene)
    meeting = hold_meeting(scene)
    office = browser_of(scene.office.secretary)
    (item,) = meetings.all_items(meeting.id)
    page = f"/meetings/{meeting.code}/items/{item.code}"
    assert "待核实" in office.get(page).text
    for other in (acting(expert), acting(scene.experts[1])):
        assert browser_of(other).post(f"{page}/settle", data=found("no", expert)).status_code == 403

    assert office.post(f"{page}/settle", data=found("yes", expert)).location == page

    assert scope.recused(expert.person_id, queries.subject(one))
    assert session.scalars(select(Event).where(Event.kind == "panels.same_person")).one().subject_code == meeting.code
    assert "待核实" not in office.get(page).text


def test_a_sure_relation_settles_what_rested_on_a_name(scene: Scene, browser_of: BrowserOf) -> None:
    applicant, one, expert = by_name(scene)
    panel = planned(scene, one.code)
    (case,) = draws.all_cases(panel.id)
    office, page = browser_of(scene.office.secretary), f"/panels/{panel.code}/cases/{case.code}/settle"

    declare(expert, to(applicant), at=AT + timedelta(days=1))

    assert office.post(page, data=found("no", expert)).status_code == 409
    assert scope.recused(expert.person_id, queries.subject(one))


def test_after_another_person_was_found_the_expert_may_still_be_recused_for_a_reason(
    scene: Scene, browser_of: BrowserOf
) -> None:
    _applicant, one, expert = by_name(scene)
    panel = planned(scene, one.code)
    (case,) = draws.all_cases(panel.id)
    office, page = browser_of(scene.office.secretary), f"/panels/{panel.code}/cases/{case.code}"
    office.post(f"{page}/settle", data=found("no", expert))
    assert not scope.recused(expert.person_id, queries.subject(one))

    assert submit(office, f"{page}/recuse", page=page, expert=expert.code, reason="同一项目组成员。").status_code == 302

    assert scope.recused(expert.person_id, queries.subject(one))
    assert "同一项目组成员" in office.get(page).text
