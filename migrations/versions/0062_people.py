"""contacts that people change and officers correct, with orders for a second person; documents beside the first."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.accounts.apart import MOMENTS, apart_ddl
from app.accounts.once import once_ddl, once_drop
from app.core.columns import UtcDateTime

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = ("resident_id", "passport", "hk_macao_permit", "taiwan_permit")
ORDERS = ("grant_role", "end_role", "reset_factors")
CORRECTIONS = ("correct_phone", "correct_email", "correct_document", "add_document")
DOCUMENTS = ("correct_document", "add_document")
OPEN = sa.text("done_at IS NULL AND ended_at IS NULL")


def _among(column: str, values: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{one}'" for one in values)
    return f"{column} IN ({listed})"


ORDER_CHECKS = {
    "document": f"({_among('kind', DOCUMENTS)}) = (identity_kind IS NOT NULL)",
    "correction": f"asked_sealed IS NULL OR ({_among('kind', CORRECTIONS)} AND state = 'asked')",
    "asked_for": f"state <> 'asked' OR NOT ({_among('kind', CORRECTIONS)}) OR asked_sealed IS NOT NULL",
}


def upgrade() -> None:
    """Apply."""
    _contacts()
    _orders()
    _documents()
    _called_off()
    _identifiers("realm", "identifier")
    op.add_column("erasure", sa.Column("looked_on", sa.Date(), nullable=True))


def _contacts() -> None:
    op.create_table(
        "contact_change",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column(
            "way",
            sa.Enum("mail", "sms", name="resetway", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("asked_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("before_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("secret", sa.LargeBinary(length=32), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("changed_by_id", BIG, nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(secret IS NULL) = (expires_at IS NULL)", name=op.f("ck_contact_change_secret")),
        sa.CheckConstraint("done_at IS NULL OR ended_at IS NULL", name=op.f("ck_contact_change_one_end")),
        sa.CheckConstraint("tries BETWEEN 0 AND 5", name=op.f("ck_contact_change_tries")),
        sa.CheckConstraint("changed_by_id <> person_id", name=op.f("ck_contact_change_another")),
        sa.CheckConstraint(
            "(asked_sealed IS NOT NULL) = (done_at IS NULL AND ended_at IS NULL)", name=op.f("ck_contact_change_asked")
        ),
        sa.CheckConstraint(
            "done_at IS NULL OR (secret IS NOT NULL) = (changed_by_id IS NULL)", name=op.f("ck_contact_change_proved")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_contact_change_person_id")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name=op.f("fk_contact_change_changed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_change")),
        sa.UniqueConstraint("code", name=op.f("uq_contact_change_code")),
    )
    for column in ("person_id", "changed_by_id"):
        op.create_index(op.f(f"ix_contact_change_{column}"), "contact_change", [column], unique=False)
    op.create_index(
        "uq_contact_change_open",
        "contact_change",
        ["person_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def _orders() -> None:
    with op.batch_alter_table("security_order") as table:
        table.add_column(sa.Column("asked_sealed", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("identity_kind", sa.String(length=40), nullable=True))
        table.drop_constraint(op.f("ck_security_order_orderkind"), type_="check")
        table.create_check_constraint(op.f("ck_security_order_orderkind"), _among("kind", ORDERS + CORRECTIONS))
        table.create_check_constraint(op.f("ck_security_order_identitykind"), _among("identity_kind", KINDS))
        for name, said in ORDER_CHECKS.items():
            table.create_check_constraint(op.f(f"ck_security_order_{name}"), said)


def _documents() -> None:
    op.create_table(
        "person_document",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column(
            "identity_kind",
            sa.Enum(*KINDS, name="identitykind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("identity_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("identity_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_document_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_document")),
        sa.UniqueConstraint("identity_index", name=op.f("uq_person_document_identity_index")),
    )
    op.create_index(op.f("ix_person_document_person_id"), "person_document", ["person_id"], unique=False)
    for statement in once_ddl(op.get_bind().dialect.name):
        op.execute(statement)


def _called_off() -> None:
    """Let roles be called off before they begin; SQLite copies the table and loses its triggers meanwhile."""
    _let_go()
    with op.batch_alter_table("membership") as table:
        table.add_column(sa.Column("called_off", sa.Boolean(), server_default=sa.false(), nullable=False))
        table.drop_constraint(op.f("ck_membership_period"), type_="check")
        table.create_check_constraint(
            op.f("ck_membership_period"), "ends_on IS NULL OR ends_on >= starts_on OR called_off"
        )
    with op.batch_alter_table("membership") as table:
        table.alter_column("called_off", server_default=None)
    _keep_apart(calls_off=True)


def _identifiers(*first: str) -> None:
    """Make the table of identifiers anew with another column first: it is its own index."""
    columns: dict[str, sa.Column[Any]] = {
        "identifier": sa.Column("identifier", sa.LargeBinary(length=64), nullable=False),
        "realm": sa.Column("realm", sa.Integer(), autoincrement=False, nullable=False),
    }
    op.execute("CREATE TABLE search_identifier_before AS SELECT * FROM search_identifier")
    op.drop_table("search_identifier")
    op.create_table(
        "search_identifier",
        *(columns[name] for name in first),
        sa.Column("key", BIG, autoincrement=False, nullable=False),
        sa.Column("document_id", BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(*first, "key", "document_id", name=op.f("pk_search_identifier")),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO search_identifier (identifier, realm, key, document_id) "
        "SELECT identifier, realm, key, document_id FROM search_identifier_before"
    )
    op.drop_table("search_identifier_before")


def _let_go() -> None:
    on = " ON membership" if op.get_bind().dialect.name == "postgresql" else ""
    for moment in MOMENTS:
        op.execute(f"DROP TRIGGER administrators_apart_{moment}{on}")


def _keep_apart(*, calls_off: bool) -> None:
    for statement in apart_ddl(op.get_bind().dialect.name, calls_off=calls_off):
        op.execute(statement)


def downgrade() -> None:
    """Undo; orders that correct a person go, what they did stays, and so do first documents alone."""
    op.drop_column("erasure", "looked_on")
    _identifiers("identifier", "realm")
    _let_go()
    op.execute("UPDATE membership SET ends_on = starts_on WHERE called_off")
    with op.batch_alter_table("membership") as table:
        table.drop_constraint(op.f("ck_membership_period"), type_="check")
        table.create_check_constraint(op.f("ck_membership_period"), "ends_on IS NULL OR ends_on >= starts_on")
        table.drop_column("called_off")
    _keep_apart(calls_off=False)
    for statement in once_drop(op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_table("person_document")
    op.execute(f"DELETE FROM security_order WHERE {_among('kind', CORRECTIONS)}")  # noqa: S608 - words of our own
    with op.batch_alter_table("security_order") as table:
        for name in ORDER_CHECKS:
            table.drop_constraint(op.f(f"ck_security_order_{name}"), type_="check")
        table.drop_constraint(op.f("ck_security_order_identitykind"), type_="check")
        table.drop_constraint(op.f("ck_security_order_orderkind"), type_="check")
        table.create_check_constraint(op.f("ck_security_order_orderkind"), _among("kind", ORDERS))
        table.drop_column("identity_kind")
        table.drop_column("asked_sealed")
    op.drop_table("contact_change")
