"""Tables of people, organisations, regions, memberships and sign-in."""

from datetime import date

from sqlalchemy import CheckConstraint, Dialect, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from app.accounts.apart import apart_ddl
from app.accounts.once import once_ddl
from app.accounts.states import (
    IdentityKind,
    OrderKind,
    OrderState,
    OrganisationKind,
    RegionLevel,
    ResetWay,
    Role,
)
from app.core.columns import (
    FK,
    PK,
    BigKey,
    Code,
    Day,
    Digest,
    Instant,
    Long,
    Name,
    OptionalDay,
    OptionalFK,
    OptionalInstant,
    OptionalName,
    OptionalShort,
    OptionalWrappedKey,
    RegionCode,
    Short,
)
from app.core.db import Base, Versioned
from app.core.events import append_only
from app.core.text import _l
from app.core.triggers import made_with

ERASED_NAME = "\u2020"
"""What stands in `person.name` after an erasure; screens show words instead."""
ERASED_WORDS = _l("A person whose data was erased")


class PersonName(TypeDecorator[str]):
    """The name of a person; where it was erased, words that say so in the reader's language."""

    impl = String(200)
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Give the name, or the words for an erased one."""
        del dialect
        return str(ERASED_WORDS) if value == ERASED_NAME else value


class Region(Base):
    """A node of the region tree by GB/T 2260 code; the nation is 100000."""

    __tablename__ = "region"

    code: Mapped[RegionCode] = mapped_column(primary_key=True)
    parent_code: Mapped[str | None] = mapped_column(String(6), ForeignKey("region.code"), index=True)
    level: Mapped[RegionLevel]
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    source: Mapped[Name]


class Organisation(Versioned, Base):
    """A body: training base, institution, employer, authority, exam or certification body.

    By `phone`, `email` and post anyone may reach it; an authority is told there what no form should take.
    A school of a university or a company of a group names the whole it belongs to in `parent_id`.
    """

    __tablename__ = "organisation"
    __table_args__ = (CheckConstraint("parent_id <> id", name="parent"),)

    id: Mapped[PK]
    code: Mapped[Code]
    kind: Mapped[OrganisationKind]
    slug: Mapped[Short] = mapped_column(unique=True)
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    credit_code: Mapped[OptionalShort] = mapped_column(unique=True)
    created_at: Mapped[Instant]
    closed_on: Mapped[OptionalDay]
    phone: Mapped[OptionalShort]
    email: Mapped[OptionalName]
    postal_address: Mapped[OptionalName]
    postcode: Mapped[OptionalShort]
    parent_id: Mapped[OptionalFK] = mapped_column(ForeignKey("organisation.id"))

    region: Mapped[Region] = relationship(lazy="raise_on_sql", viewonly=True)
    parent: Mapped["Organisation | None"] = relationship(
        remote_side="Organisation.id", lazy="raise_on_sql", viewonly=True
    )


class Person(Versioned, Base):
    """A human being, once: the blind index of an identity document is unique, here and among `PersonDocument`.

    Sealed fields lie under the person's own key; destroying `data_key` is erasure. A record that was joined with
    another names it in `merged_into_id`: append-only tables keep the old id and find the person through it.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("(identity_kind IS NULL) = (identity_index IS NULL)", name="identity"),
        CheckConstraint("erased_at IS NULL OR data_key IS NULL", name="erased"),
        CheckConstraint("merged_into_id IS NULL OR (merged_into_id <> id AND identity_index IS NULL)", name="merged"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    name: Mapped[str] = mapped_column(PersonName)
    name_latin: Mapped[OptionalName]
    data_key: Mapped[OptionalWrappedKey]
    identity_kind: Mapped[IdentityKind | None]
    identity_sealed: Mapped[bytes | None]
    identity_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    phone_sealed: Mapped[bytes | None]
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    email_sealed: Mapped[bytes | None]
    email_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[Instant]
    erased_at: Mapped[OptionalInstant]
    merged_into_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))


class PersonDocument(Base):
    """A further identity document of a person beside the first, under the person's key; they are found by it alike."""

    __tablename__ = "person_document"

    id: Mapped[PK]
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    identity_kind: Mapped[IdentityKind]
    identity_sealed: Mapped[bytes]
    identity_index: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    added_at: Mapped[Instant]


class Account(Versioned, Base):
    """How a person signs in: argon2id hash, sealed TOTP secret, language."""

    __tablename__ = "account"

    id: Mapped[PK]
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"), unique=True)
    password_hash: Mapped[Name]
    totp_sealed: Mapped[bytes | None]
    totp_last_step: Mapped[int] = mapped_column(default=0)
    language: Mapped[OptionalShort]
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Instant]

    person: Mapped[Person] = relationship(lazy="joined")


class Membership(Base):
    """A role of a person, scoped to region, organisation and period.

    One that was called off before it began ends before its first day, so that it never was in force.
    """

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on OR called_off", name="period"),
        Index("ix_membership_role_org", "role", "organisation_id"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Role]
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    organisation_id: Mapped[OptionalFK] = mapped_column(ForeignKey("organisation.id"))
    starts_on: Mapped[Day]
    ends_on: Mapped[OptionalDay]
    called_off: Mapped[bool] = mapped_column(default=False)
    granted_by: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))

    person: Mapped[Person] = relationship(foreign_keys="Membership.person_id", lazy="raise_on_sql", viewonly=True)
    organisation: Mapped[Organisation | None] = relationship(lazy="joined", viewonly=True)
    region: Mapped[Region] = relationship(lazy="joined", viewonly=True)

    def holds_on(self, day: date) -> bool:
        """Tell whether the membership is in force on a day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class SignInSession(Base):
    """A server-side session: the cookie holds a random token, the row its digest; revocable.

    Times here are security time. A session opened by a ticket carries `only_permission` on the record `only_code`,
    no membership, and reaches nothing else; `entered_at` is the domain time at which the ticket was used.
    """

    __tablename__ = "sign_in_session"
    __table_args__ = (
        CheckConstraint("(only_permission IS NULL) = (only_code IS NULL)", name="only"),
        CheckConstraint("only_code IS NULL OR membership_id IS NULL", name="only_without_role"),
        Index("ix_sign_in_session_only_code", "only_code"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    token: Mapped[Digest] = mapped_column(unique=True)
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    membership_id: Mapped[OptionalFK] = mapped_column(ForeignKey("membership.id"))
    second_factor: Mapped[bool]
    only_permission: Mapped[OptionalShort]
    only_code: Mapped[OptionalShort]
    agent: Mapped[OptionalName]
    address_sealed: Mapped[bytes | None]
    started_at: Mapped[Instant]
    entered_at: Mapped[OptionalInstant]
    confirmed_at: Mapped[OptionalInstant]
    seen_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    ended_at: Mapped[OptionalInstant]


class Throttle(Base):
    """Tries at a door that did not succeed, by digest of whom and from where.

    It slows guessing from one source and never locks the victim out. Times are security time.
    """

    __tablename__ = "throttle"
    __table_args__ = (UniqueConstraint("door", "key"),)

    id: Mapped[PK]
    door: Mapped[Short]
    key: Mapped[Digest]
    failures: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[Instant]


class Invitation(Base):
    """A link, sent once, with which a person makes their account; the row holds its digest."""

    __tablename__ = "invitation"
    __table_args__ = (CheckConstraint("used_at IS NULL OR ended_at IS NULL", name="one_end"),)

    id: Mapped[PK]
    code: Mapped[Code]
    token: Mapped[Digest] = mapped_column(unique=True)
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    invited_by: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    sent_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    used_at: Mapped[OptionalInstant]
    ended_at: Mapped[OptionalInstant]

    person: Mapped[Person] = relationship(foreign_keys="Invitation.person_id", lazy="raise_on_sql", viewonly=True)


class Passkey(Base):
    """A credential of WebAuthn: the public key by which a person's device shows that it is there.

    `sign_count` is the device's own counter, 0 where it keeps none. Times are security time.
    """

    __tablename__ = "passkey"

    id: Mapped[PK]
    code: Mapped[Code]
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    credential: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigKey, default=0)
    name: Mapped[Name]
    added_at: Mapped[Instant]
    used_at: Mapped[OptionalInstant]


class SpentChallenge(Base):
    """A challenge of WebAuthn that was answered: no answer opens a door twice. Swept when it is out of date."""

    __tablename__ = "spent_challenge"

    id: Mapped[PK]
    digest: Mapped[Digest] = mapped_column(unique=True)
    spent_at: Mapped[Instant]


class RecoveryCode(Base):
    """One of the codes that open the second step once each where the device is lost; kept as a digest."""

    __tablename__ = "recovery_code"
    __table_args__ = (
        UniqueConstraint("person_id", "digest"),
        CheckConstraint("used_at IS NULL OR ended_at IS NULL", name="one_end"),
    )

    id: Mapped[PK]
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    digest: Mapped[Digest]
    made_at: Mapped[Instant]
    used_at: Mapped[OptionalInstant]
    ended_at: Mapped[OptionalInstant]


class PasswordReset(Base):
    """A wish to set a new password; without a person where no account fits, so that both look alike.

    The secret is made when the letter or message leaves, and kept as a digest. Times are security time.
    """

    __tablename__ = "password_reset"
    __table_args__ = (
        CheckConstraint("(secret IS NULL) = (expires_at IS NULL)", name="secret"),
        CheckConstraint("used_at IS NULL OR (secret IS NOT NULL AND ended_at IS NULL)", name="one_end"),
        CheckConstraint("tries BETWEEN 0 AND 5", name="tries"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    person_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    way: Mapped[ResetWay]
    secret: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[Instant]
    expires_at: Mapped[OptionalInstant]
    used_at: Mapped[OptionalInstant]
    ended_at: Mapped[OptionalInstant]


class PastPassword(Base):
    """A password that was replaced, and when; it dates the present one and may not come back."""

    __tablename__ = "past_password"

    id: Mapped[PK]
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    password_hash: Mapped[Name]
    replaced_at: Mapped[Instant]


CORRECTION = "kind IN ('correct_phone', 'correct_email', 'correct_document', 'add_document')"
DOCUMENT_ORDER = "kind IN ('correct_document', 'add_document')"


class SecurityOrder(Versioned, Base):
    """What one asks and a security administrator carries out: a role given or ended, factors reset, data corrected.

    Neither of the two is the person concerned. `asked_sealed` is what a correction says, under the person's key, until
    it is decided.
    """

    __tablename__ = "security_order"
    __table_args__ = (
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(state IN ('done', 'refused')) = (decided_by_id IS NOT NULL)", name="decider"),
        CheckConstraint("decided_by_id <> asked_by_id", name="two_people"),
        CheckConstraint("asked_by_id <> person_id", name="not_for_oneself"),
        CheckConstraint("decided_by_id <> person_id", name="not_about_oneself"),
        CheckConstraint(
            "(kind = 'grant_role') = (role IS NOT NULL AND starts_on IS NOT NULL AND region_code IS NOT NULL)",
            name="grant",
        ),
        CheckConstraint("(kind = 'end_role') = (membership_id IS NOT NULL)", name="end"),
        CheckConstraint("kind <> 'end_role' OR ends_on IS NOT NULL", name="last_day"),
        CheckConstraint(f"({DOCUMENT_ORDER}) = (identity_kind IS NOT NULL)", name="document"),
        CheckConstraint(f"asked_sealed IS NULL OR ({CORRECTION} AND state = 'asked')", name="correction"),
        CheckConstraint(f"state <> 'asked' OR NOT ({CORRECTION}) OR asked_sealed IS NOT NULL", name="asked_for"),
        Index("ix_security_order_state", "state", "asked_at"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    kind: Mapped[OrderKind]
    state: Mapped[OrderState] = mapped_column(default=OrderState.ASKED)
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    scope_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    membership_id: Mapped[OptionalFK] = mapped_column(ForeignKey("membership.id"))
    role: Mapped[Role | None]
    region_code: Mapped[str | None] = mapped_column(String(6), ForeignKey("region.code"))
    organisation_id: Mapped[OptionalFK] = mapped_column(ForeignKey("organisation.id"))
    starts_on: Mapped[OptionalDay]
    ends_on: Mapped[OptionalDay]
    identity_kind: Mapped[IdentityKind | None]
    asked_sealed: Mapped[bytes | None]
    reason: Mapped[Long]
    asked_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[Instant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]

    person: Mapped[Person] = relationship(foreign_keys="SecurityOrder.person_id", lazy="raise_on_sql", viewonly=True)
    membership: Mapped[Membership | None] = relationship(lazy="raise_on_sql", viewonly=True)
    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql", viewonly=True)


class OrganisationChange(Base):
    """One corrected field of an organisation: what it said before and after; append-only."""

    __tablename__ = "organisation_change"

    id: Mapped[PK]
    organisation_id: Mapped[FK] = mapped_column(ForeignKey("organisation.id"))
    field: Mapped[Short]
    before: Mapped[OptionalName]
    after: Mapped[OptionalName]
    by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Instant]


append_only(OrganisationChange)
made_with(Membership, apart_ddl)
made_with(PersonDocument, once_ddl)
