"""templates of certificates with versions, four more kinds, and certificates of organisations."""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from app.core.columns import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OLD_KINDS = ("course_completion", "exam_pass", "capability")
NEW_KINDS = ("title", "credit_report", "accreditation", "continuing_education")
OLD_REASONS = (
    "issued_in_error",
    "false_papers",
    "exam_breach",
    "superseded",
    "award_withdrawn",
    "holder_request",
    "key_compromised",
)
NEW_REASONS = ("accreditation_ended", "fact_corrected")
CLOSED_LISTS = {"kind": "certificatekind", "state": "requeststate", "revoked_for": "revocationreason"}
HOLDER = "(person_id IS NULL) <> (organisation_id IS NULL)"
HOLDER_OF_KIND = "(kind = 'accreditation') = (organisation_id IS NOT NULL)"
REFUSAL = "a version that certificates were issued under never changes"
FIXED = "kind, level, number, tag, source_zh, source_en, wording, valid_months, may_renew, renew_from_days, html, css"


def upgrade() -> None:
    """Apply."""
    _templates()
    _fixed()
    kinds, reasons = OLD_KINDS + NEW_KINDS, OLD_REASONS + NEW_REASONS
    with op.batch_alter_table("certificate_batch") as batch:
        _allow(batch, "certificate_batch", "kind", kinds)
    with op.batch_alter_table("certificate_request") as batch:
        _allow(batch, "certificate_request", "kind", kinds)
        _allow(batch, "certificate_request", "state", ("open", "batched", "withdrawn"))
        _for_organisations(batch, "certificate_request")
        batch.add_column(sa.Column("withdrawn_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("withdrawn_for", _reason(reasons), nullable=True))
        batch.drop_constraint(op.f("ck_certificate_request_batched"), type_="check")
        for name, rule in REQUEST_CHECKS.items():
            batch.create_check_constraint(op.f(f"ck_certificate_request_{name}"), rule)
    with op.batch_alter_table("certificate") as batch:
        _allow(batch, "certificate", "kind", kinds)
        _allow(batch, "certificate", "revoked_for", reasons)
        _for_organisations(batch, "certificate")


REQUEST_CHECKS = {
    "batched": "(state = 'batched') = (batch_id IS NOT NULL)",
    "withdrawn_for": "(withdrawn_at IS NULL) = (withdrawn_for IS NULL)",
    "withdrawn": "state = 'batched' OR (state = 'withdrawn') = (withdrawn_at IS NOT NULL)",
}


def _reason(reasons: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*reasons, name="revocationreason", native_enum=False, create_constraint=True, length=40)


def _allow(batch: BatchOperations, table: str, column: str, allowed: tuple[str, ...]) -> None:
    """Let a closed list hold these values."""
    constraint = op.f(f"ck_{table}_{CLOSED_LISTS[column]}")
    listed = ", ".join(f"'{value}'" for value in allowed)
    batch.drop_constraint(constraint, type_="check")
    batch.create_check_constraint(constraint, f"{column} IN ({listed})")


def _for_organisations(batch: BatchOperations, table: str) -> None:
    batch.alter_column("person_id", existing_type=BIG, nullable=True)
    for column, target in (("organisation_id", "organisation"), ("template_version_id", "certificate_template")):
        batch.add_column(sa.Column(column, BIG, nullable=True))
        batch.create_foreign_key(op.f(f"fk_{table}_{column}"), target, [column], ["id"])
        batch.create_index(op.f(f"ix_{table}_{column}"), [column], unique=False)
    batch.create_check_constraint(op.f(f"ck_{table}_holder"), HOLDER)
    batch.create_check_constraint(op.f(f"ck_{table}_holder_of_kind"), HOLDER_OF_KIND)


def _templates() -> None:
    op.create_table(
        "certificate_template",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                *OLD_KINDS,
                *NEW_KINDS,
                name="certificatekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("level", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "confirmed",
                "retired",
                name="templatestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.Column("source_zh", sa.String(length=200), nullable=False),
        sa.Column("source_en", sa.String(length=200), nullable=False),
        sa.Column("wording", sa.JSON(), nullable=False),
        sa.Column("valid_months", sa.Integer(), nullable=True),
        sa.Column("may_renew", sa.Boolean(), nullable=False),
        sa.Column("renew_from_days", sa.Integer(), nullable=True),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("css", sa.Text(), nullable=False),
        sa.Column("shipped", sa.Boolean(), nullable=False),
        sa.Column("based_on_id", BIG, nullable=True),
        sa.Column("drafted_by_id", BIG, nullable=True),
        sa.Column("drafted_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_by_id", BIG, nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_certificate_template_{name}")) for name, rule in CHECKS.items()),
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_certificate_template_{column}"))
            for column, target in REFERENCES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_template")),
        sa.UniqueConstraint("code", name=op.f("uq_certificate_template_code")),
        sa.UniqueConstraint("kind", "level", "number", name=op.f("uq_certificate_template_kind_level_number")),
    )
    for column in REFERENCES:
        op.create_index(op.f(f"ix_certificate_template_{column}"), "certificate_template", [column], unique=False)
    for name, state in (("current", "confirmed"), ("draft", "draft")):
        op.create_index(
            f"uq_certificate_template_{name}",
            "certificate_template",
            ["kind", "level"],
            unique=True,
            sqlite_where=sa.text(f"state = '{state}'"),
            postgresql_where=sa.text(f"state = '{state}'"),
        )


REFERENCES = {"based_on_id": "certificate_template", "drafted_by_id": "person", "confirmed_by_id": "person"}
CHECKS = {
    "author": "shipped = (drafted_by_id IS NULL)",
    "two_people": "confirmed_by_id IS NULL OR confirmed_by_id <> drafted_by_id",
    "confirmed_by": "state <> 'confirmed' OR shipped OR confirmed_by_id IS NOT NULL",
    "confirmed_at": "(confirmed_by_id IS NULL OR confirmed_at IS NOT NULL)",
    "confirmed": "state <> 'confirmed' OR confirmed_at IS NOT NULL",
    "draft": "state <> 'draft' OR confirmed_at IS NULL",
    "retired": "(state = 'retired') = (retired_at IS NOT NULL)",
    "tag": "tag IN ('official', 'sample')",
    "number": "number > 0",
    "valid_months": "valid_months > 0",
    "renewal": "may_renew = (renew_from_days IS NOT NULL)",
    "renewal_window": "NOT may_renew OR (valid_months IS NOT NULL AND renew_from_days > 0)",
}


def _fixed() -> None:
    """Keep what a confirmed or retired version says."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER certificate_template_fixed BEFORE UPDATE OF {FIXED} ON certificate_template "
            f"WHEN OLD.state <> 'draft' BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION certificate_template_fixed() RETURNS trigger AS $$ BEGIN "
        "IF OLD.state <> 'draft' THEN "
        f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'check_violation'; END IF; "
        "RETURN NEW; END $$ LANGUAGE plpgsql"
    )
    op.execute(
        f"CREATE TRIGGER certificate_template_fixed BEFORE UPDATE OF {FIXED} ON certificate_template "
        "FOR EACH ROW EXECUTE FUNCTION certificate_template_fixed()"
    )


def downgrade() -> None:
    """Revert; certificates, requests and batches of the four newer kinds are lost."""
    listed = ", ".join(f"'{kind}'" for kind in NEW_KINDS)
    for table in ("certificate", "certificate_request", "certificate_batch"):
        op.execute(f"DELETE FROM {table} WHERE kind IN ({listed})")  # noqa: S608 - both lists stand above
    op.execute("DELETE FROM certificate_request WHERE state = 'withdrawn'")
    op.execute("UPDATE certificate SET revoked_for = 'award_withdrawn' WHERE revoked_for IN ('accreditation_ended')")
    op.execute("UPDATE certificate SET revoked_for = 'issued_in_error' WHERE revoked_for IN ('fact_corrected')")
    with op.batch_alter_table("certificate") as batch:
        _without_organisations(batch, "certificate")
        _allow(batch, "certificate", "revoked_for", OLD_REASONS)
        _allow(batch, "certificate", "kind", OLD_KINDS)
    with op.batch_alter_table("certificate_request") as batch:
        for name in REQUEST_CHECKS:
            batch.drop_constraint(op.f(f"ck_certificate_request_{name}"), type_="check")
        batch.drop_constraint(op.f("ck_certificate_request_revocationreason"), type_="check")
        batch.drop_column("withdrawn_for")
        batch.drop_column("withdrawn_at")
        _without_organisations(batch, "certificate_request")
        batch.create_check_constraint(op.f("ck_certificate_request_batched"), "(state = 'open') = (batch_id IS NULL)")
        _allow(batch, "certificate_request", "state", ("open", "batched"))
        _allow(batch, "certificate_request", "kind", OLD_KINDS)
    with op.batch_alter_table("certificate_batch") as batch:
        _allow(batch, "certificate_batch", "kind", OLD_KINDS)
    op.drop_table("certificate_template")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION certificate_template_fixed()")


def _without_organisations(batch: BatchOperations, table: str) -> None:
    batch.drop_constraint(op.f(f"ck_{table}_holder_of_kind"), type_="check")
    batch.drop_constraint(op.f(f"ck_{table}_holder"), type_="check")
    for column in ("template_version_id", "organisation_id"):
        batch.drop_index(op.f(f"ix_{table}_{column}"))
        batch.drop_constraint(op.f(f"fk_{table}_{column}"), type_="foreignkey")
        batch.drop_column(column)
    batch.alter_column("person_id", existing_type=BIG, nullable=False)
