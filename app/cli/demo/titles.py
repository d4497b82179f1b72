"""Title evaluation in the demo: a round that ended in the register, and one that takes applications."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import select

from app.accounts import queries as accounts
from app.accounts.actors import actor_of
from app.accounts.models import Person
from app.accounts.services import consents
from app.accounts.states import Role
from app.assessment.titles import queries, services
from app.assessment.titles.models import TitleApplication, TitleRound
from app.assessment.titles.services.rounds import meeting_of
from app.assessment.titles.states import WithdrawalReason
from app.ballots import services as ballots
from app.ballots.models import Ballot
from app.ballots.states import Choice
from app.cases import services as cases
from app.cases.queries.relations import DECLARATION
from app.cases.services import Filing, Relative
from app.cases.states import Relation
from app.cli.demo.ballots import make_key, open_tally, vote
from app.cli.demo.panels import as_expert, draw_panel
from app.cli.demo.step import Demo, acting_as
from app.core import clock, jobs
from app.core.access import Actor
from app.core.db import session, unit_of_work
from app.panels.models.draws import Panel
from app.panels.models.meetings import Meeting
from app.panels.models.pools import CommitteeMember, PoolExpert
from app.panels.queries import draws, meetings, pools, scoring
from app.panels.services import meetings as meeting_services
from app.panels.services import offers
from app.panels.services import scoring as scores
from app.panels.services.draws import Plan
from app.panels.services.recusal import keep
from app.panels.services.scoring import Given
from app.panels.states import Conflict
from app.rulebook import queries as rulebook
from app.rulebook.facts import Fact, read_value

REGION = "370000"
NINE = time(9, 0)
# zh: names of rounds, venues, reasons as an office writes them
SPRING = services.Planned("2026年度第一批中级职称评审", "Intermediate titles of 2026, first round", date(2026, 3, 31))
WINTER = services.Planned("2026年度第二批中级职称评审", "Intermediate titles of 2026, second round", date(2026, 12, 31))
PLACE = "济南市历下区科技大厦五楼评审室"
RETURNED = "学位取得日期与学位证书不一致，请核对后重新提交。"
KINSHIP = "与申报人同一工作单位。"
DECLARED = "除所列亲属关系外，无其他可能影响公正评审的利益关系。"
LEAD = "收到来信反映申报所附技术合同金额不实，提请核查。"
GROUNDLESS = "经核对技术合同登记证明和到账凭证原件，金额属实，反映情况不成立，职称维持有效。"
OPINION = "材料齐全，业绩经核验属实，符合申报条件。"
MINUTE = timedelta(minutes=1)
PANEL = ("2026年度第一批中级职称申报材料评审组", "Experts on the intermediate titles of 2026, first round")
CODES = ("conduct", "knowledge", "ability", "achievements")
POINTS = (
    (
        Given(Decimal(90), "从业以来无失信记录，单位评价良好。"),
        Given(Decimal(84), "熟悉技术合同与知识产权实务。"),
        Given(Decimal(86), "主导过供需对接与商务谈判，作用明确。"),
        Given(Decimal(88), "业绩均有登记合同佐证，金额属实。"),
    ),
    (
        Given(Decimal(92), "恪守职业规范，培训机构推荐意见良好。"),
        Given(Decimal(82), "法律知识扎实，评价定价方法尚可提高。"),
        Given(Decimal(85), "能独立完成项目尽职调查与方案设计。"),
        Given(Decimal(87), "转化项目已产生经济效益，影响较好。"),
    ),
    (
        Given(Decimal(88), "未见不良记录，材料填写规范。"),
        Given(Decimal(60), "对细分技术领域的市场判断依据不足。"),
        Given(Decimal(58), "申报材料未说明本人在谈判中的具体作用。"),
        Given(Decimal(62), "业绩项目数量偏少，多为协作完成。"),
    ),
)
STATED: Mapping[str, object] = {
    "stated.degree": "master",
    "stated.degree_on": "2021-06-30",
    "stated.appraisals_passed": "true",
    "stated.civil_servant": "false",
    "stated.retired": "false",
}
LATE_DEGREE = {**STATED, "stated.degree_on": "2025-02-20"}


def load(demo: Demo) -> int:
    """Hold the spring round to its end and open the winter round, where missing."""
    del demo
    known = session.scalar(select(TitleRound.id).limit(1))
    session.rollback()
    if known is not None:
        return 0
    _spring()
    _winter()
    _declare()
    return 2


def _at(day: date, *, after: timedelta = timedelta(0)) -> datetime:
    return datetime.combine(day, NINE, clock.SHANGHAI) + after


def _opened(planned: services.Planned, day: date) -> str:
    with unit_of_work():
        pack = queries.schemes(REGION, day)[0]
        office = acting_as("secretary")
        committee = pools.committees(office).rows[0]
        made = services.propose(pack, committee, planned, by=office, at=_at(day))
    with unit_of_work():
        services.confirm_round(_round(made.code), by=acting_as("province"), at=_at(day, after=timedelta(hours=2)))
    return made.code


def _round(code: str) -> TitleRound:
    return session.scalars(select(TitleRound).where(TitleRound.code == code)).one()


def _saved(code: str, sign_in: str, stated: Mapping[str, object], at: datetime) -> str:
    catalogue = rulebook.catalogue()
    values = {name: Fact(read_value(catalogue[name].kind, given)) for name, given in stated.items()}
    with unit_of_work():
        actor, found = acting_as(sign_in), _round(code)
        made = services.start(found, by=actor, at=at)
        _pack, scheme = queries.scheme_of(found)
        records = queries.evidence_to_pick(actor.person_id, scheme)
        services.save(made, values, records, by=actor, at=at)
    return made.code


def _sent(code: str, sign_in: str, stated: Mapping[str, object], at: datetime) -> str:
    application = _saved(code, sign_in, stated, at)
    with unit_of_work():
        services.submit(queries.by_code(application), by=acting_as(sign_in), at=at)
    return application


def _spring() -> None:
    code = _opened(SPRING, date(2026, 3, 2))
    application = _sent(code, "trainee", STATED, _at(date(2026, 3, 16)))
    with unit_of_work():
        services.accept(queries.by_code(application), by=acting_as("secretary"), at=_at(date(2026, 3, 18)))
    _recuse(application)
    _declare_by_name(_at(date(2026, 4, 2)))
    _score(application)
    meeting = _meeting(code, _at(date(2026, 4, 20)))
    _vote(code, _at(date(2026, 4, 20)))
    _close(meeting, _at(date(2026, 4, 20), after=timedelta(hours=3)))
    jobs.work()
    with unit_of_work():
        cases.end_publicity(at=_at(date(2026, 5, 6)))
    with unit_of_work():
        found: TitleApplication = queries.by_code(application)
        services.confirm_title(found, by=acting_as("province"), at=_at(date(2026, 5, 8)))
    with unit_of_work():
        consents.give_consent(queries.PUBLISH_NAME, by=acting_as("trainee"), at=_at(date(2026, 5, 11)))
    _doubted(application)


def _doubted(application: str) -> None:
    """Let the office propose to withdraw the title after a lead that proves groundless: the title stands."""
    with unit_of_work():
        award = queries.award_of(queries.by_code(application))
        if award is None:
            return
        made = services.propose_withdrawal(
            award,
            reason=WithdrawalReason.FALSE_PAPERS,
            findings=LEAD,
            by=acting_as("secretary"),
            at=_at(date(2026, 9, 7)),
        )
    with unit_of_work():
        found = queries.withdrawal_with(made.code)
        services.reject_withdrawal(found, decision=GROUNDLESS, by=acting_as("province"), at=_at(date(2026, 9, 18)))


def _recuse(application: str) -> None:
    with unit_of_work():
        person = session.get_one(Person, acting_as("expert").person_id)
        about = queries.subject(queries.by_code(application))
        at = _at(date(2026, 4, 1))
        keep(about, person, kind=Conflict.DECLARED, reason=KINSHIP, by=acting_as("expert"), at=at)


def _declare_by_name(at: datetime) -> None:
    """Let an expert beside the committee name the applicant by name alone: the office is asked who is meant."""
    query = select(PoolExpert).where(PoolExpert.id.not_in(select(CommitteeMember.expert_id)))
    expert = session.scalars(query.order_by(PoolExpert.id.desc())).first()
    if expert is None:
        return
    relative = session.get_one(Person, acting_as("trainee").person_id)
    by = as_expert(expert)
    session.rollback()
    with unit_of_work():
        filing = Filing(DECLARED, declares=False, relations=(Relative(Relation.KINSHIP, relative.name),))
        cases.open_case(DECLARATION, f"{by.person_code}-{at.year}", filing, by=by, at=at)


def _score(application: str) -> None:
    """Put the application before drawn experts, who score it; one of them lies far from the others."""
    office, at = acting_as("secretary"), _at(date(2026, 4, 7))
    with unit_of_work():
        pool = pools.pool_for(REGION)
        chosen = f"{queries.TYPE}:{application}"
        panel = offers.plan(pool, Plan(*PANEL, seats=len(POINTS)), [chosen], by=office, at=at)
    draw_panel(panel, at)
    with unit_of_work():
        scores.open_round(session.get_one(Panel, panel.id), purpose="title", by=office, at=at)
    for seat, given in zip(draws.seated(panel.id), POINTS, strict=True):
        with unit_of_work():
            actor = as_expert(seat.expert)
            own = scoring.own_assignment(draws.all_cases(panel.id)[0], actor)
            scores.submit(own, dict(zip(CODES, given, strict=True)), by=actor, at=at + timedelta(days=3))


def _meeting(code: str, at: datetime) -> int:
    office = acting_as("secretary")
    with unit_of_work():
        meeting = services.call_meeting(_round(code), place=PLACE, starts_at=at, by=office, at=at - timedelta(days=5))
        for member in meetings.members(meeting):
            actor = _sitting(member.expert)
            meeting_services.attend(meeting, member, entering=True, by=actor, at=at - 5 * MINUTE)
        meeting_services.open_meeting(meeting, by=office, at=at)
        for item in meetings.all_items(meeting.id):
            meeting_services.give_opinion(item, OPINION, by=acting_as("secretary"), at=at)
    return meeting.id


def _sitting(expert: PoolExpert) -> Actor:
    held = [one for one in accounts.memberships_of(expert.person_id) if one.role in {Role.EXPERT, Role.CHAIR}]
    return actor_of(expert.person, held[-1])


def _vote(code: str, at: datetime) -> None:
    """Hold the ballot: every member who is not recused approves, but one abstains."""
    keepers = [acting_as(one).person_id for one in ("expert2", "expert3")]
    with unit_of_work():
        called = services.call_vote(_round(code), keepers, by=acting_as("secretary"), at=at + 10 * MINUTE)
    ballot = session.scalars(select(Ballot).where(Ballot.code == called)).one()
    seeds = make_key(ballot, at + 15 * MINUTE)
    with unit_of_work():
        ballots.open_vote(ballot, closes_at=at + 60 * MINUTE, by=acting_as("chair"), at=at + 20 * MINUTE)
    found = meeting_of(_round(code))
    voters = [_sitting(one.expert) for one in meetings.members(found)] if found else []
    out = acting_as("expert").person_id
    for place, actor in enumerate(one for one in voters if one.person_id != out):
        vote(ballot, actor, (Choice.ABSTAIN if place == 1 else Choice.APPROVE,), at=at + 25 * MINUTE)
    open_tally(ballot, seeds, at=at + 40 * MINUTE)


def _close(meeting_id: int, at: datetime) -> None:
    with unit_of_work():
        meeting_services.close_meeting(session.get_one(Meeting, meeting_id), by=acting_as("secretary"), at=at)


def _declare() -> None:
    """Let an expert name an applicant of the winter round in the declaration of the year: they are never drawn."""
    expert, said, today = acting_as("expert"), date(2026, 11, 16), clock.today()
    at = _at(said) if said.year == today.year else clock.now()
    relative = session.get_one(Person, acting_as("trainee2").person_id)
    named = Relative(Relation.KINSHIP, relative.name, relative.code)
    with unit_of_work():
        about = f"{expert.person_code}-{today.year}"
        filing = Filing(DECLARED, declares=False, relations=(named,))
        cases.open_case(DECLARATION, about, filing, by=expert, at=at)


def _winter() -> None:
    code = _opened(WINTER, date(2026, 11, 2))
    _sent(code, "trainee2", STATED, _at(date(2026, 11, 9)))
    returned = _sent(code, "trainee3", LATE_DEGREE, _at(date(2026, 11, 10)))
    with unit_of_work():
        found = queries.by_code(returned)
        services.give_back(found, reason=RETURNED, by=acting_as("secretary"), at=_at(date(2026, 11, 12)))
