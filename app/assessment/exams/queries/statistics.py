"""Reads of statistics: the runs of a session, its items, groups and persons, and the items before reviewers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.models import Organisation, Region
from app.assessment.exams.models import (
    Attempt,
    ExamSession,
    ItemCalibration,
    ItemDif,
    ItemFlag,
    ItemStatistic,
    MarkingRun,
    PersonFit,
    Registration,
    Result,
    StatisticsRun,
)
from app.assessment.exams.queries import marking
from app.assessment.exams.queries.pages import PER_PAGE, Page
from app.assessment.exams.statistics_states import DifClass, Grouping
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.jobs import Job, JobState
from app.core.text import _l, pick
from app.items.models import Item, ItemBank, ItemVersion

SHOWN_RUNS = 20
COMPUTE, COMPARE = "exams.statistics", "exams.compare"


class ItemRow(NamedTuple):
    """One item of a run: its code, its statistics, its parameters where the model gave some."""

    code: str
    statistic: ItemStatistic
    calibration: ItemCalibration | None


@dataclass(frozen=True, slots=True)
class DifRow:
    """One comparison of an item between two groups, with their names."""

    dif: ItemDif
    focal: str
    reference: str


class FitRow(NamedTuple):
    """A sitting that fits the model badly."""

    person_id: int
    ticket: str
    number: int
    score: Any
    fit: PersonFit


SORTS: dict[str, Callable[[ItemRow], float | int | None]] = {
    "position": lambda row: row.statistic.position,
    "facility": lambda row: row.statistic.facility,
    "discrimination": lambda row: row.statistic.discrimination,
    "rest": lambda row: row.statistic.point_biserial_rest,
    "a": lambda row: row.calibration.a if row.calibration else None,
    "b": lambda row: row.calibration.b if row.calibration else None,
}


def runs(session_id: int) -> list[StatisticsRun]:
    """Return the latest runs of a session, latest first."""
    query = select(StatisticsRun).where(StatisticsRun.session_id == session_id)
    return list(session.scalars(query.order_by(StatisticsRun.id.desc()).limit(SHOWN_RUNS)))


def chosen(found: list[StatisticsRun], code: str | None) -> StatisticsRun | None:
    """Return the run that is asked for, the latest unless named; raises NotFoundError for an unknown one."""
    if not code:
        return found[0] if found else None
    for run in found:
        if run.code == code:
            return run
    raise NotFoundError(_l("This session has no such statistics."))


def newer_marking(run: StatisticsRun | None) -> MarkingRun | None:
    """Return the new marking that a computation does not know yet; None where it stands on the marking in force."""
    last = marking.last_read(run.session_id) if run else None
    if run is None or last is None or last.applied_at is None:
        return None
    known = last.key_hash == run.key_hash and (last.number == 1 or last.applied_at <= run.computed_at)
    return None if known else last


def needed(session_id: int, code: str | None) -> StatisticsRun:
    """Return the run that is asked for; raises NotFoundError where there is none."""
    run = chosen(runs(session_id), code)
    if run is None:
        raise NotFoundError(_l("This session has no such statistics."))
    return run


def item_rows(run: StatisticsRun) -> list[ItemRow]:
    """Return every item of a run with its parameters in the order of the paper, in one statement."""
    return [ItemRow(*row) for row in session.execute(_items(run).order_by(ItemStatistic.position))]


def item_row(run: StatisticsRun, position: int) -> ItemRow:
    """Return one item of a run; raises NotFoundError."""
    query = _items(run).options(joinedload(ItemStatistic.version)).where(ItemStatistic.position == position)
    row = session.execute(query).first()
    if row is None:
        raise NotFoundError(_l("The paper of this session has no such place."))
    return ItemRow(*row)


def _items(run: StatisticsRun) -> Select[str, ItemStatistic, ItemCalibration]:
    fitted = (ItemCalibration.run_id == run.id) & (ItemCalibration.item_version_id == ItemStatistic.item_version_id)
    return (
        select(Item.code, ItemStatistic, ItemCalibration)
        .join(ItemVersion, ItemVersion.id == ItemStatistic.item_version_id)
        .join(Item, Item.id == ItemVersion.item_id)
        .outerjoin(ItemCalibration, fitted)
        .where(ItemStatistic.run_id == run.id)
    )


def ordered(rows: list[ItemRow], sort: str, *, flagged: bool) -> list[ItemRow]:
    """Sort and narrow the items of a run; those without the figure come last."""
    by = SORTS.get(sort.lstrip("-"), SORTS["position"])
    kept = [row for row in rows if row.statistic.flags or not flagged]
    known = sorted((row for row in kept if by(row) is not None), key=lambda row: by(row) or 0, reverse=sort[:1] == "-")
    return [*known, *(row for row in kept if by(row) is None)]


def page_of(rows: list[Any], page: int) -> Page[Any]:
    """Cut a list that is at hand into pages."""
    pages = -(-len(rows) // PER_PAGE)
    wanted = min(max(page, 1), max(pages, 1))
    return Page(rows[(wanted - 1) * PER_PAGE : wanted * PER_PAGE], wanted, pages, len(rows))


def dif_rows(run: StatisticsRun, grouping: str, only: str) -> list[DifRow]:
    """Return the comparisons between groups, strongest first; narrowed by grouping and class where they are known."""
    query = select(ItemDif).where(ItemDif.run_id == run.id)
    if grouping in set(Grouping):
        query = query.where(ItemDif.grouping == grouping)
    if only in set(DifClass):
        query = query.where(ItemDif.dif_class == only)
    found = list(session.scalars(query.order_by(ItemDif.dif_class.desc(), ItemDif.p, ItemDif.position)))
    names = _names(
        {code for one in found if one.grouping is not Grouping.GENDER for code in (one.focal, one.reference)}
    )
    return [DifRow(one, names.get(one.focal, one.focal), names.get(one.reference, one.reference)) for one in found]


def _names(codes: set[str]) -> dict[str, str]:
    regions = select(Region.code, Region.name_zh, Region.name_en).where(Region.code.in_(codes))
    bodies = select(Organisation.slug, Organisation.name_zh, Organisation.name_en).where(Organisation.slug.in_(codes))
    return {code: pick(zh, en) for code, zh, en in session.execute(regions.union_all(bodies))}


def fit_rows(run: StatisticsRun) -> list[FitRow]:
    """Return the sittings that fit worst, worst first."""
    query = (
        select(Attempt.person_id, Registration.code, Registration.number, Result.score, PersonFit)
        .join(Attempt, Attempt.id == PersonFit.attempt_id)
        .join(Registration, Registration.id == Attempt.registration_id)
        .outerjoin(Result, Result.attempt_id == Attempt.id)
        .where(PersonFit.run_id == run.id)
        .order_by(PersonFit.lz)
    )
    return [FitRow(*row) for row in session.execute(query)]


def running(code: str, kind: str) -> Job | None:
    """Return the latest computation of a session that is queued or failed, to show how far it is."""
    query = select(Job).where(Job.key.startswith(f"{kind}:{code}:"), Job.state != JobState.DONE)
    return session.scalars(query.order_by(Job.id.desc()).limit(1)).first()


def flagged_session(code: str, actor: Actor) -> ExamSession:
    """Return a session whose items the actor's bank holds; raises NotFoundError."""
    query = select(ExamSession).join(ItemFlag, ItemFlag.session_id == ExamSession.id)
    found: ExamSession | None = session.scalar(_of_bank(query, actor).where(ExamSession.code == code).limit(1))
    if found is None:
        raise NotFoundError(_l("No item of your organisation's banks was flagged in such a session."))
    return found


def flag_rows(found: ExamSession, actor: Actor) -> list[tuple[str, str, ItemFlag]]:
    """Return bank, item code and flag of every item of a session that was flagged, open ones first."""
    query: Any = select(ItemBank.code, Item.code, ItemFlag).where(ItemFlag.session_id == found.id)
    rows = session.execute(_of_bank(query, actor).order_by(ItemFlag.decided_at.is_not(None), ItemFlag.position))
    return [(bank, code, flag) for bank, code, flag in rows]


def flag(code: str, actor: Actor) -> ItemFlag:
    """Return one flag with session and item version; raises NotFoundError outside of the actor's organisation."""
    query = select(ItemFlag).join(ItemFlag.session).options(contains_eager(ItemFlag.session))
    found: ItemFlag | None = session.scalar(
        _of_bank(query, actor).options(contains_eager(ItemFlag.item_version)).where(ItemFlag.code == code)
    )
    if found is None:
        raise NotFoundError(_l("No such item of your organisation's banks was flagged."))
    return found


def flag_at(run: StatisticsRun, position: int) -> ItemFlag | None:
    """Return the flag of a place under the key of a run, with session and item version; None where nothing flags it."""
    query = (
        select(ItemFlag)
        .join(ItemFlag.session)
        .join(ItemFlag.item_version)
        .options(contains_eager(ItemFlag.session), contains_eager(ItemFlag.item_version))
        .where(
            ItemFlag.session_id == run.session_id,
            ItemFlag.key_hash == run.key_hash,
            ItemFlag.position == position,
        )
    )
    return session.scalar(query)


def statistic_of(found: ItemFlag) -> ItemRow:
    """Return the figures for which an item was flagged."""
    return item_row(session.get_one(StatisticsRun, found.run_id), found.position)


def _of_bank(query: Any, actor: Actor) -> Any:  # noqa: ANN401 - a select of anything
    return (
        query.join(ItemFlag.item_version)
        .join(Item, Item.id == ItemVersion.item_id)
        .join(ItemBank, ItemBank.id == Item.bank_id)
        .where(ItemBank.organisation_id == actor.organisation_id)
    )
