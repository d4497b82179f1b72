"""more types of items and kinds of files."""

import sqlalchemy as sa
from alembic import op

from app.core.events import append_only_ddl

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TYPES = ("single", "multiple", "true_false")
MORE_TYPES = ("blank", "numeric", "matching", "ordering", "short_answer", "case", "essay")
KINDS = ("gift", "xlsx", "csv")
MORE_KINDS = ("aiken", "moodle-xml", "qti", "qti2", "qti3")


def upgrade() -> None:
    """Apply."""
    op.add_column("item_version", sa.Column("body", sa.JSON(), server_default="{}", nullable=False))
    _limit("item_version", "type", "itemtype", (*TYPES, *MORE_TYPES))
    _limit("item_import", "kind", "filekind", (*KINDS, *MORE_KINDS))
    _refuse_changes()


def downgrade() -> None:
    """Revert; refused by the constraints where items of the new types are kept."""
    _limit("item_import", "kind", "filekind", KINDS)
    _limit("item_version", "type", "itemtype", TYPES)
    with op.batch_alter_table("item_version") as batch:
        batch.drop_column("body")
    _refuse_changes()


def _limit(table: str, column: str, name: str, allowed: tuple[str, ...]) -> None:
    constraint = op.f(f"ck_{table}_{name}")
    listed = ", ".join(f"'{value}'" for value in allowed)
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(constraint, type_="check")
        batch.create_check_constraint(constraint, f"{column} IN ({listed})")


def _refuse_changes() -> None:
    """Make the triggers of the append-only table again: SQLite drops them with the table that it copies."""
    if op.get_bind().dialect.name == "sqlite":
        for statement in append_only_ddl("item_version", "sqlite"):
            op.execute(statement)
