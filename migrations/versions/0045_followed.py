"""the second look at credit records whose evidence ended; relations that staff declare."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "credit_doubt"
STATES = sa.Enum("open", "proposed", "settled", name="doubtstate", native_enum=False, create_constraint=True, length=40)
PROPOSALS = sa.Enum("withdraw", "keep", name="proposal", native_enum=False, create_constraint=True, length=40)
RELATION = "declared_relation"
RELATIONS = sa.Enum(
    "unit",
    "kinship",
    "coauthor",
    "student",
    "contract",
    name="relation",
    native_enum=False,
    create_constraint=True,
    length=40,
)
UNSETTLED = sa.text("state <> 'settled'")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        TABLE,
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("record_id", BIG, nullable=False),
        sa.Column("state", STATES, nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("proposal", PROPOSALS, nullable=True),
        sa.Column("findings", sa.Text(), nullable=True),
        sa.Column("proposed_by_id", BIG, nullable=True),
        sa.Column("proposed_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("decided_by_id <> proposed_by_id", name=op.f("ck_credit_doubt_two_people")),
        sa.CheckConstraint("(proposal IS NULL) = (proposed_by_id IS NULL)", name=op.f("ck_credit_doubt_proposed_by")),
        sa.CheckConstraint("(proposal IS NULL) = (proposed_at IS NULL)", name=op.f("ck_credit_doubt_proposed_at")),
        sa.CheckConstraint("(proposal IS NULL) = (findings IS NULL)", name=op.f("ck_credit_doubt_findings")),
        sa.CheckConstraint("state <> 'open' OR proposal IS NULL", name=op.f("ck_credit_doubt_open")),
        sa.CheckConstraint("state <> 'proposed' OR proposal IS NOT NULL", name=op.f("ck_credit_doubt_proposed")),
        sa.CheckConstraint("(state = 'settled') = (settled_at IS NOT NULL)", name=op.f("ck_credit_doubt_settled")),
        sa.CheckConstraint("decided_by_id IS NULL OR state = 'settled'", name=op.f("ck_credit_doubt_decided")),
        sa.ForeignKeyConstraint(["record_id"], ["credit_record.id"], name=op.f("fk_credit_doubt_record_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"], name=op.f("fk_credit_doubt_proposed_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_credit_doubt_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_doubt")),
        sa.UniqueConstraint("code", name=op.f("uq_credit_doubt_code")),
    )
    for column in ("record_id", "proposed_by_id", "decided_by_id"):
        op.create_index(op.f(f"ix_credit_doubt_{column}"), TABLE, [column], unique=False)
    op.create_index(
        "uq_credit_doubt_open",
        TABLE,
        ["record_id"],
        unique=True,
        sqlite_where=UNSETTLED,
        postgresql_where=UNSETTLED,
    )
    op.create_table(
        RELATION,
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("kind", RELATIONS, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("other_id", BIG, nullable=True),
        sa.Column("organisation_id", BIG, nullable=True),
        sa.CheckConstraint("other_id IS NULL OR organisation_id IS NULL", name=op.f("ck_declared_relation_one")),
        sa.ForeignKeyConstraint(["case_id"], ["case_record.id"], name=op.f("fk_declared_relation_case_id")),
        sa.ForeignKeyConstraint(["other_id"], ["person.id"], name=op.f("fk_declared_relation_other_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_declared_relation_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declared_relation")),
        sa.UniqueConstraint("case_id", "place", name=op.f("uq_declared_relation_case_id_place")),
    )
    for column in ("case_id", "name_index", "other_id", "organisation_id"):
        op.create_index(op.f(f"ix_declared_relation_{column}"), RELATION, [column], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_table(RELATION)
    op.drop_table(TABLE)
