"""The trust bundle as it is handed out: every key and status list in one signed file."""

from sqlalchemy import CheckConstraint, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import PK, Instant, Long, Short
from app.core.db import Base


class TrustBundle(Base):
    """One built bundle; `fingerprint` tells what it says whatever its date, so that only changes are built anew.

    Kept in the row and not among the files, because old ones are dropped: a newer one says all they said.
    """

    __tablename__ = "trust_bundle"
    __table_args__ = (CheckConstraint("length(fingerprint) = 64", name="fingerprint"),)

    id: Mapped[PK]
    fingerprint: Mapped[Short]
    made_at: Mapped[Instant]
    manifest: Mapped[Long]
    signature: Mapped[Long]
    content: Mapped[bytes] = mapped_column(LargeBinary)
