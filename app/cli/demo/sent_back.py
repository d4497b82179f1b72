"""An item of the demo that last summer's statistics flagged and a reviewer sent back for revision."""

from datetime import timedelta

from sqlalchemy import select

from app.assessment.exams.models import ExamSession, ItemFlag, Paper, PaperItem
from app.assessment.exams.queries import statistics as queries
from app.assessment.exams.services import flagged
from app.assessment.exams.states import PaperState
from app.assessment.exams.statistics_states import FlagState
from app.cli.demo.exams import SUMMER, SUMMER_NAME
from app.cli.demo.moved import moved_to
from app.cli.demo.step import Demo, acting_as
from app.core.db import session, unit_of_work

DECIDED = SUMMER + timedelta(days=6)
# zh: what the reviewer wrote
WHY = "选项之间区分不清，高分组与低分组选择相近，请修改干扰项。"


def load(demo: Demo) -> int:
    """Send one flagged item back, once: one that no draft of a paper holds."""
    del demo
    flags = select(ItemFlag).join(ItemFlag.session).where(ExamSession.name_zh == SUMMER_NAME[0])
    known = session.scalars(flags.where(ItemFlag.state == FlagState.REVISION).limit(1)).first()
    drafts = select(PaperItem.item_version_id).join(Paper, Paper.id == PaperItem.paper_id)
    held = drafts.where(Paper.state != PaperState.FROZEN)
    free = flags.where(ItemFlag.state == FlagState.OPEN, ItemFlag.item_version_id.not_in(held))
    found = session.scalars(free.order_by(ItemFlag.position.desc()).limit(1)).first()
    code = found.code if found else ""
    session.rollback()
    if known is not None or not code:
        return 0
    reviewer = acting_as("reviewer")
    with moved_to(DECIDED), unit_of_work():
        flagged.send_back(queries.flag(code, reviewer), reason=WHY, by=reviewer, at=DECIDED)
    return 1
