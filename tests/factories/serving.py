"""Doors that the restriction of experts closes: where offices set them to work, and where they work themselves."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Protocol

from app.accounts.models import Person
from app.ballots.states import Choice
from app.core.db import session, unit_of_work
from app.panels.models.draws import Panel
from app.panels.models.meetings import Meeting
from app.panels.models.pools import Committee, PoolExpert
from app.panels.models.scoring import Assignment
from app.panels.queries import draws as draw_queries
from app.panels.queries import meetings as meeting_queries
from app.panels.queries import scoring as score_queries
from app.panels.services import committees, meetings, scoring
from app.panels.services.scoring import Given
from tests.factories import ballots as voting
from tests.factories import panels
from tests.factories.doors import Door, door

DIMENSIONS = ("facilities", "organisation", "results", "innovation")
MEETS = panels.AT + timedelta(hours=1)


class Passing(Protocol):
    """Coming to or leaving a meeting."""

    def __call__(self, *, entering: bool) -> None: ...


def _draft(number: int = 3) -> tuple[panels.Office, list[PoolExpert], Committee]:
    office = panels.make_office()
    experts = panels.make_experts(office, number)
    return office, experts, panels.make_committee(office, experts)


def _again(committee: Committee) -> Committee:
    return session.get_one(Committee, committee.id, populate_existing=True)


def _set_members() -> tuple[Sequence[PoolExpert], Callable[[], object]]:
    office, experts, committee = _draft()

    def act() -> None:
        with unit_of_work():
            by, chair = office.secretary.actor, experts[0]
            committees.set_members(_again(committee), list(experts), chair=chair, by=by, at=panels.AT)

    return experts, act


def _file() -> tuple[Sequence[PoolExpert], Callable[[], object]]:
    office, experts, committee = _draft()
    return experts, lambda: panels.file_committee(_again(committee), office)


def _call(office: panels.Office, committee: Committee) -> Meeting:
    with unit_of_work():
        return meetings.call(
            _again(committee),
            name_zh="评审会",
            name_en="Meeting",
            place="济南",
            starts_at=MEETS,
            by=office.secretary.actor,
            at=panels.AT,
        )


def _call_meeting() -> tuple[Sequence[PoolExpert], Callable[[], object]]:
    office, experts, committee = _draft()
    panels.file_committee(committee, office)
    return experts, lambda: _call(office, committee)


def _open_round() -> tuple[Sequence[PoolExpert], Callable[[], object]]:
    office = panels.make_office()
    panels.make_experts(office, 9)
    drawn = panels.make_drawn(office)

    def act() -> None:
        with unit_of_work():
            by = office.secretary.actor
            scoring.open_round(panels.fresh(drawn), purpose="inspection", by=by, at=panels.AT)

    return [one.expert for one in draw_queries.seated(drawn.id)], act


def _call_ballot() -> tuple[list[Person], Callable[[], object]]:
    people, pack = voting.make_people(2), voting.make_pack()
    return [people[0].person, people[1][1].person], lambda: voting.make_called(people=people, pack=pack)


TOGETHER: dict[str, Callable[[], tuple[Sequence[PoolExpert], Callable[[], object]]]] = {
    "set_members": _set_members,
    "file": _file,
    "call_meeting": _call_meeting,
    "open_round": _open_round,
}


def named_together(name: str) -> tuple[list[Person], Callable[[], object]]:
    """Return two people whom an act of an office sets to work together, and the act."""
    if name == "call_ballot":
        return _call_ballot()
    experts, act = TOGETHER[name]()
    return [experts[0].person, experts[1].person], act


def sitting_member() -> tuple[Person, Passing]:
    """Return a member of a committee that is called to a meeting, and how they come and go."""
    office, experts, committee = _draft()
    panels.file_committee(committee, office)
    meeting = _call(office, committee)
    actor = panels.acting(experts[0]).actor

    def come_or_go(*, entering: bool) -> None:
        with unit_of_work():
            found = session.get_one(Meeting, meeting.id, populate_existing=True)
            member = meeting_queries.membership(found, actor)
            assert member
            meetings.attend(found, member, entering=entering, by=actor, at=panels.AT)

    return experts[0].person, come_or_go


def _together(name: str) -> Door:
    people, act = named_together(name)
    return people[0], act, panels.AT


@door("panels.serve", "set_members")
def _members_door() -> Door:
    return _together("set_members")


@door("panels.serve", "file")
def _filing_door() -> Door:
    return _together("file")


@door("panels.serve", "call_meeting")
def _meeting_door() -> Door:
    return _together("call_meeting")


@door("panels.serve", "open_round")
def _round_door() -> Door:
    return _together("open_round")


@door("panels.serve", "call_ballot")
def _roll_door() -> Door:
    people, act = _call_ballot()
    return people[0], act, voting.CALLED


@door("panels.serve", "attend")
def _attendance_door() -> Door:
    person, come_or_go = sitting_member()
    return person, lambda: come_or_go(entering=True), panels.AT


def _assigned() -> tuple[PoolExpert, Callable[[], None], Callable[[], None]]:
    """Return an expert with a case, how they submit its scores, and how they ask for a correction."""
    experts, act = _open_round()
    act()
    expert = experts[0]
    by, drawn = panels.acting(expert).actor, session.query(Panel).one()

    def own() -> Assignment:
        return score_queries.own_assignment(panels.case_of(drawn), by)

    def submit() -> None:
        with unit_of_work():
            given = {code: Given(Decimal(80), "现场核查后给出的评分理由") for code in DIMENSIONS}
            scoring.submit(own(), given, by=by, at=panels.AT)

    def ask() -> None:
        with unit_of_work():
            points, why = Decimal(70), "录入时看错一行，现予更正。"
            scoring.ask_correction(own(), DIMENSIONS[0], points, reason=why, by=by, at=panels.AT)

    return expert, submit, ask


@door("panels.serve", "submit")
def _score_door() -> Door:
    expert, submit, _ask = _assigned()
    return expert.person, submit, panels.AT


@door("panels.serve", "ask_correction")
def _correction_door() -> Door:
    expert, submit, ask = _assigned()
    submit()
    return expert.person, ask, panels.AT


@door("panels.serve", "cast")
def _vote_door() -> Door:
    house = voting.make_open(experts=2)
    return house.chair.person, lambda: voting.cast(house, house.chair, Choice.APPROVE), voting.OPENS


@door("panels.serve", "appoint_proxy")
def _proxy_door() -> Door:
    house = voting.make_open(experts=3, pack=voting.make_pack(proxy="true"))
    absent = house.experts[2]
    voting.attend(house, *house.voters[:3])
    return absent.person, lambda: voting.appoint(house, absent, house.chair), voting.OPENS
