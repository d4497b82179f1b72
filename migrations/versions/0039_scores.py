"""scores reported on the scale of a reference paper; flagged items that are sent back for revision."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import ScaledDecimal, UtcDateTime
from app.core.events import append_only_ddl

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
METHODS = ("mean", "linear", "equipercentile", "tucker", "levine")
FLAGS = ("open", "kept", "retired")
EQUATED = "(equating_id IS NULL) = (raw_score IS NULL) AND (equating_id IS NULL) = (raw_max IS NULL)"
SCALE_CHECKS = {
    "scale": "(full_score IS NULL) = (cut_score IS NULL)",
    "cut_score": "cut_score >= 0 AND cut_score <= full_score",
}
RESULT_CHECKS = {"equated": EQUATED, "raw_score": "raw_score >= 0 AND raw_score <= raw_max"}
FLAG_CHECKS = {
    "revised": "(state = 'revised') = (closed_version_id IS NOT NULL)",
    "closed": "state <> 'revised' OR closed_at IS NOT NULL",
    "closed_by": "closed_at IS NULL OR state IN ('revised', 'retired')",
}
LAST = "v.number = (SELECT max(w.number) FROM result_version AS w WHERE w.result_id = NEW.id))"
SAME = (
    "AND NOT EXISTS (SELECT 1 FROM result_version AS v WHERE v.result_id = NEW.id AND v.score = NEW.score "
    "AND v.max_score = NEW.max_score AND v.cut_score = NEW.cut_score "
)
CHANGED = "NEW.score <> OLD.score OR NEW.max_score <> OLD.max_score OR NEW.cut_score <> OLD.cut_score"
BEFORE = f"({CHANGED}) {SAME}AND {LAST}"
AFTER = (
    f"({CHANGED} OR coalesce(NEW.raw_score, -1) <> coalesce(OLD.raw_score, -1) "
    f"OR coalesce(NEW.equating_id, 0) <> coalesce(OLD.equating_id, 0)) {SAME}"
    "AND coalesce(v.raw_score, -1) = coalesce(NEW.raw_score, -1) "
    f"AND coalesce(v.equating_id, 0) = coalesce(NEW.equating_id, 0) AND {LAST}"
)


def upgrade() -> None:
    """Apply; conversions that are decided already stay for information, no result stands on them."""
    _unguard()
    _scale()
    _runs()
    for table in ("result", "result_version"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("equating_id", BIG, nullable=True))
            batch_op.add_column(sa.Column("raw_score", ScaledDecimal(2), nullable=True))
            batch_op.add_column(sa.Column("raw_max", ScaledDecimal(2), nullable=True))
            batch_op.create_foreign_key(op.f(f"fk_{table}_equating_id"), "score_equating", ["equating_id"], ["id"])
            batch_op.create_index(op.f(f"ix_{table}_equating_id"), ["equating_id"], unique=False)
            for name, condition in RESULT_CHECKS.items():
                batch_op.create_check_constraint(op.f(f"ck_{table}_{name}"), condition)
    _guard(AFTER)
    _flags()


def _among(column: str, *values: str) -> str:
    listed = ", ".join(f"'{one}'" for one in values)
    return f"{column} IN ({listed})"


def _scale() -> None:
    with op.batch_alter_table("score_equating", schema=None) as batch_op:
        batch_op.add_column(sa.Column("full_score", ScaledDecimal(2), nullable=True))
        batch_op.add_column(sa.Column("cut_score", ScaledDecimal(2), nullable=True))
        batch_op.drop_constraint(op.f("ck_score_equating_method"), type_="check")
        batch_op.create_check_constraint(op.f("ck_score_equating_method"), _among("method", *METHODS, "identity"))
        for name, condition in SCALE_CHECKS.items():
            batch_op.create_check_constraint(op.f(f"ck_score_equating_{name}"), condition)


def _runs() -> None:
    with op.batch_alter_table("marking_run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("equating_id", BIG, nullable=True))
        batch_op.add_column(sa.Column("equates", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_foreign_key(op.f("fk_marking_run_equating_id"), "score_equating", ["equating_id"], ["id"])
        batch_op.create_index(op.f("ix_marking_run_equating_id"), ["equating_id"], unique=False)
        batch_op.create_check_constraint(
            op.f("ck_marking_run_equates"), "NOT equates OR (equating_id IS NOT NULL AND number > 1)"
        )


def _flags() -> None:
    with op.batch_alter_table("item_flag", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closed_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("closed_version_id", BIG, nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_item_flag_closed_version_id"), "item_version", ["closed_version_id"], ["id"]
        )
        batch_op.create_index(op.f("ix_item_flag_closed_version_id"), ["closed_version_id"], unique=False)
        batch_op.drop_constraint(op.f("ck_item_flag_flagstate"), type_="check")
        batch_op.create_check_constraint(op.f("ck_item_flag_flagstate"), _among("state", *FLAGS, "revision", "revised"))
        for name, condition in FLAG_CHECKS.items():
            batch_op.create_check_constraint(op.f(f"ck_item_flag_{name}"), condition)


def _unguard() -> None:
    """Take the guard of results off while SQLite copies the tables: a renamed table may be named by no trigger."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER result_history")


def _guard(condition: str) -> None:
    """Guard results again; rebuilt tables of SQLite have lost their triggers."""
    refusal = "a result changes only with its version and two people"
    if op.get_bind().dialect.name == "sqlite":
        for statement in append_only_ddl("result_version", "sqlite"):
            op.execute(statement)
        refuse = f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        op.execute(f"CREATE TRIGGER result_history BEFORE UPDATE ON result WHEN {condition} {refuse}")
        return
    op.execute(
        f"CREATE OR REPLACE FUNCTION result_history() RETURNS trigger AS $$ BEGIN IF {condition} THEN "
        f"RAISE EXCEPTION '{refusal}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$ LANGUAGE plpgsql"
    )


def downgrade() -> None:
    """Take back; results keep what they say, flags of items in revision count as decided."""
    _flags_back()
    _unguard()
    for table in ("result_version", "result"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in RESULT_CHECKS:
                batch_op.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
            batch_op.drop_index(op.f(f"ix_{table}_equating_id"))
            batch_op.drop_constraint(op.f(f"fk_{table}_equating_id"), type_="foreignkey")
            for name in ("raw_max", "raw_score", "equating_id"):
                batch_op.drop_column(name)
    _guard(BEFORE)
    with op.batch_alter_table("marking_run", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_marking_run_equates"), type_="check")
        batch_op.drop_index(op.f("ix_marking_run_equating_id"))
        batch_op.drop_constraint(op.f("fk_marking_run_equating_id"), type_="foreignkey")
        batch_op.drop_column("equates")
        batch_op.drop_column("equating_id")
    op.execute("DELETE FROM score_equating WHERE method = 'identity'")
    with op.batch_alter_table("score_equating", schema=None) as batch_op:
        for name in SCALE_CHECKS:
            batch_op.drop_constraint(op.f(f"ck_score_equating_{name}"), type_="check")
        batch_op.drop_constraint(op.f("ck_score_equating_method"), type_="check")
        batch_op.create_check_constraint(op.f("ck_score_equating_method"), _among("method", *METHODS))
        batch_op.drop_column("cut_score")
        batch_op.drop_column("full_score")


def _flags_back() -> None:
    with op.batch_alter_table("item_flag", schema=None) as batch_op:
        for name in FLAG_CHECKS:
            batch_op.drop_constraint(op.f(f"ck_item_flag_{name}"), type_="check")
        batch_op.drop_constraint(op.f("ck_item_flag_flagstate"), type_="check")
    op.execute("UPDATE item_flag SET state = 'kept' WHERE state IN ('revision', 'revised')")
    with op.batch_alter_table("item_flag", schema=None) as batch_op:
        batch_op.create_check_constraint(op.f("ck_item_flag_flagstate"), _among("state", *FLAGS))
        batch_op.drop_index(op.f("ix_item_flag_closed_version_id"))
        batch_op.drop_constraint(op.f("fk_item_flag_closed_version_id"), type_="foreignkey")
        batch_op.drop_column("closed_version_id")
        batch_op.drop_column("closed_at")
