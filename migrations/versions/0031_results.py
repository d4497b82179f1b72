"""the result sheet of a check as a drawn and sealed PDF, kept encrypted until its rows are deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE, COLUMN = "certificate_check", "paper_id"
KEPT = "paper_id IS NULL OR (sheet IS NOT NULL AND forgotten_at IS NULL)"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table(TABLE) as batch:
        batch.add_column(sa.Column(COLUMN, BIG, nullable=True))
        batch.create_foreign_key(op.f(f"fk_{TABLE}_{COLUMN}"), "staged_file", [COLUMN], ["id"])
        batch.create_check_constraint(op.f(f"ck_{TABLE}_paper"), KEPT)
        batch.create_index(op.f(f"ix_{TABLE}_{COLUMN}"), [COLUMN], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table(TABLE) as batch:
        batch.drop_index(op.f(f"ix_{TABLE}_{COLUMN}"))
        batch.drop_constraint(op.f(f"ck_{TABLE}_paper"), type_="check")
        batch.drop_constraint(op.f(f"fk_{TABLE}_{COLUMN}"), type_="foreignkey")
        batch.drop_column(COLUMN)
