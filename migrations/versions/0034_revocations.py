"""registrations that the exam body revoked; by which form a comment on a paper was said."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
REVOKED = "registration_revocation"
REASONS = ("false_papers", "conditions", "identity", "twice", "barred")
IN_FORCE = sa.text("lifted_at IS NULL")
LINES = "paper_comment_line"


def upgrade() -> None:
    """Apply; what was said before names no form."""
    op.create_table(
        REVOKED,
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("registration_id", BIG, nullable=False),
        sa.Column(
            "reason",
            sa.Enum(*REASONS, name="revocationreason", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("revoked_by_id", BIG, nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=False),
        sa.Column("lifted_at", UtcDateTime(), nullable=True),
        sa.Column("lifted_in", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_in IS NULL)", name=op.f("ck_registration_revocation_lifted")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_registration_revocation_registration_id")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by_id"], ["person.id"], name=op.f("fk_registration_revocation_revoked_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_revocation")),
        sa.UniqueConstraint("code", name=op.f("uq_registration_revocation_code")),
    )
    for column in ("registration_id", "revoked_by_id"):
        op.create_index(op.f(f"ix_{REVOKED}_{column}"), REVOKED, [column], unique=False)
    op.create_index(
        "uq_registration_revocation_in_force",
        REVOKED,
        ["registration_id"],
        unique=True,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )
    op.add_column(LINES, sa.Column("asked_with", sa.String(length=64), nullable=True))
    op.create_index("uq_paper_comment_line_asked_with", LINES, ["asked_with"], unique=True)


def downgrade() -> None:
    """Take back; no table is rebuilt, so what may not be changed keeps its triggers."""
    op.drop_index("uq_paper_comment_line_asked_with", table_name=LINES)
    op.drop_column(LINES, "asked_with")
    op.drop_table(REVOKED)
