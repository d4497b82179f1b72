"""the proof that a QR code carries, and the trust bundle."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.add_column("certificate", sa.Column("qr", sa.Text(), nullable=True))
    op.create_table(
        "trust_bundle",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(fingerprint) = 64", name=op.f("ck_trust_bundle_fingerprint")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trust_bundle")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("trust_bundle")
    op.drop_column("certificate", "qr")
