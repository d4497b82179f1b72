"""certificates suspended, reissued and renewed; suspension lists; changes of many at once."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SUCCESSION = ("reissue", "renewal")
BECAUSE = ("name_changed", "data_corrected", "key_replaced", "set_aside")
SUSPENDED_FOR = ("investigation", "objection", "continuing_education", "sanction", "holder_request")
LIST_BYTES = 131_072 // 8


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Apply."""
    _certificates()
    _requests()
    _lists()
    _suspensions()
    _changes()
    # Not as a batch: SQLite would copy the table and lose its trigger
    op.add_column("award", sa.Column("suspended_at", UtcDateTime(), nullable=True))


def _certificates() -> None:
    with op.batch_alter_table("certificate") as table:
        table.drop_constraint(op.f("ck_certificate_certificatestate"), type_="check")
        table.drop_constraint(op.f("ck_certificate_published"), type_="check")
        table.add_column(sa.Column("suspended_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("suspended_by_id", BIG, nullable=True))
        table.add_column(sa.Column("suspended_for", sa.String(length=40), nullable=True))
        table.add_column(sa.Column("suspended_until", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("replaces_id", BIG, nullable=True))
        table.add_column(sa.Column("succession", sa.String(length=40), nullable=True))
        table.create_foreign_key(op.f("fk_certificate_suspended_by_id"), "person", ["suspended_by_id"], ["id"])
        table.create_foreign_key(op.f("fk_certificate_replaces_id"), "certificate", ["replaces_id"], ["id"])
        table.create_index(op.f("ix_certificate_suspended_by_id"), ["suspended_by_id"])
        table.create_index(op.f("ix_certificate_replaces_id"), ["replaces_id"])
        for name, condition in CERTIFICATE_CHECKS.items():
            table.create_check_constraint(op.f(f"ck_certificate_{name}"), condition)
    op.create_index(
        "ix_certificate_suspended_until",
        "certificate",
        ["suspended_until"],
        sqlite_where=sa.text("suspended_until IS NOT NULL"),
        postgresql_where=sa.text("suspended_until IS NOT NULL"),
    )


def _among(column: str, *values: str) -> str:
    listed = ", ".join(f"'{one}'" for one in values)
    return f"{column} IN ({listed})"


CERTIFICATE_CHECKS = {
    "certificatestate": _among("state", "stored", "signed", "published", "suspended", "revoked"),
    "suspensionreason": _among("suspended_for", *SUSPENDED_FOR),
    "succession": _among("succession", *SUCCESSION),
    "published": "(published_at IS NOT NULL) = (state IN ('published', 'suspended', 'revoked'))",
    "suspended": "state <> 'suspended' OR suspended_at IS NOT NULL",
    "suspended_still": "suspended_at IS NULL OR state IN ('suspended', 'revoked')",
    "suspended_whole": "(suspended_at IS NULL) = (suspended_for IS NULL) "
    "AND (suspended_at IS NULL) = (suspended_by_id IS NULL)",
    "suspended_until": "suspended_until IS NULL OR suspended_until > suspended_at",
    "follows": "(replaces_id IS NULL) = (succession IS NULL)",
    "replaces_another": "replaces_id IS NULL OR replaces_id <> id",
}


def _requests() -> None:
    with op.batch_alter_table("certificate_request") as table:
        table.drop_constraint(op.f("ck_certificate_request_requeststate"), type_="check")
        table.drop_constraint(op.f("uq_certificate_request_kind_source_type_source_code"), type_="unique")
        table.add_column(sa.Column("requested_by_id", BIG, nullable=True))
        table.add_column(sa.Column("replaces_id", BIG, nullable=True))
        table.add_column(sa.Column("succession", sa.String(length=40), nullable=True))
        table.add_column(sa.Column("because", sa.String(length=40), nullable=True))
        table.add_column(sa.Column("declined_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("declined_by_id", BIG, nullable=True))
        table.add_column(sa.Column("declined_because", sa.Text(), nullable=True))
        table.create_foreign_key(op.f("fk_certificate_request_requested_by_id"), "person", ["requested_by_id"], ["id"])
        table.create_foreign_key(op.f("fk_certificate_request_replaces_id"), "certificate", ["replaces_id"], ["id"])
        table.create_foreign_key(op.f("fk_certificate_request_declined_by_id"), "person", ["declined_by_id"], ["id"])
        for name in ("requested_by_id", "replaces_id", "declined_by_id"):
            table.create_index(op.f(f"ix_certificate_request_{name}"), [name])
        for name, condition in REQUEST_CHECKS.items():
            table.create_check_constraint(op.f(f"ck_certificate_request_{name}"), condition)
    for name, columns, where in REQUEST_ONCE:
        op.create_index(
            name,
            "certificate_request",
            columns,
            unique=True,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


REQUEST_CHECKS = {
    "requeststate": _among("state", "open", "batched", "withdrawn", "declined"),
    "succession": _among("succession", *SUCCESSION),
    "reissuereason": _among("because", *BECAUSE),
    "follows": "(replaces_id IS NULL) = (succession IS NULL)",
    "because": "(succession = 'reissue') = (because IS NOT NULL)",
    "declined": "(state = 'declined') = (declined_at IS NOT NULL AND declined_because IS NOT NULL)",
}
REQUEST_ONCE = (
    ("uq_certificate_request_source", ["kind", "source_type", "source_code"], "replaces_id IS NULL"),
    ("uq_certificate_request_successor", ["replaces_id"], "state NOT IN ('declined', 'withdrawn')"),
)


def _lists() -> None:
    op.add_column("status_list", sa.Column("jwt", sa.Text(), nullable=True))
    made = op.create_table(
        "suspension_list",
        sa.Column("id", BIG, nullable=False),
        sa.Column("status_list_id", BIG, nullable=False),
        sa.Column("bits", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("credential", sa.Text(), nullable=True),
        sa.Column("jwt", sa.Text(), nullable=True),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(credential IS NULL) = (signed_at IS NULL)", name=op.f("ck_suspension_list_signed")),
        sa.ForeignKeyConstraint(["status_list_id"], ["status_list.id"], name=op.f("fk_suspension_list_status_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspension_list")),
    )
    op.create_index(op.f("ix_suspension_list_status_list_id"), "suspension_list", ["status_list_id"], unique=True)
    known = op.get_bind().execute(sa.text("SELECT id FROM status_list")).scalars().all()
    empty, now = bytes(LIST_BYTES), datetime.now(UTC)
    op.bulk_insert(made, [{"status_list_id": one, "bits": empty, "changed_at": now, "version": 1} for one in known])
    # The signed forms carry no end yet: they are made anew
    op.execute("UPDATE status_list SET credential = NULL, signed_at = NULL")


def _suspensions() -> None:
    op.create_table(
        "certificate_suspension",
        sa.Column("id", BIG, nullable=False),
        sa.Column("certificate_id", BIG, nullable=False),
        sa.Column("reason", _enum("suspensionreason", *SUSPENDED_FOR), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("suspended_at", UtcDateTime(), nullable=False),
        sa.Column("suspended_by_id", BIG, nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by_id", BIG, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "ended_by_id IS NULL OR ended_by_id <> suspended_by_id", name=op.f("ck_certificate_suspension_two_people")
        ),
        sa.CheckConstraint("ended_by_id IS NULL OR ended_at IS NOT NULL", name=op.f("ck_certificate_suspension_ended")),
        sa.CheckConstraint(
            "ended_by_id IS NULL OR end_reason IS NOT NULL", name=op.f("ck_certificate_suspension_reason")
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_suspension_certificate_id")
        ),
        sa.ForeignKeyConstraint(
            ["suspended_by_id"], ["person.id"], name=op.f("fk_certificate_suspension_suspended_by_id")
        ),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_certificate_suspension_ended_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_suspension")),
    )
    for name in ("certificate_id", "suspended_by_id", "ended_by_id"):
        op.create_index(op.f(f"ix_certificate_suspension_{name}"), "certificate_suspension", [name])
    op.create_index(
        "uq_certificate_suspension_open",
        "certificate_suspension",
        ["certificate_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


CHANGE_STATES = ("checking", "checked", "proposed", "approved", "rejected", "discarded", "done")


def _changes() -> None:
    op.create_table(
        "certificate_change",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("body_id", BIG, nullable=False),
        sa.Column("act", _enum("act", "revoke", "suspend", "reissue"), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("staged_file_id", BIG, nullable=True),
        sa.Column("state", _enum("changestate", *CHANGE_STATES), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("total", "checked", "good", "bad", "done")),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("only_good", sa.Boolean(), nullable=False),
        sa.Column("prepared_by_id", BIG, nullable=False),
        sa.Column("prepared_at", UtcDateTime(), nullable=False),
        sa.Column("approved_by_id", BIG, nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_certificate_change_{name}"))
            for name, condition in CHANGE_CHECKS.items()
        ),
        sa.ForeignKeyConstraint(["body_id"], ["issuing_body.id"], name=op.f("fk_certificate_change_body_id")),
        sa.ForeignKeyConstraint(
            ["staged_file_id"], ["staged_file.id"], name=op.f("fk_certificate_change_staged_file_id")
        ),
        sa.ForeignKeyConstraint(["prepared_by_id"], ["person.id"], name=op.f("fk_certificate_change_prepared_by_id")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_certificate_change_approved_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_change")),
        sa.UniqueConstraint("code", name=op.f("uq_certificate_change_code")),
    )
    for name in ("body_id", "staged_file_id", "prepared_by_id", "approved_by_id"):
        op.create_index(op.f(f"ix_certificate_change_{name}"), "certificate_change", [name])
    _change_rows()


CHANGE_CHECKS = {
    "two_people": "approved_by_id IS NULL OR approved_by_id <> prepared_by_id",
    "decided": "state NOT IN ('approved', 'rejected', 'done') "
    "OR (approved_by_id IS NOT NULL AND approved_at IS NOT NULL)",
    "staged": "(state = 'checking') = (staged_file_id IS NOT NULL)",
    "refusal": "state <> 'rejected' OR refusal IS NOT NULL",
    "ended": "(state IN ('done', 'discarded', 'rejected')) = (ended_at IS NOT NULL)",
    "until": "act = 'suspend' OR until IS NULL",
    "progress": "done + skipped <= good",
}


def _change_rows() -> None:
    op.create_table(
        "certificate_change_row",
        sa.Column("id", BIG, nullable=False),
        sa.Column("change_id", BIG, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("certificate_id", BIG, nullable=True),
        sa.Column("problem", sa.String(length=64), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("skipped_for", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "problem IS NOT NULL OR certificate_id IS NOT NULL", name=op.f("ck_certificate_change_row_known")
        ),
        sa.CheckConstraint("done_at IS NULL OR problem IS NULL", name=op.f("ck_certificate_change_row_done")),
        sa.ForeignKeyConstraint(
            ["change_id"], ["certificate_change.id"], name=op.f("fk_certificate_change_row_change_id")
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_change_row_certificate_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_change_row")),
        sa.UniqueConstraint("change_id", "line", name=op.f("uq_certificate_change_row_change_id_line")),
    )
    for name in ("change_id", "certificate_id"):
        op.create_index(op.f(f"ix_certificate_change_row_{name}"), "certificate_change_row", [name])
    op.create_index(
        "uq_certificate_change_row_once",
        "certificate_change_row",
        ["change_id", "certificate_id"],
        unique=True,
        sqlite_where=sa.text("problem IS NULL"),
        postgresql_where=sa.text("problem IS NULL"),
    )
    op.create_index("ix_certificate_change_row_left", "certificate_change_row", ["change_id", "done_at", "line"])


def downgrade() -> None:
    """Take back: suspended certificates count again, requests to make one anew go."""
    for table in ("certificate_change_row", "certificate_change", "certificate_suspension", "suspension_list"):
        op.drop_table(table)
    op.drop_column("award", "suspended_at")
    op.drop_column("status_list", "jwt")
    op.execute(
        "UPDATE certificate SET state = CASE WHEN state = 'suspended' THEN 'published' ELSE state END, "
        "suspended_at = NULL, suspended_by_id = NULL, suspended_for = NULL, suspended_until = NULL"
    )
    op.execute("DELETE FROM certificate_request WHERE state = 'declined'")
    op.execute(
        "UPDATE certificate_request SET source_type = 'certificate_request', source_code = code "
        "WHERE replaces_id IS NOT NULL"
    )
    for name, _columns, _where in REQUEST_ONCE:
        op.drop_index(name, "certificate_request")
    _requests_back()
    _certificates_back()


def _requests_back() -> None:
    with op.batch_alter_table("certificate_request") as table:
        for name in REQUEST_CHECKS:
            table.drop_constraint(op.f(f"ck_certificate_request_{name}"), type_="check")
        for name in ("requested_by_id", "replaces_id", "declined_by_id"):
            table.drop_constraint(op.f(f"fk_certificate_request_{name}"), type_="foreignkey")
            table.drop_index(op.f(f"ix_certificate_request_{name}"))
        for name in REQUEST_COLUMNS:
            table.drop_column(name)
        table.create_unique_constraint(
            op.f("uq_certificate_request_kind_source_type_source_code"), ["kind", "source_type", "source_code"]
        )
        table.create_check_constraint(
            op.f("ck_certificate_request_requeststate"), "state IN ('open', 'batched', 'withdrawn')"
        )


REQUEST_COLUMNS = (
    "requested_by_id",
    "replaces_id",
    "succession",
    "because",
    "declined_at",
    "declined_by_id",
    "declined_because",
)


def _certificates_back() -> None:
    op.drop_index("ix_certificate_suspended_until", "certificate")
    with op.batch_alter_table("certificate") as table:
        for name in CERTIFICATE_CHECKS:
            table.drop_constraint(op.f(f"ck_certificate_{name}"), type_="check")
        for name in ("suspended_by_id", "replaces_id"):
            table.drop_constraint(op.f(f"fk_certificate_{name}"), type_="foreignkey")
            table.drop_index(op.f(f"ix_certificate_{name}"))
        columns = ("suspended_at", "suspended_by_id", "suspended_for", "suspended_until", "replaces_id", "succession")
        for name in columns:
            table.drop_column(name)
        table.create_check_constraint(
            op.f("ck_certificate_certificatestate"), "state IN ('stored', 'signed', 'published', 'revoked')"
        )
        table.create_check_constraint(
            op.f("ck_certificate_published"), "(published_at IS NOT NULL) = (state IN ('published', 'revoked'))"
        )
