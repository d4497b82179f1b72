"""a row of a request file that was taken back leaves its source free to be asked for again."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

NAME, TABLE, COLUMNS = "uq_certificate_request_source", "certificate_request", ["kind", "source_type", "source_code"]
OLD = "replaces_id IS NULL"
NEW = "replaces_id IS NULL AND state <> 'declined'"


def upgrade() -> None:
    """Apply."""
    _once(NEW)


def downgrade() -> None:
    """Undo; of a source the rows that were taken back are forgotten."""
    op.execute("DELETE FROM certificate_request WHERE replaces_id IS NULL AND state = 'declined'")
    _once(OLD)


def _once(where: str) -> None:
    op.drop_index(NAME, TABLE)
    rule = sa.text(where)
    op.create_index(NAME, TABLE, COLUMNS, unique=True, sqlite_where=rule, postgresql_where=rule)
