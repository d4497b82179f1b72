"""a notice that was taken off the board is opened anew, on the same day too."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

COLUMNS = ["kind", "subject_type", "subject_code", "starts_on"]
STANDING = sa.text("revoked_at IS NULL")


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("publicity") as table:
        table.drop_constraint(op.f("uq_publicity_kind_subject_type_subject_code_starts_on"), type_="unique")
    op.create_index(
        "uq_publicity_standing", "publicity", COLUMNS, unique=True, sqlite_where=STANDING, postgresql_where=STANDING
    )


def downgrade() -> None:
    """Undo; a notice that was opened anew on the day of the wrong one must have gone before."""
    op.drop_index("uq_publicity_standing", "publicity")
    with op.batch_alter_table("publicity") as table:
        table.create_unique_constraint(op.f("uq_publicity_kind_subject_type_subject_code_starts_on"), COLUMNS)
