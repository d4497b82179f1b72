"""share links of holders, and employers' checks of lists."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    _share_link()
    _shared_certificate()
    _share_view()
    _certificate_check()
    _checked_row()


def _share_link() -> None:
    op.create_table(
        "share_link",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("secret", sa.LargeBinary(length=32), nullable=False),
        sa.Column("asked_with", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_share_link_expiry")),
        sa.CheckConstraint("revoked_at IS NULL OR revoked_at >= created_at", name=op.f("ck_share_link_revoked")),
        sa.CheckConstraint("views >= 0", name=op.f("ck_share_link_views")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_share_link_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_link")),
        sa.UniqueConstraint("asked_with", name=op.f("uq_share_link_asked_with")),
        sa.UniqueConstraint("code", name=op.f("uq_share_link_code")),
        sa.UniqueConstraint("secret", name=op.f("uq_share_link_secret")),
    )
    with op.batch_alter_table("share_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_share_link_person_id"), ["person_id"], unique=False)


def _shared_certificate() -> None:
    op.create_table(
        "shared_certificate",
        sa.Column("id", KEY, nullable=False),
        sa.Column("share_link_id", KEY, nullable=False),
        sa.Column("certificate_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_shared_certificate_certificate_id")
        ),
        sa.ForeignKeyConstraint(["share_link_id"], ["share_link.id"], name=op.f("fk_shared_certificate_share_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_certificate")),
        sa.UniqueConstraint(
            "share_link_id", "certificate_id", name=op.f("uq_shared_certificate_share_link_id_certificate_id")
        ),
    )
    with op.batch_alter_table("shared_certificate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shared_certificate_certificate_id"), ["certificate_id"], unique=False)


def _share_view() -> None:
    op.create_table(
        "share_view",
        sa.Column("id", KEY, nullable=False),
        sa.Column("share_link_id", KEY, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("client", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["share_link_id"], ["share_link.id"], name=op.f("fk_share_view_share_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_view")),
    )
    with op.batch_alter_table("share_view", schema=None) as batch_op:
        batch_op.create_index("ix_share_view_link", ["share_link_id", "id"], unique=False)


def _certificate_check() -> None:
    op.create_table(
        "certificate_check",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("organisation_id", KEY, nullable=False),
        sa.Column("by_id", KEY, nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("region_code", sa.String(length=64), nullable=True),
        sa.Column(
            "purpose",
            sa.Enum(
                "recruitment",
                "position",
                "project",
                "tender",
                "staff_report",
                "partner",
                name="checkpurpose",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("consent", sa.String(length=200), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("asked_with", sa.String(length=64), nullable=False),
        sa.Column("staged_file_id", KEY, nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("forget_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("sheet", sa.Text(), nullable=True),
        sa.Column("forgotten_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(finished_at IS NULL) = (digest IS NULL)", name=op.f("ck_certificate_check_finished")),
        sa.CheckConstraint("done >= 0 AND done <= total", name=op.f("ck_certificate_check_progress")),
        sa.CheckConstraint("finished_at IS NULL OR done = total", name=op.f("ck_certificate_check_complete")),
        sa.CheckConstraint("forget_at > asked_at", name=op.f("ck_certificate_check_kept_for_a_while")),
        sa.CheckConstraint(
            "forgotten_at IS NULL OR finished_at IS NOT NULL", name=op.f("ck_certificate_check_forgotten_when_finished")
        ),
        sa.CheckConstraint(
            "sheet IS NULL OR finished_at IS NOT NULL", name=op.f("ck_certificate_check_signed_when_finished")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_certificate_check_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_certificate_check_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["staged_file_id"], ["staged_file.id"], name=op.f("fk_certificate_check_staged_file_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_check")),
        sa.UniqueConstraint("asked_with", name=op.f("uq_certificate_check_asked_with")),
        sa.UniqueConstraint("code", name=op.f("uq_certificate_check_code")),
    )
    with op.batch_alter_table("certificate_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_check_by_id"), ["by_id"], unique=False)
        batch_op.create_index("ix_certificate_check_forget", ["forgotten_at", "forget_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_check_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_check_staged_file_id"), ["staged_file_id"], unique=False)


def _checked_row() -> None:
    op.create_table(
        "checked_row",
        sa.Column("id", KEY, nullable=False),
        sa.Column("check_id", KEY, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("given", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "valid",
                "name_differs",
                "not_found",
                "revoked",
                "suspended",
                "expired",
                "not_yet",
                "unreadable",
                name="rowoutcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name_fits", sa.Boolean(), nullable=True),
        sa.Column("near", sa.String(length=64), nullable=True),
        sa.Column("certificate_id", KEY, nullable=True),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.CheckConstraint("near IS NULL OR outcome = 'not_found'", name=op.f("ck_checked_row_near")),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], name=op.f("fk_checked_row_certificate_id")),
        sa.ForeignKeyConstraint(["check_id"], ["certificate_check.id"], name=op.f("fk_checked_row_check_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checked_row")),
        sa.UniqueConstraint("check_id", "line", name=op.f("uq_checked_row_check_id_line")),
    )
    with op.batch_alter_table("checked_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_checked_row_certificate_id"), ["certificate_id"], unique=False)
        batch_op.create_index("ix_checked_row_outcome", ["check_id", "outcome", "line"], unique=False)


def downgrade() -> None:
    """Revert."""
    for table in ("checked_row", "certificate_check", "share_view", "shared_certificate", "share_link"):
        op.drop_table(table)
