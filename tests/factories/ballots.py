"""Ballots for tests: three trustees with their secrets, voters, and votes that the real encryption made."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.accounts.states import Role
from app.ballots import queries, services
from app.ballots.models import Ballot, BallotVote, BallotVoter
from app.ballots.queries.counting import bulletin_of, ceremony_of, manifest_of, opened_product
from app.ballots.rules import keys
from app.ballots.rules.group import GENERATOR, point
from app.ballots.rules.proofs import prove_key
from app.ballots.rules.tally import open_product, opening_context
from app.ballots.rules.votes import make_vote
from app.ballots.services import Asked, Eligible
from app.ballots.states import Choice
from app.core.db import session, unit_of_work, writing
from app.rulebook import services as rulebook
from app.rulebook.models import RulePack
from app.rulebook.states import PackState
from app.settings import ROOT
from tests.factories.accounts import JINAN, MADE_AT, SHANDONG, Member, make_member, make_regions

CALLED = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
OPENS = CALLED + timedelta(hours=1)
CLOSES = OPENS + timedelta(minutes=30)
PACK = (ROOT / "content" / "rules" / "ballot-rules-sample.toml").read_text("utf-8")


@dataclass
class House:
    """A ballot with everyone around it; trustees' seeds are known to the test only."""

    ballot: Ballot
    chair: Member
    experts: list[Member]
    seeds: dict[int, bytes] = field(default_factory=dict)

    @property
    def trustees(self) -> list[Member]:
        return [self.chair, *self.experts[:2]]

    @property
    def voters(self) -> list[Member]:
        return [self.chair, *self.experts]

    def fresh(self) -> Ballot:
        if not writing():
            session.rollback()
            session.expire_all()
        return session.get_one(Ballot, self.ballot.id)

    def secrets_of(self, place: int) -> keys.Secrets:
        return keys.Secrets.of(self.seeds[place], ceremony_of(self.fresh()), place)

    def voter(self, member: Member) -> BallotVoter:
        query = select(BallotVoter).where(
            BallotVoter.ballot_id == self.ballot.id, BallotVoter.person_id == member.person.id
        )
        return session.scalars(query).one()


def make_pack(**changes: str) -> RulePack:
    """Publish the sample rules, with lines replaced: `late_minutes="10"`."""
    make_regions()
    text = PACK
    for name, value in changes.items():
        text = re.sub(rf"^{name} = .*$", f"{name} = {value}", text, count=1, flags=re.MULTILINE)
    known = session.scalar(
        select(RulePack).where(
            RulePack.kind == "ballot_rules", RulePack.text == text, RulePack.state == PackState.PUBLISHED
        )
    )
    if known is not None:
        return known
    first, second = make_member(Role.REGULATOR, "100000"), make_member(Role.REGULATOR, "100000")
    with unit_of_work():
        pack = rulebook.load_draft(text, by=None, at=MADE_AT)
        rulebook.propose(pack, by=first.actor, at=MADE_AT)
        rulebook.publish(pack, by=second.actor, at=MADE_AT)
    return pack


def make_people(experts: int = 4) -> tuple[Member, list[Member]]:
    """Make a chair and experts."""
    return make_member(Role.CHAIR, SHANDONG), [make_member(Role.EXPERT, SHANDONG) for _ in range(experts)]


def make_called(
    *,
    experts: int = 4,
    titles: Sequence[str] = ("甲同志", "乙同志"),
    recused: Mapping[int, frozenset[str]] | None = None,
    committee_size: int | None = None,
    pack: RulePack | None = None,
    people: tuple[Member, list[Member]] | None = None,
) -> House:
    """Call a ballot; `recused` names by the place of an expert (from 0) the references they are recused from."""
    chair, members = people or (
        make_member(Role.CHAIR, SHANDONG),
        [make_member(Role.EXPERT, SHANDONG) for _ in range(experts)],
    )
    rules = pack or make_pack()
    voters = [Eligible(chair.person.id)]
    voters += [Eligible(one.person.id, (recused or {}).get(place, frozenset())) for place, one in enumerate(members)]
    with unit_of_work():
        found = services.call_ballot(
            "meeting-1",
            title=("高级职称评审无记名投票", "Secret ballot on senior titles"),
            questions=[
                Asked(f"application-{n}", f"是否同意{title}取得资格", f"Question {n}")
                for n, title in enumerate(titles, 1)
            ],
            voters=voters,
            trustees=[chair.person.id, members[0].person.id, members[1].person.id],
            committee_size=committee_size,
            region=JINAN,
            pack=rules,
            by=chair.actor,
            at=CALLED,
        )
    return House(found, chair, members)


def joined(house: House, place: int) -> dict[str, Any]:
    """Return what a trustee's browser sends to join."""
    house.seeds.setdefault(place, secrets.token_bytes(32))
    ceremony = ceremony_of(house.fresh())
    return {"ceremony": ceremony.number, **keys.join(ceremony, place, house.secrets_of(place))}


def dealt(house: House, place: int) -> dict[str, Any]:
    """Return what a trustee's browser sends to deal."""
    found = house.fresh()
    exchanges = [point(one.exchange) for one in found.trustees]
    ceremony = ceremony_of(found)
    return {"ceremony": ceremony.number, **keys.deal(ceremony, place, house.secrets_of(place), exchanges)}


def share_of(house: House, place: int) -> int:
    """Return what a trustee holds in the end."""
    found = house.fresh()
    return keys.gather(
        ceremony_of(found),
        place,
        house.secrets_of(place),
        exchanges=[point(one.exchange) for one in found.trustees],
        dealt=[one.dealt or {} for one in found.trustees],
    )


def confirmed(house: House, place: int) -> dict[str, Any]:
    """Return what a trustee's browser sends to confirm."""
    share = share_of(house, place)
    found = house.fresh()
    election = keys.election_of(manifest_of(found))
    proof = prove_key("confirm", keys.confirm_words(election.fingerprint, place), share, GENERATOR * share)
    return {"ceremony": found.ceremony, "proof": proof}


def opening(house: House, place: int) -> dict[str, Any]:
    """Return what a trustee's browser sends to open their part."""
    share = share_of(house, place)
    found = house.fresh()
    context = opening_context(found.fingerprint or "", place, found.list_digest or "")
    return open_product(context, share, GENERATOR * share, opened_product(found))


def make_ready(house: House | None = None, **given: Any) -> House:  # noqa: ANN401 - as make_called
    """Let the three trustees make the key."""
    made = house or make_called(**given)
    for act, made_by in ((services.join, joined), (services.deal, dealt), (services.confirm, confirmed)):
        for place, trustee in enumerate(made.trustees, 1):
            sent = made_by(made, place)
            with unit_of_work():
                act(made.fresh(), sent=sent, by=trustee.actor, at=CALLED)
    return made


def make_open(house: House | None = None, **given: Any) -> House:  # noqa: ANN401 - as make_called
    """Let the chair open the vote."""
    made = make_ready(house, **given)
    with unit_of_work():
        services.open_vote(made.fresh(), closes_at=CLOSES, by=made.chair.actor, at=OPENS)
    return made


def vote_text(house: House, member: Member, *choices: Choice) -> str:
    """Encrypt a voter's choices; the last one stands for the questions that follow."""
    found, voter = house.fresh(), house.voter(member)
    asked = queries.questions_for(found, voter)
    given = [*choices, *[choices[-1]] * (len(asked) - len(choices))]
    answers = dict(zip([one.code for one in asked], given, strict=False))
    return make_vote(keys.election_of(manifest_of(found)), voter.pseudonym, answers)


def cast(house: House, member: Member, *choices: Choice, at: datetime = OPENS, text: str | None = None) -> BallotVote:
    """Cast a voter's vote as the page does."""
    sent = text or vote_text(house, member, *choices)
    found, voter = house.fresh(), house.voter(member)
    vote = services.read(found, voter, sent)
    with unit_of_work():
        return services.cast(found, voter, vote=vote, by=member.actor, at=at)


def close(house: House, at: datetime = CLOSES) -> House:
    """Close the vote."""
    with unit_of_work():
        services.close_vote(house.fresh(), by=house.chair.actor, at=at)
    return house


def open_tally(house: House, *places: int) -> House:
    """Let trustees open their parts, the first and the third unless named."""
    for place in places or (1, 3):
        sent = opening(house, place)
        with unit_of_work():
            services.hand_in(house.fresh(), sent=sent, by=house.trustees[place - 1].actor, at=CLOSES)
    return house


def make_decided(approve: int, **given: Any) -> House:  # noqa: ANN401 - as make_called
    """Make a ballot of five voters of whom so many approve and the others object, opened by trustees 1 and 3."""
    house = make_open(**given)
    for place, member in enumerate(house.voters):
        if house.voter(member).open_questions:
            cast(house, member, Choice.APPROVE if place < approve else Choice.OBJECT)
    return open_tally(close(house))


def bulletin(house: House) -> dict[str, Any]:
    """Return the bulletin as it is downloaded."""
    return bulletin_of(house.fresh())


def appoint(house: House, voter: Member, proxy: Member) -> None:
    """Let one voter be represented by another."""
    with unit_of_work():
        services.appoint_proxy(house.fresh(), proxy.person.id, by=voter.actor, at=OPENS)


def attend(house: House, *members: Member, at: datetime = OPENS) -> None:
    """Let exactly these voters attend, each coming or leaving by their own hand."""
    here = {one.person.id for one in members}
    for one in house.voters:
        with unit_of_work():
            services.note_presence(
                house.ballot.meeting_code, person_id=one.person.id, here=one.person.id in here, by=one.actor, at=at
            )
