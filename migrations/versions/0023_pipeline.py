"""the public log of certificates, and batches in restartable steps."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime
from app.core.events import append_only_ddl

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("certificate_log_entry", "certificate_log_leaf")
AT_ONCE = 500
ISSUED = sa.text(
    "SELECT c.id, c.credential, c.published_at, c.revoked_at, b.did FROM certificate c "
    "JOIN issuing_body b ON b.id = c.body_id "
    "WHERE c.published_at IS NOT NULL AND c.credential <> '' AND c.id > :after ORDER BY c.id LIMIT :count"
).columns(id=BIG, credential=sa.Text, published_at=UtcDateTime(), revoked_at=UtcDateTime(), did=sa.String)


def upgrade() -> None:
    """Apply."""
    op.execute("ALTER TABLE log_checkpoint RENAME COLUMN settled_event_id TO settled_id")
    op.create_table(
        "certificate_log_entry",
        sa.Column("id", BIG, nullable=False),
        sa.Column("certificate_id", BIG, nullable=False),
        sa.Column(
            "act",
            sa.Enum(
                "issue",
                "suspend",
                "reinstate",
                "revoke",
                name="logact",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_log_entry_certificate_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_log_entry")),
    )
    op.create_index("ix_certificate_log_entry_certificate_id", "certificate_log_entry", ["certificate_id"])
    op.create_index(
        "uq_certificate_log_entry_issue",
        "certificate_log_entry",
        ["certificate_id"],
        unique=True,
        sqlite_where=sa.text("act = 'issue'"),
        postgresql_where=sa.text("act = 'issue'"),
    )
    op.create_table(
        "certificate_log_leaf",
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["certificate_log_entry.id"], name=op.f("fk_certificate_log_leaf_entry_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_certificate_log_leaf")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_certificate_log_leaf_entry_id")),
    )
    for table in TABLES:
        for statement in append_only_ddl(table, op.get_bind().dialect.name):
            op.execute(statement)
    _note_what_was_issued()


def _note_what_was_issued() -> None:
    """Give the certificates issued so far the entries of their issue and revocation; the sealer does the rest."""
    bind, after = op.get_bind(), 0
    while rows := bind.execute(ISSUED, {"after": after, "count": AT_ONCE}).all():
        entries = [
            _entry(row, act, at)
            for row in rows
            for act, at in (("issue", row.published_at), ("revoke", row.revoked_at))
            if at is not None
        ]
        op.bulk_insert(_entries(), entries)
        after = rows[-1].id


def _entry(row: Any, act: str, at: datetime) -> dict[str, object]:  # noqa: ANN401 - a row of the query above
    data = {
        "v": 1,
        "act": act,
        "credential": hashlib.sha256(row.credential.encode()).hexdigest(),
        "issuer": row.did,
        "at": at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z",
    }
    return {
        "certificate_id": row.id,
        "act": act,
        "data": json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        "recorded_at": datetime.now(UTC),
    }


def _entries() -> sa.Table:
    columns = (sa.Column("certificate_id", BIG), sa.Column("act", sa.String), sa.Column("data", sa.Text))
    return sa.Table("certificate_log_entry", sa.MetaData(), *columns, sa.Column("recorded_at", UtcDateTime()))


def downgrade() -> None:
    """Take back."""
    for table in reversed(TABLES):
        op.drop_table(table)
    _forget_the_public_log()
    op.execute("ALTER TABLE log_checkpoint RENAME COLUMN settled_id TO settled_event_id")


def _forget_the_public_log() -> None:
    dialect = op.get_bind().dialect.name
    for table in ("log_node", "log_checkpoint"):
        op.execute(f"DROP TRIGGER {table}_no_delete" + ("" if dialect == "sqlite" else f" ON {table}"))
        op.execute(f"DELETE FROM {table} WHERE log = 'certificates'")  # noqa: S608 - our own names
        op.execute(next(one for one in append_only_ddl(table, dialect) if f"{table}_no_delete" in one))
