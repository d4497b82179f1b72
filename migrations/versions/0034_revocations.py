"""by which form a comment on a paper was said."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

LINES = "paper_comment_line"


def upgrade() -> None:
    """Apply; what was said before names no form."""
    op.add_column(LINES, sa.Column("asked_with", sa.String(length=64), nullable=True))
    op.create_index("uq_paper_comment_line_asked_with", LINES, ["asked_with"], unique=True)


def downgrade() -> None:
    """Take back; no table is rebuilt, so what may not be changed keeps its triggers."""
    op.drop_index("uq_paper_comment_line_asked_with", table_name=LINES)
    op.drop_column(LINES, "asked_with")
