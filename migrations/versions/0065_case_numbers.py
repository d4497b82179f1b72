"""cases bear a number that people can read out: the letters of the kind, the year, a serial."""

from collections import Counter
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

SHANGHAI = ZoneInfo("Asia/Shanghai")
LETTERS = {
    "cases.objection": "YY",
    "cases.lead": "XS",
    "cases.complaint": "TS",
    "cases.impartiality": "SM",
    "credit.objection": "XY",
    "credit.review": "PJ",
    "exams.conduct": "WJ",
    "exams.recheck": "CJ",
    "exams.revocation": "BM",
    "titles.recheck": "PS",
    "titles.appeal": "CX",
    "credentials.appeal": "ZS",
    "bases.appeal": "JD",
}
OTHER = "AJ"
CASES = sa.table(
    "case_record",
    sa.column("id", sa.Integer),
    sa.column("kind", sa.String),
    sa.column("raised_at", UtcDateTime()),
    sa.column("number", sa.String),
)
SERIALS = sa.table("case_serial", sa.column("prefix", sa.String), sa.column("last", sa.Integer))


def upgrade() -> None:
    """Apply; raised cases are numbered in the order in which they were raised."""
    op.create_table(
        "case_serial",
        sa.Column("prefix", sa.String(length=64), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last > 0", name=op.f("ck_case_serial_counted")),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_case_serial")),
    )
    op.add_column("case_record", sa.Column("number", sa.String(length=64), nullable=True))
    _number()
    op.create_index("uq_case_record_number", "case_record", ["number"], unique=True)


def _number() -> None:
    bind, given = op.get_bind(), Counter[str]()
    raised = sa.select(CASES.c.id, CASES.c.kind, CASES.c.raised_at).where(CASES.c.raised_at.is_not(None))
    for key, kind, at in bind.execute(raised.order_by(CASES.c.raised_at, CASES.c.id)).all():
        prefix = f"{LETTERS.get(kind, OTHER)}-{at.astimezone(SHANGHAI).year}"
        given[prefix] += 1
        number = f"{prefix}-{given[prefix]:06d}"
        bind.execute(sa.update(CASES).where(CASES.c.id == key).values(number=number))
    for prefix, last in given.items():
        bind.execute(sa.insert(SERIALS).values(prefix=prefix, last=last))


def downgrade() -> None:
    """Undo; a case is called by its code again."""
    op.drop_index("uq_case_record_number", table_name="case_record")
    op.drop_column("case_record", "number")
    op.drop_table("case_serial")
