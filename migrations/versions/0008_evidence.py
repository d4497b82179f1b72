"""The evidence ledger."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import ScaledDecimal, UtcDateTime
from app.evidence.models import content_ddl

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "contract_share",
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("claimed", ScaledDecimal(2), nullable=False),
        sa.CheckConstraint("claimed >= 0 AND claimed <= 10000", name=op.f("ck_contract_share_whole")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_contract_share")),
    )
    op.create_table(
        "sample_audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("algorithm", sa.String(length=64), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("population_digest", sa.String(length=64), nullable=False),
        sa.Column("population_codes", sa.JSON(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("drawn_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("drawn_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("size > 0 AND size <= population", name=op.f("ck_sample_audit_size")),
        sa.CheckConstraint("until >= since", name=op.f("ck_sample_audit_period")),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["person.id"], name=op.f("fk_sample_audit_drawn_by_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_sample_audit_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_audit")),
        sa.UniqueConstraint("code", name=op.f("uq_sample_audit_code")),
    )
    with op.batch_alter_table("sample_audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sample_audit_drawn_by_id"), ["drawn_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sample_audit_region_code"), ["region_code"], unique=False)

    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "contract",
                "registration",
                "invoice",
                "receipt",
                "service",
                "work",
                "patent",
                "award",
                "training",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "declared",
                "confirmed",
                "checked",
                "rejected",
                "withdrawn",
                "superseded",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("entered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "entry",
            sa.Enum(
                "person",
                "organisation",
                "import",
                "api",
                name="entry",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("series", sa.String(length=26), nullable=False),
        sa.Column("supersedes_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("amount", ScaledDecimal(2), nullable=True),
        sa.Column("share", ScaledDecimal(2), nullable=True),
        sa.Column("hours", ScaledDecimal(2), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("drafted_at", UtcDateTime(), nullable=False),
        sa.Column("declared_at", UtcDateTime(), nullable=True),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.Column("check_due_on", sa.Date(), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("disputed_at", UtcDateTime(), nullable=True),
        sa.Column("checked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("checked_verdict", sa.JSON(), nullable=True),
        sa.Column("rejected_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("withdrawn_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("verdict", sa.JSON(), nullable=True),
        sa.Column("standing", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'rejected') = (rejected_by_id IS NOT NULL)", name=op.f("ck_evidence_rejected")),
        sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_by_id IS NOT NULL)", name=op.f("ck_evidence_withdrawn")),
        sa.CheckConstraint(
            "(state IN ('rejected', 'withdrawn', 'superseded')) = (ended_at IS NOT NULL)",
            name=op.f("ck_evidence_ended"),
        ),
        sa.CheckConstraint(
            "checked_at IS NULL OR state IN ('checked', 'withdrawn', 'superseded')",
            name=op.f("ck_evidence_checked_is_kept"),
        ),
        sa.CheckConstraint("state <> 'checked' OR checked_at IS NOT NULL", name=op.f("ck_evidence_checked")),
        sa.CheckConstraint("state <> 'confirmed' OR confirmed_at IS NOT NULL", name=op.f("ck_evidence_confirmed")),
        sa.CheckConstraint("state <> 'draft' OR declared_at IS NULL", name=op.f("ck_evidence_draft")),
        sa.CheckConstraint("state = 'draft' OR declared_at IS NOT NULL", name=op.f("ck_evidence_declared")),
        sa.CheckConstraint(
            "state IN ('draft', 'declared', 'rejected', 'withdrawn') OR accepted_at IS NOT NULL",
            name=op.f("ck_evidence_accepted"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('rejected', 'withdrawn') OR reason IS NOT NULL", name=op.f("ck_evidence_reason")
        ),
        sa.CheckConstraint("(checked_by_id IS NULL) = (checked_at IS NULL)", name=op.f("ck_evidence_checked_by")),
        sa.CheckConstraint("amount IS NULL OR amount >= 0", name=op.f("ck_evidence_amount")),
        sa.CheckConstraint(
            "checked_by_id IS NULL OR (checked_by_id <> entered_by_id AND checked_by_id <> person_id)",
            name=op.f("ck_evidence_two_people"),
        ),
        sa.CheckConstraint("declared_at IS NULL OR happened_on IS NOT NULL", name=op.f("ck_evidence_dated")),
        sa.CheckConstraint("hours IS NULL OR hours > 0", name=op.f("ck_evidence_hours")),
        sa.CheckConstraint(
            "rejected_by_id IS NULL OR rejected_by_id <> entered_by_id", name=op.f("ck_evidence_rejected_by_another")
        ),
        sa.CheckConstraint("share IS NULL OR (share > 0 AND share <= 10000)", name=op.f("ck_evidence_share")),
        sa.ForeignKeyConstraint(["checked_by_id"], ["person.id"], name=op.f("fk_evidence_checked_by_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["person.id"], name=op.f("fk_evidence_entered_by_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_evidence_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_evidence_person_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_evidence_region_code")),
        sa.ForeignKeyConstraint(["rejected_by_id"], ["person.id"], name=op.f("fk_evidence_rejected_by_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["evidence.id"], name=op.f("fk_evidence_supersedes_id")),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["person.id"], name=op.f("fk_evidence_withdrawn_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("code", name=op.f("uq_evidence_code")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_checked_by_id"), ["checked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_entered_by_id"), ["entered_by_id"], unique=False)
        batch_op.create_index("ix_evidence_facts", ["person_id", "kind", "checked_at"], unique=False)
        batch_op.create_index("ix_evidence_number", ["kind", "number"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_evidence_queue", ["region_code", "state", "declared_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_rejected_by_id"), ["rejected_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_series"), ["series"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_supersedes_id"), ["supersedes_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_withdrawn_by_id"), ["withdrawn_by_id"], unique=False)

    op.create_table(
        "evidence_import",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "contract",
                "registration",
                "invoice",
                "receipt",
                "service",
                "work",
                "patent",
                "award",
                "training",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "staged",
                "committed",
                "discarded",
                name="importstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(state = 'staged') = (decided_at IS NULL)", name=op.f("ck_evidence_import_decided")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_evidence_import_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_evidence_import_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_import")),
        sa.UniqueConstraint("code", name=op.f("uq_evidence_import_code")),
    )
    with op.batch_alter_table("evidence_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_import_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_import_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "counterparty_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("evidence_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token", sa.LargeBinary(length=32), nullable=False),
        sa.Column("party", sa.String(length=200), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("token_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("mailed_at", UtcDateTime(), nullable=True),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column(
            "answer",
            sa.Enum("confirmed", "disputed", name="answer", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "answer IS NULL OR answer <> 'disputed' OR reason IS NOT NULL",
            name=op.f("ck_counterparty_request_disputed"),
        ),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_counterparty_request_answered")),
        sa.CheckConstraint("answered_at IS NULL OR ended_at IS NULL", name=op.f("ck_counterparty_request_one_end")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_counterparty_request_asked_by_id")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_counterparty_request_evidence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counterparty_request")),
        sa.UniqueConstraint("code", name=op.f("uq_counterparty_request_code")),
        sa.UniqueConstraint("token", name=op.f("uq_counterparty_request_token")),
    )
    with op.batch_alter_table("counterparty_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_counterparty_request_asked_by_id"), ["asked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_counterparty_request_evidence_id"), ["evidence_id"], unique=False)

    op.create_table(
        "evidence_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("evidence_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("attached_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attached_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["attached_by_id"], ["person.id"], name=op.f("fk_evidence_file_attached_by_id")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_evidence_file_evidence_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_evidence_file_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_file")),
        sa.UniqueConstraint("evidence_id", "file_id", name=op.f("uq_evidence_file_evidence_id_file_id")),
    )
    with op.batch_alter_table("evidence_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_file_attached_by_id"), ["attached_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_file_evidence_id"), ["evidence_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_file_file_id"), ["file_id"], unique=False)

    op.create_table(
        "evidence_import_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("masked", sa.String(length=64), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("evidence_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("NOT good OR person_id IS NOT NULL", name=op.f("ck_evidence_import_row_good")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_evidence_import_row_evidence_id")),
        sa.ForeignKeyConstraint(["import_id"], ["evidence_import.id"], name=op.f("fk_evidence_import_row_import_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_evidence_import_row_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_import_row")),
        sa.UniqueConstraint("import_id", "line", name=op.f("uq_evidence_import_row_import_id_line")),
    )
    with op.batch_alter_table("evidence_import_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_import_row_evidence_id"), ["evidence_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_import_row_import_id"), ["import_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_import_row_person_id"), ["person_id"], unique=False)

    op.create_table(
        "evidence_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contract_series", sa.String(length=26), nullable=False),
        sa.Column("paper_series", sa.String(length=26), nullable=False),
        sa.Column("linked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("linked_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("contract_series <> paper_series", name=op.f("ck_evidence_link_two_records")),
        sa.ForeignKeyConstraint(["contract_series"], ["evidence.code"], name=op.f("fk_evidence_link_contract_series")),
        sa.ForeignKeyConstraint(["linked_by_id"], ["person.id"], name=op.f("fk_evidence_link_linked_by_id")),
        sa.ForeignKeyConstraint(["paper_series"], ["evidence.code"], name=op.f("fk_evidence_link_paper_series")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_link")),
        sa.UniqueConstraint("paper_series", name=op.f("uq_evidence_link_paper_series")),
    )
    with op.batch_alter_table("evidence_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_link_contract_series"), ["contract_series"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_link_linked_by_id"), ["linked_by_id"], unique=False)

    op.create_table(
        "evidence_use",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("evidence_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("subject_type", sa.String(length=64), nullable=False),
        sa.Column("subject_code", sa.String(length=64), nullable=False),
        sa.Column("part", ScaledDecimal(2), nullable=False),
        sa.Column("used_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("used_at", UtcDateTime(), nullable=False),
        sa.Column("released_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("part > 0 AND part <= 10000", name=op.f("ck_evidence_use_part")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_evidence_use_evidence_id")),
        sa.ForeignKeyConstraint(["used_by_id"], ["person.id"], name=op.f("fk_evidence_use_used_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_use")),
        sa.UniqueConstraint(
            "evidence_id",
            "purpose",
            "subject_type",
            "subject_code",
            name=op.f("uq_evidence_use_evidence_id_purpose_subject_type_subject_code"),
        ),
    )
    with op.batch_alter_table("evidence_use", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_use_evidence_id"), ["evidence_id"], unique=False)
        batch_op.create_index("ix_evidence_use_subject", ["subject_type", "subject_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_use_used_by_id"), ["used_by_id"], unique=False)

    op.create_table(
        "sample_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("audit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("evidence_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("assigned_to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "finding",
            sa.Enum(
                "conforms", "defect", "unclear", name="finding", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("found_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("found_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name=op.f("ck_sample_item_confirmed")),
        sa.CheckConstraint(
            "(finding IS NULL) = (found_by_id IS NULL) AND (finding IS NULL) = (found_at IS NULL)",
            name=op.f("ck_sample_item_found"),
        ),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR confirmed_by_id <> found_by_id", name=op.f("ck_sample_item_two_people")
        ),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR finding IS NOT NULL", name=op.f("ck_sample_item_confirmed_finding")
        ),
        sa.CheckConstraint(
            "finding IS NULL OR (note IS NOT NULL AND assigned_to_id IS NOT NULL)", name=op.f("ck_sample_item_note")
        ),
        sa.ForeignKeyConstraint(["assigned_to_id"], ["person.id"], name=op.f("fk_sample_item_assigned_to_id")),
        sa.ForeignKeyConstraint(["audit_id"], ["sample_audit.id"], name=op.f("fk_sample_item_audit_id")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["person.id"], name=op.f("fk_sample_item_confirmed_by_id")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_sample_item_evidence_id")),
        sa.ForeignKeyConstraint(["found_by_id"], ["person.id"], name=op.f("fk_sample_item_found_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_item")),
        sa.UniqueConstraint("audit_id", "evidence_id", name=op.f("uq_sample_item_audit_id_evidence_id")),
        sa.UniqueConstraint("audit_id", "place", name=op.f("uq_sample_item_audit_id_place")),
        sa.UniqueConstraint("code", name=op.f("uq_sample_item_code")),
    )
    with op.batch_alter_table("sample_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sample_item_assigned_to_id"), ["assigned_to_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sample_item_audit_id"), ["audit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sample_item_confirmed_by_id"), ["confirmed_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sample_item_evidence_id"), ["evidence_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sample_item_found_by_id"), ["found_by_id"], unique=False)
    for statement in content_ddl(op.get_bind().dialect.name, erasable=False):
        op.execute(statement)


def downgrade() -> None:
    """Revert."""
    with op.batch_alter_table("sample_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sample_item_found_by_id"))
        batch_op.drop_index(batch_op.f("ix_sample_item_evidence_id"))
        batch_op.drop_index(batch_op.f("ix_sample_item_confirmed_by_id"))
        batch_op.drop_index(batch_op.f("ix_sample_item_audit_id"))
        batch_op.drop_index(batch_op.f("ix_sample_item_assigned_to_id"))

    op.drop_table("sample_item")
    with op.batch_alter_table("evidence_use", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_use_used_by_id"))
        batch_op.drop_index("ix_evidence_use_subject")
        batch_op.drop_index(batch_op.f("ix_evidence_use_evidence_id"))

    op.drop_table("evidence_use")
    with op.batch_alter_table("evidence_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_link_linked_by_id"))
        batch_op.drop_index(batch_op.f("ix_evidence_link_contract_series"))

    op.drop_table("evidence_link")
    with op.batch_alter_table("evidence_import_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_import_row_person_id"))
        batch_op.drop_index(batch_op.f("ix_evidence_import_row_import_id"))
        batch_op.drop_index(batch_op.f("ix_evidence_import_row_evidence_id"))

    op.drop_table("evidence_import_row")
    with op.batch_alter_table("evidence_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_file_file_id"))
        batch_op.drop_index(batch_op.f("ix_evidence_file_evidence_id"))
        batch_op.drop_index(batch_op.f("ix_evidence_file_attached_by_id"))

    op.drop_table("evidence_file")
    with op.batch_alter_table("counterparty_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_counterparty_request_evidence_id"))
        batch_op.drop_index(batch_op.f("ix_counterparty_request_asked_by_id"))

    op.drop_table("counterparty_request")
    with op.batch_alter_table("evidence_import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_import_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_evidence_import_by_id"))

    op.drop_table("evidence_import")
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_withdrawn_by_id"))
        batch_op.drop_index(batch_op.f("ix_evidence_supersedes_id"))
        batch_op.drop_index(batch_op.f("ix_evidence_series"))
        batch_op.drop_index(batch_op.f("ix_evidence_rejected_by_id"))
        batch_op.drop_index("ix_evidence_queue")
        batch_op.drop_index(batch_op.f("ix_evidence_person_id"))
        batch_op.drop_index(batch_op.f("ix_evidence_organisation_id"))
        batch_op.drop_index("ix_evidence_number")
        batch_op.drop_index("ix_evidence_facts")
        batch_op.drop_index(batch_op.f("ix_evidence_entered_by_id"))
        batch_op.drop_index(batch_op.f("ix_evidence_checked_by_id"))

    op.drop_table("evidence")
    with op.batch_alter_table("sample_audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sample_audit_region_code"))
        batch_op.drop_index(batch_op.f("ix_sample_audit_drawn_by_id"))

    op.drop_table("sample_audit")
    op.drop_table("contract_share")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS evidence_content")
