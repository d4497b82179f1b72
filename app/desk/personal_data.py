"""What the desk keeps of a person: to-dos, notices and choices, and who looked at their record."""

from collections.abc import Iterable

from sqlalchemy import case, delete, select, update
from sqlalchemy.orm import aliased

from app.accounts.services.merging import ids_of
from app.core.access_log import AccessLook
from app.core.clock import real_now
from app.core.columns import JsonObject
from app.core.db import session
from app.core.personal_data import rows
from app.core.room import PersonalData
from app.core.text import _l
from app.desk.models import Notice, NoticeChoice, NoticeDelivery, NoticeRhythm, Todo


def _todos(person_id: int) -> Iterable[JsonObject]:
    """Tell what waits or waited for the person; of what is done not which record: they may be recused from it since."""
    told = select(
        Todo.code,
        Todo.kind,
        Todo.subject_type,
        case((Todo.closed_at.is_(None), Todo.subject_code)).label("subject_code"),
        Todo.opened_at.label("at"),
        Todo.due_on,
        Todo.closed_at,
    )
    return rows(told.where(Todo.person_id == person_id).order_by(Todo.id))


def _notices(person_id: int) -> Iterable[JsonObject]:
    """Tell of the notices that are not silent: whoever is recused from a record finds nothing of it here either."""
    told = select(
        Notice.code,
        Notice.kind,
        Notice.subject_type,
        Notice.subject_code,
        Notice.at,
        Notice.read_at,
        NoticeDelivery.channel,
        NoticeDelivery.sent_at,
        NoticeDelivery.outcome,
    ).outerjoin(NoticeDelivery, NoticeDelivery.notice_id == Notice.id)
    shown = (Notice.person_id == person_id) & Notice.withdrawn_at.is_(None)
    return rows(told.where(shown).order_by(Notice.id))


def _choices(person_id: int) -> Iterable[JsonObject]:
    chosen = select(NoticeChoice.kind, NoticeChoice.channel, NoticeChoice.wanted)
    yield from rows(chosen.where(NoticeChoice.person_id == person_id).order_by(NoticeChoice.kind))
    rhythm = select(NoticeRhythm.rhythm, NoticeRhythm.hour, NoticeRhythm.weekday)
    yield from rows(rhythm.where(NoticeRhythm.person_id == person_id))


def _looks(person_id: int) -> Iterable[JsonObject]:
    """Tell when, under which role and why somebody looked; who it was has a name that is not the person's."""
    told = select(
        AccessLook.at,
        AccessLook.role,
        AccessLook.region_code,
        AccessLook.purpose,
        AccessLook.record_type.label("subject_type"),
        AccessLook.record_code.label("subject_code"),
    )
    return rows(told.where(AccessLook.person_id.in_(ids_of(person_id))).order_by(AccessLook.id))


def _looked(person_id: int) -> Iterable[JsonObject]:
    """Tell when the person looked at the record of another, without saying whose."""
    told = select(AccessLook.at, AccessLook.role, AccessLook.purpose, AccessLook.record_type.label("subject_type"))
    return rows(told.where(AccessLook.viewer_id.in_(ids_of(person_id))).order_by(AccessLook.id))


def _forget(person_id: int) -> None:
    """Drop notices and choices, and close what waits for the person: nobody acts on it any more."""
    session.execute(delete(NoticeDelivery).where(NoticeDelivery.person_id == person_id))
    for model in (Notice, NoticeChoice, NoticeRhythm):
        session.execute(delete(model).where(model.person_id == person_id))
    waiting = (Todo.person_id == person_id) & Todo.closed_at.is_(None)
    session.execute(update(Todo).where(waiting).values(closed_at=real_now()))
    session.execute(update(Todo).where(Todo.person_id == person_id).values(label={}))


def one_todo(kept_id: int, gone_id: int) -> None:
    """Close what waits for the record that goes where it waits for the one that stays too: a person does it once."""
    twin = aliased(Todo)
    same = (
        (twin.kind == Todo.kind)
        & (twin.subject_type == Todo.subject_type)
        & (twin.subject_code == Todo.subject_code)
        & twin.role.is_not_distinct_from(Todo.role)
        & twin.organisation_id.is_not_distinct_from(Todo.organisation_id)
    )
    waits = select(twin.id).where(twin.person_id == kept_id, twin.closed_at.is_(None), same)
    twice = (Todo.person_id == gone_id) & Todo.closed_at.is_(None) & waits.exists()
    session.execute(update(Todo).where(twice).values(closed_at=real_now()).execution_options(synchronize_session=False))


def keep_apart(kept_id: int, gone_id: int) -> None:
    """Offer the record that stays nothing that a second person must do after the one that goes."""
    session.execute(
        update(Todo)
        .where(Todo.not_person_id == gone_id)
        .values(not_person_id=kept_id)
        .execution_options(synchronize_session=False)
    )


def one_notice(kept_id: int, gone_id: int) -> None:
    """Drop the notice of the record that goes where the one that stays was told of the same."""
    other = select(Notice.event_id, Notice.kind).where(Notice.person_id == kept_id)
    known = {(event, kind) for event, kind in session.execute(other)}
    mine = session.scalars(select(Notice).where(Notice.person_id == gone_id)).all()
    twice = [row.id for row in mine if (row.event_id, row.kind) in known]
    session.execute(delete(NoticeDelivery).where(NoticeDelivery.notice_id.in_(twice)))
    session.execute(delete(Notice).where(Notice.id.in_(twice)))


def keep_choices(kept_id: int, gone_id: int) -> None:
    """Keep the choices of the record that stays; where it chose nothing of a kind, take the other's."""
    made = select(NoticeChoice.kind, NoticeChoice.channel).where(NoticeChoice.person_id == kept_id)
    known = {(kind, channel) for kind, channel in session.execute(made)}
    for row in session.scalars(select(NoticeChoice).where(NoticeChoice.person_id == gone_id)):
        if (row.kind, row.channel) in known:
            session.delete(row)


def keep_rhythm(kept_id: int, gone_id: int) -> None:
    """Keep the rhythm of the record that stays, where it has one."""
    if session.get(NoticeRhythm, kept_id) is not None:
        session.execute(delete(NoticeRhythm).where(NoticeRhythm.person_id == gone_id))


PERSONAL_DATA = (
    PersonalData(
        "todos",
        _l("What waited for me"),
        _todos,
        forget=_forget,
        columns=("todo.person_id",),
        fields={"due_on": _l("Due"), "closed_at": _l("Dealt with on")},
    ),
    PersonalData(
        "notices",
        _l("Notices to me"),
        _notices,
        columns=("notice.person_id", "notice_delivery.person_id"),
        fields={"read_at": _l("Read on"), "channel": _l("Channel"), "sent_at": _l("Sent on")},
    ),
    PersonalData(
        "notice_choices",
        _l("How I want to be told"),
        _choices,
        columns=("notice_choice.person_id", "notice_rhythm.person_id"),
        fields={
            "channel": _l("Channel"),
            "wanted": _l("Wanted"),
            "rhythm": _l("When we write"),
            "hour": _l("At what hour"),
            "weekday": _l("Day of the week"),
        },
    ),
    PersonalData("looks", _l("Looks at my record"), _looks, columns=("access_look.person_id",)),
    PersonalData("looked", _l("My looks at records of others"), _looked, columns=("access_look.viewer_id",)),
)
UNTOLD = {"todo.not_person_id": "names whom a second person must not be; the act itself is told as an act"}
MERGES = {
    "todo.person_id": one_todo,
    "todo.not_person_id": keep_apart,
    "notice.person_id": one_notice,
    "notice_choice.person_id": keep_choices,
    "notice_rhythm.person_id": keep_rhythm,
}
