"""What the panels room keeps of a person: pool entries, seats, scores given, attendance, secrets of draws."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import SelectBase, case, exists, select

from app.accounts.services.merging import ids_of
from app.core.columns import JsonObject
from app.core.personal_data import NO_END, rows
from app.core.room import HoldKind, PersonalData
from app.core.text import _l
from app.panels.models.draws import Panel, PanelCase, PanelSeat, Recusal, SeedShare
from app.panels.models.meetings import Attendance, Meeting
from app.panels.models.pools import Committee, CommitteeMember, ExpertPool, PoolExpert
from app.panels.models.scoring import Assignment, PanelScore
from app.panels.queries.scope import holds
from app.panels.states import SOURCE_LABELS, MeetingState

RECORDED = (MeetingState.SIGNED, MeetingState.SEALED)


def _entries(person_id: int) -> Iterable[JsonObject]:
    told = select(
        PoolExpert.code,
        ExpertPool.name_zh.label("name"),
        PoolExpert.state,
        PoolExpert.field,
        PoolExpert.title,
        PoolExpert.unit,
        PoolExpert.region_code,
        PoolExpert.nominated_at,
        PoolExpert.starts_on,
        PoolExpert.ends_on,
        PoolExpert.reason,
    ).join(ExpertPool, ExpertPool.id == PoolExpert.pool_id)
    return rows(told.where(PoolExpert.person_id == person_id).order_by(PoolExpert.id))


def _seats(person_id: int) -> Iterable[JsonObject]:
    seats = (
        select(Panel.code, Panel.name_zh.label("name"), PanelSeat.state, PanelSeat.place, PanelSeat.reason)
        .join(PanelSeat, PanelSeat.panel_id == Panel.id)
        .join(PoolExpert, PoolExpert.id == PanelSeat.expert_id)
    )
    for one in rows(seats.where(PoolExpert.person_id == person_id).order_by(PanelSeat.id)):
        source = SOURCE_LABELS.get(one["reason"])
        yield {**one, "reason": str(source)} if source else one
    members = (
        select(Committee.code, Committee.name_zh.label("name"), CommitteeMember.chair, CommitteeMember.since)
        .join(CommitteeMember, CommitteeMember.committee_id == Committee.id)
        .join(PoolExpert, PoolExpert.id == CommitteeMember.expert_id)
    )
    yield from rows(members.where(PoolExpert.person_id == person_id).order_by(CommitteeMember.id))


def _scores(person_id: int) -> Iterable[JsonObject]:
    """Tell what the person gave; in a case that they are recused from since, not in which one."""
    barred = (
        exists()
        .where(Recusal.subject_type == PanelCase.subject_type, Recusal.subject_code == PanelCase.subject_code)
        .where(Recusal.person_id.in_(ids_of(person_id)), holds())
    )
    told = (
        select(
            case((~barred, PanelCase.code)).label("case"),
            PanelScore.dimension,
            PanelScore.points,
            PanelScore.reason,
            Assignment.submitted_at,
        )
        .join(Assignment, Assignment.id == PanelScore.assignment_id)
        .join(PanelCase, PanelCase.id == Assignment.case_id)
        .join(PoolExpert, PoolExpert.id == Assignment.expert_id)
    )
    return rows(told.where(PoolExpert.person_id == person_id).order_by(PanelScore.id))


def _attendance(person_id: int) -> Iterable[JsonObject]:
    told = (
        select(Meeting.code, Meeting.name_zh.label("name"), Attendance.entering, Attendance.at)
        .join(Meeting, Meeting.id == Attendance.meeting_id)
        .join(PoolExpert, PoolExpert.id == Attendance.expert_id)
    )
    return rows(told.where(PoolExpert.person_id == person_id).order_by(Attendance.id))


def _draws(person_id: int) -> Iterable[JsonObject]:
    told = select(
        Panel.code, SeedShare.attempt, SeedShare.commitment, SeedShare.committed_at, SeedShare.revealed_at
    ).join(Panel, Panel.id == SeedShare.panel_id)
    return rows(told.where(SeedShare.person_id == person_id).order_by(SeedShare.id))


def _recusals(person_id: int) -> Iterable[JsonObject]:
    """Tell that the person is recused, not from which record: to them it is none. Reasons may name somebody else."""
    told = select(Recusal.subject_type, Recusal.kind, Recusal.at)
    return rows(told.where(Recusal.person_id.in_(ids_of(person_id)), holds()).order_by(Recusal.id))


def _held(person_id: int, on: date) -> SelectBase:
    """Keep who attended a meeting whose minutes are signed: minutes are archived and the rule names no end."""
    del on
    came = (
        exists()
        .where(Attendance.meeting_id == Meeting.id, PoolExpert.person_id == person_id)
        .where(PoolExpert.id == Attendance.expert_id)
    )
    return select(Meeting.name_zh, NO_END).where(Meeting.state.in_(RECORDED), came)


PERSONAL_DATA = (
    PersonalData(
        "expert_pools",
        _l("My entries in expert pools"),
        _entries,
        holds=(
            HoldKind(
                _l("Your name in the archived minutes of a review meeting (%(meeting)s)"),
                _l(
                    "Interim Provisions on the Review of Titles (Order 40, 2019): minutes name the experts and are kept"
                ),
                _held,
            ),
        ),
        columns=("pool_expert.person_id",),
        fields={
            "field": _l("Professional field"),
            "title": _l("Title held"),
            "unit": _l("Work unit"),
            "nominated_at": _l("Nominated on"),
        },
    ),
    PersonalData(
        "panel_seats",
        _l("My seats on panels and committees"),
        _seats,
        fields={"place": _l("Place"), "chair": _l("Chair"), "since": _l("Since")},
    ),
    PersonalData(
        "panel_scores",
        _l("Scores I gave"),
        _scores,
        fields={
            "case": _l("Case"),
            "dimension": _l("Dimension"),
            "points": _l("Points"),
            "submitted_at": _l("Submitted on"),
        },
    ),
    PersonalData("meetings", _l("Meetings I attended"), _attendance, fields={"entering": _l("Came in")}),
    PersonalData(
        "draw_secrets",
        _l("Draws I gave a secret to"),
        _draws,
        columns=("seed_share.person_id",),
        fields={
            "attempt": _l("Attempt"),
            "commitment": _l("Commitment"),
            "committed_at": _l("Committed on"),
            "revealed_at": _l("Revealed on"),
        },
    ),
    PersonalData("recusals", _l("My recusals"), _recusals, columns=("recusal.person_id",)),
)
