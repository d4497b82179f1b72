"""Rounds and applications for tests, made as the product makes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.accounts.services import consents
from app.accounts.states import Role
from app.assessment.titles import queries, services
from app.assessment.titles.models import TitleApplication, TitleRound
from app.assessment.titles.services.rounds import meeting_of
from app.ballots import services as ballots
from app.ballots.models import Ballot
from app.ballots.states import Choice
from app.core.db import session, unit_of_work
from app.evidence.models import Evidence
from app.evidence.states import Kind
from app.panels.models.meetings import Meeting
from app.panels.models.pools import Committee, PoolExpert
from app.panels.queries import meetings as meeting_queries
from app.panels.services import meetings
from app.rulebook import queries as rulebook
from app.rulebook import services as rulebook_services
from app.rulebook.facts import Fact, read_value
from app.settings import ROOT
from tests.factories import ballots as making
from tests.factories.accounts import JINAN, NATION, SHANDONG, Member, make_member
from tests.factories.evidence import make_checked, publish_checks
from tests.factories.panels import (
    Office,
    acting,
    file_committee,
    make_committee,
    make_experts,
    make_office,
    publish_pack,
)
from tests.worlds import built_once

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
UNTIL = date(2026, 3, 31)
MET_AT = datetime(2026, 4, 8, 2, 0, tzinfo=UTC)
STATED: Mapping[str, object] = {
    "stated.degree": "master",
    "stated.degree_on": "2022-06-30",
    "stated.appraisals_passed": "true",
    "stated.civil_servant": "false",
    "stated.retired": "false",
}


@dataclass
class Scene:
    """An office with its committee and a round, open for applications unless said otherwise."""

    office: Office
    experts: list[PoolExpert]
    committee: Committee
    round_code: str = ""
    regulator: Member = field(init=False)

    def __post_init__(self) -> None:
        self.regulator = self.office.regulator

    @property
    def round(self) -> TitleRound:
        return session.query(TitleRound).filter_by(code=self.round_code).populate_existing().one()

    @property
    def meeting(self) -> Meeting:
        found = meeting_of(self.round)
        assert found is not None
        return found


@built_once
def make_scene(experts: int = 3) -> Scene:
    """Make an office, its filed committee and the packs that title evaluation stands on."""
    office = make_office()
    people = make_experts(office, experts)
    committee = file_committee(make_committee(office, people), office)
    publish_pack("case-clock-nation-sample")
    publish_scheme()
    publish_checks(region=NATION)
    making.make_pack()
    return Scene(office, people, committee)


def publish_scheme(level: str = "intermediate") -> None:
    """Publish the sample scheme, or the same for another level, as its province does."""
    text = (ROOT / "content" / "rules" / "title-scheme-shandong-intermediate-sample.toml").read_text("utf-8")
    text = text.replace("intermediate", level)
    first, second = make_member(Role.REGULATOR, SHANDONG), make_member(Role.REGULATOR, SHANDONG)
    with unit_of_work():
        pack = rulebook_services.load_draft(text, by=first.actor, at=AT)
        rulebook_services.propose(pack, by=first.actor, at=AT)
        rulebook_services.publish(pack, by=second.actor, at=AT)


def propose(scene: Scene, *, until: date = UNTIL) -> TitleRound:
    """Let the secretary propose a round."""
    planned = services.Planned("2026年度中级职称评审", "Intermediate titles of 2026", until)
    with unit_of_work():
        pack = queries.schemes(SHANDONG, UNTIL)[0]
        made = services.propose(pack, scene.committee, planned, by=scene.office.secretary.actor, at=AT)
    scene.round_code = made.code
    return made


@built_once
def make_open() -> Scene:
    """Make an open round."""
    scene = make_scene()
    propose(scene)
    with unit_of_work():
        services.confirm_round(scene.round, by=scene.regulator.actor, at=AT)
    return scene


@built_once
def make_applicant(region: str = JINAN) -> Member:
    """Make a technology manager."""
    return make_member(Role.TRAINEE, region)


def facts(given: Mapping[str, object]) -> dict[str, Fact]:
    """Return what an applicant declares, typed."""
    catalogue = rulebook.catalogue()
    return {name: Fact(read_value(catalogue[name].kind, value)) for name, value in given.items()}


def make_draft(
    scene: Scene, who: Member, *, records: Sequence[Evidence] | None = None, at: datetime = AT, **stated: object
) -> TitleApplication:
    """Begin and save an application that meets the scheme, unless said otherwise."""
    if records is None:
        number = f"2026370102{who.person.id:06d}"
        records = [make_checked(Kind.CONTRACT, who, number=number)]
    given = {**STATED, **{f"stated.{name}": value for name, value in stated.items()}}
    with unit_of_work():
        made = services.start(scene.round, by=who.actor, at=at)
        services.save(made, facts(given), list(records), by=who.actor, at=at)
    return made


def fresh(one: TitleApplication) -> TitleApplication:
    """Return an application as it is stored now."""
    return session.get_one(TitleApplication, one.id, populate_existing=True)


def make_submitted(scene: Scene, who: Member, **given: Any) -> TitleApplication:  # noqa: ANN401 - as make_draft
    """Send an application."""
    made = make_draft(scene, who, **given)
    with unit_of_work():
        services.submit(fresh(made), by=who.actor, at=AT)
    return made


@built_once
def make_accepted(scene: Scene, who: Member) -> TitleApplication:
    """Send an application and let the formal check accept it."""
    made = make_submitted(scene, who)
    with unit_of_work():
        services.accept(fresh(made), by=scene.office.secretary.actor, at=AT + DAY)
    return made


@built_once
def hold_meeting(scene: Scene, *, at: datetime = MET_AT) -> Meeting:
    """Call the meeting, let all members sign in, and open it."""
    secretary = scene.office.secretary.actor
    with unit_of_work():
        services.call_meeting(scene.round, place="济南", starts_at=at, by=secretary, at=at - DAY)
        for member in meeting_queries.members(scene.meeting):
            actor = acting(member.expert).actor
            meetings.attend(scene.meeting, member, entering=True, by=actor, at=at)
        meetings.open_meeting(scene.meeting, by=secretary, at=at)
    return scene.meeting


@built_once
def call_vote(scene: Scene, *, at: datetime = MET_AT) -> making.House:
    """Call the ballot; return it with everyone around it."""
    chair, *others = scene.experts
    keepers = [one.person_id for one in others[:2]]
    with unit_of_work():
        code = services.call_vote(scene.round, keepers, by=scene.office.secretary.actor, at=at)
    ballot = session.query(Ballot).filter_by(code=code).one()
    return making.House(ballot, acting(chair), [acting(one) for one in others])


def vote(house: making.House, choice: Choice = Choice.APPROVE) -> None:
    """Make the key, let everyone vote alike, close and open the tally."""
    making.make_ready(house)
    at = MET_AT + timedelta(minutes=10)
    with unit_of_work():
        ballots.open_vote(house.fresh(), closes_at=at + timedelta(hours=1), by=house.chair.actor, at=at)
    for member in house.voters:
        making.cast(house, member, choice, at=at)
    with unit_of_work():
        ballots.close_vote(house.fresh(), by=house.chair.actor, at=at + timedelta(minutes=5))
    for place in (1, 2):
        sent = making.opening(house, place)
        with unit_of_work():
            who = house.trustees[place - 1].actor
            ballots.hand_in(house.fresh(), sent=sent, by=who, at=at + timedelta(minutes=6 + place))


@built_once
def make_voted(choice: Choice = Choice.APPROVE) -> tuple[Scene, Member, TitleApplication]:
    """Bring one application to the result of the vote."""
    scene = make_open()
    who = make_applicant()
    one = make_accepted(scene, who)
    hold_meeting(scene)
    vote(call_vote(scene), choice)
    return scene, who, one


def publish_name(who: Member, *, at: datetime) -> None:
    """Let the holder of a title agree that the register of titles shows their name."""
    with unit_of_work():
        consents.give_consent(queries.PUBLISH_NAME, by=who.actor, at=at)
