"""numbers of certificates are held by one holder each; orders that end issuing bodies or withdraw trust in them."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HOLDER = "(person_id IS NULL) <> (organisation_id IS NULL)"
OLD_REASONS = (
    *("issued_in_error", "false_papers", "exam_breach", "superseded", "award_withdrawn", "holder_request"),
    *("key_compromised", "accreditation_ended", "fact_corrected"),
)
NEW_REASONS = (*OLD_REASONS, "issuer_distrusted")
OLD_BECAUSE = ("name_changed", "data_corrected", "key_replaced", "set_aside")
NEW_BECAUSE = (*OLD_BECAUSE, "body_ended")
CLOSED_LISTS = {"certificate": "revoked_for", "certificate_request": "withdrawn_for"}


def upgrade() -> None:
    """Apply; of a number that two holders carry already, the one of the first row holds it."""
    with op.batch_alter_table("certificate_request") as table:
        table.add_column(sa.Column("number", sa.String(length=64), nullable=True))
        table.create_index(op.f("ix_certificate_request_number"), ["number"])
    op.execute(NUMBERS[op.get_bind().dialect.name])
    _held_numbers()
    _allow(NEW_REASONS, NEW_BECAUSE)
    _orders()


NUMBERS = {
    "sqlite": "UPDATE certificate_request SET number = json_extract(fields, '$.number')",
    "postgresql": "UPDATE certificate_request SET number = fields ->> 'number'",
}


def _held_numbers() -> None:
    op.create_table(
        "certificate_number",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("organisation_id", BIG, nullable=True),
        sa.CheckConstraint(HOLDER, name=op.f("ck_certificate_number_holder")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_number_person_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_certificate_number_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_number")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number_number")),
    )
    for column in ("person_id", "organisation_id"):
        op.create_index(op.f(f"ix_certificate_number_{column}"), "certificate_number", [column], unique=False)
    op.execute(
        "INSERT INTO certificate_number (number, person_id, organisation_id) "
        "SELECT number, person_id, organisation_id FROM certificate_request "
        "WHERE number IS NOT NULL AND state = 'batched' ORDER BY id ON CONFLICT (number) DO NOTHING"
    )


def _allow(reasons: tuple[str, ...], because: tuple[str, ...]) -> None:
    """Let certificates and requests be taken back, and made anew, for these reasons."""
    lists = [(table, column, "revocationreason", reasons) for table, column in CLOSED_LISTS.items()]
    for table, column, name, allowed in (*lists, ("certificate_request", "because", "reissuereason", because)):
        listed = ", ".join(f"'{one}'" for one in allowed)
        constraint = op.f(f"ck_{table}_{name}")
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(constraint, type_="check")
            batch.create_check_constraint(constraint, f"{column} IN ({listed})")


def _listed(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _orders() -> None:
    op.create_table(
        "body_order",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("body_id", BIG, nullable=False),
        sa.Column("act", _listed("bodyact", "close", "distrust"), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", _listed("keyorderstate", "asked", "carried_out", "refused"), nullable=False),
        sa.Column("asked_by_id", BIG, nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_body_order_{name}")) for name, rule in CHECKS.items()),
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_body_order_{column}"))
            for column, target in REFERENCES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_body_order")),
        sa.UniqueConstraint("code", name=op.f("uq_body_order_code")),
    )
    for column in REFERENCES:
        op.create_index(op.f(f"ix_body_order_{column}"), "body_order", [column], unique=False)
    asked = sa.text("state = 'asked'")
    op.create_index(
        "uq_body_order_asked", "body_order", ["body_id"], unique=True, sqlite_where=asked, postgresql_where=asked
    )


REFERENCES = {"body_id": "issuing_body", "asked_by_id": "person", "decided_by_id": "person"}
CHECKS = {
    "two_people": "decided_by_id IS NULL OR decided_by_id <> asked_by_id",
    "decided_by": "(state = 'asked') = (decided_by_id IS NULL)",
    "decided_at": "(decided_by_id IS NULL) = (decided_at IS NULL)",
    "since": "(act = 'distrust') = (since IS NOT NULL)",
}


def downgrade() -> None:
    """Undo; one number may then stand on the certificates of several holders, and why bodies ended is lost."""
    op.drop_table("body_order")
    op.execute("UPDATE certificate SET revoked_for = 'issued_in_error' WHERE revoked_for = 'issuer_distrusted'")
    op.execute(
        "UPDATE certificate_request SET withdrawn_for = 'issued_in_error' WHERE withdrawn_for = 'issuer_distrusted'"
    )
    op.execute("UPDATE certificate_request SET because = 'set_aside' WHERE because = 'body_ended'")
    _allow(OLD_REASONS, OLD_BECAUSE)
    op.drop_table("certificate_number")
    with op.batch_alter_table("certificate_request") as table:
        table.drop_index(op.f("ix_certificate_request_number"))
        table.drop_column("number")
