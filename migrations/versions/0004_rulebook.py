"""Records of decisions, replays of them under another pack, and drafts as they are edited."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime
from app.core.events import append_only_ddl

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "decision_record",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("subject_type", sa.String(length=64), nullable=False),
        sa.Column("subject_code", sa.String(length=64), nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("pack", sa.String(length=64), nullable=False),
        sa.Column(
            "tag",
            sa.Enum("official", "sample", name="tag", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("verdict", sa.JSON(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "met", "near", "not", "unknown", name="outcome", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", KEY, nullable=True),
        sa.Column("supersedes_id", KEY, nullable=True),
        sa.CheckConstraint("supersedes_id IS NULL OR supersedes_id <> id", name=op.f("ck_decision_record_supersedes")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_decision_record_decided_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_decision_record_person_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_decision_record_region_code")),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["decision_record.id"], name=op.f("fk_decision_record_supersedes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_record")),
        sa.UniqueConstraint("code", name=op.f("uq_decision_record_code")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_decision_record_supersedes_id")),
    )
    with op.batch_alter_table("decision_record", schema=None) as batch_op:
        for column in ("decided_by_id", "pack", "person_id", "region_code"):
            batch_op.create_index(batch_op.f(f"ix_decision_record_{column}"), [column], unique=False)
        batch_op.create_index("ix_decision_record_kind_decided_at", ["kind", "decided_at", "id"], unique=False)
        batch_op.create_index(
            "ix_decision_record_subject", ["subject_type", "subject_code", "kind", "id"], unique=False
        )
    for statement in append_only_ddl("decision_record", op.get_bind().dialect.name):
        op.execute(statement)

    op.create_table(
        "pack_edit",
        sa.Column("id", KEY, nullable=False),
        sa.Column("pack_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["pack_id"], ["rule_pack.id"], name=op.f("fk_pack_edit_pack_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pack_edit_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_edit")),
        sa.UniqueConstraint("pack_id", "person_id", name=op.f("uq_pack_edit_pack_id_person_id")),
    )
    with op.batch_alter_table("pack_edit", schema=None) as batch_op:
        for column in ("pack_id", "person_id"):
            batch_op.create_index(batch_op.f(f"ix_pack_edit_{column}"), [column], unique=False)

    op.create_table(
        "replay",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("pack_id", KEY, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last_record_id", KEY, nullable=False),
        sa.Column("asked_by_id", KEY, nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("gained", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("changed <= records AND gained + lost <= changed", name=op.f("ck_replay_counts")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_replay_asked_by_id")),
        sa.ForeignKeyConstraint(["pack_id"], ["rule_pack.id"], name=op.f("fk_replay_pack_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replay")),
        sa.UniqueConstraint("code", name=op.f("uq_replay_code")),
    )
    with op.batch_alter_table("replay", schema=None) as batch_op:
        for column in ("asked_by_id", "pack_id"):
            batch_op.create_index(batch_op.f(f"ix_replay_{column}"), [column], unique=False)
        batch_op.create_index("ix_replay_pack_year", ["pack_id", "year"], unique=False)

    op.create_table(
        "replay_change",
        sa.Column("id", KEY, nullable=False),
        sa.Column("replay_id", KEY, nullable=False),
        sa.Column("record_id", KEY, nullable=False),
        sa.Column("before", sa.String(length=64), nullable=False),
        sa.Column("after", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["decision_record.id"], name=op.f("fk_replay_change_record_id")),
        sa.ForeignKeyConstraint(["replay_id"], ["replay.id"], name=op.f("fk_replay_change_replay_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replay_change")),
        sa.UniqueConstraint("replay_id", "record_id", name=op.f("uq_replay_change_replay_id_record_id")),
    )
    with op.batch_alter_table("replay_change", schema=None) as batch_op:
        for column in ("record_id", "replay_id"):
            batch_op.create_index(batch_op.f(f"ix_replay_change_{column}"), [column], unique=False)


def downgrade() -> None:
    op.drop_table("replay_change")
    op.drop_table("replay")
    op.drop_table("pack_edit")
    op.drop_table("decision_record")
