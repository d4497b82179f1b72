"""extra time as a share of the session's minutes."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("extra_time") as table:
        table.add_column(sa.Column("percent", sa.Integer(), nullable=True))
        table.create_check_constraint(op.f("ck_extra_time_percent"), "percent BETWEEN 1 AND 100")


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("extra_time") as table:
        table.drop_constraint(op.f("ck_extra_time_percent"), type_="check")
        table.drop_column("percent")
