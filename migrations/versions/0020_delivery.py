"""late answers, and sessions that a ticket opens."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime
from app.core.events import append_only_ddl

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.add_column("answer_save", sa.Column("merged", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("only_permission", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("only_code", sa.String(length=64), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_sign_in_session_only"), "(only_permission IS NULL) = (only_code IS NULL)"
        )
        batch_op.create_check_constraint(
            op.f("ck_sign_in_session_only_without_role"), "only_code IS NULL OR membership_id IS NULL"
        )
        batch_op.create_index("ix_sign_in_session_only_code", ["only_code"], unique=False)
    _late_answers()
    _late_decisions()


def _late_answers() -> None:
    op.create_table(
        "late_answer",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("attempt_id", BIG, nullable=False),
        sa.Column("page", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("client_at", UtcDateTime(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column(
            "because",
            sa.Enum("late", "other_page", name="keptbecause", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("merged_as", sa.Integer(), nullable=True),
        sa.CheckConstraint("merged_as IS NULL OR because = 'other_page'", name=op.f("ck_late_answer_merged")),
        sa.CheckConstraint("position > 0", name=op.f("ck_late_answer_position")),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_late_answer_sequence")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_late_answer_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_answer")),
        sa.UniqueConstraint(
            "attempt_id",
            "page",
            "position",
            "sequence",
            name=op.f("uq_late_answer_attempt_id_page_position_sequence"),
        ),
        sa.UniqueConstraint("code", name=op.f("uq_late_answer_code")),
    )
    op.create_index("ix_late_answer_waiting", "late_answer", ["attempt_id", "merged_as"], unique=False)
    for statement in append_only_ddl("late_answer", op.get_bind().dialect.name):
        op.execute(statement)


def _late_decisions() -> None:
    op.create_table(
        "late_decision",
        sa.Column("id", BIG, nullable=False),
        sa.Column("late_answer_id", BIG, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "returned",
                "confirmed",
                name="latestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", BIG, nullable=True),
        sa.Column("proposed_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_by_id", BIG, nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("entered_as", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'returned') = (proposed_by_id IS NULL AND proposed_at IS NULL)",
            name=op.f("ck_late_decision_proposed"),
        ),
        sa.CheckConstraint(
            "(state = 'confirmed') = (confirmed_by_id IS NOT NULL AND confirmed_at IS NOT NULL)",
            name=op.f("ck_late_decision_confirmed"),
        ),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR confirmed_by_id <> proposed_by_id", name=op.f("ck_late_decision_two_people")
        ),
        sa.CheckConstraint(
            "entered_as IS NULL OR (counts AND state = 'confirmed')", name=op.f("ck_late_decision_entered")
        ),
        sa.ForeignKeyConstraint(["late_answer_id"], ["late_answer.id"], name=op.f("fk_late_decision_late_answer_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"], name=op.f("fk_late_decision_proposed_by_id")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["person.id"], name=op.f("fk_late_decision_confirmed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_decision")),
    )
    op.create_index(op.f("ix_late_decision_late_answer_id"), "late_decision", ["late_answer_id"], unique=True)
    op.create_index(op.f("ix_late_decision_proposed_by_id"), "late_decision", ["proposed_by_id"], unique=False)
    op.create_index(op.f("ix_late_decision_confirmed_by_id"), "late_decision", ["confirmed_by_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_table("late_decision")
    op.drop_table("late_answer")
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_session_only_code")
        batch_op.drop_constraint(op.f("ck_sign_in_session_only_without_role"), type_="check")
        batch_op.drop_constraint(op.f("ck_sign_in_session_only"), type_="check")
        batch_op.drop_column("only_code")
        batch_op.drop_column("only_permission")
    op.drop_column("answer_save", "merged")
