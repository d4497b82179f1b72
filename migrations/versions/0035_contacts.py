"""how a body is reached: telephone, mail and post of an organisation."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

COLUMNS = {"phone": 64, "email": 200, "postal_address": 200, "postcode": 64}


def upgrade() -> None:
    """Apply."""
    for name, length in COLUMNS.items():
        op.add_column("organisation", sa.Column(name, sa.String(length=length), nullable=True))


def downgrade() -> None:
    """Take back."""
    for name in reversed(COLUMNS):
        op.drop_column("organisation", name)
