"""the first pack of a series begins in the browser, and the unit of an expert is known by its whole."""

import sqlalchemy as sa
from alembic import op

from app.accounts.rules.bodies import body_root
from app.core.columns import CODE_LENGTH, UtcDateTime

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EXPERTS = sa.table("pool_expert", sa.column("id"), sa.column("unit"), sa.column("unit_root"))
KEYS = {"person_id": "person.id", "region_code": "region.code", "copied_from_id": "rule_pack.id"}


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("rule_pack") as table:
        table.add_column(sa.Column("copied_from_id", BIG, nullable=True))
        table.create_index(op.f("ix_rule_pack_copied_from_id"), ["copied_from_id"])
        table.create_foreign_key(op.f("fk_rule_pack_copied_from_id"), "rule_pack", ["copied_from_id"], ["id"])
    op.create_table(
        "pack_start",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(CODE_LENGTH), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("series", sa.String(64), nullable=False),
        sa.Column("region_code", sa.String(6), nullable=False),
        sa.Column("copied_from_id", BIG, nullable=True),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_pack_start_{column}"))
            for column, target in KEYS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_start")),
        sa.UniqueConstraint("code", name=op.f("uq_pack_start_code")),
        sa.UniqueConstraint("person_id", "series", name=op.f("uq_pack_start_person_id_series")),
    )
    for column in ("person_id", "copied_from_id"):
        op.create_index(op.f(f"ix_pack_start_{column}"), "pack_start", [column])
    _know_units()


def _know_units() -> None:
    with op.batch_alter_table("pool_expert") as table:
        table.add_column(sa.Column("unit_root", sa.String(200), nullable=True))
    connection = op.get_bind()
    for key, unit in connection.execute(sa.select(EXPERTS.c.id, EXPERTS.c.unit)).all():
        connection.execute(sa.update(EXPERTS).where(EXPERTS.c.id == key).values(unit_root=body_root(unit)))
    with op.batch_alter_table("pool_expert") as table:
        table.alter_column("unit_root", existing_type=sa.String(200), nullable=False)
        table.create_index(op.f("ix_pool_expert_unit_root"), ["unit_root"])


def downgrade() -> None:
    """Undo; what was begun and not saved goes, and from where packs were copied."""
    with op.batch_alter_table("pool_expert") as table:
        table.drop_index(op.f("ix_pool_expert_unit_root"))
        table.drop_column("unit_root")
    op.drop_table("pack_start")
    with op.batch_alter_table("rule_pack") as table:
        table.drop_constraint(op.f("fk_rule_pack_copied_from_id"), type_="foreignkey")
        table.drop_index(op.f("ix_rule_pack_copied_from_id"))
        table.drop_column("copied_from_id")
