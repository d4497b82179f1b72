"""Sign-in and security: passkeys, recovery codes, resets, past passwords, orders by two, administrators apart."""

import sqlalchemy as sa
from alembic import op

from app.accounts.apart import MOMENTS, apart_ddl
from app.core.columns import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "spent_challenge",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("spent_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spent_challenge")),
        sa.UniqueConstraint("digest", name=op.f("uq_spent_challenge_digest")),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("credential", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_passkey_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("code", name=op.f("uq_passkey_code")),
        sa.UniqueConstraint("credential", name=op.f("uq_passkey_credential")),
    )
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passkey_person_id"), ["person_id"], unique=False)

    op.create_table(
        "password_reset",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "way",
            sa.Enum("mail", "sms", name="resetway", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("secret", sa.LargeBinary(length=32), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(secret IS NULL) = (expires_at IS NULL)", name=op.f("ck_password_reset_secret")),
        sa.CheckConstraint("tries BETWEEN 0 AND 5", name=op.f("ck_password_reset_tries")),
        sa.CheckConstraint(
            "used_at IS NULL OR (secret IS NOT NULL AND ended_at IS NULL)", name=op.f("ck_password_reset_one_end")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_password_reset_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_reset")),
        sa.UniqueConstraint("code", name=op.f("uq_password_reset_code")),
        sa.UniqueConstraint("secret", name=op.f("uq_password_reset_secret")),
    )
    with op.batch_alter_table("password_reset", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_password_reset_person_id"), ["person_id"], unique=False)

    op.create_table(
        "past_password",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("replaced_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_past_password_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_password")),
    )
    with op.batch_alter_table("past_password", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_past_password_person_id"), ["person_id"], unique=False)

    op.create_table(
        "recovery_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("used_at IS NULL OR ended_at IS NULL", name=op.f("ck_recovery_code_one_end")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("person_id", "digest", name=op.f("uq_recovery_code_person_id_digest")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_code_person_id"), ["person_id"], unique=False)

    op.create_table(
        "security_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "grant_role",
                "end_role",
                "reset_factors",
                name="orderkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "done",
                "refused",
                "withdrawn",
                name="orderstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope_code", sa.String(length=6), nullable=False),
        sa.Column("membership_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "trainee",
                "base",
                "lecturer",
                "author",
                "reviewer",
                "examiner",
                "invigilator",
                "marker",
                "adjudicator",
                "secretary",
                "expert",
                "chair",
                "supervisor",
                "certifier",
                "issuer",
                "credit",
                "regulator",
                "employer",
                "sysadmin",
                "secadmin",
                "auditor",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("region_code", sa.String(length=6), nullable=True),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(kind = 'end_role') = (membership_id IS NOT NULL)", name=op.f("ck_security_order_end")),
        sa.CheckConstraint(
            "(kind = 'grant_role') = (role IS NOT NULL AND starts_on IS NOT NULL AND region_code IS NOT NULL)",
            name=op.f("ck_security_order_grant"),
        ),
        sa.CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name=op.f("ck_security_order_decided")),
        sa.CheckConstraint(
            "(state IN ('done', 'refused')) = (decided_by_id IS NOT NULL)", name=op.f("ck_security_order_decider")
        ),
        sa.CheckConstraint("decided_by_id <> person_id", name=op.f("ck_security_order_not_about_oneself")),
        sa.CheckConstraint("kind <> 'end_role' OR ends_on IS NOT NULL", name=op.f("ck_security_order_last_day")),
        sa.CheckConstraint("asked_by_id <> person_id", name=op.f("ck_security_order_not_for_oneself")),
        sa.CheckConstraint("decided_by_id <> asked_by_id", name=op.f("ck_security_order_two_people")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_security_order_asked_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_security_order_decided_by_id")),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_security_order_membership_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_security_order_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_security_order_person_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_security_order_region_code")),
        sa.ForeignKeyConstraint(["scope_code"], ["region.code"], name=op.f("fk_security_order_scope_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_order")),
        sa.UniqueConstraint("code", name=op.f("uq_security_order_code")),
    )
    with op.batch_alter_table("security_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_security_order_asked_by_id"), ["asked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_security_order_decided_by_id"), ["decided_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_security_order_membership_id"), ["membership_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_security_order_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_security_order_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_security_order_scope_code"), ["scope_code"], unique=False)
        batch_op.create_index("ix_security_order_state", ["state", "asked_at"], unique=False)

    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("address_sealed", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("confirmed_at", UtcDateTime(), nullable=True))

    for statement in apart_ddl(op.get_bind().dialect.name, calls_off=False):
        op.execute(statement)


def downgrade() -> None:
    """Revert."""
    on_table = " ON membership" if op.get_bind().dialect.name == "postgresql" else ""
    for moment in MOMENTS:
        op.execute(f"DROP TRIGGER administrators_apart_{moment}{on_table}")
    if on_table:
        op.execute("DROP FUNCTION administrators_apart")

    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_column("confirmed_at")
        batch_op.drop_column("address_sealed")

    with op.batch_alter_table("security_order", schema=None) as batch_op:
        batch_op.drop_index("ix_security_order_state")
        batch_op.drop_index(batch_op.f("ix_security_order_scope_code"))
        batch_op.drop_index(batch_op.f("ix_security_order_person_id"))
        batch_op.drop_index(batch_op.f("ix_security_order_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_security_order_membership_id"))
        batch_op.drop_index(batch_op.f("ix_security_order_decided_by_id"))
        batch_op.drop_index(batch_op.f("ix_security_order_asked_by_id"))

    op.drop_table("security_order")
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_code_person_id"))

    op.drop_table("recovery_code")
    with op.batch_alter_table("past_password", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_past_password_person_id"))

    op.drop_table("past_password")
    with op.batch_alter_table("password_reset", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_password_reset_person_id"))

    op.drop_table("password_reset")
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_passkey_person_id"))

    op.drop_table("passkey")
    op.drop_table("spent_challenge")
