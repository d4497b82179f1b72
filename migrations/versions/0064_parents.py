"""an organisation names the whole it is a part of, such as a school its university; until then none does."""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("organisation") as table:
        table.add_column(sa.Column("parent_id", BIG, nullable=True))
        table.create_foreign_key(op.f("fk_organisation_parent_id"), "organisation", ["parent_id"], ["id"])
        table.create_check_constraint(op.f("ck_organisation_parent"), "parent_id <> id")
        table.create_index(op.f("ix_organisation_parent_id"), ["parent_id"])


def downgrade() -> None:
    """Undo; which body is part of which stays in the history of corrections only."""
    with op.batch_alter_table("organisation") as table:
        table.drop_index(op.f("ix_organisation_parent_id"))
        table.drop_constraint(op.f("ck_organisation_parent"), type_="check")
        table.drop_constraint(op.f("fk_organisation_parent_id"), type_="foreignkey")
        table.drop_column("parent_id")
