"""The experts of the demo: a pool of sixty, a committee, drawn panels, a scored inspection and a meeting."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from app.accounts import queries as accounts
from app.accounts import services as people
from app.accounts.actors import actor_of
from app.accounts.models import Person
from app.accounts.states import IdentityKind, Role
from app.bases import queries as base_queries
from app.bases import services as bases
from app.bases.models import TrainingBase
from app.cli.demo.people import add_demo_account, identity_number
from app.cli.demo.step import CONTENT, MADE_AT, Demo, acting_as
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.db import session, unit_of_work
from app.panels import minutes
from app.panels.models.draws import Panel
from app.panels.models.meetings import Meeting
from app.panels.models.pools import Committee, ExpertPool, PoolExpert
from app.panels.queries import draws, meetings, scoring
from app.panels.queries import pools as pool_queries
from app.panels.rules.draw import commitment
from app.panels.services import committees, pools
from app.panels.services import draws as drawing
from app.panels.services import meetings as meeting
from app.panels.services import scoring as scores
from app.panels.services.draws import CaseGiven, Plan
from app.panels.services.pools import Profile
from app.panels.services.scoring import Given
from app.panels.states import Composition, Field, Title
from app.web import pdf

FILE = CONTENT / "demo" / "experts.toml"
FIRST_SERIAL = 801
FIRST_DAY, LAST_DAY = date(2025, 1, 10), date(2028, 1, 9)
FILED_UNTIL = date(2028, 1, 9)
DRAWN_AT = datetime(2026, 9, 7, 2, 0, tzinfo=UTC)
MET_AT = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)
COMMITTEE_SIZE = 25
WITNESSES = ("secretary", "supervisor", "province")
# zh: names, reasons and opinions as a Chinese office writes them
POOL = ("山东省技术转移评审专家库", "Shandong pool of technology-transfer experts")
COMMITTEE = ("山东省工程系列技术转移专业高级评审委员会", "Shandong senior committee, technology transfer")
SERIES = "工程系列"
MEETING = ("2026年第一次评审会议", "First meeting of 2026")
PLACE = "济南市历下区科技大厦三楼会议室"
OPINION = "材料真实完整，现场考察情况良好，同意推荐。"
REVIEW = ("培训基地年度复核专家组", "Yearly review of a training base")
WAITING = ("技术合同认定复核专家组", "Review of contract recognition")
REASON = "查阅台账并现场访谈学员后评定。"
ADDRESS = ("济南市泰安路6号", "6 Tai'an Road, Jinan")
POINTS = (("86", "82.5", "78", "90"), ("88", "84", "80.5", "85"), ("84", "80", "76", "88.5"))
VOTES = ({"yes": 23, "no": 1, "abstain": 1, "passed": True}, {"yes": 21, "no": 3, "abstain": 1, "passed": True})


def load_pool(demo: Demo) -> int:
    """Open the pool, admit its experts and file the committee, where missing."""
    del demo
    if session.scalar(select(ExpertPool.id)) is not None:
        session.rollback()
        return 0
    listed = tomllib.loads(FILE.read_text("utf-8"))
    with unit_of_work():
        pool = pools.open_pool(
            accounts.organisation("shandong-authority"),
            name_zh=POOL[0],
            name_en=POOL[1],
            by=acting_as("province"),
            at=MADE_AT,
        )
        known = [_known(one, pool) for one in listed["signed_in"]]
        others = [_new(place, one, pool) for place, one in enumerate(listed["experts"])]
    with unit_of_work():
        _chair_again()
    with unit_of_work():
        _file_committee(pool, [*known, *others][:COMMITTEE_SIZE])
    return len(known) + len(others) + 1


def _chair_again() -> None:
    """Let the chair start as chair: a sign-in begins with the role given last, and the pool gave that of expert."""
    chair = acting_as("chair")
    people.grant_role(
        session.get_one(Person, chair.person_id),
        Role.CHAIR,
        region_code="370000",
        organisation_id=accounts.organisation("shandong-authority").id,
        starts_on=FIRST_DAY,
        by=None,
        at=MADE_AT,
    )


def _known(one: JsonObject, pool: ExpertPool) -> PoolExpert:
    person = session.get_one(Person, acting_as(one["sign_in"]).person_id)
    return _admitted(one, person, pool)


def _new(place: int, one: JsonObject, pool: ExpertPool) -> PoolExpert:
    person = people.add_person(
        name=one["name"],
        identity_kind=IdentityKind.RESIDENT_ID,
        identity_number=identity_number(FIRST_SERIAL + place),
        at=MADE_AT,
    )
    add_demo_account(person, second_factor=True)
    return _admitted(one, person, pool)


def _admitted(one: JsonObject, person: Person, pool: ExpertPool) -> PoolExpert:
    profile = Profile(Field(one["field"]), Title(one["title"]), one["unit"], one["region"])
    expert = pools.nominate(pool, person, profile, by=acting_as("secretary"), at=MADE_AT)
    pools.answer(expert, willing=True, by=actor_of(person, None), at=MADE_AT)
    pools.admit(expert, starts_on=FIRST_DAY, ends_on=LAST_DAY, by=acting_as("province"), at=MADE_AT)
    return expert


def _file_committee(pool: ExpertPool, members: list[PoolExpert]) -> Committee:
    charter = committees.Charter(COMMITTEE[0], COMMITTEE[1], SERIES, Composition.SERIES, Title.SENIOR)
    office = acting_as("secretary")
    committee = committees.prepare(pool, charter, by=office, at=MADE_AT)
    committees.set_members(committee, members, chair=members[0], by=office, at=MADE_AT)
    committees.file(committee, filed_on=FIRST_DAY, filed_until=FILED_UNTIL, by=acting_as("province"), at=MADE_AT)
    return committee


def load_panels(demo: Demo) -> int:
    """Draw the review panel and the inspection, score the inspection, and leave one panel to its witnesses."""
    del demo
    if session.scalar(select(Panel.id)) is not None:
        session.rollback()
        return 0
    with unit_of_work():
        pool = pool_queries.pool_for("370000")
        qilu = base_queries.base("qilu", None)
        review = _planned(pool, Plan(*REVIEW, seats=3, field=Field.EDUCATION), qilu)
        _planned(pool, Plan(*WAITING, seats=5, regions=3), qilu)
    draw_panel(review)
    with unit_of_work():
        scores.open_round(_again(review), purpose="inspection", by=acting_as("secretary"), at=DRAWN_AT)
    _score(review, draws.seated(review.id)[1].expert, POINTS[1])
    inspection = _inspection()
    draw_panel(inspection)
    with unit_of_work():
        scores.open_round(_again(inspection), purpose="inspection", by=acting_as("secretary"), at=DRAWN_AT)
    for seat, points in zip(draws.seated(inspection.id), POINTS, strict=True):
        _score(inspection, seat.expert, points)
    return 3


def _planned(pool: ExpertPool, plan: Plan, base: TrainingBase) -> Panel:
    name = base.organisation
    case = CaseGiven(bases.subject(base), name.name_zh, name.name_en)
    return drawing.plan_panel(pool, plan, cases=[case], by=acting_as("secretary"), at=DRAWN_AT)


def _inspection() -> Panel:
    with unit_of_work():
        base = bases.apply(
            accounts.organisation("taishan"),
            levels=["junior"],
            address_zh=ADDRESS[0],
            address_en=ADDRESS[1],
            capacity=60,
            by=None,
            at=DRAWN_AT,
        )
        return bases.ask_inspection(base, by=acting_as("province"), at=DRAWN_AT)


def _again(panel: Panel) -> Panel:
    return session.get_one(Panel, panel.id)


def draw_panel(panel: Panel, at: datetime = DRAWN_AT) -> None:
    """Draw a planned panel with the office and two witnesses, from an instant on."""
    actors = [acting_as(one) for one in WITNESSES]
    for actor in actors:
        with unit_of_work():
            text = commitment(panel.code, actor.person_code, _secret(actor))
            drawing.commit_share(_again(panel), text, by=actor, at=at)
    with unit_of_work():
        drawing.publish(_again(panel), by=actors[0], at=at + timedelta(hours=1))
    for place, actor in enumerate(actors, 2):
        with unit_of_work():
            drawing.reveal(_again(panel), _secret(actor), by=actor, at=at + timedelta(hours=place))


def _secret(actor: Actor) -> str:
    return f"demo-{actor.person_code}"


def _score(panel: Panel, expert: PoolExpert, points: tuple[str, ...]) -> None:
    with unit_of_work():
        actor = as_expert(expert)
        case = draws.all_cases(panel.id)[0]
        current = scoring.round_of(panel.id)
        codes = [one.code for one in scoring.rubric(current).dimensions] if current else []
        given = {code: Given(Decimal(value), REASON) for code, value in zip(codes, points, strict=True)}
        scores.submit(scoring.own_assignment(case, actor), given, by=actor, at=DRAWN_AT + timedelta(days=3))


def as_expert(expert: PoolExpert) -> Actor:
    """Return an expert of the pool under the role that the admission gave."""
    held = [one for one in accounts.memberships_of(expert.person_id) if one.role is Role.EXPERT]
    return actor_of(expert.person, held[-1])


def load_meeting(demo: Demo) -> int:
    """Hold one meeting of the committee up to its sealed minutes, where missing."""
    del demo
    if session.scalar(select(Meeting.id)) is not None:
        session.rollback()
        return 0
    office = acting_as("secretary")
    with unit_of_work():
        committee = pool_queries.committees(office).rows[0]
        held = meeting.call(
            committee,
            name_zh=MEETING[0],
            name_en=MEETING[1],
            place=PLACE,
            starts_at=MET_AT,
            by=office,
            at=MET_AT - timedelta(days=7),
        )
        for panel in session.scalars(select(Panel).order_by(Panel.id)).all()[::2]:
            case = draws.all_cases(panel.id)[0]
            given = CaseGiven(case.subject, case.label_zh, case.label_en)
            meeting.add_item(held, given, by=office, at=MET_AT - timedelta(days=7))
        for member in meetings.members(held):
            meeting.attend(held, member, entering=True, by=as_expert(member.expert), at=MET_AT - timedelta(minutes=5))
        meeting.open_meeting(held, by=office, at=MET_AT)
        for item, votes in zip(meetings.all_items(held.id), VOTES, strict=True):
            meeting.give_opinion(item, OPINION, by=office, at=MET_AT + timedelta(minutes=30))
            counted = {**votes, "present": len(meetings.attended(held)), "free": meetings.free_for(item)}
            meeting.record_result(item, counted, at=MET_AT + timedelta(hours=1))
        meeting.close_meeting(held, by=office, at=MET_AT + timedelta(hours=2))
    if pdf.available():
        _sign(held.id)
    return 1


def _sign(meeting_id: int) -> None:
    content = minutes.minutes_pdf(session.get_one(Meeting, meeting_id), draft=False)
    with unit_of_work():
        held = session.get_one(Meeting, meeting_id)
        meeting.sign(held, content, by=acting_as("chair"), at=MET_AT + timedelta(hours=3))
        meeting.seal(held, by=acting_as("secretary"), at=MET_AT + timedelta(hours=4))
