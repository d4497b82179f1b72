"""the network address of a sitting lies sealed under a key of its row."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime
from app.core.crypto import blind_index, new_wrapped_key, seal, unseal, unwrap_key
from app.core.events import Shreddable, append_only_ddl

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

TABLE = "sitting_signal"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SEALED = {
    "address_sealed": sa.LargeBinary(),
    "address_key": sa.LargeBinary(),
    "address_index": sa.LargeBinary(length=32),
}
OTHERS = ("id", "attempt_id", "page", "number", "kind", "address_sealed", "detail", "client_at", "received_at")
CHECKS = {
    "address_index": "(address_key IS NULL) = (address_index IS NULL)",
    "address_key": "address_key IS NULL OR address_sealed IS NOT NULL",
}
PLAIN = "(kind = 'address') = (address IS NOT NULL)"
UNDER_KEY = "(kind = 'address') = (address_sealed IS NOT NULL)"
PURPOSE = "sitting_signal.address"
AT_ONCE = 500
Row = Any


def upgrade() -> None:
    """Apply."""
    _let_change()
    with op.batch_alter_table(TABLE, schema=None) as table:
        table.drop_constraint(op.f("ck_sitting_signal_address"), type_="check")
        for name, kind in SEALED.items():
            table.add_column(sa.Column(name, kind, nullable=True))
    _each_address(_sealed)
    with op.batch_alter_table(TABLE, schema=None) as table:
        table.drop_column("address")
        table.create_check_constraint(op.f("ck_sitting_signal_address"), UNDER_KEY)
        for name, condition in CHECKS.items():
            table.create_check_constraint(op.f(f"ck_sitting_signal_{name}"), condition)
    _append_only(Shreddable("address_key", "address_index", OTHERS))


def downgrade() -> None:
    """Write the addresses in the clear again; one whose key was destroyed with its person stays empty."""
    _let_change()
    with op.batch_alter_table(TABLE, schema=None) as table:
        for name in ("address", *CHECKS):
            table.drop_constraint(op.f(f"ck_sitting_signal_{name}"), type_="check")
        table.add_column(sa.Column("address", sa.String(length=64), nullable=True))
    _each_address(_opened)
    with op.batch_alter_table(TABLE, schema=None) as table:
        for name in SEALED:
            table.drop_column(name)
        table.create_check_constraint(op.f("ck_sitting_signal_address"), PLAIN)
    _append_only(None)


def _let_change() -> None:
    """Take the triggers away; `_append_only` makes them again."""
    dialect = op.get_bind().dialect.name
    for verb in ("update", "delete"):
        op.execute(f"DROP TRIGGER {TABLE}_no_{verb}" + ("" if dialect == "sqlite" else f" ON {TABLE}"))


def _append_only(passing: Shreddable | None) -> None:
    for statement in append_only_ddl(TABLE, op.get_bind().dialect.name, passing):
        op.execute(statement)


def _each_address(changed: Callable[[Row], dict[str, object]]) -> None:
    """Change every noted address, some hundred rows at a time."""
    signal = sa.Table(
        TABLE,
        sa.MetaData(),
        sa.Column("id", BIG, primary_key=True),
        sa.Column("attempt_id", BIG),
        sa.Column("kind", sa.String),
        sa.Column("address", sa.String),
        *(sa.Column(name, kind) for name, kind in SEALED.items()),
        sa.Column("received_at", UtcDateTime()),
    )
    attempt = sa.table("attempt", sa.column("id", BIG), sa.column("code", sa.String))
    query = (
        sa.select(signal, attempt.c.code)
        .join(attempt, attempt.c.id == signal.c.attempt_id)
        .where(signal.c.kind == "address")
        .order_by(signal.c.id)
        .limit(AT_ONCE)
    )
    bind, after = op.get_bind(), 0
    while found := bind.execute(query.where(signal.c.id > after)).all():
        for row in found:
            bind.execute(signal.update().where(signal.c.id == row.id).values(changed(row)))
        after = found[-1].id


def _sealed(row: Row) -> dict[str, object]:
    key = new_wrapped_key()
    return {
        "address_sealed": seal(unwrap_key(key), row.address, PURPOSE),
        "address_key": key,
        "address_index": blind_index(f"{row.code}:{row.address}", PURPOSE),
    }


def _opened(row: Row) -> dict[str, object]:
    readable = row.address_key is not None
    return {"address": unseal(unwrap_key(row.address_key), row.address_sealed, PURPOSE) if readable else ""}
