"""who came back into the order of a draw, since a declaration by name meant another person."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime
from app.core.events import append_only_ddl

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "seat_return",
        sa.Column("id", BIG, nullable=False),
        sa.Column("panel_id", BIG, nullable=False),
        sa.Column("seat_id", BIG, nullable=False),
        sa.Column("recusal_number", sa.Integer(), nullable=False),
        sa.Column("recused_at", UtcDateTime(), nullable=False),
        sa.Column("was_seated", sa.Boolean(), nullable=False),
        sa.Column("replaced_by_id", BIG, nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seated", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("number > recusal_number", name=op.f("ck_seat_return_order")),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_seat_return_panel_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["panel_seat.id"], name=op.f("fk_seat_return_seat_id")),
        sa.ForeignKeyConstraint(["replaced_by_id"], ["panel_seat.id"], name=op.f("fk_seat_return_replaced_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_return")),
        sa.UniqueConstraint("panel_id", "number", name=op.f("uq_seat_return_panel_id_number")),
    )
    for column in ("panel_id", "seat_id", "replaced_by_id"):
        op.create_index(op.f(f"ix_seat_return_{column}"), "seat_return", [column], unique=False)
    for statement in append_only_ddl("seat_return", op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Undo."""
    op.drop_table("seat_return")
