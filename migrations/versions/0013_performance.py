"""performance appraisal of training bases."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import ScaledDecimal, UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "appraisal_cycle",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("pack_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed", "running", "closed", name="cyclestate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("report_until", sa.Date(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("opened_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'proposed') = (confirmed_by_id IS NULL)", name=op.f("ck_appraisal_cycle_confirmed")
        ),
        sa.CheckConstraint("confirmed_by_id <> opened_by_id", name=op.f("ck_appraisal_cycle_two_people")),
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name=op.f("ck_appraisal_cycle_year")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["person.id"], name=op.f("fk_appraisal_cycle_confirmed_by_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["person.id"], name=op.f("fk_appraisal_cycle_opened_by_id")),
        sa.ForeignKeyConstraint(["pack_id"], ["rule_pack.id"], name=op.f("fk_appraisal_cycle_pack_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_appraisal_cycle_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_cycle")),
        sa.UniqueConstraint("code", name=op.f("uq_appraisal_cycle_code")),
        sa.UniqueConstraint("year", "region_code", name=op.f("uq_appraisal_cycle_year_region_code")),
    )
    with op.batch_alter_table("appraisal_cycle", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appraisal_cycle_confirmed_by_id"), ["confirmed_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appraisal_cycle_opened_by_id"), ["opened_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appraisal_cycle_pack_id"), ["pack_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appraisal_cycle_region_code"), ["region_code"], unique=False)

    op.create_table(
        "base_appraisal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("cycle_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("base_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "reporting",
                "submitted",
                "checked",
                "graded",
                "public",
                "confirmed",
                "rectifying",
                "rectified",
                "accepted",
                "exit_proposed",
                "exited",
                name="appraisalstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("submitted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("checked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("score", ScaledDecimal(2), nullable=True),
        sa.Column(
            "grade",
            sa.Enum(
                "excellent", "good", "pass", "fail", name="grade", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("graded_at", UtcDateTime(), nullable=True),
        sa.Column("published_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("publicity", sa.String(length=64), nullable=True),
        sa.Column("publicity_until", sa.Date(), nullable=True),
        sa.Column("publicity_passed_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("rectify_until", sa.Date(), nullable=True),
        sa.Column("rectification", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('reporting', 'submitted', 'checked') OR grade IS NOT NULL", name=op.f("ck_base_appraisal_graded")
        ),
        sa.CheckConstraint(
            "state NOT IN ('rectifying', 'rectified') OR rectify_until IS NOT NULL",
            name=op.f("ck_base_appraisal_rectify"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('rectifying', 'rectified', 'exit_proposed', 'exited') OR grade = 'fail'",
            name=op.f("ck_base_appraisal_failed"),
        ),
        sa.CheckConstraint("(score IS NULL) = (grade IS NULL)", name=op.f("ck_base_appraisal_score")),
        sa.CheckConstraint("checked_by_id <> submitted_by_id", name=op.f("ck_base_appraisal_checked_by_another")),
        sa.CheckConstraint("confirmed_by_id <> checked_by_id", name=op.f("ck_base_appraisal_confirmed_apart")),
        sa.CheckConstraint("confirmed_by_id <> published_by_id", name=op.f("ck_base_appraisal_confirmed_by_another")),
        sa.ForeignKeyConstraint(["base_id"], ["training_base.id"], name=op.f("fk_base_appraisal_base_id")),
        sa.ForeignKeyConstraint(["checked_by_id"], ["person.id"], name=op.f("fk_base_appraisal_checked_by_id")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["person.id"], name=op.f("fk_base_appraisal_confirmed_by_id")),
        sa.ForeignKeyConstraint(["cycle_id"], ["appraisal_cycle.id"], name=op.f("fk_base_appraisal_cycle_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision_record.id"], name=op.f("fk_base_appraisal_decision_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_base_appraisal_organisation_id")
        ),
        sa.ForeignKeyConstraint(["published_by_id"], ["person.id"], name=op.f("fk_base_appraisal_published_by_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_base_appraisal_region_code")),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["person.id"], name=op.f("fk_base_appraisal_submitted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_base_appraisal")),
        sa.UniqueConstraint("code", name=op.f("uq_base_appraisal_code")),
        sa.UniqueConstraint("cycle_id", "base_id", name=op.f("uq_base_appraisal_cycle_id_base_id")),
    )
    with op.batch_alter_table("base_appraisal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_base_appraisal_base_id"), ["base_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_base_appraisal_checked_by_id"), ["checked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_base_appraisal_confirmed_by_id"), ["confirmed_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_base_appraisal_cycle_id"), ["cycle_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_base_appraisal_decision_id"), ["decision_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_base_appraisal_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_base_appraisal_published_by_id"), ["published_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_base_appraisal_region_code"), ["region_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_base_appraisal_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_base_appraisal_submitted_by_id"), ["submitted_by_id"], unique=False)

    op.create_table(
        "appraisal_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("appraisal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("indicator", sa.String(length=64), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["appraisal_id"], ["base_appraisal.id"], name=op.f("fk_appraisal_file_appraisal_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_appraisal_file_by_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_appraisal_file_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_file")),
        sa.UniqueConstraint("appraisal_id", "indicator", name=op.f("uq_appraisal_file_appraisal_id_indicator")),
    )
    with op.batch_alter_table("appraisal_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appraisal_file_appraisal_id"), ["appraisal_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appraisal_file_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appraisal_file_file_id"), ["file_id"], unique=False)


def downgrade() -> None:
    """Revert."""
    with op.batch_alter_table("appraisal_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_appraisal_file_file_id"))
        batch_op.drop_index(batch_op.f("ix_appraisal_file_by_id"))
        batch_op.drop_index(batch_op.f("ix_appraisal_file_appraisal_id"))

    op.drop_table("appraisal_file")
    with op.batch_alter_table("base_appraisal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_base_appraisal_submitted_by_id"))
        batch_op.drop_index(batch_op.f("ix_base_appraisal_state"))
        batch_op.drop_index(batch_op.f("ix_base_appraisal_region_code"))
        batch_op.drop_index(batch_op.f("ix_base_appraisal_published_by_id"))
        batch_op.drop_index(batch_op.f("ix_base_appraisal_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_base_appraisal_decision_id"))
        batch_op.drop_index(batch_op.f("ix_base_appraisal_cycle_id"))
        batch_op.drop_index(batch_op.f("ix_base_appraisal_confirmed_by_id"))
        batch_op.drop_index(batch_op.f("ix_base_appraisal_checked_by_id"))
        batch_op.drop_index(batch_op.f("ix_base_appraisal_base_id"))

    op.drop_table("base_appraisal")
    with op.batch_alter_table("appraisal_cycle", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_appraisal_cycle_region_code"))
        batch_op.drop_index(batch_op.f("ix_appraisal_cycle_pack_id"))
        batch_op.drop_index(batch_op.f("ix_appraisal_cycle_opened_by_id"))
        batch_op.drop_index(batch_op.f("ix_appraisal_cycle_confirmed_by_id"))

    op.drop_table("appraisal_cycle")
