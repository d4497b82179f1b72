"""key sets by algorithm, and certificates as JWT."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ALGORITHM = sa.Enum("Ed25519", "ES256", "RS256", name="algorithm", native_enum=False, length=40)


def upgrade() -> None:
    """Apply."""
    _key_sets()
    _jwt()


def _key_sets() -> None:
    current = {"sqlite_where": sa.text("retired_at IS NULL"), "postgresql_where": sa.text("retired_at IS NULL")}
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.drop_index("uq_signing_key_current", **current)
        batch_op.alter_column("algorithm", existing_type=sa.String(length=64), type_=ALGORITHM, existing_nullable=False)
        batch_op.alter_column(
            "public_multibase", existing_type=sa.String(length=200), type_=sa.Text(), existing_nullable=False
        )
        batch_op.create_check_constraint(op.f("ck_signing_key_algorithm"), "algorithm IN ('Ed25519', 'ES256', 'RS256')")
        batch_op.add_column(sa.Column("certificate", sa.LargeBinary(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_signing_key_certificate"), "(algorithm = 'RS256') = (certificate IS NOT NULL)"
        )
        batch_op.create_index("uq_signing_key_current", ["body_id", "algorithm"], unique=True, **current)


def _jwt() -> None:
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.add_column(sa.Column("jwt", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("jwt_key_id", sa.String(length=64), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_certificate_jwt_signed"),
            "(jwt IS NULL) = (jwt_key_id IS NULL) AND (jwt IS NULL OR signed_at IS NOT NULL)",
        )


def downgrade() -> None:
    """Take back; keys of other algorithms go, since one key a body is all that stood before."""
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_certificate_jwt_signed"), type_="check")
        batch_op.drop_column("jwt_key_id")
        batch_op.drop_column("jwt")
    op.execute("DELETE FROM signing_key WHERE algorithm <> 'Ed25519'")
    current = {"sqlite_where": sa.text("retired_at IS NULL"), "postgresql_where": sa.text("retired_at IS NULL")}
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.drop_index("uq_signing_key_current", **current)
        batch_op.drop_constraint(op.f("ck_signing_key_certificate"), type_="check")
        batch_op.drop_constraint(op.f("ck_signing_key_algorithm"), type_="check")
        batch_op.drop_column("certificate")
        batch_op.alter_column(
            "public_multibase", existing_type=sa.Text(), type_=sa.String(length=200), existing_nullable=False
        )
        batch_op.alter_column(
            "algorithm", existing_type=sa.String(length=40), type_=sa.String(length=64), existing_nullable=False
        )
        batch_op.create_index("uq_signing_key_current", ["body_id"], unique=True, **current)
