"""orders on keys, credentials that another signature replaced, and delegations."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime
from app.core.events import append_only_ddl

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ASKED = sa.text("state = 'asked'")
BEFORE, AFTER = ("issue", "suspend", "reinstate", "revoke"), ("issue", "resign", "suspend", "reinstate", "revoke")


def upgrade() -> None:
    """Apply."""
    _log_acts(AFTER)
    _orders()
    _earlier()
    _delegations()


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _foreign(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _indexes(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def _log_acts(acts: tuple[str, ...]) -> None:
    """Let the log tell of the acts; a rebuilt table of SQLite loses its triggers."""
    listed = ", ".join(f"'{one}'" for one in acts)
    with op.batch_alter_table("certificate_log_entry", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_certificate_log_entry_logact"), type_="check")
        batch_op.create_check_constraint(op.f("ck_certificate_log_entry_logact"), f"act IN ({listed})")
    if op.get_bind().dialect.name == "sqlite":
        for statement in append_only_ddl("certificate_log_entry", "sqlite"):
            op.execute(statement)


def _orders() -> None:
    op.create_table(
        "key_order",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("body_id", BIG, nullable=False),
        sa.Column("key_id", BIG, nullable=False),
        sa.Column("act", _enum("keyact", "rotate", "compromise"), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", _enum("keyorderstate", "asked", "carried_out", "refused"), nullable=False),
        sa.Column("asked_by_id", BIG, nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> asked_by_id", name=op.f("ck_key_order_two_people")
        ),
        sa.CheckConstraint("(state = 'asked') = (decided_by_id IS NULL)", name=op.f("ck_key_order_decided_by")),
        sa.CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name=op.f("ck_key_order_decided_at")),
        sa.CheckConstraint("(act = 'compromise') = (since IS NOT NULL)", name=op.f("ck_key_order_since")),
        _foreign("key_order", "body_id", "issuing_body"),
        _foreign("key_order", "key_id", "signing_key"),
        _foreign("key_order", "asked_by_id", "person"),
        _foreign("key_order", "decided_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_order")),
        sa.UniqueConstraint("code", name=op.f("uq_key_order_code")),
    )
    _indexes("key_order", "body_id", "key_id", "asked_by_id", "decided_by_id")
    op.create_index(
        "uq_key_order_asked", "key_order", ["key_id"], unique=True, sqlite_where=ASKED, postgresql_where=ASKED
    )


def _earlier() -> None:
    op.create_table(
        "earlier_credential",
        sa.Column("id", BIG, nullable=False),
        sa.Column("certificate_id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=False),
        sa.Column("jwt", sa.Text(), nullable=True),
        sa.Column("jwt_key_id", sa.String(length=64), nullable=True),
        sa.Column("pdf_file_id", BIG, nullable=True),
        sa.Column("replaced_at", UtcDateTime(), nullable=False),
        _foreign("earlier_credential", "certificate_id", "certificate"),
        _foreign("earlier_credential", "order_id", "key_order"),
        _foreign("earlier_credential", "pdf_file_id", "stored_file"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_credential")),
        sa.UniqueConstraint("certificate_id", "order_id", name=op.f("uq_earlier_credential_certificate_id_order_id")),
    )
    _indexes("earlier_credential", "certificate_id", "order_id", "pdf_file_id")


def _delegations() -> None:
    op.create_table(
        "delegation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("body_id", BIG, nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("valid_until", UtcDateTime(), nullable=True),
        sa.Column("state", _enum("delegationstate", "asked", "in_force", "refused", "ended"), nullable=False),
        sa.Column("asked_by_id", BIG, nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("credential", sa.Text(), nullable=True),
        sa.Column("ended_by_id", BIG, nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> asked_by_id", name=op.f("ck_delegation_two_people")
        ),
        sa.CheckConstraint("(state = 'asked') = (decided_by_id IS NULL)", name=op.f("ck_delegation_decided_by")),
        sa.CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name=op.f("ck_delegation_decided_at")),
        sa.CheckConstraint(
            "(state IN ('in_force', 'ended')) = (credential IS NOT NULL)", name=op.f("ck_delegation_signed")
        ),
        sa.CheckConstraint(
            "(state = 'ended') = (ended_at IS NOT NULL AND ended_by_id IS NOT NULL)", name=op.f("ck_delegation_ended")
        ),
        sa.CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name=op.f("ck_delegation_validity")),
        _foreign("delegation", "body_id", "issuing_body"),
        _foreign("delegation", "asked_by_id", "person"),
        _foreign("delegation", "decided_by_id", "person"),
        _foreign("delegation", "ended_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
        sa.UniqueConstraint("code", name=op.f("uq_delegation_code")),
    )
    _indexes("delegation", "body_id", "asked_by_id", "decided_by_id", "ended_by_id")
    op.create_index(
        "uq_delegation_asked", "delegation", ["body_id"], unique=True, sqlite_where=ASKED, postgresql_where=ASKED
    )


def downgrade() -> None:
    """Take back; what the log told of new signatures stays where it stands, so it must be empty of them."""
    op.drop_table("delegation")
    op.drop_table("earlier_credential")
    op.drop_table("key_order")
    _log_acts(BEFORE)
