"""What the rulebook puts on desks: to-dos that must be open, notices."""

from sqlalchemy import select

from app.accounts.states import Role
from app.core.db import session
from app.core.events import Event, Subject
from app.core.text import _l
from app.desk.kinds import Expected, NoticeKind, Told
from app.rulebook.models import RulePack
from app.rulebook.states import PackState


def expected() -> set[Expected]:
    """Return the to-dos that follow from the states of packs: a proposed one waits for a second person."""
    query = select(RulePack.code, RulePack.region_code).where(RulePack.state == PackState.PROPOSED)
    return {
        Expected("rulebook.confirm", Subject("rule_pack", code), role=Role.REGULATOR, region_code=region)
        for code, region in session.execute(query)
    }


def _involved(happened: Event) -> list[Told]:
    """Return who drafted and who proposed a pack."""
    pack = session.scalar(select(RulePack).where(RulePack.code == happened.subject_code))
    if pack is None:
        return []
    named = {"pack_zh": pack.name_zh, "pack_en": pack.name_en}
    persons = {pack.drafted_by_id, pack.proposed_by_id} - {None}
    return [Told(person_id, f"/rules/{pack.code}", named) for person_id in persons if person_id is not None]


NOTICES = (
    NoticeKind(
        "rulebook.published",
        "rulebook.published",
        label=_l("A rule pack of yours was published"),
        sentence=_l("The rule pack %(pack)s was confirmed and published."),
        told=_involved,
    ),
    NoticeKind(
        "rulebook.returned",
        "rulebook.returned",
        label=_l("A rule pack of yours was returned"),
        sentence=_l("The rule pack %(pack)s was returned to its draft. Read the reason."),
        told=_involved,
        mail=True,
    ),
)
