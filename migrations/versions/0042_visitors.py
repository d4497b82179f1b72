"""requests for materials with a last day and one answer; titles under the key of a case; when evidence changed."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime
from app.core.events import Sealable, append_only_ddl

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

SEALABLE = {
    "case_file": Sealable("title", ("id", "case_id", "file_id", "by_officer", "added_at")),
    "case_delivery": Sealable(
        "to_whom",
        ("id", "notice_id", "how", "delivered_on", "receipt_file_id", "recorded_by_id", "recorded_at"),
    ),
}
PAUSE_CHECKS = {
    "due": "due_on IS NULL OR due_on >= from_day",
    "told": "told_at IS NULL OR due_on IS NOT NULL",
    "answered": "answer IS NULL OR until_day IS NOT NULL",
}


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("case_pause", schema=None) as table:
        table.add_column(sa.Column("due_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("told_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("answer", sa.String(length=64), nullable=True))
        for name, condition in PAUSE_CHECKS.items():
            table.create_check_constraint(op.f(f"ck_case_pause_{name}"), condition)
    _changes()
    _widen(sa.Text(), sealable=True)


def _widen(kind: sa.types.TypeEngine[str], *, sealable: bool) -> None:
    """Give titles and recipients room for a cipher, and let the triggers pass their sealing; or take both back.

    A rebuilt table of SQLite loses its triggers, and PostgreSQL changes no column that a trigger names.
    """
    dialect = op.get_bind().dialect.name
    for table, one in SEALABLE.items():
        if dialect == "sqlite":
            with op.batch_alter_table(table, schema=None) as batch:
                batch.alter_column(one.column, type_=kind)
        else:
            for verb in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_no_{verb} ON {table}")
            shorter = None if sealable else f"left({one.column}, 200)"
            op.alter_column(table, one.column, type_=kind, postgresql_using=shorter)
        for statement in append_only_ddl(table, dialect, one if sealable else None):
            op.execute(statement)


def _changes() -> None:
    """Let records of evidence know when they changed; of those there are it is now. Not as a batch: of the triggers."""
    op.add_column("evidence", sa.Column("changed_at", UtcDateTime(), nullable=True))
    evidence = sa.table("evidence", sa.column("changed_at", UtcDateTime()))
    op.execute(evidence.update().values(changed_at=datetime.now(UTC)))
    op.create_index("ix_evidence_changed", "evidence", ["organisation_id", "changed_at"], unique=False)


def downgrade() -> None:
    """Take back; titles and recipients that were sealed stay so, and nobody can read them any more."""
    _widen(sa.String(length=200), sealable=False)
    op.drop_index("ix_evidence_changed", "evidence")
    op.drop_column("evidence", "changed_at")
    with op.batch_alter_table("case_pause", schema=None) as table:
        for name in PAUSE_CHECKS:
            table.drop_constraint(op.f(f"ck_case_pause_{name}"), type_="check")
        for name in ("answer", "told_at", "due_on"):
            table.drop_column(name)
