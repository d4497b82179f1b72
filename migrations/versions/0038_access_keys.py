"""keys with which programs of organisations act, and what they asked for; the region of a roster of people."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "access_key",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("token", sa.LargeBinary(length=32), nullable=False),
        sa.Column("ending", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("membership_id", BIG, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("minute_at", UtcDateTime(), nullable=True),
        sa.Column("in_minute", sa.Integer(), nullable=False),
        sa.CheckConstraint("expires_at > made_at", name=op.f("ck_access_key_term")),
        sa.CheckConstraint("uses >= in_minute AND in_minute >= 0", name=op.f("ck_access_key_counted")),
        sa.CheckConstraint("(uses = 0) = (used_at IS NULL)", name=op.f("ck_access_key_used")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_access_key_organisation_id")),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_access_key_membership_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_key")),
        sa.UniqueConstraint("code", name=op.f("uq_access_key_code")),
        sa.UniqueConstraint("token", name=op.f("uq_access_key_token")),
    )
    op.create_index(op.f("ix_access_key_organisation_id"), "access_key", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_access_key_membership_id"), "access_key", ["membership_id"], unique=False)
    op.create_table(
        "keyed_request",
        sa.Column("id", BIG, nullable=False),
        sa.Column("access_key_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["access_key_id"], ["access_key.id"], name=op.f("fk_keyed_request_access_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keyed_request")),
        sa.UniqueConstraint("access_key_id", "name", name=op.f("uq_keyed_request_access_key_id_name")),
    )
    op.create_index(op.f("ix_keyed_request_access_key_id"), "keyed_request", ["access_key_id"], unique=False)
    with op.batch_alter_table("people_import", schema=None) as table:
        table.add_column(sa.Column("region_code", sa.String(length=6), nullable=True))
        table.create_foreign_key(op.f("fk_people_import_region_code"), "region", ["region_code"], ["code"])
        table.create_index(op.f("ix_people_import_region_code"), ["region_code"], unique=False)


def downgrade() -> None:
    """Take back; programs then hold no keys."""
    with op.batch_alter_table("people_import", schema=None) as table:
        table.drop_index(op.f("ix_people_import_region_code"))
        table.drop_constraint(op.f("fk_people_import_region_code"), type_="foreignkey")
        table.drop_column("region_code")
    op.drop_table("keyed_request")
    op.drop_table("access_key")
