"""facts that no room keeps, and who vouched for them; share links of organisations; the public log tells of keys."""

import json
from datetime import datetime

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from app.core.clock import real_now
from app.core.columns import UtcDateTime
from app.core.events import append_only_ddl
from app.credentials.rules.instants import write_instant

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ENTRIES = "certificate_log_entry"
ACTS = ("issue", "resign", "suspend", "reinstate", "revoke")
UNTIMED = sa.text("seal_level = 'b-b'")
OF_KEYS = ("retire_key", "revoke_key")


def upgrade() -> None:
    """Apply; batches decided before had no such rows to vouch for."""
    with op.batch_alter_table("certificate_batch", schema=None) as table:
        table.add_column(sa.Column("not_kept", sa.Integer(), nullable=False, server_default=sa.text("0")))
        table.add_column(sa.Column("vouched", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.create_check_constraint(
            op.f("ck_certificate_batch_vouched"), "not_kept = 0 OR vouched OR state IN ('prepared', 'rejected')"
        )
    with op.batch_alter_table("share_link", schema=None) as table:
        table.add_column(sa.Column("organisation_id", BIG, nullable=True))
        table.alter_column("person_id", existing_type=BIG, nullable=True)
        table.create_foreign_key(op.f("fk_share_link_organisation_id"), "organisation", ["organisation_id"], ["id"])
        table.create_index(op.f("ix_share_link_organisation_id"), ["organisation_id"], unique=False)
        table.create_check_constraint(op.f("ck_share_link_holder"), "(person_id IS NULL) <> (organisation_id IS NULL)")
    op.create_index("ix_certificate_untimed", "certificate", ["id"], sqlite_where=UNTIMED, postgresql_where=UNTIMED)
    _let_log_tell_of_keys()
    _tell_of_keys()


def _let_log_tell_of_keys() -> None:
    with op.batch_alter_table(ENTRIES, schema=None) as table:
        table.add_column(sa.Column("key_id", BIG, nullable=True))
        table.alter_column("certificate_id", existing_type=BIG, nullable=True)
        table.create_foreign_key(op.f("fk_certificate_log_entry_key_id"), "signing_key", ["key_id"], ["id"])
        table.create_index(op.f("ix_certificate_log_entry_key_id"), ["key_id"], unique=False)
        table.create_unique_constraint(op.f("uq_certificate_log_entry_key_id_act"), ["key_id", "act"])
        _acts(table, ACTS + OF_KEYS)
        table.create_check_constraint(
            op.f("ck_certificate_log_entry_about"), "(certificate_id IS NULL) <> (key_id IS NULL)"
        )
        table.create_check_constraint(
            op.f("ck_certificate_log_entry_of_keys"), "(key_id IS NOT NULL) = (act IN ('retire_key', 'revoke_key'))"
        )
    if op.get_bind().dialect.name == "sqlite":
        _guard()


def _acts(table: BatchOperations, acts: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{one}'" for one in acts)
    table.drop_constraint(op.f("ck_certificate_log_entry_logact"), type_="check")
    table.create_check_constraint(op.f("ck_certificate_log_entry_logact"), f"act IN ({listed})")


def _guard() -> None:
    """Make the log append-only again: a rebuilt table of SQLite loses its triggers."""
    for statement in append_only_ddl(ENTRIES, op.get_bind().dialect.name):
        op.execute(statement)


def _tell_of_keys() -> None:
    """Let the log tell of the keys that were retired or revoked before: late, and with the instants on record."""
    keys = sa.table(
        "signing_key",
        sa.column("id", BIG),
        sa.column("body_id", BIG),
        sa.column("key_id", sa.String),
        sa.column("retired_at", UtcDateTime()),
        sa.column("revoked_at", UtcDateTime()),
    )
    bodies = sa.table("issuing_body", sa.column("id", BIG), sa.column("did", sa.String))
    retired = (
        sa.select(keys.c.id, keys.c.key_id, bodies.c.did, keys.c.retired_at, keys.c.revoked_at)
        .join(bodies, bodies.c.id == keys.c.body_id)
        .where(keys.c.retired_at.is_not(None))
        .order_by(keys.c.id)
    )
    now = real_now()
    for key, name, did, retired_at, revoked_at in op.get_bind().execute(retired).all():
        leaf = {"v": 1, "act": "retire_key", "key": name, "issuer": did, "at": write_instant(retired_at)}
        _tell(key, leaf, now)
        if revoked_at is not None:
            revoked = {"act": "revoke_key", "at": write_instant(now), "since": write_instant(revoked_at)}
            _tell(key, {**leaf, **revoked}, now)


def _tell(key: int, leaf: dict[str, object], now: datetime) -> None:
    entries = sa.table(
        ENTRIES,
        sa.column("key_id", BIG),
        sa.column("act", sa.String),
        sa.column("data", sa.Text),
        sa.column("recorded_at", UtcDateTime()),
    )
    data = json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    op.get_bind().execute(entries.insert().values(key_id=key, act=leaf["act"], data=data, recorded_at=now))


def _forget_keys() -> None:
    on_table = "" if op.get_bind().dialect.name == "sqlite" else f" ON {ENTRIES}"
    for verb in ("update", "delete"):
        op.execute(f"DROP TRIGGER {ENTRIES}_no_{verb}{on_table}")
    op.execute(
        f"DELETE FROM {ENTRIES} WHERE key_id IS NOT NULL "  # noqa: S608 - no input
        "AND id NOT IN (SELECT entry_id FROM certificate_log_leaf)"
    )
    with op.batch_alter_table(ENTRIES, schema=None) as table:
        table.drop_constraint(op.f("ck_certificate_log_entry_of_keys"), type_="check")
        table.drop_constraint(op.f("ck_certificate_log_entry_about"), type_="check")
        _acts(table, ACTS)
        table.drop_constraint(op.f("uq_certificate_log_entry_key_id_act"), type_="unique")
        table.drop_index(op.f("ix_certificate_log_entry_key_id"))
        table.drop_constraint(op.f("fk_certificate_log_entry_key_id"), type_="foreignkey")
        table.alter_column("certificate_id", existing_type=BIG, nullable=False)
        table.drop_column("key_id")
    _guard()


def downgrade() -> None:
    """Take back; links of organisations go with what they showed and who looked.

    What the log tells of keys and is not sealed yet goes; a sealed leaf stays, and then the log cannot be narrowed.
    """
    _forget_keys()
    op.drop_index("ix_certificate_untimed", table_name="certificate")
    links = "SELECT id FROM share_link WHERE organisation_id IS NOT NULL"
    for table_name in ("share_view", "shared_certificate"):
        op.execute(f"DELETE FROM {table_name} WHERE share_link_id IN ({links})")  # noqa: S608 - no input
    op.execute("DELETE FROM share_link WHERE organisation_id IS NOT NULL")
    with op.batch_alter_table("share_link", schema=None) as table:
        table.drop_constraint(op.f("ck_share_link_holder"), type_="check")
        table.drop_index(op.f("ix_share_link_organisation_id"))
        table.drop_constraint(op.f("fk_share_link_organisation_id"), type_="foreignkey")
        table.alter_column("person_id", existing_type=BIG, nullable=False)
        table.drop_column("organisation_id")
    with op.batch_alter_table("certificate_batch", schema=None) as table:
        table.drop_constraint(op.f("ck_certificate_batch_vouched"), type_="check")
        table.drop_column("vouched")
        table.drop_column("not_kept")
