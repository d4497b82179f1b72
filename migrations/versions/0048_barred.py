"""trustees of a ballot who may not serve, and what was found about recusals that rest on a name alone."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime
from app.core.events import append_only_ddl

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("ballot_trustee") as table:
        table.add_column(sa.Column("barred", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "recusal_finding",
        sa.Column("id", BIG, nullable=False),
        sa.Column("recusal_id", BIG, nullable=False),
        sa.Column("same", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["recusal_id"], ["recusal.id"], name=op.f("fk_recusal_finding_recusal_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_recusal_finding_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recusal_finding")),
    )
    for column in ("recusal_id", "by_id"):
        op.create_index(op.f(f"ix_recusal_finding_{column}"), "recusal_finding", [column], unique=False)
    for statement in append_only_ddl("recusal_finding", op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Undo."""
    op.drop_table("recusal_finding")
    with op.batch_alter_table("ballot_trustee") as table:
        table.drop_column("barred")
