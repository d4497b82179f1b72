"""the use of a ticket is told by the row of the session that it opens."""

import sqlalchemy as sa
from alembic import op

from app.assessment.exams.models.sittings import TICKET_USED
from app.core.columns import UtcDateTime

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("sign_in_session", sa.Column("entered_at", UtcDateTime(), nullable=True))
    for statement in TICKET_USED.ddl(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Undo."""
    for statement in TICKET_USED.undo(op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_column("sign_in_session", "entered_at")
