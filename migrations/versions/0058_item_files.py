"""frozen papers of which an item was retired; two reviewers as usual; files that authors add to a bank."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime
from app.core.events import append_only_ddl

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("decided_at IS NULL")
DOUBT, FILES = "paper_doubt", "item_bank_file"
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
    op.create_table(
        FILES,
        sa.Column("id", BIG, nullable=False),
        sa.Column("bank_id", BIG, nullable=False),
        sa.Column("file_id", BIG, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(200), nullable=False),
        sa.Column("added_by_id", BIG, nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["bank_id"], ["item_bank.id"], name=op.f("fk_item_bank_file_bank_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_item_bank_file_file_id")),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_item_bank_file_added_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_bank_file")),
        sa.UniqueConstraint("bank_id", "file_id", name=op.f("uq_item_bank_file_bank_id_file_id")),
    )
    for column in ("bank_id", "file_id", "added_by_id"):
        op.create_index(op.f(f"ix_item_bank_file_{column}"), FILES, [column], unique=False)
    for statement in append_only_ddl(FILES, op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Undo; what was decided on such papers goes, and which files were added to which bank."""
    op.drop_table(FILES)
    with op.batch_alter_table("item_bank") as table:
        table.alter_column("reviewers", existing_type=sa.Integer(), existing_nullable=False, server_default="1")
    op.drop_table(DOUBT)
