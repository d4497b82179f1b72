"""under which certificate each PDF was sealed; the files that were completed with proofs since."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EARLIER = "earlier_paper"
LEVELS = sa.Enum("b-b", "b-t", "b-lt", name="seallevel", native_enum=False, create_constraint=True, length=40)
INCOMPLETE = sa.text("seal_level = 'b-t'")


def upgrade() -> None:
    """Apply; under which certificate a file was sealed before is read from it when its proofs are there."""
    with op.batch_alter_table("certificate", schema=None) as table:
        table.add_column(sa.Column("sealed_under", sa.String(length=64), nullable=True))
        table.create_check_constraint(
            op.f("ck_certificate_sealed_under"), "sealed_under IS NULL OR seal_level IS NOT NULL"
        )
        table.create_index(
            "ix_certificate_incomplete", ["id"], unique=False, sqlite_where=INCOMPLETE, postgresql_where=INCOMPLETE
        )
    op.create_table(
        EARLIER,
        sa.Column("id", BIG, nullable=False),
        sa.Column("certificate_id", BIG, nullable=False),
        sa.Column("pdf_file_id", BIG, nullable=True),
        sa.Column("seal_level", LEVELS, nullable=False),
        sa.Column("replaced_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("seal_level <> 'b-lt'", name=op.f("ck_earlier_paper_incomplete")),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], name=op.f("fk_earlier_paper_certificate_id")),
        sa.ForeignKeyConstraint(["pdf_file_id"], ["stored_file.id"], name=op.f("fk_earlier_paper_pdf_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_paper")),
        sa.UniqueConstraint("certificate_id", "pdf_file_id", name=op.f("uq_earlier_paper_certificate_id_pdf_file_id")),
    )
    op.create_index(op.f("ix_earlier_paper_certificate_id"), EARLIER, ["certificate_id"], unique=False)
    op.create_index(op.f("ix_earlier_paper_pdf_file_id"), EARLIER, ["pdf_file_id"], unique=False)


def downgrade() -> None:
    """Take back; completed files stay as they are."""
    op.drop_table(EARLIER)
    with op.batch_alter_table("certificate", schema=None) as table:
        table.drop_index("ix_certificate_incomplete")
        table.drop_constraint(op.f("ck_certificate_sealed_under"), type_="check")
        table.drop_column("sealed_under")
