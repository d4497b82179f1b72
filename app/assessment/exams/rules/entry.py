"""Who may start at a venue now, and who may register themselves: facts in, a verdict with its reasons out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.assessment.exams.administration_states import Check
from app.assessment.exams.rules.eligibility import Source
from app.assessment.exams.rules.parameters import LevelRule
from app.core.errors import Text
from app.core.text import _l
from app.rulebook.verdicts import Line, Outcome, Verdict

REASONS: dict[str, Text] = {
    "exams.identity_checked": _l("Identity checked at the door"),
    "exams.in_time": _l("Starts within %(minutes)s minutes of the opening"),
    "exams.in_time_held": _l(
        "Starts within %(minutes)s minutes of the opening; a pause held the start, so until %(until)s"
    ),
    "exams.room_running": _l("The room is not paused"),
    "exams.registration_open": _l("Registration is open from %(first)s to %(last)s"),
    "exams.not_revoked": _l("The exam body has not revoked a registration for this exam"),
    "exams.seats_left": _l("A seat is left: %(taken)s of %(seats)s are taken"),
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of a candidate who is about to start; `opens_at` counts for the late arrival.

    `held` is how long pauses kept them from starting, by which late entry ends later; `paused_at` is since when one
    does so now, and `until` how the end of late entry is written after one.
    """

    opens_at: datetime
    at_venue: bool
    identity_check: bool
    outcome: Check | None = None
    room_paused: bool = False
    held: timedelta = timedelta()
    paused_at: datetime | None = None
    until: str = ""


@dataclass(frozen=True, slots=True)
class Door:
    """When a session takes registrations by the candidates themselves, and how many seats it has, None online.

    `revoked` is why the exam body revoked this candidate's registration, empty where it did not.
    """

    opens_at: datetime | None
    closes_at: datetime | None
    taken: int
    seats: int | None
    revoked: str = ""


def may_start(rule: LevelRule, arrival: Arrival, at: datetime, source: Source) -> Verdict:
    """Decide whether a candidate may start now; an online session without a check sets no condition here."""
    return _verdict(_conditions(rule, arrival, at), source)


def admits(rule: LevelRule, arrival: Arrival, at: datetime) -> bool:
    """Tell the same without its reasons."""
    return all(line.outcome is Outcome.MET for line in _conditions(rule, arrival, at))


def _conditions(rule: LevelRule, arrival: Arrival, at: datetime) -> list[Line]:
    lines: list[Line] = []
    if arrival.identity_check:
        lines.append(Line("exams.identity_checked", _met(met=arrival.outcome is Check.CHECKED)))
    if arrival.at_venue and rule.late_entry_minutes:
        lines.append(_in_time(rule.late_entry_minutes, arrival, at))
    if arrival.at_venue:
        lines.append(Line("exams.room_running", _met(met=not arrival.room_paused)))
    return lines


def _in_time(minutes: int, arrival: Arrival, at: datetime) -> Line:
    """Judge late entry: no time passes in a pause, and what earlier ones took is given back."""
    last = arrival.opens_at + timedelta(minutes=minutes) + arrival.held
    met = _met(met=min(at, arrival.paused_at or at) <= last)
    if not arrival.held:
        return Line("exams.in_time", met, {"minutes": str(minutes)})
    return Line("exams.in_time_held", met, {"minutes": str(minutes), "until": arrival.until})


def hand_in_from(rule: LevelRule, started_at: datetime, *, at_venue: bool) -> datetime:
    """Return from when a sitting may be handed in."""
    return started_at + timedelta(minutes=rule.no_hand_in_minutes if at_venue else 0)


def may_register(door: Door, at: datetime, eligible: Verdict, *, said: tuple[str, str], source: Source) -> Verdict:
    """Add the window and the seats to a verdict of eligibility; `said` is how the window is written."""
    open_now = door.opens_at is not None and door.closes_at is not None and door.opens_at <= at < door.closes_at
    lines = [Line("exams.registration_open", _met(met=open_now), {"first": said[0], "last": said[1]})]
    if door.seats is not None:
        params = {"taken": str(door.taken), "seats": str(door.seats)}
        lines.append(Line("exams.seats_left", _met(met=door.taken < door.seats), params))
    if door.revoked:
        lines.append(Line("exams.not_revoked", Outcome.NOT_MET, evidence=door.revoked))
    return replace(eligible, lines=(*eligible.lines, *_verdict(lines, source).lines))


def _met(*, met: bool) -> Outcome:
    return Outcome.MET if met else Outcome.NOT_MET


def _verdict(lines: list[Line], source: Source) -> Verdict:
    return Verdict(
        tuple(replace(line, rule=source.pack) for line in lines),
        pack=source.pack,
        tag=source.tag,
        source_zh=source.title_zh,
        source_en=source.title_en,
    )
