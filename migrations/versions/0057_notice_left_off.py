"""a notice that was taken off the board stays off where what it announced ended some other way."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CHECKS = {
    "left_off": "(left_off_at IS NULL) = (left_off_reason IS NULL)",
    "left_off_after": "left_off_at IS NULL OR revoked_at IS NOT NULL",
}


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("publicity") as table:
        table.add_column(sa.Column("left_off_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("left_off_by_id", BIG, nullable=True))
        table.add_column(sa.Column("left_off_reason", sa.Text(), nullable=True))
        table.create_index(op.f("ix_publicity_left_off_by_id"), ["left_off_by_id"])
        table.create_foreign_key(op.f("fk_publicity_left_off_by_id"), "person", ["left_off_by_id"], ["id"])
        for name, said in CHECKS.items():
            table.create_check_constraint(op.f(f"ck_publicity_{name}"), said)


def downgrade() -> None:
    """Undo; why notices were left off the board goes."""
    with op.batch_alter_table("publicity") as table:
        for name in CHECKS:
            table.drop_constraint(op.f(f"ck_publicity_{name}"), type_="check")
        table.drop_constraint(op.f("fk_publicity_left_off_by_id"), type_="foreignkey")
        table.drop_index(op.f("ix_publicity_left_off_by_id"))
        for name in ("left_off_reason", "left_off_by_id", "left_off_at"):
            table.drop_column(name)
