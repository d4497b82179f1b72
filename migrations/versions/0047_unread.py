"""columns that an import of items did not read are told as every other thing of a file that belongs to no item."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

IMPORTS = sa.table("item_import", sa.column("id", sa.BigInteger), sa.column("ignored", sa.JSON))
COLUMN = "what:column"


def upgrade() -> None:
    """Apply."""
    _rewrite(
        lambda one: (
            {
                "place": "1",
                "unit": "row",
                "reason": {"code": "unread", "params": {"what": COLUMN, "said": one}},
            }
            if isinstance(one, str)
            else one
        )
    )


def downgrade() -> None:
    """Undo."""
    _rewrite(lambda one: one if isinstance(one, str) else str(one["reason"]["params"].get("said", "")))


def _rewrite(told: Callable[[Any], Any]) -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(IMPORTS.c.id, IMPORTS.c.ignored)).all():
        if row.ignored:
            kept = [told(one) for one in row.ignored]
            connection.execute(sa.update(IMPORTS).where(IMPORTS.c.id == row.id).values(ignored=kept))
