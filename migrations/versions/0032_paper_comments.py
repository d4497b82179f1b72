"""comments on assembled papers, encrypted, answered and resolved before two people sign."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime
from app.core.events import append_only_ddl

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PEOPLE = ("commented_by_id", "answered_by_id", "resolved_by_id")
RULES = {
    "position": "position IS NULL OR position > 0",
    "open": "(state <> 'open') OR answered_by_id IS NULL",
    "answered": "(state <> 'answered') OR answered_by_id IS NOT NULL",
    "answered_at": "(answered_by_id IS NULL) = (answered_at IS NULL)",
    "answered_by_another": "answered_by_id IS NULL OR answered_by_id <> commented_by_id",
    "resolved": "(state = 'resolved') = (resolved_by_id IS NOT NULL AND resolved_at IS NOT NULL)",
    "two_people": "resolved_by_id IS NULL OR resolved_by_id = commented_by_id OR "
    "(answered_by_id IS NOT NULL AND resolved_by_id <> answered_by_id)",
}


def upgrade() -> None:
    """Apply."""
    _comments()
    _lines()
    for statement in append_only_ddl("paper_comment_line", op.get_bind().dialect.name):
        op.execute(statement)


def _comments() -> None:
    states = sa.Enum(
        "open", "answered", "resolved", name="commentstate", native_enum=False, create_constraint=True, length=40
    )
    op.create_table(
        "paper_comment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(26), nullable=False),
        sa.Column("paper_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("state", states, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("commented_by_id", BIG, nullable=False),
        sa.Column("commented_at", UtcDateTime(), nullable=False),
        sa.Column("answered_by_id", BIG, nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("resolved_by_id", BIG, nullable=True),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_paper_comment_{name}")) for name, rule in RULES.items()),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_comment_paper_id")),
        *(
            sa.ForeignKeyConstraint([person], ["person.id"], name=op.f(f"fk_paper_comment_{person}"))
            for person in PEOPLE
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_comment")),
        sa.UniqueConstraint("code", name=op.f("uq_paper_comment_code")),
    )
    for column in ("paper_id", *PEOPLE):
        op.create_index(op.f(f"ix_paper_comment_{column}"), "paper_comment", [column], unique=False)


def _lines() -> None:
    op.create_table(
        "paper_comment_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("comment_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("said_by_id", BIG, nullable=False),
        sa.Column("said_at", UtcDateTime(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_paper_comment_line_number")),
        sa.ForeignKeyConstraint(["comment_id"], ["paper_comment.id"], name=op.f("fk_paper_comment_line_comment_id")),
        sa.ForeignKeyConstraint(["said_by_id"], ["person.id"], name=op.f("fk_paper_comment_line_said_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_comment_line")),
        sa.UniqueConstraint("comment_id", "number", name=op.f("uq_paper_comment_line_comment_id_number")),
    )
    for column in ("comment_id", "said_by_id"):
        op.create_index(op.f(f"ix_paper_comment_line_{column}"), "paper_comment_line", [column], unique=False)


def downgrade() -> None:
    """Revert."""
    op.drop_table("paper_comment_line")
    op.drop_table("paper_comment")
