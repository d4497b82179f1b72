"""conversions of scores that lead on by the conversion of their base session."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("score_equating", schema=None) as batch_op:
        batch_op.add_column(sa.Column("through_id", BIG, nullable=True))
        batch_op.create_foreign_key(op.f("fk_score_equating_through_id"), "score_equating", ["through_id"], ["id"])
        batch_op.create_index(op.f("ix_score_equating_through_id"), ["through_id"], unique=False)
        batch_op.create_check_constraint(op.f("ck_score_equating_through"), "through_id <> id")


def downgrade() -> None:
    """Take back; what a chain of two made of scores stays as it was reported."""
    with op.batch_alter_table("score_equating", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_score_equating_through"), type_="check")
        batch_op.drop_index(op.f("ix_score_equating_through_id"))
        batch_op.drop_constraint(op.f("fk_score_equating_through_id"), type_="foreignkey")
        batch_op.drop_column("through_id")
