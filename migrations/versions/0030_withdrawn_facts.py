"""withdrawals of titles, and certificates that do not count while the accreditation they certify is suspended."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STANDING = sa.text("state IN ('proposed', 'in_force')")
BEFORE = ("investigation", "objection", "continuing_education", "sanction", "holder_request")
AFTER = (*BEFORE, "accreditation_suspended")
REASONS = {"certificate": "suspended_for", "certificate_suspension": "reason"}


def upgrade() -> None:
    """Apply."""
    _suspension_reasons(AFTER)
    _withdrawals()
    _names()


def _suspension_reasons(reasons: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{one}'" for one in reasons)
    for table, column in REASONS.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(op.f(f"ck_{table}_suspensionreason"), type_="check")
            batch_op.create_check_constraint(op.f(f"ck_{table}_suspensionreason"), f"{column} IN ({listed})")


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _foreign(column: str, to: str, table: str = "title_withdrawal") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _check(name: str, condition: str, table: str = "title_withdrawal") -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _withdrawals() -> None:
    op.create_table(
        "title_withdrawal",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("award_id", BIG, nullable=False),
        sa.Column("state", _enum("withdrawalstate", "proposed", "in_force", "rejected", "set_aside"), nullable=False),
        sa.Column(
            "reason",
            _enum("withdrawalreason", "false_papers", "plagiarism", "improper_means", "procedure"),
            nullable=False,
        ),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", BIG, nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("set_aside_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _check("two_people", "decided_by_id IS NULL OR decided_by_id <> proposed_by_id"),
        _check("decided_by", "(state = 'proposed') = (decided_by_id IS NULL)"),
        _check("decided_at", "(decided_by_id IS NULL) = (decided_at IS NULL)"),
        _check("decision", "(decided_by_id IS NULL) = (decision IS NULL)"),
        _check("set_aside", "(state = 'set_aside') = (set_aside_at IS NOT NULL)"),
        _foreign("award_id", "title_award"),
        _foreign("proposed_by_id", "person"),
        _foreign("decided_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_title_withdrawal")),
        sa.UniqueConstraint("code", name=op.f("uq_title_withdrawal_code")),
    )
    for column in ("award_id", "proposed_by_id", "decided_by_id"):
        op.create_index(op.f(f"ix_title_withdrawal_{column}"), "title_withdrawal", [column], unique=False)
    op.create_index(
        "uq_title_withdrawal_standing",
        "title_withdrawal",
        ["award_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def _names() -> None:
    table = "name_correction"
    op.create_table(
        table,
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("state", _enum("namestate", "requested", "withdrawn", "refused", "corrected"), nullable=False),
        sa.Column("asked_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("paper_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _check("second_person", "decided_by_id IS NULL OR decided_by_id <> person_id", table),
        _check("decided", "(state IN ('corrected', 'refused')) = (decided_by_id IS NOT NULL)", table),
        _check("decided_at", "(decided_by_id IS NULL) = (decided_at IS NULL)", table),
        _check("paper", "state <> 'requested' OR (asked_sealed IS NOT NULL AND paper_sealed IS NOT NULL)", table),
        _foreign("person_id", "person", table),
        _foreign("decided_by_id", "person", table),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_correction")),
        sa.UniqueConstraint("code", name=op.f("uq_name_correction_code")),
    )
    for column in ("person_id", "decided_by_id"):
        op.create_index(op.f(f"ix_name_correction_{column}"), table, [column], unique=False)
    waits = sa.text("state = 'requested'")
    op.create_index(
        "uq_name_correction_open", table, ["person_id"], unique=True, sqlite_where=waits, postgresql_where=waits
    )


def downgrade() -> None:
    """Take back; what is suspended with its accreditation then says that a sanction did it."""
    op.drop_table("name_correction")
    op.drop_table("title_withdrawal")
    for name, column in REASONS.items():
        table = sa.table(name, sa.column(column, sa.String()))
        held = table.c[column] == "accreditation_suspended"
        op.execute(table.update().where(held).values({column: "sanction"}))
    _suspension_reasons(BEFORE)
