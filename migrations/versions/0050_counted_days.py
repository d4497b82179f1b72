"""later days of delivery beside their notices; the end of a publicity period is read where it is counted."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime
from app.core.events import append_only_ddl

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COPY = (
    "UPDATE base_appraisal SET publicity_until = "
    "(SELECT ends_on FROM publicity WHERE publicity.code = base_appraisal.publicity)"
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "case_notice_day",
        sa.Column("id", BIG, nullable=False),
        sa.Column("notice_id", BIG, nullable=False),
        sa.Column("deemed_on", sa.Date(), nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["case_notice.id"], name=op.f("fk_case_notice_day_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_notice_day")),
    )
    op.create_index(op.f("ix_case_notice_day_notice_id"), "case_notice_day", ["notice_id"], unique=False)
    for statement in append_only_ddl("case_notice_day", op.get_bind().dialect.name):
        op.execute(statement)
    with op.batch_alter_table("base_appraisal") as table:
        table.drop_column("publicity_until")


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("base_appraisal") as table:
        table.add_column(sa.Column("publicity_until", sa.Date(), nullable=True))
    op.execute(COPY)
    op.drop_table("case_notice_day")
