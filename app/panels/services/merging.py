"""What becomes of experts, draws and recusals where two records of one human being are joined."""

from sqlalchemy import insert, select

from app.cases.states import BY_NAME
from app.core.db import session
from app.core.errors import ConflictError
from app.core.events import Subject
from app.core.text import _l
from app.panels.models.draws import Panel, Recusal, SeedShare
from app.panels.models.pools import ExpertPool, PoolExpert
from app.panels.queries.scope import holds
from app.panels.services.barring import bar


def one_expert(kept_id: int, gone_id: int) -> None:
    """Refuse where both records stand in one pool: seats, scores and minutes name each of the two."""
    kept = select(PoolExpert.pool_id).where(PoolExpert.person_id == kept_id)
    query = select(ExpertPool.name_zh).join(PoolExpert, PoolExpert.pool_id == ExpertPool.id)
    pool = session.scalars(query.where(PoolExpert.person_id == gone_id, ExpertPool.id.in_(kept)).limit(1)).first()
    if pool is not None:
        raise ConflictError(
            _l("Both records are experts of the pool %(pool)s. Records that sit there twice are not joined.", pool=pool)
        )


def one_secret(kept_id: int, gone_id: int) -> None:
    """Refuse where both records gave a secret to one draw: it is recomputed from both."""
    kept = select(SeedShare.panel_id).where(SeedShare.person_id == kept_id)
    query = select(Panel.name_zh).join(SeedShare, SeedShare.panel_id == Panel.id)
    panel = session.scalars(query.where(SeedShare.person_id == gone_id, Panel.id.in_(kept)).limit(1)).first()
    if panel is not None:
        raise ConflictError(
            _l("Both records gave a secret to the draw of %(panel)s. They are not joined.", panel=panel)
        )


def carry_recusals(kept_id: int, gone_id: int) -> None:
    """Recuse the record that stays from whatever the other is recused from: the old entries are never changed.

    What is sure of the one that goes takes back that another person than the one that stays was meant.
    """
    own = select(Recusal.subject_type, Recusal.subject_code).where(Recusal.person_id == kept_id)
    known = {Subject(kind, code) for kind, code in session.execute(own)}
    carried = []
    for one in session.scalars(select(Recusal).where(Recusal.person_id == gone_id, holds())).all():
        about = Subject(one.subject_type, one.subject_code)
        if about not in known:
            carried.append({"person_id": kept_id, **{name: getattr(one, name) for name in CARRIED}})
        elif one.reason != BY_NAME:
            bar(about, kept_id, kind=one.kind, reason=one.reason, by=None, at=one.at)
    if carried:
        session.execute(insert(Recusal), carried)


CARRIED = ("subject_type", "subject_code", "kind", "reason", "by_id", "at")


MERGES = {
    "pool_expert.person_id": one_expert,
    "seed_share.person_id": one_secret,
    "recusal.person_id": carry_recusals,
}
