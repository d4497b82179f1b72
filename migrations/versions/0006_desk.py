"""desk."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime
from app.core.events import append_only_ddl

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "access_look",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("viewer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=True),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("region_code", sa.String(length=64), nullable=True),
        sa.Column(
            "purpose",
            sa.Enum(
                "administration",
                "training",
                "examination",
                "certification",
                "verification",
                "supervision",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("record_type", sa.String(length=64), nullable=False),
        sa.Column("record_code", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("person_id <> viewer_id", name=op.f("ck_access_look_another")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_look")),
    )
    with op.batch_alter_table("access_look", schema=None) as batch_op:
        batch_op.create_index("ix_access_look_person", ["person_id", "id"], unique=False)
        batch_op.create_index("ix_access_look_viewer", ["viewer_id", "id"], unique=False)

    for statement in append_only_ddl("access_look", op.get_bind().dialect.name):
        op.execute(statement)
    op.create_table(
        "search_document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("subject_type", sa.String(length=64), nullable=False),
        sa.Column("subject_code", sa.String(length=64), nullable=False),
        sa.Column("title_zh", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("identifiers", sa.JSON(), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("indexed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_document")),
        sa.UniqueConstraint("kind", "subject_code", name=op.f("uq_search_document_kind_subject_code")),
    )
    op.create_table(
        "search_identifier",
        sa.Column("identifier", sa.LargeBinary(length=64), nullable=False),
        sa.Column("realm", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.PrimaryKeyConstraint("identifier", "realm", "key", "document_id", name=op.f("pk_search_identifier")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_posting",
        sa.Column("token", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("realm", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.PrimaryKeyConstraint("token", "realm", "key", "document_id", name=op.f("pk_search_posting")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "notice_choice",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("page", "mail", "sms", name="channel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_choice_person_id")),
        sa.PrimaryKeyConstraint("person_id", "kind", "channel", name=op.f("pk_notice_choice")),
    )
    op.create_table(
        "notice_rhythm",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "rhythm",
            sa.Enum("at_once", "daily", "weekly", name="rhythm", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name=op.f("ck_notice_rhythm_hour")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_notice_rhythm_weekday")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_rhythm_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notice_rhythm")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("membership_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("subject_type", sa.String(length=64), nullable=False),
        sa.Column("subject_code", sa.String(length=64), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_notice_event_id")),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_notice_membership_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("code", name=op.f("uq_notice_code")),
        sa.UniqueConstraint("event_id", "kind", "person_id", name=op.f("uq_notice_event_id_kind_person_id")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_membership_id"), ["membership_id"], unique=False)
        batch_op.create_index("ix_notice_person", ["person_id", "id"], unique=False)
        batch_op.create_index("ix_notice_subject", ["subject_type", "subject_code"], unique=False)
        batch_op.create_index(
            "ix_notice_unread",
            ["person_id"],
            unique=False,
            sqlite_where=sa.text("read_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=sa.text("read_at IS NULL AND withdrawn_at IS NULL"),
        )

    op.create_table(
        "notice_delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("page", "mail", "sms", name="channel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.CheckConstraint("channel <> 'page'", name=op.f("ck_notice_delivery_by_post")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_notice_delivery_notice_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_delivery_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_delivery")),
        sa.UniqueConstraint("notice_id", "channel", name=op.f("uq_notice_delivery_notice_id_channel")),
    )
    with op.batch_alter_table("notice_delivery", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notice_delivery_waiting",
            ["person_id", "id"],
            unique=False,
            sqlite_where=sa.text("sent_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL"),
        )

    with op.batch_alter_table("todo", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sort_on", sa.Date(), nullable=True))
    op.execute("UPDATE todo SET sort_on = coalesce(due_on, '9999-12-31')")
    with op.batch_alter_table("todo", schema=None) as batch_op:
        batch_op.alter_column("sort_on", existing_type=sa.Date(), nullable=False)
        batch_op.create_check_constraint(batch_op.f("ck_todo_sort"), "due_on IS NULL OR sort_on = due_on")
        batch_op.drop_index(batch_op.f("ix_todo_person"))
        batch_op.create_index(
            "ix_todo_person",
            ["person_id", "sort_on", "id"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_todo_role"))
        batch_op.create_index(
            "ix_todo_role",
            ["role", "organisation_id", "sort_on", "id"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_todo_region",
            ["role", "region_code"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )


def downgrade() -> None:
    """Revert."""
    with op.batch_alter_table("todo", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_todo_region", sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL")
        )
        batch_op.drop_index(
            "ix_todo_role", sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL")
        )
        batch_op.create_index(batch_op.f("ix_todo_role"), ["role", "closed_at"], unique=False)
        batch_op.drop_index(
            "ix_todo_person", sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL")
        )
        batch_op.create_index(batch_op.f("ix_todo_person"), ["person_id", "closed_at"], unique=False)
        batch_op.drop_constraint(batch_op.f("ck_todo_sort"), type_="check")
        batch_op.drop_column("sort_on")

    with op.batch_alter_table("notice_delivery", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_notice_delivery_waiting",
            sqlite_where=sa.text("sent_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL"),
        )

    op.drop_table("notice_delivery")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_notice_unread",
            sqlite_where=sa.text("read_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=sa.text("read_at IS NULL AND withdrawn_at IS NULL"),
        )
        batch_op.drop_index("ix_notice_subject")
        batch_op.drop_index("ix_notice_person")
        batch_op.drop_index(batch_op.f("ix_notice_membership_id"))

    op.drop_table("notice")
    op.drop_table("notice_rhythm")
    op.drop_table("notice_choice")
    op.drop_table("search_posting")
    op.drop_table("search_identifier")
    op.drop_table("search_document")
    with op.batch_alter_table("access_look", schema=None) as batch_op:
        batch_op.drop_index("ix_access_look_viewer")
        batch_op.drop_index("ix_access_look_person")

    op.drop_table("access_look")
