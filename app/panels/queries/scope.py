"""Row scopes of the panels room: who may see which pools, panels and cases; recusal cuts through every role.

Every room that shows a subject to its judges filters with `visible_to_panel` and asks `recused`: whoever is
recused from a subject gets the answer of a record that does not exist.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, ScalarSelect, Select, false, func, not_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.access import within
from app.core.access import Actor
from app.core.db import session
from app.core.events import Subject
from app.panels.access import Permission
from app.panels.models.draws import Panel, PanelCase, PanelSeat, Recusal, RecusalFinding, SeedShare
from app.panels.models.pools import Committee, CommitteeMember, ExpertPool, PoolExpert
from app.panels.states import SeatState


def latest_finding() -> ScalarSelect[bool]:
    """Select what was found last about a recusal: the same person or not; NULL where nobody looked."""
    found = select(RecusalFinding.same).where(RecusalFinding.recusal_id == Recusal.id)
    last = found.order_by(RecusalFinding.id.desc())
    return last.limit(1).correlate(Recusal).scalar_subquery()  # mutant: of two rows SQLite takes the first by itself


def holds() -> ColumnElement[bool]:
    """Return the condition that a recusal holds: always, but where it rests on a name and another person was meant."""
    return func.coalesce(latest_finding(), true())


def recused(person_id: int, subject: Subject) -> bool:
    """Tell whether a person is recused from a subject."""
    query = select(Recusal.id).where(
        Recusal.person_id == person_id,
        Recusal.subject_type == subject.type,
        Recusal.subject_code == subject.code,
        holds(),
    )
    return session.scalar(query) is not None


def recused_codes(person_id: int) -> Select[str]:
    """Select the codes of the subjects that a person is recused from, for rooms below that know them by code."""
    return select(Recusal.subject_code).where(Recusal.person_id == person_id, holds())


def recused_among(person_ids: Iterable[int], subject: Subject) -> set[int]:
    """Return who of several people is recused from a subject."""
    query = select(Recusal.person_id).where(
        Recusal.person_id.in_(set(person_ids)),
        Recusal.subject_type == subject.type,
        Recusal.subject_code == subject.code,
        holds(),
    )
    return set(session.scalars(query))


def visible_to_panel(
    actor: Actor,
    subject_type: str | InstrumentedAttribute[str] = PanelCase.subject_type,
    subject_code: InstrumentedAttribute[str] = PanelCase.subject_code,
) -> ColumnElement[bool]:
    """Return the condition that the actor is not recused from the subject of a row, for any query of any room.

    By default it filters `PanelCase`; another room passes its subject type and the column of its code.
    """
    hit = select(Recusal.id).where(
        Recusal.person_id == actor.person_id,
        Recusal.subject_type == subject_type,
        Recusal.subject_code == subject_code,
        holds(),
    )
    return not_(hit.correlate_except(Recusal).exists())


def pools(actor: Actor) -> Select[ExpertPool]:
    """Select the pools a person may read: the office its own, the authority those of its region."""
    query = select(ExpertPool)
    if actor.may(Permission.ORGANISE):
        return query.where(ExpertPool.organisation_id == actor.organisation_id)
    if actor.may(Permission.ADMIT):
        return query.where(within(ExpertPool.region_code, actor))
    return query.where(false())


def experts(actor: Actor) -> Select[PoolExpert]:
    """Select the experts a person may read: those of readable pools, and whom one's own unit nominated."""
    of_pools = PoolExpert.pool_id.in_(pools(actor).with_only_columns(ExpertPool.id))
    return select(PoolExpert).where(of_pools)


def committees(actor: Actor) -> Select[Committee]:
    """Select the committees of the office, of the authority's region, and those one sits on."""
    query = select(Committee)
    if actor.may(Permission.ORGANISE):
        return query.where(Committee.organisation_id == actor.organisation_id)
    if actor.may(Permission.OBSERVE):
        return query.where(within(Committee.region_code, actor))
    mine = (
        select(CommitteeMember.committee_id).join(CommitteeMember.expert).where(PoolExpert.person_id == actor.person_id)
    )
    return query.where(Committee.id.in_(mine)) if actor.may(Permission.SIT) else query.where(false())


def seats_of(actor: Actor) -> Select[int]:
    """Select the panels on which the actor has a seat."""
    return (
        select(PanelSeat.panel_id)
        .join(PanelSeat.expert)
        .where(PoolExpert.person_id == actor.person_id, PanelSeat.state == SeatState.SEATED)
    )


def panels(actor: Actor) -> Select[Panel]:
    """Select the panels one organises, observes or sits on, without those whose every case one is recused from."""
    open_case = select(PanelCase.id).where(PanelCase.panel_id == Panel.id, visible_to_panel(actor))
    return select(Panel).where(_panel_role(actor), open_case.exists())


def _panel_role(actor: Actor) -> ColumnElement[bool]:
    if actor.may(Permission.ORGANISE):
        return Panel.organisation_id == actor.organisation_id
    if actor.may(Permission.OBSERVE):
        return within(Panel.region_code, actor)
    if actor.may(Permission.CHAIR):
        return or_(Panel.organisation_id == actor.organisation_id, Panel.id.in_(seats_of(actor)))
    if actor.may(Permission.SIT):
        return Panel.id.in_(seats_of(actor))
    return false()


def cases(actor: Actor) -> Select[PanelCase]:
    """Select the cases of readable panels from which the actor is not recused."""
    readable = panels(actor).with_only_columns(Panel.id)
    return select(PanelCase).where(PanelCase.panel_id.in_(readable), visible_to_panel(actor))


def own_shares(actor: Actor) -> Select[SeedShare]:
    """Select the shares of the seed that the actor gave."""
    return select(SeedShare).where(SeedShare.person_id == actor.person_id)
