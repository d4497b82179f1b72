"""until when a decision may be taken further is kept beside the notice of it."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "case_appeal_period",
        sa.Column("id", BIG, nullable=False),
        sa.Column("notice_id", BIG, nullable=False),
        sa.Column("rule_pack", sa.String(64), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["case_notice.id"], name=op.f("fk_case_appeal_period_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_appeal_period")),
    )
    op.create_index(op.f("ix_case_appeal_period_notice_id"), "case_appeal_period", ["notice_id"], unique=True)


def downgrade() -> None:
    """Undo."""
    op.drop_table("case_appeal_period")
