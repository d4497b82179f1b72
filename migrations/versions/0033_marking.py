"""answers that are set aside for late ones, which marking read a late answer first; waiting lists of sessions."""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from app.core.columns import UtcDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STANDS = sa.text("state <> 'set_aside'")
BEFORE = ("open", "differing", "decided")
LIVE = sa.text("state IN ('waiting', 'offered')")
WAITING = "waiting_place"
WAIT_STATES = ("waiting", "offered", "accepted", "declined", "lapsed", "left", "closed")
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
    _waiting_places()


def _states(batch_op: BatchOperations, states: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{one}'" for one in states)
    batch_op.drop_constraint(op.f("ck_script_scriptstate"), type_="check")
    batch_op.create_check_constraint(op.f("ck_script_scriptstate"), f"state IN ({listed})")


def _foreign(column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{WAITING}_{column}"))


def _waiting_places() -> None:
    op.create_table(
        WAITING,
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("session_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("enrolment_id", BIG, nullable=False),
        sa.Column("rule_pack", sa.String(length=64), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("applied_at", UtcDateTime(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*WAIT_STATES, name="waitstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("offered_at", UtcDateTime(), nullable=True),
        sa.Column("answer_until", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("registration_id", BIG, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("rank >= 0", name=op.f("ck_waiting_place_rank")),
        sa.CheckConstraint("(offered_at IS NULL) = (answer_until IS NULL)", name=op.f("ck_waiting_place_offer")),
        sa.CheckConstraint(
            "state NOT IN ('offered', 'declined', 'lapsed') OR offered_at IS NOT NULL",
            name=op.f("ck_waiting_place_offered"),
        ),
        sa.CheckConstraint(
            "(state = 'accepted') = (registration_id IS NOT NULL)", name=op.f("ck_waiting_place_accepted")
        ),
        sa.CheckConstraint(
            "(state IN ('waiting', 'offered')) = (ended_at IS NULL)", name=op.f("ck_waiting_place_ended")
        ),
        _foreign("session_id", "exam_session"),
        _foreign("person_id", "person"),
        _foreign("enrolment_id", "enrolment"),
        _foreign("registration_id", "registration"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_place")),
        sa.UniqueConstraint("code", name=op.f("uq_waiting_place_code")),
    )
    for column in ("session_id", "person_id", "enrolment_id", "registration_id"):
        op.create_index(op.f(f"ix_{WAITING}_{column}"), WAITING, [column], unique=False)
    op.create_index(
        "ix_waiting_place_order", WAITING, ["session_id", "state", "rank", "applied_at", "id"], unique=False
    )
    op.create_index(
        "uq_waiting_place_live",
        WAITING,
        ["session_id", "person_id"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )


def _read_by_the_first_marking() -> None:
    op.execute(
        "UPDATE late_decision SET marked_in_id = (SELECT r.id FROM marking_run r "
        "JOIN attempt a ON a.session_id = r.session_id JOIN late_answer l ON l.attempt_id = a.id "
        "WHERE l.id = late_decision.late_answer_id AND r.number = 1 AND r.state = 'applied') "
        "WHERE entered_as IS NOT NULL"
    )


def downgrade() -> None:
    """Take back; what was set aside must be gone, for one answer of a sitting could not stand twice."""
    op.drop_table(WAITING)
    with op.batch_alter_table("late_decision", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_late_decision_marked"), type_="check")
        batch_op.drop_index(op.f("ix_late_decision_marked_in_id"))
        batch_op.drop_constraint(op.f("fk_late_decision_marked_in_id"), type_="foreignkey")
        batch_op.drop_column("marked_in_id")
    op.drop_index("uq_script_standing", table_name="script")
    with op.batch_alter_table("script", schema=None) as batch_op:
        _states(batch_op, BEFORE)
        batch_op.create_unique_constraint(op.f(ONE_OF_A_SITTING), ["task_id", "attempt_id"])
