"""The cases of the demo: a recheck, complaints with and without an account, an objection, a notice, restrictions."""

from datetime import date, datetime, time, timedelta
from io import BytesIO

from PIL import Image
from sqlalchemy import select

from app.accounts import queries as accounts
from app.accounts.actors import actor_of
from app.accounts.models import Organisation, Person
from app.assessment.exams.models import Attempt, Result
from app.bases.models import TrainingBase
from app.bases.services import ACCREDITATION, subject
from app.cases import services
from app.cases.models import Case, Publicity
from app.cases.queries import cases as queries
from app.cases.services import Filing, publicity
from app.cases.services.publicity import Announcement, open_publicity
from app.cases.services.restrictions import Terms
from app.cli.demo.moved import moved_to
from app.cli.demo.step import Demo, acting_as
from app.core import clock, files, jobs
from app.core.access import Actor
from app.core.db import session, unit_of_work

# zh: invented records are written as Chinese people write them
SHANDONG = "370000"
COMPLAINED = datetime(2026, 9, 7, 10, 0, tzinfo=clock.SHANGHAI)
ANNOUNCED = timedelta(days=2)
"""So many days ago, so that the publicity period still runs whenever the demo is loaded."""
OFFICE_OPENS = time(9, tzinfo=clock.SHANGHAI)
"""When that day's work begins: what follows some hours later falls on the same day, whenever the demo is loaded."""
COMPLAINT = "九月班次临时改期，基地仅在前一天通知，往返路费未予说明。请基地说明改期原因并妥善处理。"
NAMELESS = "报名时承诺的实训课时为十六课时，实际只安排了八课时，请核查课时并补课。"
UNPAID = "退班申请提交已满三十日，基地仍未退还剩余学费。"
ASKED = "请补充缴费凭证和退班申请的提交记录，截图或照片均可。"
FINDING = "经核查，基地因场地检修改期，通知时间少于规定的三日。投诉成立，基地应在十个工作日内向学员说明并补偿路费。"
OBJECTION = "公示中的实训场地地址与实际不符，该地址为办公用房，请核查。"
DECLARED = "本人不持有任何被评价机构的股份，近三年未在培训基地任职，无应回避的亲属关系。"
REASON = "提供虚假业绩材料，经查属实。"
DETERMINATION = "鲁科诚〔2026〕5号"
BODY_ZH = "经年度复核，拟继续认定齐鲁培训基地为初级技术经理人培训基地。现予公示，公示期内接受异议和线索。"
BODY_EN = "After the yearly review, the Qilu base is to stay accredited for the junior level. Objections are heard."
LEVEL_ZH, LEVEL_EN = ("初级", "中级"), ("junior", "intermediate")
WRONG = "公示内容将认定级别误写为中级，现予撤下，更正后重新公示。"


def load(demo: Demo) -> int:
    """Make the cases, the notice and the restrictions, once."""
    del demo
    with unit_of_work():
        known = session.scalar(select(Case.id).where(Case.kind == "cases.complaint").limit(1)) is not None
    if known:
        return 0
    jobs.work()
    with moved_to(COMPLAINED):
        _complain(COMPLAINED)
    announced = datetime.combine(clock.today() - ANNOUNCED, OFFICE_OPENS)
    with moved_to(announced):
        _announce(announced)
        _complain_as_visitor(announced)
        _ask_a_visitor(announced)
    _ask_for_recheck()
    _restrict(COMPLAINED)
    return 6


def _complain(at: datetime) -> None:
    """Let a trainee complain of a base: accepted, decided, and its file made."""
    trainee, officer = acting_as("trainee"), acting_as("province")
    with unit_of_work():
        shown = files.store(_picture(), name="通知截图.png", media_type="image/png")
        filing = Filing(COMPLAINT, [(shown, "改期通知截图")], token="demo-complaint")  # noqa: S106 - no secret
        case = services.open_case("cases.complaint", "qilu", filing, by=trainee, at=at)
    with unit_of_work():
        services.accept(queries.by_code(case.code), by=officer, at=at + timedelta(days=1))
    with unit_of_work():
        services.decide(queries.by_code(case.code), upheld=True, reasons=FINDING, by=officer, at=at + timedelta(days=3))


def _complain_as_visitor(at: datetime) -> None:
    """Let somebody without an account complain of a base and leave a telephone number; it waits to be accepted."""
    with unit_of_work():
        filing = Filing(NAMELESS, token="demo-visitor")  # noqa: S106 - no secret
        case = services.open_case("cases.complaint", "qilu", filing, by=None, at=at)
        services.let_follow(case, contact="0531-86660000")


def _ask_a_visitor(at: datetime) -> None:
    """Let another one without an account complain; the authority accepts it and asks for papers within the term."""
    officer = acting_as("province")
    with unit_of_work():
        filing = Filing(UNPAID, token="demo-visitor-asked")  # noqa: S106 - no secret
        case = services.open_case("cases.complaint", "qilu", filing, by=None, at=at)
        services.let_follow(case, contact="")
    with unit_of_work():
        services.accept(queries.by_code(case.code), by=officer, at=at + timedelta(hours=3))
        services.ask_for_materials(queries.by_code(case.code), what=ASKED, by=officer, at=at + timedelta(hours=4))


def _picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (320, 180), "#e8edf2").save(out, "PNG")
    return out.getvalue()


def _announce(at: datetime) -> None:
    """Announce the yearly review of a base, object to it, and put a declaration on file."""
    with unit_of_work():
        base = session.scalars(
            select(TrainingBase).join(TrainingBase.organisation).where(Organisation.slug == "qilu")
        ).one()
        wrong = open_publicity(
            ACCREDITATION,
            subject(base),
            Announcement(
                "关于齐鲁培训基地年度复核结果的公示",
                "Publicity of the yearly review of the Qilu base",
                BODY_ZH.replace(*LEVEL_ZH),
                BODY_EN.replace(*LEVEL_EN),
                f"/bases/{base.organisation.slug}",
                names=("孟庆源", "宋怀瑾"),
            ),
            region_code=base.region_code,
            authority_region=SHANDONG,
            decided_by_id=acting_as("nation").person_id,
            by=None,
            at=at,
        )
        opened = _corrected(wrong, at)
        services.open_case(
            "cases.objection", opened.code, Filing(OBJECTION), by=acting_as("employer"), at=at + timedelta(hours=5)
        )
    examiner = acting_as("examiner")
    with unit_of_work():
        about = f"{examiner.person_code}-{at.year}"
        services.open_case("cases.impartiality", about, Filing(DECLARED, declares=False), by=examiner, at=at)


def _corrected(wrong: Publicity, at: datetime) -> Publicity:
    """Let the authority see that a notice names a wrong level, take it off the board and open it anew."""
    officer = acting_as("province")
    publicity.revoke(wrong, reason=WRONG, by=officer, at=at + timedelta(hours=1))
    said = publicity.Correction(wrong.title_zh, wrong.title_en, BODY_ZH, BODY_EN)
    return publicity.correct(wrong, said, by=officer, at=at + timedelta(hours=1))


def _ask_for_recheck() -> None:
    """Let a candidate who did not pass the summer's exam ask for a recheck in time.

    One examiner of the body proposed the release and the other confirmed it, so the authority above accepts it.
    """
    failed = session.execute(
        select(Attempt.code, Attempt.person_id, Attempt.submitted_at)
        .join(Result, Result.attempt_id == Attempt.id)
        .where(Result.passed.is_(False))
        .order_by(Attempt.id)
        .limit(1)
    ).first()
    session.rollback()
    if failed is None or failed.submitted_at is None:
        return
    asked = failed.submitted_at + timedelta(days=2)
    with moved_to(asked), unit_of_work():
        filing = Filing("第三大题的得分与本人估分相差较大，请复查判分。")
        case = services.open_case("exams.recheck", failed.code, filing, by=_actor(failed.person_id), at=asked)
        services.accept(case, by=acting_as("nation"), at=asked)


def _actor(person_id: int) -> Actor:
    return actor_of(session.get_one(Person, person_id), accounts.memberships_of(person_id)[0])


def _restrict(at: datetime) -> None:
    """Restrict a person for two years from titles' exams, and lift an older restriction of another."""
    nation = acting_as("nation")
    first = date(2026, 9, 1)
    with unit_of_work():
        barred = session.get_one(Person, acting_as("trainee3").person_id)
        terms = Terms(first, date(2028, 8, 31), REASON, determination=DETERMINATION)
        services.impose(["certification.award"], barred, terms, region_code=SHANDONG, by=nation, at=at)
        body = accounts.organisation("lingnan")
        again = Terms(date(2025, 3, 1), None, "未按期整改。", determination="粤科函〔2025〕12号")
        (row,) = services.impose(["courses.open_cohort"], body, again, region_code="440000", by=nation, at=at)
        services.lift(row, reason="整改通过复核。", lifted_on=clock.day_of(at), by=nation, at=at)
