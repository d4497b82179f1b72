"""the house."""

import sqlalchemy as sa
from alembic import op

from app.assessment.certification.models import separation_ddl
from app.core.columns import ScaledDecimal, UtcDateTime
from app.core.events import append_only_ddl

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "answer_save",
    "class_hour",
    "event",
    "item_version",
    "paper_item",
    "quiz_try",
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "calendar_override",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_override")),
    )
    op.create_table(
        "clock_setting",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("offset_seconds", sa.BigInteger(), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_clock_setting_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_setting")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("subject_type", sa.String(length=64), nullable=False),
        sa.Column("subject_code", sa.String(length=64), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("acting_role", sa.String(length=64), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("rule", sa.String(length=64), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("code", name=op.f("uq_event_code")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_kind"), ["kind"], unique=False)
        batch_op.create_index("ix_event_subject", ["subject_type", "subject_code", "id"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("args", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("queued", "done", "failed", name="jobstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("acting_role", sa.String(), nullable=True),
        sa.CheckConstraint("(state = 'queued') = (ended_at IS NULL)", name=op.f("ck_job_ended")),
        sa.CheckConstraint("done <= total OR total = 0", name=op.f("ck_job_progress")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("code", name=op.f("uq_job_code")),
        sa.UniqueConstraint("key", name=op.f("uq_job_key")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_latin", sa.String(length=200), nullable=True),
        sa.Column("data_key", sa.LargeBinary(), nullable=True),
        sa.Column(
            "identity_kind",
            sa.Enum(
                "resident_id",
                "passport",
                "hk_macao_permit",
                "taiwan_permit",
                name="identitykind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("identity_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("identity_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(identity_kind IS NULL) = (identity_index IS NULL)", name=op.f("ck_person_identity")),
        sa.CheckConstraint("erased_at IS NULL OR data_key IS NULL", name=op.f("ck_person_erased")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("code", name=op.f("uq_person_code")),
        sa.UniqueConstraint("email_index", name=op.f("uq_person_email_index")),
        sa.UniqueConstraint("identity_index", name=op.f("uq_person_identity_index")),
        sa.UniqueConstraint("phone_index", name=op.f("uq_person_phone_index")),
    )
    op.create_table(
        "region",
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("parent_code", sa.String(length=6), nullable=True),
        sa.Column(
            "level",
            sa.Enum(
                "nation",
                "province",
                "city",
                "county",
                name="regionlevel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["parent_code"], ["region.code"], name=op.f("fk_region_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_region")),
    )
    with op.batch_alter_table("region", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_region_parent_code"), ["parent_code"], unique=False)

    op.create_table(
        "runner_beat",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_runner_beat_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runner_beat")),
    )
    op.create_table(
        "stored_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("stored_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("sha256", name=op.f("uq_stored_file_sha256")),
    )
    op.create_table(
        "throttle",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("door", sa.String(length=64), nullable=False),
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_throttle")),
        sa.UniqueConstraint("door", "key", name=op.f("uq_throttle_door_key")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=64), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_person_id"), ["person_id"], unique=True)

    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("token", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invited_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("used_at IS NULL OR ended_at IS NULL", name=op.f("ck_invitation_one_end")),
        sa.ForeignKeyConstraint(["invited_by"], ["person.id"], name=op.f("fk_invitation_invited_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invitation_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("code", name=op.f("uq_invitation_code")),
        sa.UniqueConstraint("token", name=op.f("uq_invitation_token")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_invited_by"), ["invited_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_invitation_person_id"), ["person_id"], unique=False)

    op.create_table(
        "organisation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "base",
                "institution",
                "employer",
                "authority",
                "exam_body",
                "certification_body",
                name="organisationkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("credit_code", sa.String(length=64), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_organisation_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_code")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_organisation_credit_code")),
        sa.UniqueConstraint("slug", name=op.f("uq_organisation_slug")),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_region_code"), ["region_code"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subscriber", sa.String(length=64), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_outbox_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_due", ["done_at", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_event_id"), ["event_id"], unique=False)

    op.create_table(
        "rule_pack",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("series", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column(
            "tag",
            sa.Enum("official", "sample", name="tag", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "proposed",
                "published",
                "withdrawn",
                name="packstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("drafted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("drafted_at", UtcDateTime(), nullable=False),
        sa.Column("proposed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("proposed_at", UtcDateTime(), nullable=True),
        sa.Column("published_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'published') = (published_by_id IS NOT NULL AND published_at IS NOT NULL)",
            name=op.f("ck_rule_pack_published"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'published') OR proposed_by_id IS NOT NULL", name=op.f("ck_rule_pack_proposed")
        ),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_rule_pack_period")),
        sa.CheckConstraint(
            "published_by_id IS NULL OR published_by_id <> proposed_by_id", name=op.f("ck_rule_pack_two_people")
        ),
        sa.ForeignKeyConstraint(["drafted_by_id"], ["person.id"], name=op.f("fk_rule_pack_drafted_by_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"], name=op.f("fk_rule_pack_proposed_by_id")),
        sa.ForeignKeyConstraint(["published_by_id"], ["person.id"], name=op.f("fk_rule_pack_published_by_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_rule_pack_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_pack")),
        sa.UniqueConstraint("code", name=op.f("uq_rule_pack_code")),
        sa.UniqueConstraint("series", "revision", name=op.f("uq_rule_pack_series_revision")),
    )
    with op.batch_alter_table("rule_pack", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rule_pack_drafted_by_id"), ["drafted_by_id"], unique=False)
        batch_op.create_index("ix_rule_pack_in_force", ["kind", "state", "region_code", "starts_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_rule_pack_proposed_by_id"), ["proposed_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_rule_pack_published_by_id"), ["published_by_id"], unique=False)

    op.create_table(
        "issuing_body",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("did", sa.String(length=200), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_issuing_body_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuing_body")),
        sa.UniqueConstraint("code", name=op.f("uq_issuing_body_code")),
        sa.UniqueConstraint("did", name=op.f("uq_issuing_body_did")),
        sa.UniqueConstraint("slug", name=op.f("uq_issuing_body_slug")),
    )
    with op.batch_alter_table("issuing_body", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_issuing_body_organisation_id"), ["organisation_id"], unique=True)

    op.create_table(
        "item_bank",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("exam", "quiz", name="purpose", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_item_bank_created_by_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_item_bank_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_bank")),
        sa.UniqueConstraint("code", name=op.f("uq_item_bank_code")),
    )
    with op.batch_alter_table("item_bank", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_bank_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_bank_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "membership",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "trainee",
                "base",
                "lecturer",
                "author",
                "reviewer",
                "examiner",
                "invigilator",
                "marker",
                "adjudicator",
                "secretary",
                "expert",
                "chair",
                "supervisor",
                "certifier",
                "issuer",
                "credit",
                "regulator",
                "employer",
                "sysadmin",
                "secadmin",
                "auditor",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("granted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_membership_period")),
        sa.ForeignKeyConstraint(["granted_by"], ["person.id"], name=op.f("fk_membership_granted_by")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_membership_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_membership_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("code", name=op.f("uq_membership_code")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_granted_by"), ["granted_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_region_code"), ["region_code"], unique=False)
        batch_op.create_index("ix_membership_role_org", ["role", "organisation_id"], unique=False)

    op.create_table(
        "todo",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("subject_type", sa.String(length=64), nullable=False),
        sa.Column("subject_code", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("role", sa.String(length=64), nullable=True),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("region_code", sa.String(length=6), nullable=True),
        sa.Column("not_person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("person_id IS NOT NULL OR role IS NOT NULL", name=op.f("ck_todo_addressee")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_todo_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_todo_person_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_todo_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_todo")),
        sa.UniqueConstraint("code", name=op.f("uq_todo_code")),
    )
    with op.batch_alter_table("todo", schema=None) as batch_op:
        batch_op.create_index("ix_todo_person", ["person_id", "closed_at"], unique=False)
        batch_op.create_index("ix_todo_role", ["role", "closed_at"], unique=False)
        batch_op.create_index("ix_todo_subject", ["subject_type", "subject_code"], unique=False)

    op.create_table(
        "training_base",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "applied",
                "accredited",
                "refused",
                "suspended",
                "exited",
                name="basestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("address_zh", sa.String(length=200), nullable=False),
        sa.Column("address_en", sa.String(length=200), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("applied_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("applied_at", UtcDateTime(), nullable=False),
        sa.Column("accredited_on", sa.Date(), nullable=True),
        sa.Column("accredited_until", sa.Date(), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'applied') = (decided_by_id IS NULL AND decided_at IS NULL)",
            name=op.f("ck_training_base_decided"),
        ),
        sa.CheckConstraint("state = 'applied' OR reason IS NOT NULL", name=op.f("ck_training_base_reason")),
        sa.CheckConstraint(
            "state IN ('applied', 'refused') OR (accredited_on IS NOT NULL AND accredited_until IS NOT NULL)",
            name=op.f("ck_training_base_accredited"),
        ),
        sa.CheckConstraint("accredited_until >= accredited_on", name=op.f("ck_training_base_period")),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_training_base_capacity")),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> applied_by_id", name=op.f("ck_training_base_two_people")
        ),
        sa.ForeignKeyConstraint(["applied_by_id"], ["person.id"], name=op.f("fk_training_base_applied_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_training_base_decided_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_training_base_organisation_id")
        ),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_training_base_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_base")),
        sa.UniqueConstraint("code", name=op.f("uq_training_base_code")),
    )
    with op.batch_alter_table("training_base", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_base_applied_by_id"), ["applied_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_training_base_decided_by_id"), ["decided_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_training_base_organisation_id"), ["organisation_id"], unique=True)
        batch_op.create_index(batch_op.f("ix_training_base_region_code"), ["region_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_training_base_state"), ["state"], unique=False)

    op.create_table(
        "blueprint",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("level", sa.String(length=64), nullable=False),
        sa.Column("bank_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("points_per_item", ScaledDecimal(2), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("difficulty_target", ScaledDecimal(6), nullable=False),
        sa.Column("cut_score", ScaledDecimal(2), nullable=False),
        sa.Column("rule_pack", sa.String(length=64), nullable=False),
        sa.Column("drafted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("drafted_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("cut_score >= 0", name=op.f("ck_blueprint_cut_score")),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_blueprint_minutes")),
        sa.CheckConstraint("points_per_item > 0", name=op.f("ck_blueprint_points")),
        sa.ForeignKeyConstraint(["bank_id"], ["item_bank.id"], name=op.f("fk_blueprint_bank_id")),
        sa.ForeignKeyConstraint(["drafted_by_id"], ["person.id"], name=op.f("fk_blueprint_drafted_by_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_blueprint_organisation_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_blueprint_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blueprint")),
        sa.UniqueConstraint("code", name=op.f("uq_blueprint_code")),
    )
    with op.batch_alter_table("blueprint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_blueprint_bank_id"), ["bank_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_blueprint_drafted_by_id"), ["drafted_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_blueprint_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_blueprint_region_code"), ["region_code"], unique=False)

    op.create_table(
        "certificate_batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("body_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "course_completion",
                "exam_pass",
                "capability",
                name="certificatekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "prepared",
                "approved",
                "rejected",
                "issued",
                name="batchstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("lint", sa.JSON(), nullable=False),
        sa.Column("prepared_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("prepared_at", UtcDateTime(), nullable=False),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("issued_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'issued') = (issued_at IS NOT NULL)", name=op.f("ck_certificate_batch_issued")),
        sa.CheckConstraint(
            "(state = 'prepared') = (approved_by_id IS NULL AND approved_at IS NULL)",
            name=op.f("ck_certificate_batch_decided"),
        ),
        sa.CheckConstraint("state <> 'rejected' OR reason IS NOT NULL", name=op.f("ck_certificate_batch_reason")),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR approved_by_id <> prepared_by_id", name=op.f("ck_certificate_batch_two_people")
        ),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_certificate_batch_approved_by_id")),
        sa.ForeignKeyConstraint(["body_id"], ["issuing_body.id"], name=op.f("fk_certificate_batch_body_id")),
        sa.ForeignKeyConstraint(["prepared_by_id"], ["person.id"], name=op.f("fk_certificate_batch_prepared_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_batch")),
        sa.UniqueConstraint("code", name=op.f("uq_certificate_batch_code")),
    )
    with op.batch_alter_table("certificate_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_batch_approved_by_id"), ["approved_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_batch_body_id"), ["body_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_batch_prepared_by_id"), ["prepared_by_id"], unique=False)

    op.create_table(
        "course",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("level", sa.String(length=64), nullable=False),
        sa.Column("title_zh", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("summary_zh", sa.Text(), nullable=False),
        sa.Column("summary_en", sa.Text(), nullable=False),
        sa.Column("quiz_bank_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("loaded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["quiz_bank_id"], ["item_bank.id"], name=op.f("fk_course_quiz_bank_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("code", name=op.f("uq_course_code")),
    )
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_quiz_bank_id"), ["quiz_bank_id"], unique=False)

    op.create_table(
        "item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bank_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft", "approved", "retired", name="itemstate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'draft') OR approved_by_id IS NOT NULL OR state = 'retired'", name=op.f("ck_item_approved")
        ),
        sa.CheckConstraint("approved_by_id IS NULL OR approved_by_id <> author_id", name=op.f("ck_item_two_people")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_item_approved_by_id")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_item_author_id")),
        sa.ForeignKeyConstraint(["bank_id"], ["item_bank.id"], name=op.f("fk_item_bank_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("bank_id", "code", name=op.f("uq_item_bank_id_code")),
    )
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_approved_by_id"), ["approved_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_bank_id"), ["bank_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_state"), ["state"], unique=False)

    op.create_table(
        "item_import",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("bank_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("gift", "xlsx", "csv", name="filekind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("ignored", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "staged",
                "committed",
                "dropped",
                name="importstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("uploaded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.Column("committed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("committed_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'committed') = (committed_at IS NOT NULL)", name=op.f("ck_item_import_committed")),
        sa.CheckConstraint(
            "(committed_at IS NULL) = (committed_by_id IS NULL)", name=op.f("ck_item_import_committed_by")
        ),
        sa.ForeignKeyConstraint(["bank_id"], ["item_bank.id"], name=op.f("fk_item_import_bank_id")),
        sa.ForeignKeyConstraint(["committed_by_id"], ["person.id"], name=op.f("fk_item_import_committed_by_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_item_import_file_id")),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["person.id"], name=op.f("fk_item_import_uploaded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_import")),
        sa.UniqueConstraint("code", name=op.f("uq_item_import_code")),
    )
    with op.batch_alter_table("item_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_import_bank_id"), ["bank_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_import_committed_by_id"), ["committed_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_import_file_id"), ["file_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_import_uploaded_by_id"), ["uploaded_by_id"], unique=False)

    op.create_table(
        "sign_in_session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("token", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("membership_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_sign_in_session_membership_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_session_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_session")),
        sa.UniqueConstraint("code", name=op.f("uq_sign_in_session_code")),
        sa.UniqueConstraint("token", name=op.f("uq_sign_in_session_token")),
    )
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_session_membership_id"), ["membership_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_in_session_person_id"), ["person_id"], unique=False)

    op.create_table(
        "signing_key",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key_id", sa.String(length=200), nullable=False),
        sa.Column("store_name", sa.String(length=64), nullable=False),
        sa.Column("algorithm", sa.String(length=64), nullable=False),
        sa.Column("public_multibase", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "revoked_at IS NULL OR retired_at IS NOT NULL", name=op.f("ck_signing_key_revoked_is_retired")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["issuing_body.id"], name=op.f("fk_signing_key_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("key_id", name=op.f("uq_signing_key_key_id")),
        sa.UniqueConstraint("store_name", name=op.f("uq_signing_key_store_name")),
    )
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signing_key_body_id"), ["body_id"], unique=False)
        batch_op.create_index(
            "uq_signing_key_current",
            ["body_id"],
            unique=True,
            sqlite_where=sa.text("retired_at IS NULL"),
            postgresql_where=sa.text("retired_at IS NULL"),
        )

    op.create_table(
        "status_list",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("bits", sa.LargeBinary(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("credential", sa.Text(), nullable=True),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(credential IS NULL) = (signed_at IS NULL)", name=op.f("ck_status_list_signed")),
        sa.ForeignKeyConstraint(["body_id"], ["issuing_body.id"], name=op.f("fk_status_list_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_list")),
        sa.UniqueConstraint("code", name=op.f("uq_status_list_code")),
    )
    with op.batch_alter_table("status_list", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_status_list_body_id"), ["body_id"], unique=False)

    op.create_table(
        "certificate_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "course_completion",
                "exam_pass",
                "capability",
                name="certificatekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("body_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_type", sa.String(length=64), nullable=False),
        sa.Column("source_code", sa.String(length=64), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "batched", name="requeststate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("(state = 'open') = (batch_id IS NULL)", name=op.f("ck_certificate_request_batched")),
        sa.ForeignKeyConstraint(["batch_id"], ["certificate_batch.id"], name=op.f("fk_certificate_request_batch_id")),
        sa.ForeignKeyConstraint(["body_id"], ["issuing_body.id"], name=op.f("fk_certificate_request_body_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_request_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_request")),
        sa.UniqueConstraint("code", name=op.f("uq_certificate_request_code")),
        sa.UniqueConstraint(
            "kind", "source_type", "source_code", name=op.f("uq_certificate_request_kind_source_type_source_code")
        ),
    )
    with op.batch_alter_table("certificate_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_request_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_request_body_id"), ["body_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_request_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_certificate_request_waiting", ["body_id", "state"], unique=False)

    op.create_table(
        "cohort",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("base_organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("syllabus_pack_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned", "open", "closed", name="cohortstate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("opened_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'planned') = (opened_by_id IS NULL)", name=op.f("ck_cohort_opened")),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_cohort_capacity")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_cohort_period")),
        sa.ForeignKeyConstraint(
            ["base_organisation_id"], ["organisation.id"], name=op.f("fk_cohort_base_organisation_id")
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_cohort_course_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_cohort_created_by_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["person.id"], name=op.f("fk_cohort_opened_by_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_cohort_region_code")),
        sa.ForeignKeyConstraint(["syllabus_pack_id"], ["rule_pack.id"], name=op.f("fk_cohort_syllabus_pack_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort")),
        sa.UniqueConstraint("base_organisation_id", "name", name=op.f("uq_cohort_base_organisation_id_name")),
        sa.UniqueConstraint("code", name=op.f("uq_cohort_code")),
    )
    with op.batch_alter_table("cohort", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cohort_base_organisation_id"), ["base_organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cohort_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cohort_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cohort_opened_by_id"), ["opened_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cohort_region_code"), ["region_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_cohort_syllabus_pack_id"), ["syllabus_pack_id"], unique=False)

    op.create_table(
        "item_import_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column(
            "fate",
            sa.Enum(
                "new", "revised", "same", "failed", name="fate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.JSON(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("alike_code", sa.String(length=64), nullable=True),
        sa.Column("alike_percent", sa.Integer(), nullable=True),
        sa.CheckConstraint("(alike_code IS NULL) = (alike_percent IS NULL)", name=op.f("ck_item_import_row_alike")),
        sa.ForeignKeyConstraint(["import_id"], ["item_import.id"], name=op.f("fk_item_import_row_import_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_import_row")),
        sa.UniqueConstraint("import_id", "position", name=op.f("uq_item_import_row_import_id_position")),
    )
    with op.batch_alter_table("item_import_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_import_row_import_id"), ["import_id"], unique=False)

    op.create_table(
        "item_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "single",
                "multiple",
                "true_false",
                name="itemtype",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("stem", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("key", sa.JSON(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("module", sa.String(length=64), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "recall",
                "understand",
                "apply",
                "analyse",
                name="cognitivelevel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("difficulty", ScaledDecimal(6), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=True),
        sa.Column("law", sa.String(length=200), nullable=True),
        sa.Column("article", sa.String(length=200), nullable=True),
        sa.Column("edition", sa.String(length=200), nullable=True),
        sa.Column("source_read", sa.Boolean(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_item_version_created_by_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_version_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_version")),
        sa.UniqueConstraint("item_id", "number", name=op.f("uq_item_version_item_id_number")),
    )
    with op.batch_alter_table("item_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_version_content_hash"), ["content_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_version_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_version_item_id"), ["item_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_version_module"), ["module"], unique=False)

    op.create_table(
        "lesson",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title_zh", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("module", sa.String(length=64), nullable=False),
        sa.Column("hours", ScaledDecimal(2), nullable=False),
        sa.Column("minimum_minutes", sa.Integer(), nullable=False),
        sa.Column("objectives", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("video", sa.String(length=200), nullable=True),
        sa.Column("quiz", sa.JSON(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.CheckConstraint("hours > 0", name=op.f("ck_lesson_hours")),
        sa.CheckConstraint("minimum_minutes >= 0", name=op.f("ck_lesson_minutes")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_lesson_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson")),
        sa.UniqueConstraint("course_id", "code", name=op.f("uq_lesson_course_id_code")),
        sa.UniqueConstraint("course_id", "position", name=op.f("uq_lesson_course_id_position")),
    )
    with op.batch_alter_table("lesson", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lesson_course_id"), ["course_id"], unique=False)

    op.create_table(
        "paper",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("blueprint_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "frozen", name="paperstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("difficulty", ScaledDecimal(6), nullable=False),
        sa.Column("assembled_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("assembled_at", UtcDateTime(), nullable=False),
        sa.Column("frozen_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("frozen_at", UtcDateTime(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'frozen') = (frozen_by_id IS NOT NULL AND frozen_at IS NOT NULL AND content_hash IS NOT NULL)",
            name=op.f("ck_paper_frozen"),
        ),
        sa.CheckConstraint("frozen_by_id IS NULL OR frozen_by_id <> assembled_by_id", name=op.f("ck_paper_two_people")),
        sa.ForeignKeyConstraint(["assembled_by_id"], ["person.id"], name=op.f("fk_paper_assembled_by_id")),
        sa.ForeignKeyConstraint(["blueprint_id"], ["blueprint.id"], name=op.f("fk_paper_blueprint_id")),
        sa.ForeignKeyConstraint(["frozen_by_id"], ["person.id"], name=op.f("fk_paper_frozen_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
        sa.UniqueConstraint("blueprint_id", "number", name=op.f("uq_paper_blueprint_id_number")),
        sa.UniqueConstraint("code", name=op.f("uq_paper_code")),
    )
    with op.batch_alter_table("paper", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_paper_assembled_by_id"), ["assembled_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_paper_blueprint_id"), ["blueprint_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_paper_frozen_by_id"), ["frozen_by_id"], unique=False)

    op.create_table(
        "certificate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "course_completion",
                "exam_pass",
                "capability",
                name="certificatekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("level", sa.String(length=64), nullable=True),
        sa.Column("number", sa.String(length=64), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("valid_until", UtcDateTime(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "stored",
                "signed",
                "published",
                "revoked",
                name="certificatestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("status_list_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("stored_at", UtcDateTime(), nullable=False),
        sa.Column("linted_at", UtcDateTime(), nullable=True),
        sa.Column("credential", sa.Text(), nullable=True),
        sa.Column("key_id", sa.String(length=64), nullable=True),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.Column("pdf_file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("rendered_at", UtcDateTime(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "revoked_for",
            sa.Enum(
                "issued_in_error",
                "false_papers",
                "exam_breach",
                "superseded",
                "award_withdrawn",
                "holder_request",
                "key_compromised",
                name="revocationreason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("revocation_note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(published_at IS NOT NULL) = (state IN ('published', 'revoked'))", name=op.f("ck_certificate_published")
        ),
        sa.CheckConstraint(
            "(state = 'revoked') = (revoked_at IS NOT NULL AND revoked_for IS NOT NULL)",
            name=op.f("ck_certificate_revoked"),
        ),
        sa.CheckConstraint(
            "(state = 'stored') = (credential IS NULL AND signed_at IS NULL AND key_id IS NULL)",
            name=op.f("ck_certificate_signed"),
        ),
        sa.CheckConstraint(
            "state = 'stored' OR linted_at IS NOT NULL", name=op.f("ck_certificate_linted_before_signed")
        ),
        sa.CheckConstraint("pdf_file_id IS NULL OR rendered_at IS NOT NULL", name=op.f("ck_certificate_rendered")),
        sa.CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name=op.f("ck_certificate_validity")),
        sa.ForeignKeyConstraint(["batch_id"], ["certificate_batch.id"], name=op.f("fk_certificate_batch_id")),
        sa.ForeignKeyConstraint(["body_id"], ["issuing_body.id"], name=op.f("fk_certificate_body_id")),
        sa.ForeignKeyConstraint(["pdf_file_id"], ["stored_file.id"], name=op.f("fk_certificate_pdf_file_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_person_id")),
        sa.ForeignKeyConstraint(["request_id"], ["certificate_request.id"], name=op.f("fk_certificate_request_id")),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["person.id"], name=op.f("fk_certificate_revoked_by_id")),
        sa.ForeignKeyConstraint(["status_list_id"], ["status_list.id"], name=op.f("fk_certificate_status_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("code", name=op.f("uq_certificate_code")),
        sa.UniqueConstraint("status_list_id", "status_index", name=op.f("uq_certificate_status_list_id_status_index")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index("ix_certificate_batch_state", ["batch_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_body_id"), ["body_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_number"), ["number"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_pdf_file_id"), ["pdf_file_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_request_id"), ["request_id"], unique=True)
        batch_op.create_index(batch_op.f("ix_certificate_revoked_by_id"), ["revoked_by_id"], unique=False)

    op.create_table(
        "cohort_lecturer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_cohort_lecturer_cohort_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_cohort_lecturer_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort_lecturer")),
        sa.UniqueConstraint("cohort_id", "person_id", name=op.f("uq_cohort_lecturer_cohort_id_person_id")),
    )
    with op.batch_alter_table("cohort_lecturer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cohort_lecturer_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cohort_lecturer_person_id"), ["person_id"], unique=False)

    op.create_table(
        "enrolment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "invited",
                "enrolled",
                "completed",
                "withdrawn",
                name="enrolmentstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("employer", sa.String(length=200), nullable=True),
        sa.Column("invited_at", UtcDateTime(), nullable=False),
        sa.Column("invited_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invitation_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("enrolled_at", UtcDateTime(), nullable=True),
        sa.Column("completed_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'completed') = (completed_at IS NOT NULL)", name=op.f("ck_enrolment_completed")),
        sa.CheckConstraint(
            "state IN ('invited', 'withdrawn') OR enrolled_at IS NOT NULL", name=op.f("ck_enrolment_enrolled")
        ),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_enrolment_cohort_id")),
        sa.ForeignKeyConstraint(["invited_by_id"], ["person.id"], name=op.f("fk_enrolment_invited_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_enrolment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("code", name=op.f("uq_enrolment_code")),
        sa.UniqueConstraint("cohort_id", "person_id", name=op.f("uq_enrolment_cohort_id_person_id")),
    )
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enrolment_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrolment_invited_by_id"), ["invited_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrolment_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrolment_state"), ["state"], unique=False)

    op.create_table(
        "exam_session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("level", sa.String(length=64), nullable=False),
        sa.Column("paper_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rule_pack", sa.String(length=64), nullable=False),
        sa.Column("opens_at", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "prepared",
                "marked",
                "proposed",
                "released",
                name="sessionstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("prepared_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("prepared_at", UtcDateTime(), nullable=True),
        sa.Column("marked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("marked_at", UtcDateTime(), nullable=True),
        sa.Column("proposed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("proposed_at", UtcDateTime(), nullable=True),
        sa.Column("released_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("released_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'released') = (released_by_id IS NOT NULL AND released_at IS NOT NULL)",
            name=op.f("ck_exam_session_released"),
        ),
        sa.CheckConstraint(
            "(state IN ('proposed', 'released')) = (proposed_by_id IS NOT NULL AND proposed_at IS NOT NULL)",
            name=op.f("ck_exam_session_proposed"),
        ),
        sa.CheckConstraint("state = 'planned' OR prepared_at IS NOT NULL", name=op.f("ck_exam_session_prepared")),
        sa.CheckConstraint(
            "state IN ('planned', 'prepared') OR marked_at IS NOT NULL", name=op.f("ck_exam_session_marked")
        ),
        sa.CheckConstraint("(marked_at IS NULL) = (marked_by_id IS NULL)", name=op.f("ck_exam_session_marked_by")),
        sa.CheckConstraint(
            "(prepared_at IS NULL) = (prepared_by_id IS NULL)", name=op.f("ck_exam_session_prepared_by")
        ),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_exam_session_window")),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_exam_session_minutes")),
        sa.CheckConstraint(
            "released_by_id IS NULL OR released_by_id <> proposed_by_id", name=op.f("ck_exam_session_two_people")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_exam_session_created_by_id")),
        sa.ForeignKeyConstraint(["marked_by_id"], ["person.id"], name=op.f("fk_exam_session_marked_by_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_exam_session_organisation_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_exam_session_paper_id")),
        sa.ForeignKeyConstraint(["prepared_by_id"], ["person.id"], name=op.f("fk_exam_session_prepared_by_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"], name=op.f("fk_exam_session_proposed_by_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_exam_session_region_code")),
        sa.ForeignKeyConstraint(["released_by_id"], ["person.id"], name=op.f("fk_exam_session_released_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_session")),
        sa.UniqueConstraint("code", name=op.f("uq_exam_session_code")),
    )
    with op.batch_alter_table("exam_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exam_session_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_session_marked_by_id"), ["marked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_session_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_session_paper_id"), ["paper_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_session_prepared_by_id"), ["prepared_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_session_proposed_by_id"), ["proposed_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_session_region_code"), ["region_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_session_released_by_id"), ["released_by_id"], unique=False)
        batch_op.create_index("ix_exam_session_state_window", ["state", "closes_at"], unique=False)

    op.create_table(
        "paper_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paper_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("points", ScaledDecimal(2), nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_paper_item_points")),
        sa.CheckConstraint("position > 0", name=op.f("ck_paper_item_position")),
        sa.ForeignKeyConstraint(["item_version_id"], ["item_version.id"], name=op.f("fk_paper_item_item_version_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_item_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_item")),
        sa.UniqueConstraint("paper_id", "item_version_id", name=op.f("uq_paper_item_paper_id_item_version_id")),
        sa.UniqueConstraint("paper_id", "position", name=op.f("uq_paper_item_paper_id_position")),
    )
    with op.batch_alter_table("paper_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_paper_item_item_version_id"), ["item_version_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_paper_item_paper_id"), ["paper_id"], unique=False)

    op.create_table(
        "roster_import",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "staged",
                "committed",
                "discarded",
                name="rosterstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'staged') = (decided_at IS NULL)", name=op.f("ck_roster_import_decided")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_roster_import_by_id")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_roster_import_cohort_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_import")),
        sa.UniqueConstraint("code", name=op.f("uq_roster_import_code")),
    )
    with op.batch_alter_table("roster_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roster_import_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_roster_import_cohort_id"), ["cohort_id"], unique=False)

    op.create_table(
        "class_hour",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enrolment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lesson_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("module", sa.String(length=64), nullable=False),
        sa.Column("hours", ScaledDecimal(2), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_class_hour_enrolment_id")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"], name=op.f("fk_class_hour_lesson_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_hour")),
        sa.UniqueConstraint("enrolment_id", "lesson_id", name=op.f("uq_class_hour_enrolment_id_lesson_id")),
    )
    with op.batch_alter_table("class_hour", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_class_hour_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_class_hour_lesson_id"), ["lesson_id"], unique=False)

    op.create_table(
        "lesson_progress",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enrolment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lesson_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("beats", sa.Integer(), nullable=False),
        sa.Column("quiz_tries", sa.Integer(), nullable=False),
        sa.Column("quiz_passed_at", UtcDateTime(), nullable=True),
        sa.Column("completed_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "completed_at IS NULL OR quiz_passed_at IS NOT NULL", name=op.f("ck_lesson_progress_completed")
        ),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_lesson_progress_enrolment_id")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"], name=op.f("fk_lesson_progress_lesson_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_progress")),
        sa.UniqueConstraint("enrolment_id", "lesson_id", name=op.f("uq_lesson_progress_enrolment_id_lesson_id")),
    )
    with op.batch_alter_table("lesson_progress", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lesson_progress_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lesson_progress_lesson_id"), ["lesson_id"], unique=False)

    op.create_table(
        "registration",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enrolment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("verdict", sa.JSON(), nullable=False),
        sa.Column("rule_pack", sa.String(length=64), nullable=False),
        sa.Column("registered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_registration_enrolment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_registration_person_id")),
        sa.ForeignKeyConstraint(["registered_by_id"], ["person.id"], name=op.f("fk_registration_registered_by_id")),
        sa.ForeignKeyConstraint(["session_id"], ["exam_session.id"], name=op.f("fk_registration_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("code", name=op.f("uq_registration_code")),
        sa.UniqueConstraint("session_id", "number", name=op.f("uq_registration_session_id_number")),
        sa.UniqueConstraint("session_id", "person_id", name=op.f("uq_registration_session_id_person_id")),
    )
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registration_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_registration_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_registration_registered_by_id"), ["registered_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_registration_session_id"), ["session_id"], unique=False)

    op.create_table(
        "roster_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("roster_import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("masked", sa.String(length=64), nullable=False),
        sa.Column("employer", sa.String(length=200), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("enrolment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_roster_row_enrolment_id")),
        sa.ForeignKeyConstraint(
            ["roster_import_id"], ["roster_import.id"], name=op.f("fk_roster_row_roster_import_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_row")),
        sa.UniqueConstraint("roster_import_id", "line", name=op.f("uq_roster_row_roster_import_id_line")),
    )
    with op.batch_alter_table("roster_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roster_row_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_roster_row_good"), ["good"], unique=False)
        batch_op.create_index(batch_op.f("ix_roster_row_roster_import_id"), ["roster_import_id"], unique=False)

    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("registration_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order", sa.JSON(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("extra_minutes", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("deadline_at", UtcDateTime(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.Column("holder", sa.String(length=40), nullable=True),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column(
            "submitted_how",
            sa.Enum(
                "candidate", "collected", name="submittedhow", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.CheckConstraint("(started_at IS NULL) = (deadline_at IS NULL)", name=op.f("ck_attempt_started")),
        sa.CheckConstraint("(submitted_at IS NULL) = (submitted_how IS NULL)", name=op.f("ck_attempt_submitted_how")),
        sa.CheckConstraint("extra_minutes >= 0", name=op.f("ck_attempt_extra")),
        sa.CheckConstraint("places > 0", name=op.f("ck_attempt_places")),
        sa.CheckConstraint(
            "submitted_at IS NULL OR started_at IS NOT NULL", name=op.f("ck_attempt_submitted_after_start")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attempt_person_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_attempt_registration_id")),
        sa.ForeignKeyConstraint(["session_id"], ["exam_session.id"], name=op.f("fk_attempt_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("code", name=op.f("uq_attempt_code")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index("ix_attempt_open", ["session_id", "submitted_at", "deadline_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_attempt_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attempt_registration_id"), ["registration_id"], unique=True)
        batch_op.create_index(batch_op.f("ix_attempt_session_id"), ["session_id"], unique=False)

    op.create_table(
        "quiz_try",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("progress_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("correct", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("correct >= 0 AND correct <= total", name=op.f("ck_quiz_try_correct")),
        sa.ForeignKeyConstraint(["progress_id"], ["lesson_progress.id"], name=op.f("fk_quiz_try_progress_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_try")),
        sa.UniqueConstraint("progress_id", "number", name=op.f("uq_quiz_try_progress_id_number")),
    )
    with op.batch_alter_table("quiz_try", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quiz_try_progress_id"), ["progress_id"], unique=False)

    op.create_table(
        "answer_save",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("client_at", UtcDateTime(), nullable=True),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("position > 0", name=op.f("ck_answer_save_position")),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_answer_save_sequence")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_answer_save_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_save")),
        sa.UniqueConstraint(
            "attempt_id", "position", "sequence", name=op.f("uq_answer_save_attempt_id_position_sequence")
        ),
    )
    op.create_table(
        "result",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("score", ScaledDecimal(2), nullable=False),
        sa.Column("max_score", ScaledDecimal(2), nullable=False),
        sa.Column("cut_score", ScaledDecimal(2), nullable=False),
        sa.Column("by_module", sa.JSON(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("marked_at", UtcDateTime(), nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.CheckConstraint("passed = (score >= cut_score)", name=op.f("ck_result_passed")),
        sa.CheckConstraint("score >= 0 AND score <= max_score", name=op.f("ck_result_score")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_result_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
    )
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_result_attempt_id"), ["attempt_id"], unique=True)

    op.create_table(
        "award",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("level", sa.String(length=64), nullable=False),
        sa.Column("result_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enrolment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("verdict", sa.JSON(), nullable=False),
        sa.Column("rule_pack", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "awarded",
                "refused",
                "withdrawn",
                name="awardstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("unified_number", sa.String(length=64), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by_id IS NULL AND decided_at IS NULL)", name=op.f("ck_award_decided")
        ),
        sa.CheckConstraint(
            "state NOT IN ('awarded', 'withdrawn') OR (unified_number IS NOT NULL AND valid_from IS NOT NULL)",
            name=op.f("ck_award_awarded"),
        ),
        sa.CheckConstraint("state NOT IN ('refused', 'withdrawn') OR reason IS NOT NULL", name=op.f("ck_award_reason")),
        sa.CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name=op.f("ck_award_period")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_award_decided_by_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_award_enrolment_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_award_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_award_person_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_award_region_code")),
        sa.ForeignKeyConstraint(["result_id"], ["result.id"], name=op.f("fk_award_result_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award")),
        sa.UniqueConstraint("code", name=op.f("uq_award_code")),
        sa.UniqueConstraint("person_id", "result_id", name=op.f("uq_award_person_id_result_id")),
        sa.UniqueConstraint("unified_number", name=op.f("uq_award_unified_number")),
    )
    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_award_decided_by_id"), ["decided_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_award_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_award_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_award_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_award_region_code"), ["region_code"], unique=False)
        batch_op.create_index("ix_award_register", ["state", "region_code", "level"], unique=False)
        batch_op.create_index(batch_op.f("ix_award_result_id"), ["result_id"], unique=False)

    op.create_table(
        "award_involvement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("award_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("how", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_award_involvement_award_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_award_involvement_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_involvement")),
        sa.UniqueConstraint("award_id", "person_id", "how", name=op.f("uq_award_involvement_award_id_person_id_how")),
    )
    with op.batch_alter_table("award_involvement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_award_involvement_award_id"), ["award_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_award_involvement_person_id"), ["person_id"], unique=False)
    _protect()


def _protect() -> None:
    """Let the database itself refuse what must never happen."""
    dialect = op.get_bind().dialect.name
    for table in APPEND_ONLY:
        for statement in append_only_ddl(table, dialect):
            op.execute(statement)
    for statement in separation_ddl(dialect):
        op.execute(statement)


def downgrade() -> None:
    """Revert."""
    with op.batch_alter_table("award_involvement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_award_involvement_person_id"))
        batch_op.drop_index(batch_op.f("ix_award_involvement_award_id"))

    op.drop_table("award_involvement")
    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_award_result_id"))
        batch_op.drop_index("ix_award_register")
        batch_op.drop_index(batch_op.f("ix_award_region_code"))
        batch_op.drop_index(batch_op.f("ix_award_person_id"))
        batch_op.drop_index(batch_op.f("ix_award_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_award_enrolment_id"))
        batch_op.drop_index(batch_op.f("ix_award_decided_by_id"))

    op.drop_table("award")
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_result_attempt_id"))

    op.drop_table("result")
    op.drop_table("answer_save")
    with op.batch_alter_table("quiz_try", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quiz_try_progress_id"))

    op.drop_table("quiz_try")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attempt_session_id"))
        batch_op.drop_index(batch_op.f("ix_attempt_registration_id"))
        batch_op.drop_index(batch_op.f("ix_attempt_person_id"))
        batch_op.drop_index("ix_attempt_open")

    op.drop_table("attempt")
    with op.batch_alter_table("roster_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roster_row_roster_import_id"))
        batch_op.drop_index(batch_op.f("ix_roster_row_good"))
        batch_op.drop_index(batch_op.f("ix_roster_row_enrolment_id"))

    op.drop_table("roster_row")
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_registration_session_id"))
        batch_op.drop_index(batch_op.f("ix_registration_registered_by_id"))
        batch_op.drop_index(batch_op.f("ix_registration_person_id"))
        batch_op.drop_index(batch_op.f("ix_registration_enrolment_id"))

    op.drop_table("registration")
    with op.batch_alter_table("lesson_progress", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lesson_progress_lesson_id"))
        batch_op.drop_index(batch_op.f("ix_lesson_progress_enrolment_id"))

    op.drop_table("lesson_progress")
    with op.batch_alter_table("class_hour", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_class_hour_lesson_id"))
        batch_op.drop_index(batch_op.f("ix_class_hour_enrolment_id"))

    op.drop_table("class_hour")
    with op.batch_alter_table("roster_import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roster_import_cohort_id"))
        batch_op.drop_index(batch_op.f("ix_roster_import_by_id"))

    op.drop_table("roster_import")
    with op.batch_alter_table("paper_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_paper_item_paper_id"))
        batch_op.drop_index(batch_op.f("ix_paper_item_item_version_id"))

    op.drop_table("paper_item")
    with op.batch_alter_table("exam_session", schema=None) as batch_op:
        batch_op.drop_index("ix_exam_session_state_window")
        batch_op.drop_index(batch_op.f("ix_exam_session_released_by_id"))
        batch_op.drop_index(batch_op.f("ix_exam_session_region_code"))
        batch_op.drop_index(batch_op.f("ix_exam_session_proposed_by_id"))
        batch_op.drop_index(batch_op.f("ix_exam_session_prepared_by_id"))
        batch_op.drop_index(batch_op.f("ix_exam_session_paper_id"))
        batch_op.drop_index(batch_op.f("ix_exam_session_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_exam_session_marked_by_id"))
        batch_op.drop_index(batch_op.f("ix_exam_session_created_by_id"))

    op.drop_table("exam_session")
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrolment_state"))
        batch_op.drop_index(batch_op.f("ix_enrolment_person_id"))
        batch_op.drop_index(batch_op.f("ix_enrolment_invited_by_id"))
        batch_op.drop_index(batch_op.f("ix_enrolment_cohort_id"))

    op.drop_table("enrolment")
    with op.batch_alter_table("cohort_lecturer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cohort_lecturer_person_id"))
        batch_op.drop_index(batch_op.f("ix_cohort_lecturer_cohort_id"))

    op.drop_table("cohort_lecturer")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_revoked_by_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_request_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_person_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_pdf_file_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_number"))
        batch_op.drop_index(batch_op.f("ix_certificate_body_id"))
        batch_op.drop_index("ix_certificate_batch_state")

    op.drop_table("certificate")
    with op.batch_alter_table("paper", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_paper_frozen_by_id"))
        batch_op.drop_index(batch_op.f("ix_paper_blueprint_id"))
        batch_op.drop_index(batch_op.f("ix_paper_assembled_by_id"))

    op.drop_table("paper")
    with op.batch_alter_table("lesson", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lesson_course_id"))

    op.drop_table("lesson")
    with op.batch_alter_table("item_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_item_version_module"))
        batch_op.drop_index(batch_op.f("ix_item_version_item_id"))
        batch_op.drop_index(batch_op.f("ix_item_version_created_by_id"))
        batch_op.drop_index(batch_op.f("ix_item_version_content_hash"))

    op.drop_table("item_version")
    with op.batch_alter_table("item_import_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_item_import_row_import_id"))

    op.drop_table("item_import_row")
    with op.batch_alter_table("cohort", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cohort_syllabus_pack_id"))
        batch_op.drop_index(batch_op.f("ix_cohort_region_code"))
        batch_op.drop_index(batch_op.f("ix_cohort_opened_by_id"))
        batch_op.drop_index(batch_op.f("ix_cohort_created_by_id"))
        batch_op.drop_index(batch_op.f("ix_cohort_course_id"))
        batch_op.drop_index(batch_op.f("ix_cohort_base_organisation_id"))

    op.drop_table("cohort")
    with op.batch_alter_table("certificate_request", schema=None) as batch_op:
        batch_op.drop_index("ix_certificate_request_waiting")
        batch_op.drop_index(batch_op.f("ix_certificate_request_person_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_request_body_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_request_batch_id"))

    op.drop_table("certificate_request")
    with op.batch_alter_table("status_list", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_status_list_body_id"))

    op.drop_table("status_list")
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_signing_key_current",
            sqlite_where=sa.text("retired_at IS NULL"),
            postgresql_where=sa.text("retired_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_signing_key_body_id"))

    op.drop_table("signing_key")
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_session_person_id"))
        batch_op.drop_index(batch_op.f("ix_sign_in_session_membership_id"))

    op.drop_table("sign_in_session")
    with op.batch_alter_table("item_import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_item_import_uploaded_by_id"))
        batch_op.drop_index(batch_op.f("ix_item_import_file_id"))
        batch_op.drop_index(batch_op.f("ix_item_import_committed_by_id"))
        batch_op.drop_index(batch_op.f("ix_item_import_bank_id"))

    op.drop_table("item_import")
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_item_state"))
        batch_op.drop_index(batch_op.f("ix_item_bank_id"))
        batch_op.drop_index(batch_op.f("ix_item_author_id"))
        batch_op.drop_index(batch_op.f("ix_item_approved_by_id"))

    op.drop_table("item")
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_quiz_bank_id"))

    op.drop_table("course")
    with op.batch_alter_table("certificate_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_batch_prepared_by_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_batch_body_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_batch_approved_by_id"))

    op.drop_table("certificate_batch")
    with op.batch_alter_table("blueprint", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_blueprint_region_code"))
        batch_op.drop_index(batch_op.f("ix_blueprint_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_blueprint_drafted_by_id"))
        batch_op.drop_index(batch_op.f("ix_blueprint_bank_id"))

    op.drop_table("blueprint")
    with op.batch_alter_table("training_base", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_training_base_state"))
        batch_op.drop_index(batch_op.f("ix_training_base_region_code"))
        batch_op.drop_index(batch_op.f("ix_training_base_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_training_base_decided_by_id"))
        batch_op.drop_index(batch_op.f("ix_training_base_applied_by_id"))

    op.drop_table("training_base")
    with op.batch_alter_table("todo", schema=None) as batch_op:
        batch_op.drop_index("ix_todo_subject")
        batch_op.drop_index("ix_todo_role")
        batch_op.drop_index("ix_todo_person")

    op.drop_table("todo")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index("ix_membership_role_org")
        batch_op.drop_index(batch_op.f("ix_membership_region_code"))
        batch_op.drop_index(batch_op.f("ix_membership_person_id"))
        batch_op.drop_index(batch_op.f("ix_membership_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_membership_granted_by"))

    op.drop_table("membership")
    with op.batch_alter_table("item_bank", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_item_bank_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_item_bank_created_by_id"))

    op.drop_table("item_bank")
    with op.batch_alter_table("issuing_body", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_issuing_body_organisation_id"))

    op.drop_table("issuing_body")
    with op.batch_alter_table("rule_pack", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rule_pack_published_by_id"))
        batch_op.drop_index(batch_op.f("ix_rule_pack_proposed_by_id"))
        batch_op.drop_index("ix_rule_pack_in_force")
        batch_op.drop_index(batch_op.f("ix_rule_pack_drafted_by_id"))

    op.drop_table("rule_pack")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_event_id"))
        batch_op.drop_index("ix_outbox_due")

    op.drop_table("outbox")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_region_code"))

    op.drop_table("organisation")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_person_id"))
        batch_op.drop_index(batch_op.f("ix_invitation_invited_by"))

    op.drop_table("invitation")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_person_id"))

    op.drop_table("account")
    op.drop_table("throttle")
    op.drop_table("stored_file")
    op.drop_table("runner_beat")
    with op.batch_alter_table("region", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_region_parent_code"))

    op.drop_table("region")
    op.drop_table("person")
    op.drop_table("job")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_subject")
        batch_op.drop_index(batch_op.f("ix_event_kind"))
        batch_op.drop_index(batch_op.f("ix_event_actor_id"))

    op.drop_table("event")
    op.drop_table("clock_setting")
    op.drop_table("calendar_override")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS refuse_change, award_separation")
