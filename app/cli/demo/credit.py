"""The credit of the demo: records in every state, an objection, a repair, a rating cycle, evidence withdrawn."""

from datetime import date, datetime

from sqlalchemy import select

from app.accounts import queries as accounts
from app.accounts.actors import actor_of
from app.accounts.models import Person
from app.assessment.certification.models import Award
from app.assessment.certification.states import AwardState
from app.assessment.credit import services
from app.assessment.credit.models import CreditRecord
from app.assessment.credit.queries import records
from app.assessment.credit.services import Entry
from app.assessment.credit.services.repairs import Decision
from app.assessment.credit.states import Gravity, Polarity
from app.cases import services as cases
from app.cases.services import Filing
from app.cli.demo.moved import moved_to
from app.cli.demo.step import Demo, acting_as
from app.core import clock, files, jobs
from app.core.access import Actor
from app.core.db import session, unit_of_work
from app.core.files import StoredFile
from app.evidence import services as evidence
from app.evidence.models import Evidence
from app.evidence.states import Kind
from app.evidence.states import State as EvidenceState

# zh: invented records are written as Chinese people write them
BODY = "山东省科学技术厅"
RATED_ON = datetime(2026, 10, 8, 10, 0, tzinfo=clock.SHANGHAI)
APPLIED = datetime(2026, 11, 20, 9, 0, tzinfo=clock.SHANGHAI)
OBJECTED = datetime(2026, 11, 23, 9, 0, tzinfo=clock.SHANGHAI)
ENTERED = datetime(2026, 11, 24, 10, 0, tzinfo=clock.SHANGHAI)
REPAIRED = datetime(2026, 8, 12, 15, 0, tzinfo=clock.SHANGHAI)
HONOURED = date(2026, 11, 12)
WITHDRAWN = datetime(2026, 11, 19, 15, 0, tzinfo=clock.SHANGHAI)
NOT_MINE = "证书编号与颁奖单位公布的名单不一致，撤回后重新核对。"
COMMITMENT = "本人已补正备案材料并向合同双方书面说明，承诺今后如实填报技术合同信息，接受社会监督。"
OBJECTION = "认定所称合同系他人冒用本人签名，已报案并取得受案回执，请予核查并撤销。"
NEEDED = 5
MINIMAL_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
)


def load(demo: Demo) -> int:
    """Make the records, the objection, the applications and the cycle, once."""
    del demo
    known = session.scalar(select(CreditRecord.id).limit(1))
    people = _graduates()
    session.rollback()
    if known is not None or len(people) < NEEDED:
        return 0
    trainee = acting_as("trainee")
    mine = _confirmed(trainee.person_id, _negative(Gravity.ORDINARY, "技术合同登记信息填报不实", 5, date(2026, 6, 10)))
    serious = _negative(Gravity.SERIOUS, "提供虚假技术合同骗取奖补资金", 9, date(2026, 9, 1), until=date(2028, 8, 31))
    disputed = _confirmed(people[0], serious)
    _confirmed(people[1], _honour(date(2026, 7, 1)))
    repaired = _confirmed(people[2], _negative(Gravity.MINOR, "未按期提交服务总结", 6, date(2026, 7, 20)))
    _confirmed(people[3], _negative(Gravity.ORDINARY, "向两个基地重复申报同一业绩", 2, date(2025, 2, 10)))
    _repair(repaired, _actor(people[2]), REPAIRED, granted=True)
    _cycle()
    _repair(mine, trainee, APPLIED, granted=False)
    with moved_to(OBJECTED), unit_of_work():
        filing = Filing(OBJECTION, token="demo-credit-objection")  # noqa: S106 - no secret
        cases.open_case(records.OBJECTION, disputed, filing, by=_actor(people[0]), at=OBJECTED)
    _doubted()
    _entered(people[4], _negative(Gravity.ORDINARY, "泄露委托方技术秘密", 12, date(2026, 11, 18)), ENTERED)
    return NEEDED + 3


def _doubted() -> None:
    """Withdraw the award that an honour rests on: two officers look at the record again."""
    query = select(Evidence).where(Evidence.kind == Kind.AWARD, Evidence.state == EvidenceState.CHECKED)
    award = session.scalars(query.order_by(Evidence.id.desc()).limit(1)).one()
    code, person_id = award.code, award.person_id
    session.rollback()
    _confirmed(person_id, _honour(HONOURED), rests_on=(code,))
    with moved_to(WITHDRAWN), unit_of_work():
        found = session.scalars(select(Evidence).where(Evidence.code == code)).one()
        evidence.withdraw(found, reason=NOT_MINE, by=_actor(person_id), at=WITHDRAWN)


def _graduates() -> list[int]:
    """Return who was awarded a level first in the province."""
    query = select(Award.person_id).where(Award.state == AwardState.AWARDED, Award.region_code.startswith("37"))
    return list(session.scalars(query.order_by(Award.id).limit(NEEDED + 1)))[1:]


def _negative(gravity: Gravity, conduct: str, number: int, on: date, *, until: date | None = None) -> Entry:
    return Entry(
        polarity=Polarity.NEGATIVE,
        gravity=gravity,
        conduct=conduct,
        result=f"认定为{_class(gravity)}失信行为，责令改正。",
        deciding_body=BODY,
        basis=f"鲁科诚〔{on.year}〕{number}号，依据《科学技术活动违规行为处理暂行规定》",
        effective_on=on,
        sanction_until=until,
    )


def _class(gravity: Gravity) -> str:
    return {Gravity.MINOR: "轻微", Gravity.ORDINARY: "一般", Gravity.SERIOUS: "严重"}[gravity]


def _honour(on: date) -> Entry:
    return Entry(
        polarity=Polarity.POSITIVE,
        gravity=None,
        conduct="获评年度优秀技术经理人",
        result="通报表扬。",
        deciding_body=BODY,
        basis=f"鲁科通〔{on.year}〕31号",
        effective_on=on,
        sanction_until=date(on.year + 2, on.month, on.day),
    )


def _file() -> StoredFile:
    return files.store(MINIMAL_PDF, name="认定决定书.pdf", media_type="application/pdf")


def _entered(person_id: int, entry: Entry, at: datetime, rests_on: tuple[str, ...] = ()) -> str:
    with moved_to(at), unit_of_work():
        person = session.get_one(Person, person_id)
        token = f"demo-credit-{person.code}"
        return services.enter(
            person, entry, _file(), token=token, rests_on=rests_on, by=acting_as("credit"), at=at
        ).code


def _confirmed(person_id: int, entry: Entry, rests_on: tuple[str, ...] = ()) -> str:
    """Let two officers make a record on the day of its determination."""
    day = entry.effective_on
    at = datetime(day.year, day.month, day.day, 9, 0, tzinfo=clock.SHANGHAI)
    code = _entered(person_id, entry, at.replace(hour=10), rests_on)
    with moved_to(at.replace(hour=16)), unit_of_work():
        services.confirm(records.by_code(code), by=acting_as("credit2"), at=at.replace(hour=16))
    return code


def _repair(code: str, by: Actor, at: datetime, *, granted: bool) -> None:
    with moved_to(at), unit_of_work():
        record = records.by_code(code)
        made = services.apply_for_repair(record, commitment=COMMITMENT, proof=_file(), by=by, at=at)
        if granted:
            decision = Decision(granted=True, corrected=True, reason="经核查，义务已履行，同意修复。")
            services.decide_repair(made, record, decision, by=acting_as("credit2"), at=at)


def _cycle() -> None:
    with moved_to(RATED_ON):
        with unit_of_work():
            services.start_cycle(
                on=clock.day_of(RATED_ON),
                token="demo-credit-cycle",  # noqa: S106 - no secret
                by=acting_as("credit"),
                at=RATED_ON,
            )
        jobs.work()


def _actor(person_id: int) -> Actor:
    return actor_of(session.get_one(Person, person_id), accounts.memberships_of(person_id)[0])
