"""credit evaluation."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import ScaledDecimal, UtcDateTime
from app.core.events import append_only_ddl

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "credit_cycle",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("known_at", UtcDateTime(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("rated", sa.Integer(), nullable=False),
        sa.Column("started_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ended_at IS NULL OR rated = people", name=op.f("ck_credit_cycle_ended")),
        sa.CheckConstraint("rated <= people", name=op.f("ck_credit_cycle_counts")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_credit_cycle_region_code")),
        sa.ForeignKeyConstraint(["started_by_id"], ["person.id"], name=op.f("fk_credit_cycle_started_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_cycle")),
        sa.UniqueConstraint("code", name=op.f("uq_credit_cycle_code")),
        sa.UniqueConstraint("token", name=op.f("uq_credit_cycle_token")),
    )
    with op.batch_alter_table("credit_cycle", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credit_cycle_region_code"), ["region_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_cycle_started_by_id"), ["started_by_id"], unique=False)

    op.create_table(
        "credit_record",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column(
            "polarity",
            sa.Enum("positive", "negative", name="polarity", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "gravity",
            sa.Enum(
                "minor", "ordinary", "serious", name="gravity", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("conduct", sa.String(length=200), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("deciding_body", sa.String(length=200), nullable=False),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("sanction_until", sa.Date(), nullable=True),
        sa.Column("publish_anyway", sa.Boolean(), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("corrects_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "entered",
                "rejected",
                "confirmed",
                "corrected",
                "withdrawn",
                "repaired",
                name="recordstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("entered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("repaired_on", sa.Date(), nullable=True),
        sa.Column("repaired_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(polarity = 'positive') = (gravity IS NULL)", name=op.f("ck_credit_record_classed")),
        sa.CheckConstraint("(state = 'entered') = (decided_by_id IS NULL)", name=op.f("ck_credit_record_decided")),
        sa.CheckConstraint("(state = 'rejected') = (reason IS NOT NULL)", name=op.f("ck_credit_record_reason")),
        sa.CheckConstraint(
            "(state IN ('corrected', 'withdrawn')) = (ended_at IS NOT NULL)", name=op.f("ck_credit_record_ended")
        ),
        sa.CheckConstraint("gravity = 'minor' OR NOT publish_anyway", name=op.f("ck_credit_record_publish_anyway")),
        sa.CheckConstraint("state <> 'repaired' OR repaired_on IS NOT NULL", name=op.f("ck_credit_record_repaired")),
        sa.CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name=op.f("ck_credit_record_decided_at")),
        sa.CheckConstraint("(repaired_on IS NULL) = (repaired_at IS NULL)", name=op.f("ck_credit_record_repaired_at")),
        sa.CheckConstraint("decided_by_id <> entered_by_id", name=op.f("ck_credit_record_two_people")),
        sa.CheckConstraint(
            "person_id <> entered_by_id AND (decided_by_id IS NULL OR person_id <> decided_by_id)",
            name=op.f("ck_credit_record_not_own"),
        ),
        sa.CheckConstraint(
            "sanction_until IS NULL OR sanction_until >= effective_on", name=op.f("ck_credit_record_period")
        ),
        sa.ForeignKeyConstraint(["corrects_id"], ["credit_record.id"], name=op.f("fk_credit_record_corrects_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_credit_record_decided_by_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["person.id"], name=op.f("fk_credit_record_entered_by_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_credit_record_file_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_credit_record_person_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_credit_record_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_record")),
        sa.UniqueConstraint("code", name=op.f("uq_credit_record_code")),
        sa.UniqueConstraint("token", name=op.f("uq_credit_record_token")),
    )
    with op.batch_alter_table("credit_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credit_record_corrects_id"), ["corrects_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_record_decided_by_id"), ["decided_by_id"], unique=False)
        batch_op.create_index("ix_credit_record_desk", ["region_code", "state", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_record_entered_by_id"), ["entered_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_record_file_id"), ["file_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_record_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_credit_record_public", ["polarity", "state", "effective_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_record_region_code"), ["region_code"], unique=False)

    op.create_table(
        "credit_rating",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("known_at", UtcDateTime(), nullable=False),
        sa.Column("score", ScaledDecimal(2), nullable=False),
        sa.Column("grade", sa.String(length=64), nullable=False),
        sa.Column("pack", sa.String(length=64), nullable=False),
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cycle_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("rated_at", UtcDateTime(), nullable=False),
        sa.Column("rated_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["cycle_id"], ["credit_cycle.id"], name=op.f("fk_credit_rating_cycle_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision_record.id"], name=op.f("fk_credit_rating_decision_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_credit_rating_person_id")),
        sa.ForeignKeyConstraint(["rated_by_id"], ["person.id"], name=op.f("fk_credit_rating_rated_by_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_credit_rating_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_rating")),
        sa.UniqueConstraint("code", name=op.f("uq_credit_rating_code")),
        sa.UniqueConstraint("cycle_id", "person_id", name=op.f("uq_credit_rating_cycle_id_person_id")),
        info={"append_only": True},
    )
    with op.batch_alter_table("credit_rating", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credit_rating_cycle_id"), ["cycle_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_rating_decision_id"), ["decision_id"], unique=True)
        batch_op.create_index("ix_credit_rating_person", ["person_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_rating_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_rating_rated_by_id"), ["rated_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_rating_region_code"), ["region_code"], unique=False)

    op.create_table(
        "credit_repair",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.Column("proof_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "applied",
                "granted",
                "refused",
                name="repairstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'applied') = (decided_by_id IS NULL)", name=op.f("ck_credit_repair_decided")),
        sa.CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name=op.f("ck_credit_repair_decided_at")),
        sa.CheckConstraint("(decided_by_id IS NULL) = (reason IS NULL)", name=op.f("ck_credit_repair_reason")),
        sa.CheckConstraint("decided_by_id <> asked_by_id", name=op.f("ck_credit_repair_two_people")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_credit_repair_asked_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_credit_repair_decided_by_id")),
        sa.ForeignKeyConstraint(["proof_id"], ["stored_file.id"], name=op.f("fk_credit_repair_proof_id")),
        sa.ForeignKeyConstraint(["record_id"], ["credit_record.id"], name=op.f("fk_credit_repair_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_repair")),
        sa.UniqueConstraint("code", name=op.f("uq_credit_repair_code")),
    )
    with op.batch_alter_table("credit_repair", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credit_repair_asked_by_id"), ["asked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_repair_decided_by_id"), ["decided_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_repair_proof_id"), ["proof_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_repair_record_id"), ["record_id"], unique=False)
        batch_op.create_index(
            "uq_credit_repair_open",
            ["record_id"],
            unique=True,
            sqlite_where=sa.text("state = 'applied'"),
            postgresql_where=sa.text("state = 'applied'"),
        )

    op.create_table(
        "credit_sanction",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("restriction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["credit_record.id"], name=op.f("fk_credit_sanction_record_id")),
        sa.ForeignKeyConstraint(["restriction_id"], ["restriction.id"], name=op.f("fk_credit_sanction_restriction_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_sanction")),
        info={"append_only": True},
    )
    with op.batch_alter_table("credit_sanction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credit_sanction_record_id"), ["record_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_sanction_restriction_id"), ["restriction_id"], unique=True)

    dialect = op.get_bind().dialect.name
    for table in ("credit_sanction", "credit_rating"):
        for statement in append_only_ddl(table, dialect):
            op.execute(statement)


def downgrade() -> None:
    """Revert."""
    with op.batch_alter_table("credit_sanction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credit_sanction_restriction_id"))
        batch_op.drop_index(batch_op.f("ix_credit_sanction_record_id"))

    op.drop_table("credit_sanction")
    with op.batch_alter_table("credit_repair", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_credit_repair_open",
            sqlite_where=sa.text("state = 'applied'"),
            postgresql_where=sa.text("state = 'applied'"),
        )
        batch_op.drop_index(batch_op.f("ix_credit_repair_record_id"))
        batch_op.drop_index(batch_op.f("ix_credit_repair_proof_id"))
        batch_op.drop_index(batch_op.f("ix_credit_repair_decided_by_id"))
        batch_op.drop_index(batch_op.f("ix_credit_repair_asked_by_id"))

    op.drop_table("credit_repair")
    with op.batch_alter_table("credit_rating", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credit_rating_region_code"))
        batch_op.drop_index(batch_op.f("ix_credit_rating_rated_by_id"))
        batch_op.drop_index(batch_op.f("ix_credit_rating_person_id"))
        batch_op.drop_index("ix_credit_rating_person")
        batch_op.drop_index(batch_op.f("ix_credit_rating_decision_id"))
        batch_op.drop_index(batch_op.f("ix_credit_rating_cycle_id"))

    op.drop_table("credit_rating")
    with op.batch_alter_table("credit_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credit_record_region_code"))
        batch_op.drop_index("ix_credit_record_public")
        batch_op.drop_index(batch_op.f("ix_credit_record_person_id"))
        batch_op.drop_index(batch_op.f("ix_credit_record_file_id"))
        batch_op.drop_index(batch_op.f("ix_credit_record_entered_by_id"))
        batch_op.drop_index("ix_credit_record_desk")
        batch_op.drop_index(batch_op.f("ix_credit_record_decided_by_id"))
        batch_op.drop_index(batch_op.f("ix_credit_record_corrects_id"))

    op.drop_table("credit_record")
    with op.batch_alter_table("credit_cycle", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credit_cycle_started_by_id"))
        batch_op.drop_index(batch_op.f("ix_credit_cycle_region_code"))

    op.drop_table("credit_cycle")
