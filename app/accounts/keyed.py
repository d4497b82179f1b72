"""Tables of the keys with which programs of organisations act, and of what they asked for."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Membership
from app.core.columns import FK, PK, Code, Digest, Instant, JsonObject, Name, OptionalInstant, Short
from app.core.db import Base


class AccessKey(Base):
    """A key with which a program of an organisation acts for one purpose; the row holds its digest and last four signs.

    It acts under the membership of whoever made it and opens nothing once that has ended. `minute_at` and `in_minute`
    count the uses of the running minute, `uses` all of them. Times are security time.
    """

    __tablename__ = "access_key"
    __table_args__ = (
        CheckConstraint("expires_at > made_at", name="term"),
        CheckConstraint("uses >= in_minute AND in_minute >= 0", name="counted"),
        CheckConstraint("(uses = 0) = (used_at IS NULL)", name="used"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    token: Mapped[Digest] = mapped_column(unique=True)
    ending: Mapped[Short]
    name: Mapped[Name]
    purpose: Mapped[Short]
    organisation_id: Mapped[FK] = mapped_column(ForeignKey("organisation.id"))
    membership_id: Mapped[FK] = mapped_column(ForeignKey("membership.id"))
    made_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    ended_at: Mapped[OptionalInstant]
    used_at: Mapped[OptionalInstant]
    uses: Mapped[int] = mapped_column(default=0)
    minute_at: Mapped[OptionalInstant]
    in_minute: Mapped[int] = mapped_column(default=0)

    membership: Mapped[Membership] = relationship(lazy="raise_on_sql", viewonly=True)


class KeyedRequest(Base):
    """A request that was done once under the name its program gave it, with its answer for whoever repeats it.

    `digest` is that of the body: the same name with another body is another request and refused.
    """

    __tablename__ = "keyed_request"
    __table_args__ = (UniqueConstraint("access_key_id", "name"),)

    id: Mapped[PK]
    access_key_id: Mapped[FK] = mapped_column(ForeignKey("access_key.id"))
    name: Mapped[Short]
    digest: Mapped[Digest]
    answer: Mapped[JsonObject]
    at: Mapped[Instant]
