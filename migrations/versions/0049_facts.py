"""certificates of facts that no room keeps, and who vouched for them; share links of organisations."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0044"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply; batches decided before had no such rows to vouch for."""
    with op.batch_alter_table("certificate_batch", schema=None) as table:
        table.add_column(sa.Column("not_kept", sa.Integer(), nullable=False, server_default=sa.text("0")))
        table.add_column(sa.Column("vouched", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.create_check_constraint(
            op.f("ck_certificate_batch_vouched"), "not_kept = 0 OR vouched OR state IN ('prepared', 'rejected')"
        )
    with op.batch_alter_table("share_link", schema=None) as table:
        table.add_column(sa.Column("organisation_id", BIG, nullable=True))
        table.alter_column("person_id", existing_type=BIG, nullable=True)
        table.create_foreign_key(op.f("fk_share_link_organisation_id"), "organisation", ["organisation_id"], ["id"])
        table.create_index(op.f("ix_share_link_organisation_id"), ["organisation_id"], unique=False)
        table.create_check_constraint(op.f("ck_share_link_holder"), "(person_id IS NULL) <> (organisation_id IS NULL)")


def downgrade() -> None:
    """Take back; links of organisations go with what they showed and who looked."""
    links = "SELECT id FROM share_link WHERE organisation_id IS NOT NULL"
    for table_name in ("share_view", "shared_certificate"):
        op.execute(f"DELETE FROM {table_name} WHERE share_link_id IN ({links})")  # noqa: S608 - no input
    op.execute("DELETE FROM share_link WHERE organisation_id IS NOT NULL")
    with op.batch_alter_table("share_link", schema=None) as table:
        table.drop_constraint(op.f("ck_share_link_holder"), type_="check")
        table.drop_index(op.f("ix_share_link_organisation_id"))
        table.drop_constraint(op.f("fk_share_link_organisation_id"), type_="foreignkey")
        table.alter_column("person_id", existing_type=BIG, nullable=False)
        table.drop_column("organisation_id")
    with op.batch_alter_table("certificate_batch", schema=None) as table:
        table.drop_constraint(op.f("ck_certificate_batch_vouched"), type_="check")
        table.drop_column("vouched")
        table.drop_column("not_kept")
