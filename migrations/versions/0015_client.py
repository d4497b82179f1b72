"""what the page of a sitting reports, and the browser that a session asks for."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime
from app.core.events import append_only_ddl

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "seb_configuration",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("config_key", sa.String(length=64), nullable=False),
        sa.Column("required_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("required_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("length(config_key) = 64", name=op.f("ck_seb_configuration_config_key")),
        sa.ForeignKeyConstraint(["required_by_id"], ["person.id"], name=op.f("fk_seb_configuration_required_by_id")),
        sa.ForeignKeyConstraint(["session_id"], ["exam_session.id"], name=op.f("fk_seb_configuration_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seb_configuration")),
        sa.UniqueConstraint("session_id", name=op.f("uq_seb_configuration_session_id")),
    )
    with op.batch_alter_table("seb_configuration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seb_configuration_required_by_id"), ["required_by_id"], unique=False)

    op.create_table(
        "sitting_signal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("page", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "opened",
                "hidden",
                "shown",
                "blurred",
                "focused",
                "pasted",
                "copied",
                "fullscreen",
                "windowed",
                "offline",
                "online",
                "address",
                name="signalkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("client_at", UtcDateTime(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("(kind = 'address') = (address IS NOT NULL)", name=op.f("ck_sitting_signal_address")),
        sa.CheckConstraint("number <> 0", name=op.f("ck_sitting_signal_number")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_sitting_signal_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting_signal")),
        sa.UniqueConstraint("attempt_id", "page", "number", name=op.f("uq_sitting_signal_attempt_id_page_number")),
        info={"append_only": True},
    )
    for statement in append_only_ddl("sitting_signal", op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Revert."""
    op.drop_table("sitting_signal")
    with op.batch_alter_table("seb_configuration", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seb_configuration_required_by_id"))

    op.drop_table("seb_configuration")
