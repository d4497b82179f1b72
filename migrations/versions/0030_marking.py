"""answers that are set aside for late ones, and which marking read a late answer first."""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STANDS = sa.text("state <> 'set_aside'")
BEFORE = ("open", "differing", "decided")
ONE_OF_A_SITTING = "uq_script_task_id_attempt_id"


def upgrade() -> None:
    """Apply; what counted so far was read by the first marking of its session."""
    with op.batch_alter_table("script", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(ONE_OF_A_SITTING), type_="unique")
        _states(batch_op, (*BEFORE, "set_aside"))
    op.create_index(
        "uq_script_standing",
        "script",
        ["task_id", "attempt_id"],
        unique=True,
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    )
    with op.batch_alter_table("late_decision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("marked_in_id", BIG, nullable=True))
        batch_op.create_foreign_key(op.f("fk_late_decision_marked_in_id"), "marking_run", ["marked_in_id"], ["id"])
        batch_op.create_index(op.f("ix_late_decision_marked_in_id"), ["marked_in_id"], unique=False)
        batch_op.create_check_constraint(
            op.f("ck_late_decision_marked"), "marked_in_id IS NULL OR entered_as IS NOT NULL"
        )
    _read_by_the_first_marking()


def _states(batch_op: BatchOperations, states: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{one}'" for one in states)
    batch_op.drop_constraint(op.f("ck_script_scriptstate"), type_="check")
    batch_op.create_check_constraint(op.f("ck_script_scriptstate"), f"state IN ({listed})")


def _read_by_the_first_marking() -> None:
    op.execute(
        "UPDATE late_decision SET marked_in_id = (SELECT r.id FROM marking_run r "
        "JOIN attempt a ON a.session_id = r.session_id JOIN late_answer l ON l.attempt_id = a.id "
        "WHERE l.id = late_decision.late_answer_id AND r.number = 1 AND r.state = 'applied') "
        "WHERE entered_as IS NOT NULL"
    )


def downgrade() -> None:
    """Take back; what was set aside must be gone, for one answer of a sitting could not stand twice."""
    with op.batch_alter_table("late_decision", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_late_decision_marked"), type_="check")
        batch_op.drop_index(op.f("ix_late_decision_marked_in_id"))
        batch_op.drop_constraint(op.f("fk_late_decision_marked_in_id"), type_="foreignkey")
        batch_op.drop_column("marked_in_id")
    op.drop_index("uq_script_standing", table_name="script")
    with op.batch_alter_table("script", schema=None) as batch_op:
        _states(batch_op, BEFORE)
        batch_op.create_unique_constraint(op.f(ONE_OF_A_SITTING), ["task_id", "attempt_id"])
