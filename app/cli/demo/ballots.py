"""The secret ballots of the demo: one decided, one open, one whose key is to be made, one with somebody represented."""

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from sqlalchemy import select

from app.ballots import queries, services
from app.ballots.models import Ballot
from app.ballots.queries.counting import ceremony_of, manifest_of, opened_product
from app.ballots.rules import keys
from app.ballots.rules.group import GENERATOR, point
from app.ballots.rules.proofs import prove_key
from app.ballots.rules.tally import open_product, opening_context
from app.ballots.rules.votes import make_vote
from app.ballots.services import Asked, Eligible
from app.ballots.states import Choice
from app.cli.demo.people import PASSWORD
from app.cli.demo.step import Demo, acting_as
from app.core import clock
from app.core.access import Actor
from app.core.config import settings
from app.core.db import session, unit_of_work
from app.rulebook import queries as rulebook

TRUSTEES = ("chair", "expert2", "expert3")
VOTERS = (*TRUSTEES, "expert")
REGION, CITY = "370000", "370100"
"""A province, and a city of it whose sample rules let an absent voter name a proxy."""
HELD = datetime(2026, 6, 18, 6, 0, tzinfo=UTC)
OPEN_FOR = timedelta(days=7)
ITERATIONS = 600_000
YES, NO, NONE = Choice.APPROVE, Choice.OBJECT, Choice.ABSTAIN

# zh: what the members of a committee read on their ballots
DECIDED = (
    ("demo-title-1", "是否同意申报人高远取得技术转移研究员（副高级）资格", "Senior title of the applicant Gao Yuan"),
    (
        "demo-title-2",
        "是否同意申报人林知夏取得技术转移研究员（副高级）资格",
        "Senior title of the applicant Lin Zhixia",
    ),
    ("demo-title-3", "是否同意申报人纪闻取得技术转移研究员（副高级）资格", "Senior title of the applicant Ji Wen"),
)
OPEN = (
    ("demo-title-4", "是否同意申报人宋宜年取得高级技术经理人职称", "Senior title of the applicant Song Yinian"),
    ("demo-title-5", "是否同意申报人傅时雨取得高级技术经理人职称", "Senior title of the applicant Fu Shiyu"),
)
PREPARED = (("demo-title-6", "是否同意申报人顾南乔取得高级技术经理人职称", "Senior title of the applicant Gu Nanqiao"),)
SAID = {
    "chair": (YES, YES, NO),
    "expert2": (YES, NO, NO),
    "expert3": (YES, YES, NONE),
    "expert": (YES, YES),
}
"""What the demo's people said to the first ballot; the last of them is recused from its third question."""
REPRESENTED = (
    ("demo-title-7", "是否同意申报人江予安取得中级技术经理人职称", "Intermediate title of the applicant Jiang Yu'an"),
    ("demo-title-8", "是否同意申报人秦晚舟取得中级技术经理人职称", "Intermediate title of the applicant Qin Wanzhou"),
)
ABSENT, PROXY = "expert", "expert2"
MEETINGS: tuple[tuple[str, tuple[str, str], tuple[tuple[str, str, str], ...]], ...] = (
    ("demo-meeting-2026-1", ("2026年第一次职称评审会议投票", "Ballot of the first title meeting of 2026"), DECIDED),
    ("demo-meeting-2026-2", ("2026年第二次职称评审会议投票", "Ballot of the second title meeting of 2026"), OPEN),
    ("demo-meeting-2026-3", ("2026年第三次职称评审会议投票", "Ballot of the third title meeting of 2026"), PREPARED),
    (
        "demo-meeting-2026-4",
        ("济南市2026年职称评审会议投票", "Ballot of the title meeting of Jinan, 2026"),
        REPRESENTED,
    ),
)
Sent = Mapping[str, Any]
Act = Callable[..., None]


def load(demo: Demo) -> int:
    """Make the ballots that are missing."""
    del demo
    known = set(session.scalars(select(Ballot.meeting_code)))
    now = clock.now()
    makers = (
        _decide,
        lambda found, seeds: _open(found, seeds, at=now - timedelta(hours=1), closes_at=now + OPEN_FOR),
        None,
        lambda found, seeds: _represent(found, seeds, at=now - timedelta(hours=1), closes_at=now + OPEN_FOR),
    )
    made = 0
    for (meeting, title, questions), finish in zip(MEETINGS, makers, strict=True):
        if meeting in known:
            continue
        at = HELD if meeting == MEETINGS[0][0] else now - timedelta(hours=2)
        found = _call(meeting, title, questions, at)
        if finish is not None:
            finish(found, make_key(found, at))
        made += 1
    return made


def _call(meeting: str, title: tuple[str, str], questions: tuple[tuple[str, str, str], ...], at: datetime) -> Ballot:
    recused = {"expert": frozenset({"demo-title-3"})} if questions is DECIDED else {}
    region, away = (CITY, ABSENT) if questions is REPRESENTED else (REGION, None)
    with unit_of_work():
        return services.call_ballot(
            meeting,
            title=title,
            questions=[Asked(*one) for one in questions],
            voters=[
                Eligible(acting_as(one).person_id, recused.get(one, frozenset()), attending=one != away)
                for one in VOTERS
            ],
            trustees=[acting_as(one).person_id for one in TRUSTEES],
            region=region,
            pack=rulebook.in_force("ballot_rules", region, clock.day_of(at)),
            by=acting_as("secretary"),
            at=at,
        )


def _trustees() -> list[tuple[int, Actor]]:
    return [(place, acting_as(one)) for place, one in enumerate(TRUSTEES, start=1)]


def make_key(found: Ballot, at: datetime) -> dict[int, bytes]:
    """Do in Python what the trustees' browsers do; return the seeds by place."""
    seeds = {place: secrets.token_bytes(keys.SEED) for place, _actor in _trustees()}
    ceremony = ceremony_of(found)
    held = {place: keys.Secrets.of(seed, ceremony, place) for place, seed in seeds.items()}
    rounds: tuple[tuple[Act, Callable[[int], Sent]], ...] = (
        (services.join, lambda place: keys.join(ceremony, place, held[place])),
        (services.deal, lambda place: keys.deal(ceremony, place, held[place], _exchanges(found))),
        (services.confirm, lambda place: _confirmation(found, place, seeds[place])),
    )
    for act, sent in rounds:
        for place, actor in _trustees():
            with unit_of_work():
                act(found, sent={"ceremony": ceremony.number, **sent(place)}, by=actor, at=at)
    return seeds


def _exchanges(found: Ballot) -> list[Any]:
    return [point(one.exchange) for one in found.trustees]


def _share(found: Ballot, place: int, seed: bytes) -> int:
    ceremony = ceremony_of(found)
    dealt = [one.dealt or {} for one in found.trustees]
    held = keys.Secrets.of(seed, ceremony, place)
    return keys.gather(ceremony, place, held, exchanges=_exchanges(found), dealt=dealt)


def _confirmation(found: Ballot, place: int, seed: bytes) -> Sent:
    share = _share(found, place, seed)
    words = keys.confirm_words(keys.election_of(manifest_of(found)).fingerprint, place)
    return {"proof": prove_key("confirm", words, share, GENERATOR * share)}


def _decide(found: Ballot, seeds: Mapping[int, bytes]) -> None:
    """Let everybody vote and two trustees open the tally."""
    at = HELD + timedelta(minutes=20)
    with unit_of_work():
        services.open_vote(found, closes_at=at + timedelta(minutes=30), by=acting_as("chair"), at=at)
    for minute, (sign_in, said) in enumerate(SAID.items(), start=2):
        vote(found, acting_as(sign_in), said, at=at + timedelta(minutes=minute))
    open_tally(found, seeds, at=at + timedelta(minutes=12))


def open_tally(found: Ballot, seeds: Mapping[int, bytes], *, at: datetime) -> None:
    """Close the vote and let two trustees open the tally."""
    with unit_of_work():
        services.close_vote(found, by=acting_as("chair"), at=at)
    for place, actor in _trustees()[:2]:
        share = _share(found, place, seeds[place])
        context = opening_context(found.fingerprint or "", place, found.list_digest or "")
        sent = open_product(context, share, GENERATOR * share, opened_product(found))
        with unit_of_work():
            services.hand_in(found, sent=sent, by=actor, at=at + timedelta(minutes=2 + place))


def vote(found: Ballot, actor: Actor, said: tuple[Choice, ...], *, at: datetime) -> None:
    """Encrypt and cast a vote as the voter's browser does."""
    voter = queries.voter_for(found, actor)
    asked = [one.code for one in queries.questions_for(found, voter)]
    election = keys.election_of(manifest_of(found))
    text = make_vote(election, voter.pseudonym, dict(zip(asked, said, strict=True)))
    vote = services.read(found, voter, text)
    with unit_of_work():
        services.cast(found, voter, vote=vote, by=actor, at=at)


def _represent(found: Ballot, seeds: Mapping[int, bytes], *, at: datetime, closes_at: datetime) -> None:
    """Open the vote, and let who is absent name a proxy, who has still to vote for both."""
    _open(found, seeds, at=at, closes_at=closes_at, among="jinan-")
    with unit_of_work():
        services.appoint_proxy(found, acting_as(PROXY).person_id, by=acting_as(ABSENT), at=at)
    vote(found, acting_as("chair"), (YES, YES), at=at + timedelta(minutes=5))


def _open(found: Ballot, seeds: Mapping[int, bytes], *, at: datetime, closes_at: datetime, among: str = "") -> None:
    """Open the vote, and leave the trustees' key files where whoever tries the demo finds them."""
    with unit_of_work():
        services.open_vote(found, closes_at=closes_at, by=acting_as("chair"), at=at)
    folder = Path(settings().key_store).parent / "ballot-keys"
    folder.mkdir(parents=True, exist_ok=True)
    for (place, _actor), sign_in in zip(_trustees(), TRUSTEES, strict=True):
        file = folder / f"{among}{sign_in}.json"
        file.write_text(json.dumps(_key_file(found, place, seeds[place]), indent=2) + "\n", "utf-8")


def _key_file(found: Ballot, place: int, seed: bytes) -> Sent:
    """Seal a seed as a trustee's browser does, under the demo's published password."""
    name = "jijing-ballot-key-1"
    about = f"{name} {found.code} {found.ceremony} {place}".encode()
    salt, key = _sealer()
    nonce = secrets.token_bytes(keys.NONCE)
    sealed = nonce + AESGCM(key).encrypt(nonce, seed, about)
    whose = {"ballot": found.code, "ceremony": found.ceremony, "place": place}
    return {"format": name, **whose, "salt": salt.hex(), "iterations": ITERATIONS, "sealed": sealed.hex()}


@cache
def _sealer() -> tuple[bytes, bytes]:
    salt = secrets.token_bytes(16)
    return salt, PBKDF2HMAC(SHA256(), 32, salt, ITERATIONS).derive(PASSWORD.encode())
