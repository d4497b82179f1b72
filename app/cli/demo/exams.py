"""Two exam sessions of the demo: one released last summer, one that is open now."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import select

from app.accounts.actors import actor_of
from app.accounts.models import Membership, Person
from app.accounts.states import Role
from app.assessment.exams.models import Attempt, ExamSession
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import sittings
from app.assessment.exams.rules.marking import answers_by_position
from app.assessment.exams.rules.order import from_json
from app.assessment.exams.services import papers, results, sealing, sessions, sitting
from app.assessment.exams.services.answers import Answer, Writer
from app.assessment.exams.services.drafts import Draft
from app.assessment.exams.services.sessions import Plan
from app.assessment.exams.services.signals import Signal, record_signals
from app.assessment.exams.signal_kinds import SignalKind
from app.cli.demo.moved import moved_to
from app.cli.demo.step import Demo, acting_as
from app.core import clock, jobs
from app.core.access import Actor
from app.core.db import session, unit_of_work
from app.items import queries as items
from app.items.demo import BANK

MODULES = ("general", "policy", "practice", "capability")
LEVELS = ("recall", "understand", "apply", "analyse")
CELLS = {(module, level): 3 if level != "analyse" else 1 for module in MODULES for level in LEVELS}
POINTS = Decimal("2.5")
CUT_SCORE = Decimal(60)
MINUTES = 60
SUMMER = datetime(2026, 6, 13, 9, 0, tzinfo=clock.SHANGHAI)
# zh: invented records are named in both languages
SUMMER_NAME = ("2026年6月初级考试", "Junior exam of June 2026")
OPEN_NAME = ("初级机考（常态化场次）", "Junior computer-based exam (standing session)")
OPEN_DAYS = 60
PAGE = "demo-page-0001"
SEED = 20260613
COPIER = 6
"""Who copies from the candidate before them, by place in the session."""
KNOWS = (0.3, 0.95)
"""From the weakest to the strongest candidate: the share of items they know."""
READS = 0.9
"""Who knows less misreads a chart, all alike: its item is flagged, and stands among what two answered wrongly alike."""
LEAVES = 0.4


def load_summer(demo: Demo) -> int:
    """Hold last summer's session, once."""
    del demo
    if _is_known(SUMMER_NAME):
        return 0
    _hold_the_summer_session()
    return 1


def load_open(demo: Demo) -> int:
    """Open the session that can be sat now, once."""
    del demo
    if _is_known(OPEN_NAME):
        return 0
    _open_a_session()
    return 1


def _is_known(name: tuple[str, str]) -> bool:
    found = session.scalar(select(ExamSession.id).where(ExamSession.name_zh == name[0])) is not None
    session.rollback()
    return found


def _hold_the_summer_session() -> None:
    planned = SUMMER - timedelta(days=14)
    code = _prepared(SUMMER_NAME, opens_at=SUMMER, closes_at=SUMMER + timedelta(hours=2), at=planned, seed=SEED)
    with moved_to(SUMMER + timedelta(minutes=1)):
        _sit_all(code, SUMMER + timedelta(minutes=1))
    with moved_to(SUMMER + timedelta(hours=3)):
        at = SUMMER + timedelta(hours=3)
        with unit_of_work():
            results.ask_to_mark(_session(code, "examiner"), by=acting_as("examiner"), at=at)
        jobs.work()
        with unit_of_work():
            results.propose_release(_session(code, "examiner"), by=acting_as("examiner"), at=at)
        with unit_of_work():
            results.release(_session(code, "examiner2"), by=acting_as("examiner2"), at=at)
        jobs.work()


def _open_a_session() -> None:
    now = clock.now()
    opens_at = now + timedelta(minutes=1)
    _prepared(OPEN_NAME, opens_at=opens_at, closes_at=opens_at + timedelta(days=OPEN_DAYS), at=now, seed=SEED + 1)


def _prepared(name: tuple[str, str], *, opens_at: datetime, closes_at: datetime, at: datetime, seed: int) -> str:
    """Draft, assemble, freeze, plan, register and prepare; return the session's code."""
    first = acting_as("examiner")
    with moved_to(at):
        paper = frozen_paper(name, at=at, seed=seed)
        plan = Plan(*name, opens_at=opens_at, closes_at=closes_at, minutes=MINUTES, region_code="100000")
        with unit_of_work():
            found = papers_queries.paper(paper, first)
            made = sessions.create_session(paper=found, plan=plan, by=first, at=at)
        with unit_of_work():
            sessions.register_eligible(_session(made.code, "examiner"), by=first, at=at)
            sessions.ask_to_prepare(_session(made.code, "examiner"), by=first, at=at)
        jobs.work()
    return made.code


def frozen_paper(name: tuple[str, str], *, at: datetime, seed: int) -> str:
    """Draft a blueprint, assemble its paper and freeze it by a second examiner; return the paper's code."""
    first, second = acting_as("examiner"), acting_as("examiner2")
    with unit_of_work():
        blueprint = papers.draft_blueprint(bank=items.bank_by_code(BANK), draft=_draft(name), by=first, at=at)
        paper = papers.assemble_paper(blueprint, by=first, at=at, seed=seed)
    with unit_of_work():
        sealing.sign_paper(papers_queries.paper(paper.code, first), by=first, at=at)
    with unit_of_work():
        sealing.freeze_paper(papers_queries.paper(paper.code, second), by=second, at=at)
    return paper.code


def _draft(name: tuple[str, str]) -> Draft:
    return Draft(
        name_zh=f"{name[0]}细目表",
        name_en=f"Blueprint: {name[1]}",
        level="junior",
        cells=CELLS,
        points_per_item=POINTS,
        minutes=MINUTES,
        difficulty_target=Decimal("0.60"),
        cut_score=CUT_SCORE,
    )


def _session(code: str, sign_in: str) -> ExamSession:
    return sessions_queries.exam_session(code, acting_as(sign_in))


def _sit_all(code: str, at: datetime) -> None:
    """Let every candidate answer what they know and guess the rest."""
    attempts = session.execute(
        select(Attempt.code, Attempt.person_id).join(Attempt.session).where(ExamSession.code == code)
    ).all()
    weakest, strongest = KNOWS
    for place, (attempt, person_id) in enumerate(attempts):
        knows = weakest + (strongest - weakest) * place / max(len(attempts) - 1, 1)
        source = attempts[place - 1].code if place == COPIER else None
        with unit_of_work():
            chance = Random(SEED + place)  # noqa: S311 - invented
            sit(attempt, actor_of_candidate(person_id), chance=chance, knows=knows, at=at, source=source)


def sit(code: str, actor: Actor, *, chance: Random, knows: float, at: datetime, source: str | None = None) -> None:
    """Let a candidate answer what they know and guess the rest, or copy a source, and hand in."""
    found = sittings.own_attempt(code, actor)
    sitting.start(found, by=actor, at=at)
    writer = Writer(code, PAGE, actor)
    sitting.take_over(writer, at=at)
    record_signals(writer, signals=_signals(chance, at), address=f"10.20.4.{chance.randint(2, 60)}", at=at)
    answers = _answers(found, chance, knows) if source is None else _copied(found, source)
    sitting.save(writer, answers=answers, at=at + timedelta(minutes=30))
    sitting.submit(writer, at=at + timedelta(minutes=40))


def _answers(found: Attempt, chance: Random, knows: float) -> Sequence[Answer]:
    sheet = {one.position: one.version for one in papers_queries.sheet_of(found.session.paper_id)}
    answers = []
    for place, shown in enumerate(from_json(found.order), start=1):
        version = sheet[shown.position]
        keys = version.key if chance.random() < knows else [chance.choice(version.options)["key"]]
        if version.body.get("files") and knows < READS:
            keys = [next(one["key"] for one in version.options if one["key"] not in version.key)]
        letters = sorted(shown.letter(str(key)) for key in keys)
        answers.append(Answer(place, 1, {"choice": letters}, review=False))
    return answers


def _copied(found: Attempt, source: str) -> Sequence[Answer]:
    """Answer what another candidate answered: the pair that the comparison of the session finds."""
    other = session.scalars(select(Attempt).where(Attempt.code == source)).one()
    places, given = from_json(other.order), sittings.choices([other.id])[other.id]
    keys = answers_by_position(places, given)
    return [
        Answer(place, 1, {"choice": sorted(shown.letter(key) for key in keys[shown.position])}, review=False)
        for place, shown in enumerate(from_json(found.order), start=1)
    ]


def actor_of_candidate(person_id: int) -> Actor:
    """Return a candidate as they sit."""
    query = select(Membership).where(Membership.person_id == person_id, Membership.role == Role.TRAINEE)
    membership = session.scalars(query.order_by(Membership.id)).first()
    return actor_of(session.get_one(Person, person_id), membership)


def _signals(chance: Random, at: datetime) -> list[Signal]:
    """Let the page report what an ordinary sitting brings: it was opened, some left the window for a moment."""
    reported = [Signal(1, SignalKind.OPENED, at, {"screen": "1920x1080"})]
    if chance.random() < LEAVES:
        left = at + timedelta(minutes=chance.randint(3, 20))
        reported.append(Signal(2, SignalKind.BLURRED, left))
        reported.append(Signal(3, SignalKind.FOCUSED, left + timedelta(seconds=chance.randint(2, 40))))
    return reported
