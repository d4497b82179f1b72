"""batches in restartable steps: what lint found stays with each request, each step with its certificate."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

CERTIFICATE_RULES = {
    "logged_before_published": "published_at IS NULL OR logged_at IS NOT NULL",
    "signed_before_logged": "logged_at IS NULL OR state <> 'stored'",
    "published_before_told": "notified_at IS NULL OR published_at IS NOT NULL",
}


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("certificate_request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lint_passed", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("findings", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("linted_digest", sa.LargeBinary(length=32), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_certificate_request_linted"), "lint_passed IS NULL OR linted_digest IS NOT NULL"
        )
        batch_op.create_index("ix_certificate_request_linted", ["batch_id", "lint_passed", "id"])
    with op.batch_alter_table("certificate_batch", schema=None) as batch_op:
        batch_op.add_column(sa.Column("linted_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("faults", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("left_out", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("digest", sa.LargeBinary(length=32), nullable=True))
        batch_op.drop_column("lint")
    op.execute("UPDATE certificate_batch SET linted_at = prepared_at")
    with op.batch_alter_table("certificate_batch", schema=None) as batch_op:
        batch_op.create_check_constraint(
            op.f("ck_certificate_batch_linted_before_approved"),
            "state IN ('prepared', 'rejected') OR linted_at IS NOT NULL",
        )
        batch_op.create_check_constraint(
            op.f("ck_certificate_batch_approved_without_faults"), "faults = 0 OR state IN ('prepared', 'rejected')"
        )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.add_column(sa.Column("logged_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("notified_at", UtcDateTime(), nullable=True))
    op.execute("UPDATE certificate SET logged_at = published_at, notified_at = published_at")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        for name, rule in CERTIFICATE_RULES.items():
            batch_op.create_check_constraint(op.f(f"ck_certificate_{name}"), rule)
        batch_op.create_index("ix_certificate_batch_order", ["batch_id", "id"])


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index("ix_certificate_batch_order")
        for name in CERTIFICATE_RULES:
            batch_op.drop_constraint(op.f(f"ck_certificate_{name}"), type_="check")
        batch_op.drop_column("notified_at")
        batch_op.drop_column("logged_at")
    with op.batch_alter_table("certificate_batch", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_certificate_batch_approved_without_faults"), type_="check")
        batch_op.drop_constraint(op.f("ck_certificate_batch_linted_before_approved"), type_="check")
        batch_op.add_column(sa.Column("lint", sa.JSON(), nullable=False, server_default="[]"))
        for column in ("digest", "left_out", "faults", "linted_at"):
            batch_op.drop_column(column)
    with op.batch_alter_table("certificate_request", schema=None) as batch_op:
        batch_op.drop_index("ix_certificate_request_linted")
        batch_op.drop_constraint(op.f("ck_certificate_request_linted"), type_="check")
        for column in ("linted_digest", "findings", "lint_passed"):
            batch_op.drop_column(column)
