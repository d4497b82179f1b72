"""numbers of certificates are held by one holder each; a row that asks for a certificate carries its number."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HOLDER = "(person_id IS NULL) <> (organisation_id IS NULL)"


def upgrade() -> None:
    """Apply; of a number that two holders carry already, the one of the first row holds it."""
    with op.batch_alter_table("certificate_request") as table:
        table.add_column(sa.Column("number", sa.String(length=64), nullable=True))
        table.create_index(op.f("ix_certificate_request_number"), ["number"])
    op.execute(NUMBERS[op.get_bind().dialect.name])
    _held_numbers()


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


def downgrade() -> None:
    """Undo; one number may then stand on the certificates of several holders."""
    op.drop_table("certificate_number")
    with op.batch_alter_table("certificate_request") as table:
        table.drop_index(op.f("ix_certificate_request_number"))
        table.drop_column("number")
