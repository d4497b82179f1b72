"""Doors that the restriction of experts closes: where offices set them to work, and where they work themselves."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Protocol

from app.accounts.models import Person
from app.accounts.states import Role
from app.ballots import services as ballots
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
from tests.factories.accounts import make_member
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


def _sent(
    house: voting.House, act: Callable[..., object], made: Callable[[voting.House, int], dict[str, Any]], place: int
) -> Callable[[], None]:
    """Return how a trustee (by their place) sends what their browser made."""

    def send() -> None:
        with unit_of_work():
            act(house.fresh(), sent=made(house, place), by=house.trustees[place - 1].actor, at=voting.CALLED)

    return send


@door("panels.serve", "join")
def _key_door() -> Door:
    house = voting.make_called()
    return house.trustees[1].person, _sent(house, ballots.join, voting.joined, 2), voting.CALLED


@door("panels.serve", "deal")
def _share_door() -> Door:
    house = voting.make_called()
    for place in (1, 2, 3):
        _sent(house, ballots.join, voting.joined, place)()
    return house.trustees[1].person, _sent(house, ballots.deal, voting.dealt, 2), voting.CALLED


@door("panels.serve", "confirm")
def _confirmation_door() -> Door:
    house = voting.make_called()
    for act, made in ((ballots.join, voting.joined), (ballots.deal, voting.dealt)):
        for place in (1, 2, 3):
            _sent(house, act, made, place)()
    return house.trustees[1].person, _sent(house, ballots.confirm, voting.confirmed, 2), voting.CALLED


@door("panels.serve", "complain")
def _complaint_door() -> Door:
    house = voting.make_called()

    def against(house: voting.House, place: int) -> dict[str, Any]:
        del place
        return {"ceremony": house.fresh().ceremony, "against": [3]}

    return house.trustees[1].person, _sent(house, ballots.complain, against, 2), voting.CALLED


def _conducted(house: voting.House, act: Callable[..., object], **given: object) -> Door:
    def conduct() -> None:
        with unit_of_work():
            act(house.fresh(), by=house.chair.actor, at=voting.OPENS, **given)

    return house.chair.person, conduct, voting.OPENS


@door("panels.serve", "restart")
def _restart_door() -> Door:
    return _conducted(voting.make_called(), ballots.restart)


@door("panels.serve", "open_vote")
def _opening_door() -> Door:
    return _conducted(voting.make_ready(), ballots.open_vote, closes_at=voting.CLOSES)


@door("panels.serve", "close_vote")
def _closing_door() -> Door:
    return _conducted(voting.make_open(), ballots.close_vote)


@door("panels.serve", "call_off")
def _end_door() -> Door:
    return _conducted(voting.make_called(), ballots.call_off, reason="会议中止。")


@door("panels.serve", "hand_in")
def _tally_door() -> Door:
    house = voting.make_open(experts=2)
    for member in house.voters:
        voting.cast(house, member, Choice.APPROVE)
    voting.close(house)
    return house.trustees[1].person, lambda: voting.open_tally(house, 2), voting.CLOSES


@door("panels.serve", "sign")
def _minutes_door() -> Door:
    office, experts, committee = _draft()
    panels.file_committee(committee, office)
    meeting = _call(office, committee)
    chair = make_member(Role.CHAIR, office.pool.region_code, office.organisation, person=experts[0].person)
    for expert in experts:
        actor = panels.acting(expert).actor
        with unit_of_work():
            member = meeting_queries.membership(meeting, actor)
            assert member
            meetings.attend(meeting, member, entering=True, by=actor, at=panels.AT)
    with unit_of_work():
        meetings.open_meeting(meeting, by=office.secretary.actor, at=panels.AT)
        meetings.close_meeting(meeting, by=office.secretary.actor, at=panels.AT)

    def sign() -> None:
        with unit_of_work():
            found = session.get_one(Meeting, meeting.id, populate_existing=True)
            meetings.sign(found, b"%PDF-1.7 minutes", by=chair.actor, at=panels.AT)

    return experts[0].person, sign, panels.AT


@door("panels.serve", "decide_correction")
def _correcting_door() -> Door:
    expert, submit, ask = _assigned()
    submit()
    ask()
    chair = make_member(Role.CHAIR, expert.region_code)

    def decide() -> None:
        with unit_of_work():
            case = panels.case_of(session.query(Panel).one())
            asked, about = score_queries.corrections(case)[0]
            scoring.decide_correction(asked, about, approve=True, by=chair.actor, at=panels.AT)

    return chair.person, decide, panels.AT


@door("panels.serve", "appoint_proxy")
def _proxy_door() -> Door:
    house = voting.make_open(experts=3, pack=voting.make_pack(proxy="true"))
    absent = house.experts[2]
    voting.attend(house, *house.voters[:3])
    return absent.person, lambda: voting.appoint(house, absent, house.chair), voting.OPENS
