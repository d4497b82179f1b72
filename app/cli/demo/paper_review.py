"""A draft paper of every type of item, and what its second reader says about it: waiting, answered, resolved."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from app.assessment.exams.models import Blueprint
from app.assessment.exams.queries import comments as comments_queries
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries.papers import SheetItem
from app.assessment.exams.rules.blueprint import Options, PointsRule
from app.assessment.exams.services import comments, papers
from app.assessment.exams.services.drafts import Draft
from app.cli.demo.step import Demo, acting_as
from app.core.db import session, unit_of_work
from app.items import queries as items
from app.items.demo import TYPES_BANK
from app.items.states import CognitiveLevel, ItemType

MADE_AT = datetime(2026, 10, 19, 2, 0, tzinfo=UTC)
SEED = 20261019
# zh: the name, what a reader says, what an examiner answers
NAME = ("2026年冬季综合题型卷细目表", "Blueprint of the paper of all item types, winter 2026")
COMMENTS: tuple[tuple[ItemType | None, str], ...] = (
    (ItemType.CASE, "案例材料较长，建议核对各小题所引数据与材料一致，并注明计量单位。"),
    (ItemType.NUMERIC, "允许误差与题干要求的保留位数不一致，请核对。"),
    (None, "论述题集中在卷末，建议复核整卷用时。"),
)
ANSWERS = (
    "已核对：题干要求保留两位小数，允许误差按末位半个单位设定，予以保留。",
    "考生各自的题序由系统打乱，用时按题型估算，符合细目表。",
)
CELLS = {
    ("general", CognitiveLevel.RECALL.value): 2,
    ("policy", CognitiveLevel.UNDERSTAND.value): 2,
    ("policy", CognitiveLevel.APPLY.value): 1,
    ("practice", CognitiveLevel.APPLY.value): 3,
    ("practice", CognitiveLevel.ANALYSE.value): 2,
    ("capability", CognitiveLevel.UNDERSTAND.value): 1,
    ("capability", CognitiveLevel.ANALYSE.value): 1,
}
LONG = {
    module: {CognitiveLevel.ANALYSE: Decimal(10)} for module, level in CELLS if level == CognitiveLevel.ANALYSE.value
}
MINUTES = 120
POINTS = Decimal(4)
CUT_SHARE = Decimal("0.6")


def load(demo: Demo) -> int:
    """Draft the blueprint, draw its paper and comment on it, once."""
    del demo
    known = session.scalar(select(Blueprint.id).where(Blueprint.name_zh == NAME[0])) is not None
    session.rollback()
    if known:
        return 0
    examiner = acting_as("examiner")
    with unit_of_work():
        bank = items.bank_by_code(TYPES_BANK)
        blueprint = papers.draft_blueprint(bank=bank, draft=_draft(), by=examiner, at=MADE_AT)
        code = papers.assemble_paper(blueprint, by=examiner, at=MADE_AT, seed=SEED).code
    _review(code)
    return 1


def _draft() -> Draft:
    options = Options(points=PointsRule(cells=LONG))
    best = options.best(CELLS, POINTS) or POINTS
    return Draft(
        name_zh=NAME[0],
        name_en=NAME[1],
        level="junior",
        cells=CELLS,
        points_per_item=POINTS,
        minutes=MINUTES,
        difficulty_target=Decimal("0.60"),
        cut_score=(best * CUT_SHARE).quantize(Decimal("0.01")),
        options=options,
    )


def _review(code: str) -> None:
    """Comment as the second examiner; the first answers two, of which one is resolved."""
    first, second = acting_as("examiner"), acting_as("examiner2")
    at = MADE_AT + timedelta(days=1)
    made = []
    for kind, words in COMMENTS:
        with unit_of_work():
            paper = papers_queries.paper(code, second)
            place = _place(papers_queries.sheet_of(paper.id), kind)
            made.append(comments.comment(paper, position=place, words=words, by=second, at=at).code)
    for comment, words in zip(made[1:], ANSWERS, strict=True):
        with unit_of_work():
            found = comments_queries.comment(comment, first)
            comments.answer(found, words=words, by=first, at=at + timedelta(hours=3))
    with unit_of_work():
        comments.resolve(comments_queries.comment(made[-1], second), by=second, at=at + timedelta(hours=5))


def _place(sheet: list[SheetItem], kind: ItemType | None) -> int | None:
    """Return the first place of a type, None for the whole paper."""
    return next((one.position for one in sheet if one.version.type is kind), None)
