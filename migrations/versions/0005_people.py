"""people: rosters at scale, organisations with history, consents, exports, erasures, claims and merges."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime
from app.core.events import append_only_ddl

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPEND_ONLY = ("consent_text", "organisation_change")
OLD_KINDS = ("base", "institution", "employer", "authority", "exam_body", "certification_body")
KINDS = (*OLD_KINDS[:4], "committee_host", *OLD_KINDS[4:])
MERGED = "merged_into_id IS NULL OR (merged_into_id <> id AND identity_index IS NULL)"
NEW_TABLES = (
    "organisation_change",
    "claim",
    "staged_block",
    "person_merge",
    "people_row",
    "people_import",
    "erasure",
    "data_export",
    "consent",
    "staged_file",
    "consent_text",
)


def upgrade() -> None:
    """Apply. Rosters that were staged and not decided are dropped with their tables: the file is uploaded again."""
    _new_tables()
    op.drop_table("roster_row")
    op.drop_table("roster_import")
    _roster_import()
    _person()
    _kinds(KINDS)
    op.add_column("organisation", sa.Column("closed_on", sa.Date(), nullable=True))
    dialect = op.get_bind().dialect.name
    for table in APPEND_ONLY:
        for statement in append_only_ddl(table, dialect):
            op.execute(statement)


def _kinds(kinds: tuple[str, ...]) -> None:
    name = op.f("ck_organisation_organisationkind")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("organisation") as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, f"kind IN ({listed})")


def _person() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "ALTER TABLE person ADD COLUMN merged_into_id INTEGER"
            f" CONSTRAINT ck_person_merged CHECK ({MERGED})"
            " CONSTRAINT fk_person_merged_into_id REFERENCES person (id)"
        )
    else:
        op.add_column("person", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(op.f("fk_person_merged_into_id"), "person", "person", ["merged_into_id"], ["id"])
        op.create_check_constraint(op.f("ck_person_merged"), "person", MERGED)
    op.create_index(op.f("ix_person_merged_into_id"), "person", ["merged_into_id"])


def _roster_import() -> None:
    op.create_table(
        "roster_import",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("cohort_id", KEY, nullable=False),
        sa.Column("people_import_id", KEY, nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "checking",
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
        sa.Column("by_id", KEY, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('checking', 'staged')) = (decided_at IS NULL)", name=op.f("ck_roster_import_decided")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_roster_import_by_id")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_roster_import_cohort_id")),
        sa.ForeignKeyConstraint(
            ["people_import_id"], ["people_import.id"], name=op.f("fk_roster_import_people_import_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_import")),
        sa.UniqueConstraint("code", name=op.f("uq_roster_import_code")),
    )
    op.create_index(op.f("ix_roster_import_by_id"), "roster_import", ["by_id"])
    op.create_index(op.f("ix_roster_import_cohort_id"), "roster_import", ["cohort_id"])
    op.create_index(op.f("ix_roster_import_people_import_id"), "roster_import", ["people_import_id"], unique=True)


def _new_tables() -> None:
    op.create_table(
        "consent_text",
        sa.Column("id", KEY, nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_text")),
        sa.UniqueConstraint("purpose", "number", name=op.f("uq_consent_text_purpose_number")),
    )
    op.create_table(
        "staged_file",
        sa.Column("id", KEY, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("blocks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged_file")),
    )
    op.create_table(
        "consent",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("text_id", KEY, nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("withdrawn_at IS NULL OR withdrawn_at >= given_at", name=op.f("ck_consent_period")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consent_person_id")),
        sa.ForeignKeyConstraint(["text_id"], ["consent_text.id"], name=op.f("fk_consent_text_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("code", name=op.f("uq_consent_code")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_consent_text_id"), ["text_id"], unique=False)
        batch_op.create_index(
            "uq_consent_open",
            ["person_id", "purpose"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "data_export",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("ready_at", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("downloaded_at", UtcDateTime(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(ready_at IS NULL) = (expires_at IS NULL)", name=op.f("ck_data_export_ready")),
        sa.CheckConstraint(
            "sealed IS NULL OR (ready_at IS NOT NULL AND downloaded_at IS NULL)", name=op.f("ck_data_export_kept")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_data_export_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_export")),
        sa.UniqueConstraint("code", name=op.f("uq_data_export_code")),
    )
    with op.batch_alter_table("data_export", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_data_export_person_id"), ["person_id"], unique=False)

    op.create_table(
        "erasure",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "withdrawn",
                "refused",
                "limited",
                "done",
                name="erasurestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("requested_by_id", KEY, nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", KEY, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.Column("kept_until", sa.Date(), nullable=True),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'done') = (erased_at IS NOT NULL)", name=op.f("ck_erasure_erased")),
        sa.CheckConstraint(
            "(state IN ('limited', 'done', 'refused')) = (decided_by_id IS NOT NULL)", name=op.f("ck_erasure_decided")
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> person_id", name=op.f("ck_erasure_second_person")
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> requested_by_id", name=op.f("ck_erasure_two_people")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_erasure_decided_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_erasure_person_id")),
        sa.ForeignKeyConstraint(["requested_by_id"], ["person.id"], name=op.f("fk_erasure_requested_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
        sa.UniqueConstraint("code", name=op.f("uq_erasure_code")),
    )
    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_erasure_decided_by_id"), ["decided_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_erasure_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_erasure_requested_by_id"), ["requested_by_id"], unique=False)
        batch_op.create_index(
            "uq_erasure_open",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('requested', 'limited')"),
            postgresql_where=sa.text("state IN ('requested', 'limited')"),
        )

    op.create_table(
        "people_import",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("index_mark", sa.LargeBinary(length=32), nullable=False),
        sa.Column("staged_file_id", KEY, nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("checked", sa.Integer(), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("committed_at", UtcDateTime(), nullable=True),
        sa.Column("discarded_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("committed_at IS NULL OR checked_at IS NOT NULL", name=op.f("ck_people_import_checked")),
        sa.CheckConstraint("committed_at IS NULL OR discarded_at IS NULL", name=op.f("ck_people_import_one_end")),
        sa.CheckConstraint("good + bad = checked AND checked <= total", name=op.f("ck_people_import_counted")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_people_import_by_id")),
        sa.ForeignKeyConstraint(["staged_file_id"], ["staged_file.id"], name=op.f("fk_people_import_staged_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_import")),
        sa.UniqueConstraint("code", name=op.f("uq_people_import_code")),
    )
    with op.batch_alter_table("people_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_import_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_people_import_staged_file_id"), ["staged_file_id"], unique=False)

    op.create_table(
        "person_merge",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("kept_id", KEY, nullable=False),
        sa.Column("gone_id", KEY, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "confirmed",
                "declined",
                name="mergestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", KEY, nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", KEY, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'proposed') = (decided_by_id IS NULL)", name=op.f("ck_person_merge_decided")),
        sa.CheckConstraint(
            "(proposed_by_id <> kept_id AND proposed_by_id <> gone_id)"
            " AND (decided_by_id IS NULL OR (decided_by_id <> kept_id AND decided_by_id <> gone_id))",
            name=op.f("ck_person_merge_not_oneself"),
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name=op.f("ck_person_merge_two_people")
        ),
        sa.CheckConstraint("kept_id <> gone_id", name=op.f("ck_person_merge_two_records")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_person_merge_decided_by_id")),
        sa.ForeignKeyConstraint(["gone_id"], ["person.id"], name=op.f("fk_person_merge_gone_id")),
        sa.ForeignKeyConstraint(["kept_id"], ["person.id"], name=op.f("fk_person_merge_kept_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"], name=op.f("fk_person_merge_proposed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merge")),
        sa.UniqueConstraint("code", name=op.f("uq_person_merge_code")),
    )
    with op.batch_alter_table("person_merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_merge_decided_by_id"), ["decided_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_merge_gone_id"), ["gone_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_merge_kept_id"), ["kept_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_merge_proposed_by_id"), ["proposed_by_id"], unique=False)

    op.create_table(
        "staged_block",
        sa.Column("id", KEY, nullable=False),
        sa.Column("staged_file_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["staged_file_id"], ["staged_file.id"], name=op.f("fk_staged_block_staged_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged_block")),
        sa.UniqueConstraint("staged_file_id", "number", name=op.f("uq_staged_block_staged_file_id_number")),
    )
    with op.batch_alter_table("staged_block", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staged_block_staged_file_id"), ["staged_file_id"], unique=False)

    op.create_table(
        "claim",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("organisation_id", KEY, nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "open", "accepted", "refused", name="claimstate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("claimed_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", KEY, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'open') = (decided_by_id IS NULL)", name=op.f("ck_claim_decided")),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> person_id", name=op.f("ck_claim_not_oneself")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_claim_decided_by_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_claim_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_claim_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("code", name=op.f("uq_claim_code")),
    )
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_decided_by_id"), ["decided_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_claim_open",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "organisation_change",
        sa.Column("id", KEY, nullable=False),
        sa.Column("organisation_id", KEY, nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("before", sa.String(length=200), nullable=True),
        sa.Column("after", sa.String(length=200), nullable=True),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_organisation_change_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_organisation_change_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_change")),
    )
    with op.batch_alter_table("organisation_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_change_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_organisation_change_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "people_row",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("people_import_id", KEY, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("person_code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("masked", sa.String(length=64), nullable=False),
        sa.Column("employer", sa.String(length=200), nullable=True),
        sa.Column("problems", sa.JSON(), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["people_import_id"], ["people_import.id"], name=op.f("fk_people_row_people_import_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_row")),
        sa.UniqueConstraint("code", name=op.f("uq_people_row_code")),
        sa.UniqueConstraint("people_import_id", "line", name=op.f("uq_people_row_people_import_id_line")),
    )
    with op.batch_alter_table("people_row", schema=None) as batch_op:
        batch_op.create_index("ix_people_row_email", ["people_import_id", "email_index"], unique=False)
        batch_op.create_index("ix_people_row_identity", ["people_import_id", "identity_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_people_row_people_import_id"), ["people_import_id"], unique=False)
        batch_op.create_index("ix_people_row_phone", ["people_import_id", "phone_index"], unique=False)


def downgrade() -> None:
    """Revert."""
    with op.batch_alter_table("organisation") as batch:
        batch.drop_column("closed_on")
    _kinds(OLD_KINDS)
    _person_before()
    op.drop_table("roster_import")
    for table in NEW_TABLES:
        op.drop_table(table)
    _rosters_before()


def _person_before() -> None:
    op.drop_index(op.f("ix_person_merged_into_id"), "person")
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("person") as batch:
            batch.drop_constraint(op.f("ck_person_merged"), type_="check")
            batch.drop_column("merged_into_id")
        return
    op.drop_constraint(op.f("ck_person_merged"), "person", type_="check")
    op.drop_constraint(op.f("fk_person_merged_into_id"), "person", type_="foreignkey")
    op.drop_column("person", "merged_into_id")


def _rosters_before() -> None:
    op.create_table(
        "roster_import",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("cohort_id", KEY, nullable=False),
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
        sa.Column("by_id", KEY, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'staged') = (decided_at IS NULL)", name=op.f("ck_roster_import_decided")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_roster_import_by_id")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_roster_import_cohort_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_import")),
        sa.UniqueConstraint("code", name=op.f("uq_roster_import_code")),
    )
    op.create_index(op.f("ix_roster_import_by_id"), "roster_import", ["by_id"])
    op.create_index(op.f("ix_roster_import_cohort_id"), "roster_import", ["cohort_id"])
    op.create_table(
        "roster_row",
        sa.Column("id", KEY, nullable=False),
        sa.Column("roster_import_id", KEY, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("masked", sa.String(length=64), nullable=False),
        sa.Column("employer", sa.String(length=200), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("enrolment_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_roster_row_enrolment_id")),
        sa.ForeignKeyConstraint(
            ["roster_import_id"], ["roster_import.id"], name=op.f("fk_roster_row_roster_import_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_row")),
        sa.UniqueConstraint("roster_import_id", "line", name=op.f("uq_roster_row_roster_import_id_line")),
    )
    for column in ("enrolment_id", "good", "roster_import_id"):
        op.create_index(op.f(f"ix_roster_row_{column}"), "roster_row", [column])
