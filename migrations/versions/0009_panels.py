"""Expert pools, draws, scoring and meetings."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import ScaledDecimal, UtcDateTime
from app.core.events import append_only_ddl

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "conflict_fact",
    "meeting_attendance",
    "recusal",
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "recusal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject_type", sa.String(length=64), nullable=False),
        sa.Column("subject_code", sa.String(length=64), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "unit",
                "kinship",
                "coauthor",
                "student",
                "contract",
                "declared",
                "imposed",
                name="conflict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_recusal_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recusal_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recusal")),
        sa.UniqueConstraint(
            "subject_type", "subject_code", "person_id", name=op.f("uq_recusal_subject_type_subject_code_person_id")
        ),
    )
    with op.batch_alter_table("recusal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recusal_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_recusal_person_id"), ["person_id"], unique=False)

    op.create_table(
        "expert_pool",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_expert_pool_organisation_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_expert_pool_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_pool")),
        sa.UniqueConstraint("code", name=op.f("uq_expert_pool_code")),
        sa.UniqueConstraint("organisation_id", "name_zh", name=op.f("uq_expert_pool_organisation_id_name_zh")),
    )
    with op.batch_alter_table("expert_pool", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_expert_pool_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_expert_pool_region_code"), ["region_code"], unique=False)

    op.create_table(
        "committee",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pool_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "filed", name="committeestate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("series", sa.String(length=200), nullable=False),
        sa.Column(
            "composition",
            sa.Enum("series", "specialty", name="composition", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "level",
            sa.Enum(
                "full_senior",
                "senior",
                "intermediate",
                name="title",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rule_code", sa.String(length=26), nullable=False),
        sa.Column("prepared_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("prepared_at", UtcDateTime(), nullable=False),
        sa.Column("filed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("filed_until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state = 'draft' OR (filed_on IS NOT NULL AND filed_until IS NOT NULL AND filed_by_id IS NOT NULL)",
            name=op.f("ck_committee_filed"),
        ),
        sa.CheckConstraint(
            "filed_by_id IS NULL OR filed_by_id <> prepared_by_id", name=op.f("ck_committee_two_people")
        ),
        sa.CheckConstraint("filed_until >= filed_on", name=op.f("ck_committee_period")),
        sa.ForeignKeyConstraint(["filed_by_id"], ["person.id"], name=op.f("fk_committee_filed_by_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_committee_organisation_id")),
        sa.ForeignKeyConstraint(["pool_id"], ["expert_pool.id"], name=op.f("fk_committee_pool_id")),
        sa.ForeignKeyConstraint(["prepared_by_id"], ["person.id"], name=op.f("fk_committee_prepared_by_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_committee_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee")),
        sa.UniqueConstraint("code", name=op.f("uq_committee_code")),
    )
    with op.batch_alter_table("committee", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_committee_filed_by_id"), ["filed_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_committee_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_committee_pool_id"), ["pool_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_committee_prepared_by_id"), ["prepared_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_committee_region_code"), ["region_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_committee_state"), ["state"], unique=False)

    op.create_table(
        "panel",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("pool_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned", "published", "drawn", name="panelstate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column(
            "field",
            sa.Enum(
                "technology_transfer",
                "engineering",
                "intellectual_property",
                "finance",
                "law",
                "education",
                name="field",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("per_unit", sa.Integer(), nullable=False),
        sa.Column("regions", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("rule_code", sa.String(length=26), nullable=False),
        sa.Column("planned_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("planned_at", UtcDateTime(), nullable=False),
        sa.Column("population", sa.JSON(), nullable=False),
        sa.Column("population_sha256", sa.String(length=64), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("seed", sa.String(length=64), nullable=True),
        sa.Column("drawn_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'drawn') = (seed IS NOT NULL AND drawn_at IS NOT NULL)", name=op.f("ck_panel_drawn")
        ),
        sa.CheckConstraint(
            "(state = 'planned') = (population_sha256 IS NULL AND published_at IS NULL)",
            name=op.f("ck_panel_published"),
        ),
        sa.CheckConstraint("attempt > 0", name=op.f("ck_panel_attempt")),
        sa.CheckConstraint("per_unit > 0 AND regions > 0 AND regions <= seats", name=op.f("ck_panel_quotas")),
        sa.CheckConstraint("seats > 0", name=op.f("ck_panel_seats")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_panel_organisation_id")),
        sa.ForeignKeyConstraint(["planned_by_id"], ["person.id"], name=op.f("fk_panel_planned_by_id")),
        sa.ForeignKeyConstraint(["pool_id"], ["expert_pool.id"], name=op.f("fk_panel_pool_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_panel_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel")),
        sa.UniqueConstraint("code", name=op.f("uq_panel_code")),
    )
    with op.batch_alter_table("panel", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_panel_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_panel_planned_by_id"), ["planned_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_panel_pool_id"), ["pool_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_panel_region_code"), ["region_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_panel_state"), ["state"], unique=False)

    op.create_table(
        "pool_expert",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("pool_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "nominated",
                "accepted",
                "declined",
                "refused",
                "admitted",
                "suspended",
                name="expertstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "field",
            sa.Enum(
                "technology_transfer",
                "engineering",
                "intellectual_property",
                "finance",
                "law",
                "education",
                name="field",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "title",
            sa.Enum(
                "full_senior",
                "senior",
                "intermediate",
                name="title",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("nominated_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("nominated_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("admitted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("admitted_at", UtcDateTime(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state NOT IN ('admitted', 'suspended') OR admitted_by_id IS NOT NULL", name=op.f("ck_pool_expert_admitted")
        ),
        sa.CheckConstraint(
            "state NOT IN ('refused', 'suspended') OR reason IS NOT NULL", name=op.f("ck_pool_expert_reason")
        ),
        sa.CheckConstraint("(admitted_by_id IS NULL) = (starts_on IS NULL)", name=op.f("ck_pool_expert_dated")),
        sa.CheckConstraint("(starts_on IS NULL) = (ends_on IS NULL)", name=op.f("ck_pool_expert_both_days")),
        sa.CheckConstraint(
            "admitted_by_id IS NULL OR admitted_by_id <> nominated_by_id", name=op.f("ck_pool_expert_two_people")
        ),
        sa.CheckConstraint(
            "admitted_by_id IS NULL OR admitted_by_id <> person_id", name=op.f("ck_pool_expert_not_oneself")
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_pool_expert_term")),
        sa.ForeignKeyConstraint(["admitted_by_id"], ["person.id"], name=op.f("fk_pool_expert_admitted_by_id")),
        sa.ForeignKeyConstraint(["nominated_by_id"], ["person.id"], name=op.f("fk_pool_expert_nominated_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pool_expert_person_id")),
        sa.ForeignKeyConstraint(["pool_id"], ["expert_pool.id"], name=op.f("fk_pool_expert_pool_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_pool_expert_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_expert")),
        sa.UniqueConstraint("code", name=op.f("uq_pool_expert_code")),
        sa.UniqueConstraint("pool_id", "person_id", name=op.f("uq_pool_expert_pool_id_person_id")),
    )
    with op.batch_alter_table("pool_expert", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pool_expert_admitted_by_id"), ["admitted_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pool_expert_nominated_by_id"), ["nominated_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pool_expert_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pool_expert_pool_id"), ["pool_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pool_expert_region_code"), ["region_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_pool_expert_state"), ["state"], unique=False)

    op.create_table(
        "committee_member",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("committee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expert_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chair", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["committee_id"], ["committee.id"], name=op.f("fk_committee_member_committee_id")),
        sa.ForeignKeyConstraint(["expert_id"], ["pool_expert.id"], name=op.f("fk_committee_member_expert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_member")),
        sa.UniqueConstraint("committee_id", "expert_id", name=op.f("uq_committee_member_committee_id_expert_id")),
    )
    with op.batch_alter_table("committee_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_committee_member_committee_id"), ["committee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_committee_member_expert_id"), ["expert_id"], unique=False)

    op.create_table(
        "meeting",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("committee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "called",
                "open",
                "closed",
                "signed",
                "sealed",
                name="meetingstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("quorum", sa.Integer(), nullable=False),
        sa.Column("called_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("called_at", UtcDateTime(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("minutes_sha256", sa.String(length=64), nullable=True),
        sa.Column("signed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.Column("sealed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sealed_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'sealed') = (sealed_by_id IS NOT NULL)", name=op.f("ck_meeting_sealed")),
        sa.CheckConstraint(
            "(state IN ('signed', 'sealed')) = (signed_by_id IS NOT NULL)", name=op.f("ck_meeting_minutes")
        ),
        sa.CheckConstraint("state = 'called' OR opened_at IS NOT NULL", name=op.f("ck_meeting_opened")),
        sa.CheckConstraint("state IN ('called', 'open') OR closed_at IS NOT NULL", name=op.f("ck_meeting_closed")),
        sa.CheckConstraint("(signed_by_id IS NULL) = (minutes_sha256 IS NULL)", name=op.f("ck_meeting_signed")),
        sa.CheckConstraint("quorum > 0 AND quorum <= members", name=op.f("ck_meeting_quorum")),
        sa.CheckConstraint("sealed_by_id IS NULL OR sealed_by_id <> signed_by_id", name=op.f("ck_meeting_two_people")),
        sa.ForeignKeyConstraint(["called_by_id"], ["person.id"], name=op.f("fk_meeting_called_by_id")),
        sa.ForeignKeyConstraint(["committee_id"], ["committee.id"], name=op.f("fk_meeting_committee_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_meeting_organisation_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_meeting_region_code")),
        sa.ForeignKeyConstraint(["sealed_by_id"], ["person.id"], name=op.f("fk_meeting_sealed_by_id")),
        sa.ForeignKeyConstraint(["signed_by_id"], ["person.id"], name=op.f("fk_meeting_signed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("code", name=op.f("uq_meeting_code")),
    )
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_called_by_id"), ["called_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meeting_committee_id"), ["committee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meeting_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meeting_region_code"), ["region_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_meeting_sealed_by_id"), ["sealed_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meeting_signed_by_id"), ["signed_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meeting_state"), ["state"], unique=False)

    op.create_table(
        "panel_case",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("panel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject_type", sa.String(length=64), nullable=False),
        sa.Column("subject_code", sa.String(length=64), nullable=False),
        sa.Column("label_zh", sa.String(length=200), nullable=False),
        sa.Column("label_en", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_panel_case_panel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_case")),
        sa.UniqueConstraint("code", name=op.f("uq_panel_case_code")),
        sa.UniqueConstraint(
            "panel_id", "subject_type", "subject_code", name=op.f("uq_panel_case_panel_id_subject_type_subject_code")
        ),
    )
    with op.batch_alter_table("panel_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_panel_case_panel_id"), ["panel_id"], unique=False)
        batch_op.create_index("ix_panel_case_subject", ["subject_type", "subject_code"], unique=False)

    op.create_table(
        "panel_seat",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("panel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expert_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "seated",
                "substitute",
                "recused",
                name="seatstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("seated_at", UtcDateTime(), nullable=True),
        sa.Column("recused_at", UtcDateTime(), nullable=True),
        sa.Column("recusal_number", sa.Integer(), nullable=True),
        sa.Column("was_seated", sa.Boolean(), nullable=False),
        sa.Column("replaced_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'recused') = (recused_at IS NOT NULL)", name=op.f("ck_panel_seat_recused")),
        sa.CheckConstraint("state <> 'recused' OR reason IS NOT NULL", name=op.f("ck_panel_seat_reason")),
        sa.CheckConstraint("(recused_at IS NULL) = (recusal_number IS NULL)", name=op.f("ck_panel_seat_numbered")),
        sa.ForeignKeyConstraint(["expert_id"], ["pool_expert.id"], name=op.f("fk_panel_seat_expert_id")),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_panel_seat_panel_id")),
        sa.ForeignKeyConstraint(["replaced_by_id"], ["panel_seat.id"], name=op.f("fk_panel_seat_replaced_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_seat")),
        sa.UniqueConstraint("panel_id", "expert_id", name=op.f("uq_panel_seat_panel_id_expert_id")),
        sa.UniqueConstraint("panel_id", "place", name=op.f("uq_panel_seat_panel_id_place")),
        sa.UniqueConstraint("panel_id", "recusal_number", name=op.f("uq_panel_seat_panel_id_recusal_number")),
    )
    with op.batch_alter_table("panel_seat", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_panel_seat_expert_id"), ["expert_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_panel_seat_panel_id"), ["panel_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_panel_seat_replaced_by_id"), ["replaced_by_id"], unique=False)

    op.create_table(
        "scoring_round",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("panel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rubric_code", sa.String(length=26), nullable=False),
        sa.Column("per_case", sa.Integer(), nullable=False),
        sa.Column("opened_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("complete_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("per_case > 0", name=op.f("ck_scoring_round_per_case")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["person.id"], name=op.f("fk_scoring_round_opened_by_id")),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_scoring_round_panel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scoring_round")),
        sa.UniqueConstraint("code", name=op.f("uq_scoring_round_code")),
    )
    with op.batch_alter_table("scoring_round", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scoring_round_opened_by_id"), ["opened_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_scoring_round_panel_id"), ["panel_id"], unique=True)

    op.create_table(
        "seed_share",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("panel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("office", sa.Boolean(), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("committed_at", UtcDateTime(), nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=True),
        sa.Column("revealed_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(secret IS NULL) = (revealed_at IS NULL)", name=op.f("ck_seed_share_revealed")),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_seed_share_panel_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_seed_share_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seed_share")),
        sa.UniqueConstraint("panel_id", "attempt", "person_id", name=op.f("uq_seed_share_panel_id_attempt_person_id")),
        sa.UniqueConstraint("panel_id", "commitment", name=op.f("uq_seed_share_panel_id_commitment")),
    )
    with op.batch_alter_table("seed_share", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seed_share_panel_id"), ["panel_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_seed_share_person_id"), ["person_id"], unique=False)

    op.create_table(
        "agenda_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("subject_type", sa.String(length=64), nullable=False),
        sa.Column("subject_code", sa.String(length=64), nullable=False),
        sa.Column("label_zh", sa.String(length=200), nullable=False),
        sa.Column("label_en", sa.String(length=200), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("result_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(result IS NULL) = (result_at IS NULL)", name=op.f("ck_agenda_item_result")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_agenda_item_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_item")),
        sa.UniqueConstraint("code", name=op.f("uq_agenda_item_code")),
        sa.UniqueConstraint(
            "meeting_id",
            "subject_type",
            "subject_code",
            name=op.f("uq_agenda_item_meeting_id_subject_type_subject_code"),
        ),
    )
    with op.batch_alter_table("agenda_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agenda_item_meeting_id"), ["meeting_id"], unique=False)

    op.create_table(
        "conflict_fact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expert_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "unit",
                "kinship",
                "coauthor",
                "student",
                "contract",
                "declared",
                "imposed",
                name="conflict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["panel_case.id"], name=op.f("fk_conflict_fact_case_id")),
        sa.ForeignKeyConstraint(["expert_id"], ["pool_expert.id"], name=op.f("fk_conflict_fact_expert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_fact")),
        sa.UniqueConstraint(
            "case_id", "expert_id", "kind", "source", name=op.f("uq_conflict_fact_case_id_expert_id_kind_source")
        ),
    )
    with op.batch_alter_table("conflict_fact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conflict_fact_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conflict_fact_expert_id"), ["expert_id"], unique=False)

    op.create_table(
        "meeting_attendance",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expert_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entering", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["expert_id"], ["pool_expert.id"], name=op.f("fk_meeting_attendance_expert_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_attendance_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_attendance")),
    )
    with op.batch_alter_table("meeting_attendance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_attendance_expert_id"), ["expert_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meeting_attendance_meeting_id"), ["meeting_id"], unique=False)

    op.create_table(
        "panel_assignment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expert_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("total", ScaledDecimal(2), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(submitted_at IS NULL) = (total IS NULL)", name=op.f("ck_panel_assignment_submitted")),
        sa.ForeignKeyConstraint(["case_id"], ["panel_case.id"], name=op.f("fk_panel_assignment_case_id")),
        sa.ForeignKeyConstraint(["expert_id"], ["pool_expert.id"], name=op.f("fk_panel_assignment_expert_id")),
        sa.ForeignKeyConstraint(["round_id"], ["scoring_round.id"], name=op.f("fk_panel_assignment_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_assignment")),
        sa.UniqueConstraint("case_id", "expert_id", name=op.f("uq_panel_assignment_case_id_expert_id")),
        sa.UniqueConstraint("code", name=op.f("uq_panel_assignment_code")),
    )
    with op.batch_alter_table("panel_assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_panel_assignment_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_panel_assignment_expert_id"), ["expert_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_panel_assignment_round_id"), ["round_id"], unique=False)

    op.create_table(
        "panel_score",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dimension", sa.String(length=64), nullable=False),
        sa.Column("points", ScaledDecimal(2), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["panel_assignment.id"], name=op.f("fk_panel_score_assignment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_score")),
        sa.UniqueConstraint("assignment_id", "dimension", name=op.f("uq_panel_score_assignment_id_dimension")),
    )
    with op.batch_alter_table("panel_score", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_panel_score_assignment_id"), ["assignment_id"], unique=False)

    op.create_table(
        "score_correction",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dimension", sa.String(length=64), nullable=False),
        sa.Column("points_before", ScaledDecimal(2), nullable=False),
        sa.Column("points_after", ScaledDecimal(2), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(decided_by_id IS NULL) = (approved IS NULL)", name=op.f("ck_score_correction_answer")),
        sa.CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name=op.f("ck_score_correction_decided")),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> asked_by_id", name=op.f("ck_score_correction_two_people")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_score_correction_asked_by_id")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["panel_assignment.id"], name=op.f("fk_score_correction_assignment_id")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_score_correction_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_correction")),
        sa.UniqueConstraint("code", name=op.f("uq_score_correction_code")),
    )
    with op.batch_alter_table("score_correction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_score_correction_asked_by_id"), ["asked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_score_correction_assignment_id"), ["assignment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_score_correction_decided_by_id"), ["decided_by_id"], unique=False)

    for table in APPEND_ONLY:
        for statement in append_only_ddl(table, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    """Revert."""
    with op.batch_alter_table("score_correction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_score_correction_decided_by_id"))
        batch_op.drop_index(batch_op.f("ix_score_correction_assignment_id"))
        batch_op.drop_index(batch_op.f("ix_score_correction_asked_by_id"))

    op.drop_table("score_correction")
    with op.batch_alter_table("panel_score", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_panel_score_assignment_id"))

    op.drop_table("panel_score")
    with op.batch_alter_table("panel_assignment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_panel_assignment_round_id"))
        batch_op.drop_index(batch_op.f("ix_panel_assignment_expert_id"))
        batch_op.drop_index(batch_op.f("ix_panel_assignment_case_id"))

    op.drop_table("panel_assignment")
    with op.batch_alter_table("meeting_attendance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_attendance_meeting_id"))
        batch_op.drop_index(batch_op.f("ix_meeting_attendance_expert_id"))

    op.drop_table("meeting_attendance")
    with op.batch_alter_table("conflict_fact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conflict_fact_expert_id"))
        batch_op.drop_index(batch_op.f("ix_conflict_fact_case_id"))

    op.drop_table("conflict_fact")
    with op.batch_alter_table("agenda_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agenda_item_meeting_id"))

    op.drop_table("agenda_item")
    with op.batch_alter_table("seed_share", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seed_share_person_id"))
        batch_op.drop_index(batch_op.f("ix_seed_share_panel_id"))

    op.drop_table("seed_share")
    with op.batch_alter_table("scoring_round", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scoring_round_panel_id"))
        batch_op.drop_index(batch_op.f("ix_scoring_round_opened_by_id"))

    op.drop_table("scoring_round")
    with op.batch_alter_table("panel_seat", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_panel_seat_replaced_by_id"))
        batch_op.drop_index(batch_op.f("ix_panel_seat_panel_id"))
        batch_op.drop_index(batch_op.f("ix_panel_seat_expert_id"))

    op.drop_table("panel_seat")
    with op.batch_alter_table("panel_case", schema=None) as batch_op:
        batch_op.drop_index("ix_panel_case_subject")
        batch_op.drop_index(batch_op.f("ix_panel_case_panel_id"))

    op.drop_table("panel_case")
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_state"))
        batch_op.drop_index(batch_op.f("ix_meeting_signed_by_id"))
        batch_op.drop_index(batch_op.f("ix_meeting_sealed_by_id"))
        batch_op.drop_index(batch_op.f("ix_meeting_region_code"))
        batch_op.drop_index(batch_op.f("ix_meeting_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_meeting_committee_id"))
        batch_op.drop_index(batch_op.f("ix_meeting_called_by_id"))

    op.drop_table("meeting")
    with op.batch_alter_table("committee_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_committee_member_expert_id"))
        batch_op.drop_index(batch_op.f("ix_committee_member_committee_id"))

    op.drop_table("committee_member")
    with op.batch_alter_table("pool_expert", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pool_expert_state"))
        batch_op.drop_index(batch_op.f("ix_pool_expert_region_code"))
        batch_op.drop_index(batch_op.f("ix_pool_expert_pool_id"))
        batch_op.drop_index(batch_op.f("ix_pool_expert_person_id"))
        batch_op.drop_index(batch_op.f("ix_pool_expert_nominated_by_id"))
        batch_op.drop_index(batch_op.f("ix_pool_expert_admitted_by_id"))

    op.drop_table("pool_expert")
    with op.batch_alter_table("panel", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_panel_state"))
        batch_op.drop_index(batch_op.f("ix_panel_region_code"))
        batch_op.drop_index(batch_op.f("ix_panel_pool_id"))
        batch_op.drop_index(batch_op.f("ix_panel_planned_by_id"))
        batch_op.drop_index(batch_op.f("ix_panel_organisation_id"))

    op.drop_table("panel")
    with op.batch_alter_table("committee", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_committee_state"))
        batch_op.drop_index(batch_op.f("ix_committee_region_code"))
        batch_op.drop_index(batch_op.f("ix_committee_prepared_by_id"))
        batch_op.drop_index(batch_op.f("ix_committee_pool_id"))
        batch_op.drop_index(batch_op.f("ix_committee_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_committee_filed_by_id"))

    op.drop_table("committee")
    with op.batch_alter_table("expert_pool", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_expert_pool_region_code"))
        batch_op.drop_index(batch_op.f("ix_expert_pool_organisation_id"))

    op.drop_table("expert_pool")
    with op.batch_alter_table("recusal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recusal_person_id"))
        batch_op.drop_index(batch_op.f("ix_recusal_by_id"))

    op.drop_table("recusal")
