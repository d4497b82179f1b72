"""frozen papers of which an item was retired; two reviewers for a bank where nobody says how many."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime

revision = "0059"
down_revision = "0057"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("decided_at IS NULL")
DOUBT = "paper_doubt"
FATES = sa.Enum("kept", "set_aside", name="paperfate", native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        DOUBT,
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(26), nullable=False),
        sa.Column("paper_id", BIG, nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("fate", FATES, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(fate IS NULL) = (decided_at IS NULL)", name=op.f("ck_paper_doubt_fate")),
        sa.CheckConstraint("(fate IS NULL) = (decided_by_id IS NULL)", name=op.f("ck_paper_doubt_decided_by")),
        sa.CheckConstraint("(fate IS NULL) = (reason IS NULL)", name=op.f("ck_paper_doubt_reason")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_doubt_paper_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_paper_doubt_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_doubt")),
        sa.UniqueConstraint("code", name=op.f("uq_paper_doubt_code")),
    )
    op.create_index(op.f("ix_paper_doubt_paper_id"), DOUBT, ["paper_id"])
    op.create_index(op.f("ix_paper_doubt_decided_by_id"), DOUBT, ["decided_by_id"])
    op.create_index("uq_paper_doubt_open", DOUBT, ["paper_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    with op.batch_alter_table("item_bank") as table:
        table.alter_column("reviewers", existing_type=sa.Integer(), existing_nullable=False, server_default="2")


def downgrade() -> None:
    """Undo; what was decided on such papers goes."""
    with op.batch_alter_table("item_bank") as table:
        table.alter_column("reviewers", existing_type=sa.Integer(), existing_nullable=False, server_default="1")
    op.drop_table(DOUBT)
