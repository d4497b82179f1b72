"""marking: runs, versions of results, scripts and their marks."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import ScaledDecimal, UtcDateTime, new_code
from app.core.events import append_only_ddl

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

UNWRITTEN = (
    "(NEW.score <> OLD.score OR NEW.max_score <> OLD.max_score OR NEW.cut_score <> OLD.cut_score) "
    "AND NOT EXISTS (SELECT 1 FROM result_version AS v WHERE v.result_id = NEW.id AND v.score = NEW.score "
    "AND v.max_score = NEW.max_score AND v.cut_score = NEW.cut_score AND v.number = "
    "(SELECT max(w.number) FROM result_version AS w WHERE w.result_id = NEW.id))"
)
REMARKED = "OLD.done_at IS NOT NULL AND (NEW.total IS NULL OR NEW.total <> OLD.total OR NEW.done_at IS NULL)"
GUARDS = (
    ("result", "result_history", UNWRITTEN, "a result changes only with its version and two people"),
    ("script_mark", "script_mark_final", REMARKED, "a mark that is done never changes"),
)
FIRST_RUNS = (
    "INSERT INTO marking_run (code, session_id, number, state, rulings, void_policy, lower_policy, rule_pack, "
    "key_hash, asked_by_id, asked_at, applied_at, version) SELECT :code, s.id, 1, "
    "CASE WHEN s.state = 'prepared' THEN 'counting' ELSE 'applied' END, '{}', 'everybody', 'higher', s.rule_pack, "
    "p.content_hash, s.marked_by_id, s.marked_at, CASE WHEN s.state = 'prepared' THEN NULL ELSE s.marked_at END, 1 "
    "FROM exam_session AS s JOIN paper AS p ON p.id = s.paper_id WHERE s.id = :id"
)
FIRST_VERSIONS = (
    "INSERT INTO result_version (result_id, number, score, max_score, cut_score, by_module, passed, key_hash, "
    "run_id, at) "
    "SELECT r.id, 1, r.score, r.max_score, r.cut_score, r.by_module, r.passed, r.key_hash, m.id, r.marked_at "
    "FROM result AS r JOIN attempt AS a ON a.id = r.attempt_id "
    "LEFT JOIN marking_run AS m ON m.session_id = a.session_id"
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "marking_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "counting",
                "proposed",
                "applying",
                "applied",
                "returned",
                name="runstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rulings", sa.JSON(), nullable=False),
        sa.Column(
            "void_policy",
            sa.Enum(
                "everybody", "out", "answered", name="voidpolicy", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "lower_policy",
            sa.Enum("higher", "lower", name="lowerpolicy", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("rule_pack", sa.String(length=64), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("applied_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'applied') = (applied_at IS NOT NULL)", name=op.f("ck_marking_run_applied")),
        sa.CheckConstraint(
            "number = 1 OR state NOT IN ('applying', 'applied') OR confirmed_by_id IS NOT NULL",
            name=op.f("ck_marking_run_second_person"),
        ),
        sa.CheckConstraint("(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name=op.f("ck_marking_run_confirmed")),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR confirmed_by_id <> asked_by_id", name=op.f("ck_marking_run_two_people")
        ),
        sa.CheckConstraint("number = 1 OR reason IS NOT NULL", name=op.f("ck_marking_run_reason")),
        sa.CheckConstraint("number > 0", name=op.f("ck_marking_run_number")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_marking_run_asked_by_id")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["person.id"], name=op.f("fk_marking_run_confirmed_by_id")),
        sa.ForeignKeyConstraint(["session_id"], ["exam_session.id"], name=op.f("fk_marking_run_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marking_run")),
        sa.UniqueConstraint("code", name=op.f("uq_marking_run_code")),
        sa.UniqueConstraint("session_id", "number", name=op.f("uq_marking_run_session_id_number")),
    )
    with op.batch_alter_table("marking_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_marking_run_asked_by_id"), ["asked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_marking_run_confirmed_by_id"), ["confirmed_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_marking_run_session_id"), ["session_id"], unique=False)

    op.create_table(
        "marking_task",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("points", ScaledDecimal(2), nullable=False),
        sa.Column("item_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("part >= 0", name=op.f("ck_marking_task_part")),
        sa.CheckConstraint("points > 0", name=op.f("ck_marking_task_points")),
        sa.ForeignKeyConstraint(["item_version_id"], ["item_version.id"], name=op.f("fk_marking_task_item_version_id")),
        sa.ForeignKeyConstraint(["session_id"], ["exam_session.id"], name=op.f("fk_marking_task_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marking_task")),
        sa.UniqueConstraint("code", name=op.f("uq_marking_task_code")),
        sa.UniqueConstraint("session_id", "position", "part", name=op.f("uq_marking_task_session_id_position_part")),
    )
    with op.batch_alter_table("marking_task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_marking_task_item_version_id"), ["item_version_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_marking_task_session_id"), ["session_id"], unique=False)

    op.create_table(
        "task_marker",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("marked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "calibrating",
                "live",
                "stopped",
                name="markerstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.Column("live_at", UtcDateTime(), nullable=True),
        sa.Column("stopped_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("stopped_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'stopped') = (stopped_by_id IS NOT NULL AND stopped_at IS NOT NULL AND reason IS NOT NULL)",
            name=op.f("ck_task_marker_stopped"),
        ),
        sa.CheckConstraint("state <> 'live' OR live_at IS NOT NULL", name=op.f("ck_task_marker_live")),
        sa.CheckConstraint(
            "stopped_by_id IS NULL OR stopped_by_id <> marked_by_id", name=op.f("ck_task_marker_not_oneself")
        ),
        sa.ForeignKeyConstraint(["marked_by_id"], ["person.id"], name=op.f("fk_task_marker_marked_by_id")),
        sa.ForeignKeyConstraint(["stopped_by_id"], ["person.id"], name=op.f("fk_task_marker_stopped_by_id")),
        sa.ForeignKeyConstraint(["task_id"], ["marking_task.id"], name=op.f("fk_task_marker_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_marker")),
        sa.UniqueConstraint("task_id", "marked_by_id", name=op.f("uq_task_marker_task_id_marked_by_id")),
    )
    with op.batch_alter_table("task_marker", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_marker_marked_by_id"), ["marked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_marker_stopped_by_id"), ["stopped_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_marker_task_id"), ["task_id"], unique=False)

    op.create_table(
        "marking_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("was", ScaledDecimal(2), nullable=False),
        sa.Column("now", ScaledDecimal(2), nullable=False),
        sa.Column("was_passed", sa.Boolean(), nullable=False),
        sa.Column("now_passed", sa.Boolean(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_marking_change_attempt_id")),
        sa.ForeignKeyConstraint(["run_id"], ["marking_run.id"], name=op.f("fk_marking_change_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marking_change")),
        sa.UniqueConstraint("run_id", "attempt_id", name=op.f("uq_marking_change_run_id_attempt_id")),
        info={"append_only": True},
    )
    with op.batch_alter_table("marking_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_marking_change_attempt_id"), ["attempt_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_marking_change_run_id"), ["run_id"], unique=False)

    op.create_table(
        "script",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open", "differing", "decided", name="scriptstate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("points", ScaledDecimal(2), nullable=True),
        sa.Column(
            "how",
            sa.Enum(
                "mean", "adjudicated", "fresh", name="decidedhow", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("reference", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reference_points", ScaledDecimal(2), nullable=True),
        sa.Column("set_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'decided') = (points IS NOT NULL AND how IS NOT NULL AND decided_at IS NOT NULL)",
            name=op.f("ck_script_decided"),
        ),
        sa.CheckConstraint("(attempt_id IS NULL) = (reference IS NOT NULL)", name=op.f("ck_script_seed")),
        sa.CheckConstraint(
            "(reference IS NULL) = (reference_points IS NULL AND set_by_id IS NULL)", name=op.f("ck_script_reference")
        ),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_script_attempt_id")),
        sa.ForeignKeyConstraint(["set_by_id"], ["person.id"], name=op.f("fk_script_set_by_id")),
        sa.ForeignKeyConstraint(["task_id"], ["marking_task.id"], name=op.f("fk_script_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script")),
        sa.UniqueConstraint("code", name=op.f("uq_script_code")),
        sa.UniqueConstraint("task_id", "attempt_id", name=op.f("uq_script_task_id_attempt_id")),
    )
    with op.batch_alter_table("script", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_script_attempt_id"), ["attempt_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_script_set_by_id"), ["set_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_script_task_id"), ["task_id"], unique=False)
        batch_op.create_index("ix_script_task_state", ["task_id", "state", "code"], unique=False)

    op.create_table(
        "script_mark",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("script_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("marked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("claimed_at", UtcDateTime(), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("points", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("total", ScaledDecimal(2), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(done_at IS NULL) = (total IS NULL AND points IS NULL)", name=op.f("ck_script_mark_done")),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name=op.f("ck_script_mark_withdrawn")),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_script_mark_sequence")),
        sa.CheckConstraint("slot BETWEEN 0 AND 9", name=op.f("ck_script_mark_slot")),
        sa.ForeignKeyConstraint(["marked_by_id"], ["person.id"], name=op.f("fk_script_mark_marked_by_id")),
        sa.ForeignKeyConstraint(["script_id"], ["script.id"], name=op.f("fk_script_mark_script_id")),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["person.id"], name=op.f("fk_script_mark_withdrawn_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_mark")),
        sa.UniqueConstraint("script_id", "marked_by_id", name=op.f("uq_script_mark_script_id_marked_by_id")),
    )
    with op.batch_alter_table("script_mark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_script_mark_marked_by_id"), ["marked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_script_mark_script_id"), ["script_id"], unique=False)
        batch_op.create_index(
            "ix_script_mark_slot",
            ["script_id", "slot"],
            unique=True,
            sqlite_where=sa.text("slot > 0 AND withdrawn_at IS NULL"),
            postgresql_where=sa.text("slot > 0 AND withdrawn_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_script_mark_withdrawn_by_id"), ["withdrawn_by_id"], unique=False)

    op.create_table(
        "fresh_mark",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("script_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("correction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("mark_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_fresh_mark_asked_by_id")),
        sa.ForeignKeyConstraint(["correction_id"], ["result_correction.id"], name=op.f("fk_fresh_mark_correction_id")),
        sa.ForeignKeyConstraint(["mark_id"], ["script_mark.id"], name=op.f("fk_fresh_mark_mark_id")),
        sa.ForeignKeyConstraint(["script_id"], ["script.id"], name=op.f("fk_fresh_mark_script_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fresh_mark")),
        sa.UniqueConstraint("mark_id", name=op.f("uq_fresh_mark_mark_id")),
        sa.UniqueConstraint("script_id", "correction_id", name=op.f("uq_fresh_mark_script_id_correction_id")),
    )
    with op.batch_alter_table("fresh_mark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fresh_mark_asked_by_id"), ["asked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_fresh_mark_correction_id"), ["correction_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_fresh_mark_mark_id"), ["mark_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_fresh_mark_script_id"), ["script_id"], unique=False)

    op.create_table(
        "result_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("result_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("score", ScaledDecimal(2), nullable=False),
        sa.Column("max_score", ScaledDecimal(2), nullable=False),
        sa.Column("cut_score", ScaledDecimal(2), nullable=False),
        sa.Column("by_module", sa.JSON(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("correction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("proposed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "number = 1 OR (run_id IS NULL) <> (correction_id IS NULL)", name=op.f("ck_result_version_cause")
        ),
        sa.CheckConstraint(
            "number = 1 OR coalesce(proposed_by_id <> confirmed_by_id, FALSE)",
            name=op.f("ck_result_version_two_people"),
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_result_version_number")),
        sa.CheckConstraint("passed = (score >= cut_score)", name=op.f("ck_result_version_passed")),
        sa.CheckConstraint("score >= 0 AND score <= max_score", name=op.f("ck_result_version_score")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["person.id"], name=op.f("fk_result_version_confirmed_by_id")),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["result_correction.id"], name=op.f("fk_result_version_correction_id")
        ),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"], name=op.f("fk_result_version_proposed_by_id")),
        sa.ForeignKeyConstraint(["result_id"], ["result.id"], name=op.f("fk_result_version_result_id")),
        sa.ForeignKeyConstraint(["run_id"], ["marking_run.id"], name=op.f("fk_result_version_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_version")),
        sa.UniqueConstraint("result_id", "number", name=op.f("uq_result_version_result_id_number")),
        info={"append_only": True},
    )
    with op.batch_alter_table("result_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_result_version_confirmed_by_id"), ["confirmed_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_version_correction_id"), ["correction_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_version_proposed_by_id"), ["proposed_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_version_result_id"), ["result_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_version_run_id"), ["run_id"], unique=False)
    _keep_what_was_marked()
    dialect = op.get_bind().dialect.name
    for table in ("marking_change", "result_version"):
        for statement in append_only_ddl(table, dialect):
            op.execute(statement)
    for table, name, condition, refusal in GUARDS:
        _refuse(dialect, f"{name}() BEFORE UPDATE ON {table}", condition, refusal)


def _keep_what_was_marked() -> None:
    """Give sessions that are marked their first run, and results their first version."""
    bind = op.get_bind()
    for (session_id,) in bind.execute(sa.text("SELECT id FROM exam_session WHERE marked_at IS NOT NULL")).all():
        bind.execute(sa.text(FIRST_RUNS), {"code": new_code(), "id": session_id})
    bind.execute(sa.text(FIRST_VERSIONS))


def _refuse(dialect: str, trigger: str, condition: str, refusal: str) -> None:
    name, _brackets, when = trigger.partition("()")
    if dialect == "sqlite":
        op.execute(f"CREATE TRIGGER {name}{when} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{refusal}'); END")
        return
    op.execute(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $$ BEGIN IF {condition} THEN "
        f"RAISE EXCEPTION '{refusal}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$ LANGUAGE plpgsql"
    )
    op.execute(f"CREATE TRIGGER {name}{when} FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    """Take back."""
    dialect = op.get_bind().dialect.name
    for table, name, _condition, _refusal in GUARDS:
        op.execute(f"DROP TRIGGER {name}" if dialect == "sqlite" else f"DROP TRIGGER {name} ON {table}")
        if dialect != "sqlite":
            op.execute(f"DROP FUNCTION {name}()")

    with op.batch_alter_table("result_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_result_version_run_id"))
        batch_op.drop_index(batch_op.f("ix_result_version_result_id"))
        batch_op.drop_index(batch_op.f("ix_result_version_proposed_by_id"))
        batch_op.drop_index(batch_op.f("ix_result_version_correction_id"))
        batch_op.drop_index(batch_op.f("ix_result_version_confirmed_by_id"))

    op.drop_table("result_version")
    with op.batch_alter_table("fresh_mark", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fresh_mark_script_id"))
        batch_op.drop_index(batch_op.f("ix_fresh_mark_mark_id"))
        batch_op.drop_index(batch_op.f("ix_fresh_mark_correction_id"))
        batch_op.drop_index(batch_op.f("ix_fresh_mark_asked_by_id"))

    op.drop_table("fresh_mark")
    with op.batch_alter_table("script_mark", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_script_mark_withdrawn_by_id"))
        batch_op.drop_index(
            "ix_script_mark_slot",
            sqlite_where=sa.text("slot > 0 AND withdrawn_at IS NULL"),
            postgresql_where=sa.text("slot > 0 AND withdrawn_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_script_mark_script_id"))
        batch_op.drop_index(batch_op.f("ix_script_mark_marked_by_id"))

    op.drop_table("script_mark")
    with op.batch_alter_table("script", schema=None) as batch_op:
        batch_op.drop_index("ix_script_task_state")
        batch_op.drop_index(batch_op.f("ix_script_task_id"))
        batch_op.drop_index(batch_op.f("ix_script_set_by_id"))
        batch_op.drop_index(batch_op.f("ix_script_attempt_id"))

    op.drop_table("script")
    with op.batch_alter_table("marking_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_marking_change_run_id"))
        batch_op.drop_index(batch_op.f("ix_marking_change_attempt_id"))

    op.drop_table("marking_change")
    with op.batch_alter_table("task_marker", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_task_marker_task_id"))
        batch_op.drop_index(batch_op.f("ix_task_marker_stopped_by_id"))
        batch_op.drop_index(batch_op.f("ix_task_marker_marked_by_id"))

    op.drop_table("task_marker")
    with op.batch_alter_table("marking_task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_marking_task_session_id"))
        batch_op.drop_index(batch_op.f("ix_marking_task_item_version_id"))

    op.drop_table("marking_task")
    with op.batch_alter_table("marking_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_marking_run_session_id"))
        batch_op.drop_index(batch_op.f("ix_marking_run_confirmed_by_id"))
        batch_op.drop_index(batch_op.f("ix_marking_run_asked_by_id"))

    op.drop_table("marking_run")
