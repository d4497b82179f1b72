"""Tables of the public log: what was done to which certificate or key, and where each act stands in the tree."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import PK, BigKey, Digest, Instant, Long, OptionalFK
from app.core.db import Base
from app.core.events import append_only
from app.core.sealing import Log
from app.credentials.states import LogAct

ONCE = text("act = 'issue'")


class LogEntry(Base):
    """One act on a certificate or a key as the public log tells it; `data` is what its leaf hashes, byte for byte.

    `recorded_at` is security time. The reference to the certificate is ours: the published bytes name no code.
    """

    __tablename__ = "certificate_log_entry"
    __table_args__ = (
        Index(
            "uq_certificate_log_entry_issue",
            "certificate_id",
            unique=True,
            sqlite_where=ONCE,
            postgresql_where=ONCE,
        ),
        UniqueConstraint("key_id", "act"),
        CheckConstraint("(certificate_id IS NULL) <> (key_id IS NULL)", name="about"),
        CheckConstraint("(key_id IS NOT NULL) = (act IN ('retire_key', 'revoke_key'))", name="of_keys"),
    )

    id: Mapped[PK]
    certificate_id: Mapped[OptionalFK] = mapped_column(ForeignKey("certificate.id"))
    key_id: Mapped[OptionalFK] = mapped_column(ForeignKey("signing_key.id"))
    act: Mapped[LogAct]
    data: Mapped[Long]
    recorded_at: Mapped[Instant]


class PublicLeaf(Base):
    """The place of an entry in the public log, and the hash that the tree holds of it."""

    __tablename__ = "certificate_log_leaf"

    number: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(BigKey, ForeignKey("certificate_log_entry.id"), unique=True)
    hash: Mapped[Digest]


for _table in (LogEntry, PublicLeaf):
    append_only(_table)


def _data(entry: LogEntry) -> bytes:
    return entry.data.encode()


def _named(entry: LogEntry) -> str:
    return f"entry {entry.id} ({entry.act})"


PUBLIC_LOG = Log(
    name="certificates",
    path="log",
    key_name="log-certificates",
    entries=LogEntry,
    leaves=PublicLeaf,
    entry_id=PublicLeaf.entry_id,
    data=_data,
    named=_named,
)
"""The public log of certificates, on the machine of `app.core.sealing`."""
