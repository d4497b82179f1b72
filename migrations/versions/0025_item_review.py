"""reviews, comments and cleared pairs of items; how many reviewers a bank asks."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime
from app.core.events import append_only_ddl

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = ("draft", "approved", "retired")
TABLES = ("item_review", "item_comment", "item_alike_cleared")


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("item_bank") as batch:
        batch.add_column(sa.Column("reviewers", sa.Integer(), server_default="1", nullable=False))
        batch.create_check_constraint(op.f("ck_item_bank_reviewers"), "reviewers BETWEEN 1 AND 3")
    _limit((*STATES, "revision"), "state <> 'approved' OR approved_by_id IS NOT NULL")
    _reviews()
    _comments()
    _cleared()
    for table in TABLES:
        for statement in append_only_ddl(table, op.get_bind().dialect.name):
            op.execute(statement)


def _limit(states: tuple[str, ...], approved: str) -> None:
    """Let items be in these states only."""
    listed = ", ".join(f"'{state}'" for state in states)
    with op.batch_alter_table("item") as batch:
        batch.drop_constraint(op.f("ck_item_itemstate"), type_="check")
        batch.create_check_constraint(op.f("ck_item_itemstate"), f"state IN ({listed})")
        batch.drop_constraint(op.f("ck_item_approved"), type_="check")
        batch.create_check_constraint(op.f("ck_item_approved"), approved)


def _reviews() -> None:
    op.create_table(
        "item_review",
        sa.Column("id", BIG, nullable=False),
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", BIG, nullable=False),
        sa.Column(
            "opinion",
            sa.Enum("accept", "revise", name="opinion", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("opinion = 'accept' OR words IS NOT NULL", name=op.f("ck_item_review_words")),
        sa.UniqueConstraint("item_id", "number", "reviewer_id", name=op.f("uq_item_review_item_id_number_reviewer_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_review_item_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_item_review_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_review")),
    )
    op.create_index(op.f("ix_item_review_item_id"), "item_review", ["item_id"], unique=False)
    op.create_index(op.f("ix_item_review_reviewer_id"), "item_review", ["reviewer_id"], unique=False)


def _comments() -> None:
    op.create_table(
        "item_comment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_comment_item_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_item_comment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_comment")),
    )
    op.create_index(op.f("ix_item_comment_item_id"), "item_comment", ["item_id"], unique=False)
    op.create_index(op.f("ix_item_comment_person_id"), "item_comment", ["person_id"], unique=False)


def _cleared() -> None:
    op.create_table(
        "item_alike_cleared",
        sa.Column("id", BIG, nullable=False),
        sa.Column("low_id", BIG, nullable=False),
        sa.Column("low_number", sa.Integer(), nullable=False),
        sa.Column("high_id", BIG, nullable=False),
        sa.Column("high_number", sa.Integer(), nullable=False),
        sa.Column("cleared_by_id", BIG, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_item_alike_cleared_ordered")),
        sa.UniqueConstraint(
            "low_id",
            "low_number",
            "high_id",
            "high_number",
            name=op.f("uq_item_alike_cleared_low_id_low_number_high_id_high_number"),
        ),
        sa.ForeignKeyConstraint(["low_id"], ["item.id"], name=op.f("fk_item_alike_cleared_low_id")),
        sa.ForeignKeyConstraint(["high_id"], ["item.id"], name=op.f("fk_item_alike_cleared_high_id")),
        sa.ForeignKeyConstraint(["cleared_by_id"], ["person.id"], name=op.f("fk_item_alike_cleared_cleared_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_alike_cleared")),
    )
    op.create_index(op.f("ix_item_alike_cleared_low_id"), "item_alike_cleared", ["low_id"], unique=False)
    op.create_index(op.f("ix_item_alike_cleared_high_id"), "item_alike_cleared", ["high_id"], unique=False)
    op.create_index(op.f("ix_item_alike_cleared_cleared_by_id"), "item_alike_cleared", ["cleared_by_id"], unique=False)


def downgrade() -> None:
    """Revert; items that were sent back are drafts again."""
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("UPDATE item SET state = 'draft' WHERE state = 'revision'")
    _limit(STATES, "(state = 'draft') OR approved_by_id IS NOT NULL OR state = 'retired'")
    with op.batch_alter_table("item_bank") as batch:
        batch.drop_constraint(op.f("ck_item_bank_reviewers"), type_="check")
        batch.drop_column("reviewers")
