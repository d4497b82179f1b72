"""Tables of secret ballots: who may vote, who keeps the key, and encrypted votes that nobody can change."""

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.ballots.states import BallotState
from app.core.columns import (
    FK,
    PK,
    Code,
    Instant,
    JsonList,
    JsonObject,
    Long,
    Name,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    RegionCode,
    Short,
)
from app.core.db import Base, Versioned
from app.core.events import append_only

POINT = 66
HASH = 64


class Ballot(Versioned, Base):
    """One secret ballot of a meeting: one vote a voter on all its questions."""

    __tablename__ = "ballot"
    __table_args__ = (
        CheckConstraint(
            "state NOT IN ('ready', 'open', 'closed', 'decided') OR (key IS NOT NULL AND fingerprint IS NOT NULL)",
            name="keyed",
        ),
        CheckConstraint(
            "state NOT IN ('open', 'closed', 'decided') OR (opened_at IS NOT NULL AND closes_at IS NOT NULL)",
            name="opened",
        ),
        CheckConstraint(
            "state NOT IN ('closed', 'decided') OR (closed_at IS NOT NULL AND list_digest IS NOT NULL)", name="closed"
        ),
        CheckConstraint("(state = 'decided') = (decided_at IS NOT NULL)", name="decided"),
        CheckConstraint("(state = 'called_off') = (called_off_at IS NOT NULL)", name="called_off"),
        CheckConstraint("(state = 'called_off') = (reason IS NOT NULL)", name="reason"),
        CheckConstraint("closes_at > opened_at", name="period"),
        CheckConstraint("committee_size > 0", name="committee_size"),
        CheckConstraint("ceremony > 0", name="ceremony"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    meeting_code: Mapped[Short] = mapped_column(index=True)
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    title_zh: Mapped[Name]
    title_en: Mapped[Name]
    state: Mapped[BallotState] = mapped_column(default=BallotState.KEYS, index=True)
    rule_pack: Mapped[Short]
    committee_size: Mapped[int]
    ceremony: Mapped[int] = mapped_column(default=1)
    chair_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    called_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    called_at: Mapped[Instant]
    key: Mapped[str | None] = mapped_column(String(POINT))
    fingerprint: Mapped[str | None] = mapped_column(String(HASH))
    opened_at: Mapped[OptionalInstant]
    closes_at: Mapped[OptionalInstant]
    closed_at: Mapped[OptionalInstant]
    list_digest: Mapped[str | None] = mapped_column(String(HASH))
    decided_at: Mapped[OptionalInstant]
    called_off_at: Mapped[OptionalInstant]
    reason: Mapped[OptionalLong]

    questions: Mapped[list["BallotQuestion"]] = relationship(order_by="BallotQuestion.position", lazy="select")
    trustees: Mapped[list["BallotTrustee"]] = relationship(order_by="BallotTrustee.place", lazy="select")
    chair: Mapped[Person] = relationship(foreign_keys=[chair_id], viewonly=True, lazy="joined")


class BallotQuestion(Base):
    """What is voted on; `reference` is the code of a record of the room above."""

    __tablename__ = "ballot_question"
    __table_args__ = (
        UniqueConstraint("ballot_id", "position"),
        UniqueConstraint("ballot_id", "reference"),
        CheckConstraint("(passed IS NULL) = (verdict IS NULL)", name="verdict"),
        CheckConstraint("(approve IS NULL) = (object IS NULL) AND (object IS NULL) = (abstain IS NULL)", name="counts"),
        CheckConstraint("approve >= 0 AND object >= 0 AND abstain >= 0", name="not_negative"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    ballot_id: Mapped[FK] = mapped_column(ForeignKey("ballot.id"))
    position: Mapped[int]
    reference: Mapped[Short]
    title_zh: Mapped[Name]
    title_en: Mapped[Name]
    attending: Mapped[int | None]
    approve: Mapped[int | None]
    object: Mapped[int | None]
    abstain: Mapped[int | None]
    passed: Mapped[bool | None]
    verdict: Mapped[JsonObject | None]


class BallotVoter(Base):
    """An eligible voter, known to the proofs by a random name of this ballot only."""

    __tablename__ = "ballot_voter"
    __table_args__ = (
        UniqueConstraint("ballot_id", "person_id"),
        CheckConstraint("proxy_id IS NULL OR proxy_id <> person_id", name="proxy"),
        CheckConstraint("open_questions >= 0", name="open_questions"),
    )

    id: Mapped[PK]
    ballot_id: Mapped[FK] = mapped_column(ForeignKey("ballot.id"))
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    pseudonym: Mapped[Code]
    attending: Mapped[bool] = mapped_column(default=True)
    open_questions: Mapped[int]
    proxy_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))

    person: Mapped[Person] = relationship(foreign_keys=[person_id], viewonly=True, lazy="joined")


class BallotRecusal(Base):
    """A question that a voter may neither see nor vote on."""

    __tablename__ = "ballot_recusal"
    __table_args__ = (UniqueConstraint("voter_id", "question_id"),)

    id: Mapped[PK]
    voter_id: Mapped[FK] = mapped_column(ForeignKey("ballot_voter.id"))
    question_id: Mapped[FK] = mapped_column(ForeignKey("ballot_question.id"))


class BallotTrustee(Versioned, Base):
    """One of three keepers of the key: what they published, never what they hold.

    `barred` while a restriction keeps them from serving, as last looked at.
    """

    __tablename__ = "ballot_trustee"
    __table_args__ = (
        UniqueConstraint("ballot_id", "person_id"),
        UniqueConstraint("ballot_id", "place"),
        CheckConstraint("place BETWEEN 1 AND 3", name="place"),
        CheckConstraint("(exchange IS NULL) = (exchange_proof IS NULL)", name="joined"),
        CheckConstraint("(opening IS NULL) = (opened_at IS NULL)", name="opened"),
    )

    id: Mapped[PK]
    ballot_id: Mapped[FK] = mapped_column(ForeignKey("ballot.id"))
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    place: Mapped[int]
    exchange: Mapped[str | None] = mapped_column(String(POINT))
    exchange_proof: Mapped[str | None] = mapped_column(String(HASH * 2))
    dealt: Mapped[JsonObject | None]
    confirm_proof: Mapped[str | None] = mapped_column(String(HASH * 2))
    complaint: Mapped[JsonList | None]
    opening: Mapped[JsonObject | None]
    opened_at: Mapped[OptionalInstant]
    barred: Mapped[bool] = mapped_column(default=False)

    person: Mapped[Person] = relationship(viewonly=True, lazy="joined")


class BallotVote(Base):
    """An encrypted vote with its proofs: one INSERT, never changed; the row is its own audit trail.

    `cast_at` is cut to the minute: nobody needs to know it finer.
    """

    __tablename__ = "ballot_vote"
    __table_args__ = (
        UniqueConstraint("voter_id", "sequence"),
        UniqueConstraint("ballot_id", "hash"),
        CheckConstraint("sequence > 0", name="sequence"),
    )

    id: Mapped[PK]
    ballot_id: Mapped[FK] = mapped_column(ForeignKey("ballot.id"))
    voter_id: Mapped[FK] = mapped_column(ForeignKey("ballot_voter.id"))
    sequence: Mapped[int]
    hash: Mapped[str] = mapped_column(String(HASH))
    content: Mapped[Long]
    cast_at: Mapped[Instant]

    voter: Mapped[BallotVoter] = relationship(viewonly=True, lazy="joined")


append_only(BallotVote)
