"""cases."""

import sqlalchemy as sa
from alembic import op

from app.cases.models import separation_ddl
from app.core.columns import ScaledDecimal, UtcDateTime
from app.core.events import append_only_ddl

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "case_barred",
    "case_file",
    "case_escalation",
    "case_notice",
    "case_delivery",
    "restriction",
    "restriction_lift",
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "publicity",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("subject_type", sa.String(length=64), nullable=False),
        sa.Column("subject_code", sa.String(length=64), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("title_zh", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("body_zh", sa.Text(), nullable=False),
        sa.Column("body_en", sa.Text(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("authority_region", sa.String(length=6), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("rule_pack", sa.String(length=64), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("opened_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(revoked_at IS NULL) = (reason IS NULL)", name=op.f("ck_publicity_revoked")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_publicity_period")),
        sa.CheckConstraint("revoked_at IS NULL OR told_at IS NULL", name=op.f("ck_publicity_told")),
        sa.ForeignKeyConstraint(["authority_region"], ["region.code"], name=op.f("fk_publicity_authority_region")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_publicity_decided_by_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["person.id"], name=op.f("fk_publicity_opened_by_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_publicity_region_code")),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["person.id"], name=op.f("fk_publicity_revoked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publicity")),
        sa.UniqueConstraint("code", name=op.f("uq_publicity_code")),
        sa.UniqueConstraint(
            "kind",
            "subject_type",
            "subject_code",
            "starts_on",
            name=op.f("uq_publicity_kind_subject_type_subject_code_starts_on"),
        ),
    )
    with op.batch_alter_table("publicity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_publicity_authority_region"), ["authority_region"], unique=False)
        batch_op.create_index("ix_publicity_board", ["ends_on", "starts_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_publicity_decided_by_id"), ["decided_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_publicity_opened_by_id"), ["opened_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_publicity_region_code"), ["region_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_publicity_revoked_by_id"), ["revoked_by_id"], unique=False)

    op.create_table(
        "case_record",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column(
            "instance",
            sa.Enum(
                "first", "recheck", "appeal", name="instance", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("previous_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("publicity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("subject_type", sa.String(length=64), nullable=False),
        sa.Column("subject_code", sa.String(length=64), nullable=False),
        sa.Column("about_zh", sa.String(length=200), nullable=False),
        sa.Column("about_en", sa.String(length=200), nullable=False),
        sa.Column("about_url", sa.String(length=300), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("subject_organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("authority_region", sa.String(length=6), nullable=False),
        sa.Column("authority_role", sa.String(length=64), nullable=False),
        sa.Column("authority_organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "protection",
            sa.Enum(
                "open", "sealed", "anonymous", name="protection", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("raised_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("raised_organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "raised",
                "accepted",
                "waiting",
                "decided",
                "declined",
                "withdrawn",
                "filed",
                name="casestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("drafted_at", UtcDateTime(), nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=True),
        sa.Column("rule_pack", sa.String(length=64), nullable=True),
        sa.Column("accept_by", sa.Date(), nullable=True),
        sa.Column("decide_by", sa.Date(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.Column("accepted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum("upheld", "rejected", name="outcome", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(instance = 'first') OR previous_id IS NULL OR previous_id <> id", name=op.f("ck_case_record_previous")
        ),
        sa.CheckConstraint("(protection = 'open') = (raised_by_id IS NOT NULL)", name=op.f("ck_case_record_author")),
        sa.CheckConstraint("(state = 'decided') = (outcome IS NOT NULL)", name=op.f("ck_case_record_has_outcome")),
        sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_case_record_withdrawn")),
        sa.CheckConstraint(
            "(state IN ('decided', 'declined')) = (decided_by_id IS NOT NULL AND decided_at IS NOT NULL AND reasons IS NOT NULL)",  # noqa: E501 - a constraint is one text
            name=op.f("ck_case_record_decided"),
        ),
        sa.CheckConstraint(
            "state = 'draft' OR (raised_at IS NOT NULL AND rule_pack IS NOT NULL)", name=op.f("ck_case_record_raised")
        ),
        sa.CheckConstraint(
            "state NOT IN ('accepted', 'waiting', 'decided') OR (accepted_at IS NOT NULL AND decide_by IS NOT NULL)",
            name=op.f("ck_case_record_accepted"),
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR person_id IS NULL OR decided_by_id <> person_id",
            name=op.f("ck_case_record_not_own"),
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR raised_by_id IS NULL OR decided_by_id <> raised_by_id",
            name=op.f("ck_case_record_two_people"),
        ),
        sa.ForeignKeyConstraint(["accepted_by_id"], ["person.id"], name=op.f("fk_case_record_accepted_by_id")),
        sa.ForeignKeyConstraint(
            ["authority_organisation_id"], ["organisation.id"], name=op.f("fk_case_record_authority_organisation_id")
        ),
        sa.ForeignKeyConstraint(["authority_region"], ["region.code"], name=op.f("fk_case_record_authority_region")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_case_record_decided_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_record_person_id")),
        sa.ForeignKeyConstraint(["previous_id"], ["case_record.id"], name=op.f("fk_case_record_previous_id")),
        sa.ForeignKeyConstraint(["publicity_id"], ["publicity.id"], name=op.f("fk_case_record_publicity_id")),
        sa.ForeignKeyConstraint(["raised_by_id"], ["person.id"], name=op.f("fk_case_record_raised_by_id")),
        sa.ForeignKeyConstraint(
            ["raised_organisation_id"], ["organisation.id"], name=op.f("fk_case_record_raised_organisation_id")
        ),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_case_record_region_code")),
        sa.ForeignKeyConstraint(
            ["subject_organisation_id"], ["organisation.id"], name=op.f("fk_case_record_subject_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_record")),
        sa.UniqueConstraint("code", name=op.f("uq_case_record_code")),
        sa.UniqueConstraint("token", name=op.f("uq_case_record_token")),
    )
    with op.batch_alter_table("case_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_record_accepted_by_id"), ["accepted_by_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_case_record_authority_organisation_id"), ["authority_organisation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_case_record_decided_by_id"), ["decided_by_id"], unique=False)
        batch_op.create_index("ix_case_record_desk", ["authority_region", "state", "decide_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_record_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_record_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_record_previous_id"), ["previous_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_record_publicity_id"), ["publicity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_record_raised_by_id"), ["raised_by_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_case_record_raised_organisation_id"), ["raised_organisation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_case_record_region_code"), ["region_code"], unique=False)
        batch_op.create_index("ix_case_record_subject", ["subject_type", "subject_code"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_case_record_subject_organisation_id"), ["subject_organisation_id"], unique=False
        )

    op.create_table(
        "case_author",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("author_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("case_key", sa.LargeBinary(), nullable=False),
        sa.Column("locator_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_record.id"], name=op.f("fk_case_author_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_author")),
    )
    with op.batch_alter_table("case_author", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_author_author_index"), ["author_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_author_case_id"), ["case_id"], unique=True)

    op.create_table(
        "case_barred",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("why", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_record.id"], name=op.f("fk_case_barred_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_barred_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_barred")),
        sa.UniqueConstraint("case_id", "person_id", name=op.f("uq_case_barred_case_id_person_id")),
        info={"append_only": True},
    )
    with op.batch_alter_table("case_barred", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_barred_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_barred_person_id"), ["person_id"], unique=False)

    op.create_table(
        "case_escalation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_record.id"], name=op.f("fk_case_escalation_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_escalation")),
        sa.UniqueConstraint("case_id", "step", "due_on", name=op.f("uq_case_escalation_case_id_step_due_on")),
        info={"append_only": True},
    )
    with op.batch_alter_table("case_escalation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_escalation_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("by_officer", sa.Boolean(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_record.id"], name=op.f("fk_case_file_case_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_case_file_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
        sa.UniqueConstraint("case_id", "file_id", name=op.f("uq_case_file_case_id_file_id")),
        info={"append_only": True},
    )
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_file_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_file_file_id"), ["file_id"], unique=False)

    op.create_table(
        "case_notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "accepted",
                "materials",
                "declined",
                "decided",
                name="noticekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("to_person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("to_organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("sent_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("deemed_on", sa.Date(), nullable=False),
        sa.CheckConstraint("deemed_on >= sent_on", name=op.f("ck_case_notice_deemed")),
        sa.CheckConstraint("to_person_id IS NULL OR to_organisation_id IS NULL", name=op.f("ck_case_notice_addressee")),
        sa.ForeignKeyConstraint(["case_id"], ["case_record.id"], name=op.f("fk_case_notice_case_id")),
        sa.ForeignKeyConstraint(["sent_by_id"], ["person.id"], name=op.f("fk_case_notice_sent_by_id")),
        sa.ForeignKeyConstraint(
            ["to_organisation_id"], ["organisation.id"], name=op.f("fk_case_notice_to_organisation_id")
        ),
        sa.ForeignKeyConstraint(["to_person_id"], ["person.id"], name=op.f("fk_case_notice_to_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_notice")),
        sa.UniqueConstraint("code", name=op.f("uq_case_notice_code")),
        info={"append_only": True},
    )
    with op.batch_alter_table("case_notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_notice_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_notice_sent_by_id"), ["sent_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_notice_to_organisation_id"), ["to_organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_notice_to_person_id"), ["to_person_id"], unique=False)

    op.create_table(
        "case_pause",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("until_day IS NULL OR until_day >= from_day", name=op.f("ck_case_pause_period")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_case_pause_asked_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case_record.id"], name=op.f("fk_case_pause_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_pause")),
    )
    with op.batch_alter_table("case_pause", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_pause_asked_by_id"), ["asked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_pause_case_id"), ["case_id"], unique=False)

    op.create_table(
        "restriction",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("determination", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("imposed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("imposed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name=op.f("ck_restriction_whom")),
        sa.CheckConstraint("case_id IS NOT NULL OR determination IS NOT NULL", name=op.f("ck_restriction_decision")),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_restriction_period")),
        sa.CheckConstraint("person_id IS NULL OR person_id <> imposed_by_id", name=op.f("ck_restriction_not_own")),
        sa.ForeignKeyConstraint(["case_id"], ["case_record.id"], name=op.f("fk_restriction_case_id")),
        sa.ForeignKeyConstraint(["imposed_by_id"], ["person.id"], name=op.f("fk_restriction_imposed_by_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_restriction_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_restriction_person_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_restriction_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restriction")),
        sa.UniqueConstraint("code", name=op.f("uq_restriction_code")),
        info={"append_only": True},
    )
    with op.batch_alter_table("restriction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_restriction_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_restriction_imposed_by_id"), ["imposed_by_id"], unique=False)
        batch_op.create_index("ix_restriction_organisation", ["organisation_id", "kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_restriction_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index("ix_restriction_person", ["person_id", "kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_restriction_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_restriction_region_code"), ["region_code"], unique=False)

    op.create_table(
        "case_delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "how",
            sa.Enum(
                "online",
                "in_person",
                "post",
                "public",
                name="deliveryhow",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("to_whom", sa.String(length=200), nullable=True),
        sa.Column("receipt_file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recorded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["case_notice.id"], name=op.f("fk_case_delivery_notice_id")),
        sa.ForeignKeyConstraint(["receipt_file_id"], ["stored_file.id"], name=op.f("fk_case_delivery_receipt_file_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["person.id"], name=op.f("fk_case_delivery_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_delivery")),
        info={"append_only": True},
    )
    with op.batch_alter_table("case_delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_delivery_notice_id"), ["notice_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_delivery_receipt_file_id"), ["receipt_file_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_delivery_recorded_by_id"), ["recorded_by_id"], unique=False)

    op.create_table(
        "restriction_lift",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("restriction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lifted_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lifted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("lifted_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["lifted_by_id"], ["person.id"], name=op.f("fk_restriction_lift_lifted_by_id")),
        sa.ForeignKeyConstraint(
            ["restriction_id"], ["restriction.id"], name=op.f("fk_restriction_lift_restriction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restriction_lift")),
        info={"append_only": True},
    )
    with op.batch_alter_table("restriction_lift", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_restriction_lift_lifted_by_id"), ["lifted_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_restriction_lift_restriction_id"), ["restriction_id"], unique=True)

    op.create_table(
        "result_correction",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("result_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_code", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "opened",
                "proposed",
                "confirmed",
                name="correctionstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("by_module", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("proposed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("proposed_at", UtcDateTime(), nullable=True),
        sa.Column("was", ScaledDecimal(2), nullable=True),
        sa.Column("confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'confirmed') = (confirmed_by_id IS NOT NULL AND confirmed_at IS NOT NULL AND was IS NOT NULL)",
            name=op.f("ck_result_correction_confirmed"),
        ),
        sa.CheckConstraint(
            "(state = 'opened') = (proposed_by_id IS NULL AND by_module IS NULL)",
            name=op.f("ck_result_correction_proposed"),
        ),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR confirmed_by_id <> proposed_by_id", name=op.f("ck_result_correction_two_people")
        ),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["person.id"], name=op.f("fk_result_correction_confirmed_by_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"], name=op.f("fk_result_correction_proposed_by_id")),
        sa.ForeignKeyConstraint(["result_id"], ["result.id"], name=op.f("fk_result_correction_result_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_correction")),
        sa.UniqueConstraint("case_code", name=op.f("uq_result_correction_case_code")),
        sa.UniqueConstraint("code", name=op.f("uq_result_correction_code")),
    )
    with op.batch_alter_table("result_correction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_result_correction_confirmed_by_id"), ["confirmed_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_correction_proposed_by_id"), ["proposed_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_correction_result_id"), ["result_id"], unique=False)
    _guard()


def _guard() -> None:
    """Let the database itself refuse what must never happen."""
    dialect = op.get_bind().dialect.name
    for table in APPEND_ONLY:
        for statement in append_only_ddl(table, dialect):
            op.execute(statement)
    for statement in separation_ddl(dialect):
        op.execute(statement)


def downgrade() -> None:
    """Revert."""
    with op.batch_alter_table("result_correction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_result_correction_result_id"))
        batch_op.drop_index(batch_op.f("ix_result_correction_proposed_by_id"))
        batch_op.drop_index(batch_op.f("ix_result_correction_confirmed_by_id"))

    op.drop_table("result_correction")
    with op.batch_alter_table("restriction_lift", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_restriction_lift_restriction_id"))
        batch_op.drop_index(batch_op.f("ix_restriction_lift_lifted_by_id"))

    op.drop_table("restriction_lift")
    with op.batch_alter_table("case_delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_delivery_recorded_by_id"))
        batch_op.drop_index(batch_op.f("ix_case_delivery_receipt_file_id"))
        batch_op.drop_index(batch_op.f("ix_case_delivery_notice_id"))

    op.drop_table("case_delivery")
    with op.batch_alter_table("restriction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_restriction_region_code"))
        batch_op.drop_index(batch_op.f("ix_restriction_person_id"))
        batch_op.drop_index("ix_restriction_person")
        batch_op.drop_index(batch_op.f("ix_restriction_organisation_id"))
        batch_op.drop_index("ix_restriction_organisation")
        batch_op.drop_index(batch_op.f("ix_restriction_imposed_by_id"))
        batch_op.drop_index(batch_op.f("ix_restriction_case_id"))

    op.drop_table("restriction")
    with op.batch_alter_table("case_pause", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_pause_case_id"))
        batch_op.drop_index(batch_op.f("ix_case_pause_asked_by_id"))

    op.drop_table("case_pause")
    with op.batch_alter_table("case_notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_notice_to_person_id"))
        batch_op.drop_index(batch_op.f("ix_case_notice_to_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_case_notice_sent_by_id"))
        batch_op.drop_index(batch_op.f("ix_case_notice_case_id"))

    op.drop_table("case_notice")
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_file_file_id"))
        batch_op.drop_index(batch_op.f("ix_case_file_case_id"))

    op.drop_table("case_file")
    with op.batch_alter_table("case_escalation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_escalation_case_id"))

    op.drop_table("case_escalation")
    with op.batch_alter_table("case_barred", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_barred_person_id"))
        batch_op.drop_index(batch_op.f("ix_case_barred_case_id"))

    op.drop_table("case_barred")
    with op.batch_alter_table("case_author", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_author_case_id"))
        batch_op.drop_index(batch_op.f("ix_case_author_author_index"))

    op.drop_table("case_author")
    with op.batch_alter_table("case_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_record_subject_organisation_id"))
        batch_op.drop_index("ix_case_record_subject")
        batch_op.drop_index(batch_op.f("ix_case_record_region_code"))
        batch_op.drop_index(batch_op.f("ix_case_record_raised_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_case_record_raised_by_id"))
        batch_op.drop_index(batch_op.f("ix_case_record_publicity_id"))
        batch_op.drop_index(batch_op.f("ix_case_record_previous_id"))
        batch_op.drop_index(batch_op.f("ix_case_record_person_id"))
        batch_op.drop_index(batch_op.f("ix_case_record_kind"))
        batch_op.drop_index("ix_case_record_desk")
        batch_op.drop_index(batch_op.f("ix_case_record_decided_by_id"))
        batch_op.drop_index(batch_op.f("ix_case_record_authority_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_case_record_accepted_by_id"))

    op.drop_table("case_record")
    with op.batch_alter_table("publicity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_publicity_revoked_by_id"))
        batch_op.drop_index(batch_op.f("ix_publicity_region_code"))
        batch_op.drop_index(batch_op.f("ix_publicity_opened_by_id"))
        batch_op.drop_index(batch_op.f("ix_publicity_decided_by_id"))
        batch_op.drop_index("ix_publicity_board")
        batch_op.drop_index(batch_op.f("ix_publicity_authority_region"))

    op.drop_table("publicity")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS case_separation")
