"""what proves that the certificates of a seal are not revoked; how each PDF was sealed."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PROOF = "seal_proof"
LEVELS = sa.Enum("b-b", "b-t", "b-lt", name="seallevel", native_enum=False, create_constraint=True, length=40)
KINDS = sa.Enum("crl", "ocsp", name="proofkind", native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Apply; own lists of keys are made within the hour, and nothing is said of what was sealed before."""
    with op.batch_alter_table("signing_key", schema=None) as table:
        table.add_column(sa.Column("sources", sa.Text(), nullable=True))
        table.add_column(sa.Column("revocation_list", sa.LargeBinary(), nullable=True))
        table.create_check_constraint(op.f("ck_signing_key_sources"), "sources IS NULL OR chain IS NOT NULL")
        table.create_check_constraint(
            op.f("ck_signing_key_revocation_list"), "revocation_list IS NULL OR certificate IS NOT NULL"
        )
    with op.batch_alter_table("key_order", schema=None) as table:
        table.add_column(sa.Column("sources", sa.Text(), nullable=True))
        table.create_check_constraint(op.f("ck_key_order_sources"), "sources IS NULL OR act = 'certify'")
    with op.batch_alter_table("certificate", schema=None) as table:
        table.add_column(sa.Column("seal_level", LEVELS, nullable=True))
        table.create_check_constraint(op.f("ck_certificate_sealed"), "seal_level IS NULL OR rendered_at IS NOT NULL")
    op.create_table(
        PROOF,
        sa.Column("id", BIG, nullable=False),
        sa.Column("key_id", BIG, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("kind", KINDS, nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("begins_at", UtcDateTime(), nullable=True),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("fault", sa.String(length=64), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(content IS NULL) = (kind IS NULL) AND (content IS NULL) = (begins_at IS NULL) "
            "AND (content IS NULL) = (ends_at IS NULL)",
            name=op.f("ck_seal_proof_content"),
        ),
        sa.CheckConstraint("content IS NOT NULL OR fault IS NOT NULL", name=op.f("ck_seal_proof_told")),
        sa.CheckConstraint(
            "revoked_at IS NULL OR (content IS NULL AND fault = 'revoked')", name=op.f("ck_seal_proof_revoked")
        ),
        sa.ForeignKeyConstraint(["key_id"], ["signing_key.id"], name=op.f("fk_seal_proof_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_proof")),
        sa.UniqueConstraint("key_id", "fingerprint", name=op.f("uq_seal_proof_key_id_fingerprint")),
    )
    op.create_index(op.f("ix_seal_proof_key_id"), PROOF, ["key_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_table(PROOF)
    with op.batch_alter_table("certificate", schema=None) as table:
        table.drop_constraint(op.f("ck_certificate_sealed"), type_="check")
        table.drop_constraint(op.f("ck_certificate_seallevel"), type_="check")
        table.drop_column("seal_level")
    with op.batch_alter_table("key_order", schema=None) as table:
        table.drop_constraint(op.f("ck_key_order_sources"), type_="check")
        table.drop_column("sources")
    with op.batch_alter_table("signing_key", schema=None) as table:
        table.drop_constraint(op.f("ck_signing_key_revocation_list"), type_="check")
        table.drop_constraint(op.f("ck_signing_key_sources"), type_="check")
        table.drop_column("revocation_list")
        table.drop_column("sources")
