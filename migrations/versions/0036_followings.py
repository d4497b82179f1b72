"""requests closed in their batch; bars after a withdrawn title; chains of seal certificates; results in parts."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ACTS = ("rotate", "compromise")


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("certificate_request", schema=None) as table:
        table.add_column(sa.Column("closed_in_id", BIG, nullable=True))
        table.create_foreign_key(
            op.f("fk_certificate_request_closed_in_id"), "certificate_batch", ["closed_in_id"], ["id"]
        )
        table.create_index(op.f("ix_certificate_request_closed_in_id"), ["closed_in_id"], unique=False)
        table.create_check_constraint(
            op.f("ck_certificate_request_closed_in"), "closed_in_id IS NULL OR state = 'withdrawn'"
        )
    with op.batch_alter_table("title_withdrawal", schema=None) as table:
        table.add_column(sa.Column("integrity_rule", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("restriction_id", BIG, nullable=True))
        table.create_foreign_key(op.f("fk_title_withdrawal_restriction_id"), "restriction", ["restriction_id"], ["id"])
        table.create_index(op.f("ix_title_withdrawal_restriction_id"), ["restriction_id"], unique=False)
        table.create_check_constraint(
            op.f("ck_title_withdrawal_bar_by_rule"), "restriction_id IS NULL OR integrity_rule IS NOT NULL"
        )
    with op.batch_alter_table("signing_key", schema=None) as table:
        table.add_column(sa.Column("chain", sa.Text(), nullable=True))
        table.create_check_constraint(op.f("ck_signing_key_chain"), "chain IS NULL OR certificate IS NOT NULL")
    with op.batch_alter_table("key_order", schema=None) as table:
        table.add_column(sa.Column("chain", sa.Text(), nullable=True))
        table.drop_constraint(op.f("ck_key_order_keyact"), type_="check")
        table.create_check_constraint(op.f("ck_key_order_keyact"), _among(*ACTS, "certify"))
        table.create_check_constraint(op.f("ck_key_order_chain"), "(act = 'certify') = (chain IS NOT NULL)")
    _parts()


def _parts() -> None:
    """Keep results on paper part by part; what was drawn so far is the one part of its result."""
    op.create_table(
        "check_paper",
        sa.Column("id", BIG, nullable=False),
        sa.Column("check_id", BIG, nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.Column("staged_file_id", BIG, nullable=False),
        sa.CheckConstraint("part >= 1 AND after >= 0 AND upto > after", name=op.f("ck_check_paper_rows")),
        sa.ForeignKeyConstraint(["check_id"], ["certificate_check.id"], name=op.f("fk_check_paper_check_id")),
        sa.ForeignKeyConstraint(["staged_file_id"], ["staged_file.id"], name=op.f("fk_check_paper_staged_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_paper")),
        sa.UniqueConstraint("check_id", "part", name=op.f("uq_check_paper_check_id_part")),
        sa.UniqueConstraint("check_id", "after", name=op.f("uq_check_paper_check_id_after")),
    )
    op.create_index(op.f("ix_check_paper_staged_file_id"), "check_paper", ["staged_file_id"], unique=False)
    op.execute(
        "INSERT INTO check_paper (check_id, part, after, upto, staged_file_id) "
        "SELECT id, 1, 0, total, paper_id FROM certificate_check WHERE paper_id IS NOT NULL"
    )
    with op.batch_alter_table("certificate_check", schema=None) as table:
        table.drop_constraint(op.f("ck_certificate_check_paper"), type_="check")
        table.drop_index(op.f("ix_certificate_check_paper_id"))
        table.drop_constraint(op.f("fk_certificate_check_paper_id"), type_="foreignkey")
        table.drop_column("paper_id")


def _one_part() -> None:
    """Keep of each result the part that prints all of its rows."""
    with op.batch_alter_table("certificate_check", schema=None) as table:
        table.add_column(sa.Column("paper_id", BIG, nullable=True))
        table.create_foreign_key(op.f("fk_certificate_check_paper_id"), "staged_file", ["paper_id"], ["id"])
        table.create_check_constraint(
            op.f("ck_certificate_check_paper"), "paper_id IS NULL OR (sheet IS NOT NULL AND forgotten_at IS NULL)"
        )
        table.create_index(op.f("ix_certificate_check_paper_id"), ["paper_id"], unique=False)
    op.execute(
        "UPDATE certificate_check SET paper_id = (SELECT p.staged_file_id FROM check_paper p "
        "WHERE p.check_id = certificate_check.id AND p.after = 0 AND p.upto = certificate_check.total)"
    )
    op.drop_table("check_paper")


def _among(*acts: str) -> str:
    listed = ", ".join(f"'{one}'" for one in acts)
    return f"act IN ({listed})"


def downgrade() -> None:
    """Take back; a key whose certificate came from an authority goes on with that certificate, without its chain."""
    _one_part()
    op.execute("DELETE FROM key_order WHERE act = 'certify'")
    with op.batch_alter_table("key_order", schema=None) as table:
        table.drop_constraint(op.f("ck_key_order_chain"), type_="check")
        table.drop_constraint(op.f("ck_key_order_keyact"), type_="check")
        table.create_check_constraint(op.f("ck_key_order_keyact"), _among(*ACTS))
        table.drop_column("chain")
    with op.batch_alter_table("signing_key", schema=None) as table:
        table.drop_constraint(op.f("ck_signing_key_chain"), type_="check")
        table.drop_column("chain")
    with op.batch_alter_table("title_withdrawal", schema=None) as table:
        table.drop_constraint(op.f("ck_title_withdrawal_bar_by_rule"), type_="check")
        table.drop_index(op.f("ix_title_withdrawal_restriction_id"))
        table.drop_constraint(op.f("fk_title_withdrawal_restriction_id"), type_="foreignkey")
        table.drop_column("restriction_id")
        table.drop_column("integrity_rule")
    with op.batch_alter_table("certificate_request", schema=None) as table:
        table.drop_constraint(op.f("ck_certificate_request_closed_in"), type_="check")
        table.drop_index(op.f("ix_certificate_request_closed_in_id"))
        table.drop_constraint(op.f("fk_certificate_request_closed_in_id"), type_="foreignkey")
        table.drop_column("closed_in_id")
