"""pauses that hold a start; confirmed similarities that come before their expert group again."""

import sqlalchemy as sa
from alembic import op

from app.core.events import append_only_ddl

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

STATES = ("listed", "confirmed", "dismissed")
OPINION = "similarity_opinion"
ONCE = "uq_similarity_opinion_pair_id_given_by_id"
ONCE_A_ROUND = "uq_similarity_opinion_pair_id_round_given_by_id"
HEARD = "ck_conduct_record_heard"


def upgrade() -> None:
    """Apply; nobody has been held before, and every pair is in its first round."""
    with op.batch_alter_table("attempt", schema=None) as table:
        table.add_column(sa.Column("held_seconds", sa.Integer(), nullable=False, server_default="0"))
        table.create_check_constraint(op.f("ck_attempt_held"), "held_seconds >= 0")
    with op.batch_alter_table("similarity_pair", schema=None) as table:
        table.add_column(sa.Column("round", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("change", sa.JSON(), nullable=False, server_default="{}"))
        table.drop_constraint(op.f("ck_similarity_pair_pairstate"), type_="check")
        table.create_check_constraint(op.f("ck_similarity_pair_pairstate"), _among(*STATES, "returned"))
        table.create_check_constraint(op.f("ck_similarity_pair_round"), "round >= 1")
    with op.batch_alter_table(OPINION, schema=None) as table:
        table.add_column(sa.Column("round", sa.Integer(), nullable=False, server_default="1"))
        table.drop_constraint(op.f(ONCE), type_="unique")
        table.create_unique_constraint(op.f(ONCE_A_ROUND), ["pair_id", "round", "given_by_id"])
        table.create_check_constraint(op.f("ck_similarity_opinion_round"), "round >= 1")
    _final()
    _heard("state IN ('recorded', 'signed', 'dismissed') OR hear_until IS NOT NULL")


def _among(*states: str) -> str:
    listed = ", ".join(f"'{one}'" for one in states)
    return f"state IN ({listed})"


def _final() -> None:
    """Make opinions append-only again: SQLite copied the table and lost its triggers."""
    if op.get_bind().dialect.name == "sqlite":
        for statement in append_only_ddl(OPINION, "sqlite"):
            op.execute(statement)


def _heard(condition: str) -> None:
    with op.batch_alter_table("conduct_record", schema=None) as table:
        table.drop_constraint(op.f(HEARD), type_="check")
        table.create_check_constraint(op.f(HEARD), condition)


def downgrade() -> None:
    """Take back; a pair that came back is confirmed, as it was, and of several opinions of one person the first stays.

    A window that was to close later for a candidate closes with the session. A record that was dismissed before its
    notice waits for the notice again.
    """
    op.execute("UPDATE conduct_record SET state = 'signed' WHERE state = 'dismissed' AND hear_until IS NULL")
    _heard("state IN ('recorded', 'signed') OR hear_until IS NOT NULL")
    _forget_rounds()
    op.execute("UPDATE similarity_pair SET state = 'confirmed' WHERE state = 'returned'")
    with op.batch_alter_table("similarity_pair", schema=None) as table:
        table.drop_constraint(op.f("ck_similarity_pair_round"), type_="check")
        table.drop_constraint(op.f("ck_similarity_pair_pairstate"), type_="check")
        table.create_check_constraint(op.f("ck_similarity_pair_pairstate"), _among(*STATES))
        table.drop_column("change")
        table.drop_column("round")
    with op.batch_alter_table("attempt", schema=None) as table:
        table.drop_constraint(op.f("ck_attempt_held"), type_="check")
        table.drop_column("held_seconds")


def _forget_rounds() -> None:
    """Keep the first opinion of each person on a pair; the table refuses deletes, so its triggers go first."""
    dialect = op.get_bind().dialect.name
    for verb in ("update", "delete"):
        on = f" ON {OPINION}" if dialect == "postgresql" else ""
        op.execute(f"DROP TRIGGER {OPINION}_no_{verb}{on}")
    op.execute("DELETE FROM similarity_opinion WHERE round > 1")
    with op.batch_alter_table(OPINION, schema=None) as table:
        table.drop_constraint(op.f("ck_similarity_opinion_round"), type_="check")
        table.drop_constraint(op.f(ONCE_A_ROUND), type_="unique")
        table.create_unique_constraint(op.f(ONCE), ["pair_id", "given_by_id"])
        table.drop_column("round")
    for statement in append_only_ddl(OPINION, dialect):
        op.execute(statement)
