"""a blueprint keeps under which syllabus it was drafted; older ones were drafted under the four modules alone."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("blueprint") as table:
        table.add_column(sa.Column("syllabus_pack", sa.String(64), nullable=True))


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("blueprint") as table:
        table.drop_column("syllabus_pack")
