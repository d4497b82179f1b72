"""rounds, applications and the register of titles."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "title_round",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("scheme", sa.String(length=64), nullable=False),
        sa.Column("committee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("apply_until", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "open",
                "review",
                "voting",
                "decided",
                name="roundstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("proposed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("meeting_code", sa.String(length=64), nullable=True),
        sa.Column("ballot_code", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'proposed') = (confirmed_by_id IS NULL)", name=op.f("ck_title_round_confirmed")),
        sa.CheckConstraint(
            "state NOT IN ('review', 'voting', 'decided') OR meeting_code IS NOT NULL",
            name=op.f("ck_title_round_meeting"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('voting', 'decided') OR ballot_code IS NOT NULL", name=op.f("ck_title_round_ballot")
        ),
        sa.CheckConstraint(
            "(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name=op.f("ck_title_round_confirmed_at")
        ),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR confirmed_by_id <> proposed_by_id", name=op.f("ck_title_round_two_people")
        ),
        sa.ForeignKeyConstraint(["committee_id"], ["committee.id"], name=op.f("fk_title_round_committee_id")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["person.id"], name=op.f("fk_title_round_confirmed_by_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_title_round_organisation_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"], name=op.f("fk_title_round_proposed_by_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_title_round_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_title_round")),
        sa.UniqueConstraint("code", name=op.f("uq_title_round_code")),
    )
    op.create_index(op.f("ix_title_round_ballot_code"), "title_round", ["ballot_code"], unique=False)
    op.create_index(op.f("ix_title_round_committee_id"), "title_round", ["committee_id"], unique=False)
    op.create_index(op.f("ix_title_round_confirmed_by_id"), "title_round", ["confirmed_by_id"], unique=False)
    op.create_index(op.f("ix_title_round_organisation_id"), "title_round", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_title_round_proposed_by_id"), "title_round", ["proposed_by_id"], unique=False)
    op.create_index(op.f("ix_title_round_region_code"), "title_round", ["region_code"], unique=False)
    op.create_index(op.f("ix_title_round_state"), "title_round", ["state"], unique=False)
    op.create_table(
        "title_application",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "returned",
                "accepted",
                "passed",
                "refused",
                "cleared",
                "confirmed",
                "stopped",
                name="applicationstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("declared", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("verdict", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("checked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("ballot_code", sa.String(length=64), nullable=True),
        sa.Column("attending", sa.Integer(), nullable=True),
        sa.Column("approve", sa.Integer(), nullable=True),
        sa.Column("object", sa.Integer(), nullable=True),
        sa.Column("abstain", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'confirmed') = (confirmed_by_id IS NOT NULL)", name=op.f("ck_title_application_confirmed")
        ),
        sa.CheckConstraint(
            "state = 'draft' OR (submitted_at IS NOT NULL AND verdict IS NOT NULL)",
            name=op.f("ck_title_application_submitted"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'returned') OR (checked_by_id IS NOT NULL AND checked_at IS NOT NULL)",
            name=op.f("ck_title_application_checked"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('passed', 'refused', 'cleared', 'confirmed', 'stopped') "
            "OR (decided_at IS NOT NULL AND ballot_code IS NOT NULL AND approve IS NOT NULL)",
            name=op.f("ck_title_application_voted"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('returned', 'stopped') OR reason IS NOT NULL", name=op.f("ck_title_application_reason")
        ),
        sa.CheckConstraint(
            "(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name=op.f("ck_title_application_confirmed_at")
        ),
        sa.CheckConstraint(
            "checked_by_id IS NULL OR checked_by_id <> person_id", name=op.f("ck_title_application_not_oneself")
        ),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR (confirmed_by_id <> checked_by_id AND confirmed_by_id <> person_id)",
            name=op.f("ck_title_application_two_people"),
        ),
        sa.CheckConstraint("returns >= 0", name=op.f("ck_title_application_returns")),
        sa.ForeignKeyConstraint(["checked_by_id"], ["person.id"], name=op.f("fk_title_application_checked_by_id")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["person.id"], name=op.f("fk_title_application_confirmed_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_title_application_person_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_title_application_region_code")),
        sa.ForeignKeyConstraint(["round_id"], ["title_round.id"], name=op.f("fk_title_application_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_title_application")),
        sa.UniqueConstraint("code", name=op.f("uq_title_application_code")),
        sa.UniqueConstraint("round_id", "person_id", name=op.f("uq_title_application_round_id_person_id")),
    )
    op.create_index(op.f("ix_title_application_checked_by_id"), "title_application", ["checked_by_id"], unique=False)
    op.create_index(
        op.f("ix_title_application_confirmed_by_id"), "title_application", ["confirmed_by_id"], unique=False
    )
    op.create_index(op.f("ix_title_application_person_id"), "title_application", ["person_id"], unique=False)
    op.create_index(op.f("ix_title_application_region_code"), "title_application", ["region_code"], unique=False)
    op.create_index(op.f("ix_title_application_round_id"), "title_application", ["round_id"], unique=False)
    op.create_index("ix_title_application_state", "title_application", ["round_id", "state"], unique=False)
    op.create_table(
        "title_award",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("level", sa.String(length=64), nullable=False),
        sa.Column("series_zh", sa.String(length=200), nullable=False),
        sa.Column("series_en", sa.String(length=200), nullable=False),
        sa.Column("title_zh", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("awarded_on", sa.Date(), nullable=False),
        sa.Column("awarded_at", UtcDateTime(), nullable=False),
        sa.Column("rule_pack", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["title_application.id"], name=op.f("fk_title_award_application_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_title_award_person_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_title_award_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_title_award")),
        sa.UniqueConstraint("application_id", name=op.f("uq_title_award_application_id")),
        sa.UniqueConstraint("code", name=op.f("uq_title_award_code")),
        sa.UniqueConstraint("number", name=op.f("uq_title_award_number")),
    )
    op.create_index(op.f("ix_title_award_person_id"), "title_award", ["person_id"], unique=False)
    op.create_index(op.f("ix_title_award_region_code"), "title_award", ["region_code"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_index(op.f("ix_title_award_region_code"), table_name="title_award")
    op.drop_index(op.f("ix_title_award_person_id"), table_name="title_award")
    op.drop_table("title_award")
    op.drop_index("ix_title_application_state", table_name="title_application")
    op.drop_index(op.f("ix_title_application_round_id"), table_name="title_application")
    op.drop_index(op.f("ix_title_application_region_code"), table_name="title_application")
    op.drop_index(op.f("ix_title_application_person_id"), table_name="title_application")
    op.drop_index(op.f("ix_title_application_confirmed_by_id"), table_name="title_application")
    op.drop_index(op.f("ix_title_application_checked_by_id"), table_name="title_application")
    op.drop_table("title_application")
    op.drop_index(op.f("ix_title_round_state"), table_name="title_round")
    op.drop_index(op.f("ix_title_round_region_code"), table_name="title_round")
    op.drop_index(op.f("ix_title_round_proposed_by_id"), table_name="title_round")
    op.drop_index(op.f("ix_title_round_organisation_id"), table_name="title_round")
    op.drop_index(op.f("ix_title_round_confirmed_by_id"), table_name="title_round")
    op.drop_index(op.f("ix_title_round_committee_id"), table_name="title_round")
    op.drop_index(op.f("ix_title_round_ballot_code"), table_name="title_round")
    op.drop_table("title_round")
