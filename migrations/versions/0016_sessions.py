"""administration of exam sessions: venues, seats, doors, extra time, incidents, conduct."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime
from app.core.events import append_only_ddl

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "exam_venue",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_exam_venue_created_by_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_exam_venue_organisation_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_exam_venue_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_venue")),
        sa.UniqueConstraint("code", name=op.f("uq_exam_venue_code")),
        sa.UniqueConstraint("organisation_id", "name_zh", name=op.f("uq_exam_venue_organisation_id_name_zh")),
    )
    with op.batch_alter_table("exam_venue", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exam_venue_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_venue_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_venue_region_code"), ["region_code"], unique=False)

    op.create_table(
        "venue_room",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("venue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.CheckConstraint("seats > 0", name=op.f("ck_venue_room_seats")),
        sa.ForeignKeyConstraint(["venue_id"], ["exam_venue.id"], name=op.f("fk_venue_room_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue_room")),
        sa.UniqueConstraint("code", name=op.f("uq_venue_room_code")),
        sa.UniqueConstraint("venue_id", "name", name=op.f("uq_venue_room_venue_id_name")),
    )
    with op.batch_alter_table("venue_room", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_venue_room_venue_id"), ["venue_id"], unique=False)

    op.create_table(
        "extra_time",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "approved",
                "refused",
                "revoked",
                name="askstate",
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
        sa.Column("revoked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'revoked') = (revoked_by_id IS NOT NULL AND revoked_at IS NOT NULL)",
            name=op.f("ck_extra_time_revoked"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'refused') OR decided_at IS NOT NULL", name=op.f("ck_extra_time_decision")
        ),
        sa.CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name=op.f("ck_extra_time_decided")),
        sa.CheckConstraint("decided_by_id <> asked_by_id", name=op.f("ck_extra_time_two_people")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 600", name=op.f("ck_extra_time_minutes")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_extra_time_asked_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_extra_time_decided_by_id")),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["person.id"], name=op.f("fk_extra_time_revoked_by_id")),
        sa.ForeignKeyConstraint(["session_id"], ["exam_session.id"], name=op.f("fk_extra_time_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extra_time")),
        sa.UniqueConstraint("code", name=op.f("uq_extra_time_code")),
    )
    with op.batch_alter_table("extra_time", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_extra_time_asked_by_id"), ["asked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_extra_time_decided_by_id"), ["decided_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_extra_time_revoked_by_id"), ["revoked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_extra_time_session_id"), ["session_id"], unique=False)
        batch_op.create_index("ix_extra_time_session_state", ["session_id", "state"], unique=False)

    op.create_table(
        "session_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "approved",
                "refused",
                "revoked",
                name="askstate",
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
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'asked') = (decided_by_id IS NULL) AND (decided_by_id IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_session_change_decided"),
        ),
        sa.CheckConstraint("state <> 'revoked'", name=op.f("ck_session_change_state")),
        sa.CheckConstraint("decided_by_id <> asked_by_id", name=op.f("ck_session_change_two_people")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_session_change_asked_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_session_change_decided_by_id")),
        sa.ForeignKeyConstraint(["session_id"], ["exam_session.id"], name=op.f("fk_session_change_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_change")),
        sa.UniqueConstraint("code", name=op.f("uq_session_change_code")),
    )
    with op.batch_alter_table("session_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_change_asked_by_id"), ["asked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_session_change_decided_by_id"), ["decided_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_session_change_session_id"), ["session_id"], unique=False)

    op.create_table(
        "session_room",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("room_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paused_at", UtcDateTime(), nullable=True),
        sa.Column("paused_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("(paused_at IS NULL) = (paused_by_id IS NULL)", name=op.f("ck_session_room_paused_by")),
        sa.ForeignKeyConstraint(["paused_by_id"], ["person.id"], name=op.f("fk_session_room_paused_by_id")),
        sa.ForeignKeyConstraint(["room_id"], ["venue_room.id"], name=op.f("fk_session_room_room_id")),
        sa.ForeignKeyConstraint(["session_id"], ["exam_session.id"], name=op.f("fk_session_room_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_room")),
        sa.UniqueConstraint("code", name=op.f("uq_session_room_code")),
        sa.UniqueConstraint("session_id", "room_id", name=op.f("uq_session_room_session_id_room_id")),
    )
    with op.batch_alter_table("session_room", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_room_paused_by_id"), ["paused_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_session_room_room_id"), ["room_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_session_room_session_id"), ["session_id"], unique=False)

    op.create_table(
        "admission",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("registration_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("session_room_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("checked", "mismatch", name="check", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("checked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("outcome <> 'mismatch' OR note IS NOT NULL", name=op.f("ck_admission_mismatch")),
        sa.CheckConstraint("(checked_at IS NULL) = (checked_by_id IS NULL)", name=op.f("ck_admission_checked_by")),
        sa.CheckConstraint("(outcome IS NULL) = (checked_at IS NULL)", name=op.f("ck_admission_checked")),
        sa.CheckConstraint("seat > 0", name=op.f("ck_admission_seat")),
        sa.ForeignKeyConstraint(["checked_by_id"], ["person.id"], name=op.f("fk_admission_checked_by_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_admission_registration_id")),
        sa.ForeignKeyConstraint(["session_room_id"], ["session_room.id"], name=op.f("fk_admission_session_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admission")),
        sa.UniqueConstraint("session_room_id", "seat", name=op.f("uq_admission_session_room_id_seat")),
    )
    with op.batch_alter_table("admission", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_admission_checked_by_id"), ["checked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_admission_registration_id"), ["registration_id"], unique=True)
        batch_op.create_index(batch_op.f("ix_admission_session_room_id"), ["session_room_id"], unique=False)

    op.create_table(
        "conduct_record",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("registration_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rule_pack", sa.String(length=64), nullable=False),
        sa.Column("conduct", sa.String(length=64), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "recorded",
                "signed",
                "notified",
                "referred",
                "upheld",
                "dismissed",
                "reversed",
                name="conductstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("recorded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("witnessed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("witnessed_at", UtcDateTime(), nullable=True),
        sa.Column("consequence", sa.String(length=64), nullable=True),
        sa.Column("proposed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("proposed_at", UtcDateTime(), nullable=True),
        sa.Column("hear_until", sa.Date(), nullable=True),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("stated_at", UtcDateTime(), nullable=True),
        sa.Column("restriction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'recorded') = (witnessed_at IS NULL)", name=op.f("ck_conduct_record_witnessed")),
        sa.CheckConstraint(
            "state IN ('recorded', 'signed') OR hear_until IS NOT NULL", name=op.f("ck_conduct_record_heard")
        ),
        sa.CheckConstraint(
            "(proposed_by_id IS NULL) = (proposed_at IS NULL)", name=op.f("ck_conduct_record_proposed_by")
        ),
        sa.CheckConstraint("(statement IS NULL) = (stated_at IS NULL)", name=op.f("ck_conduct_record_stated")),
        sa.CheckConstraint("witnessed_by_id <> recorded_by_id", name=op.f("ck_conduct_record_two_people")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["person.id"], name=op.f("fk_conduct_record_recorded_by_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"], name=op.f("fk_conduct_record_proposed_by_id")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_conduct_record_registration_id")
        ),
        sa.ForeignKeyConstraint(["restriction_id"], ["restriction.id"], name=op.f("fk_conduct_record_restriction_id")),
        sa.ForeignKeyConstraint(["session_id"], ["exam_session.id"], name=op.f("fk_conduct_record_session_id")),
        sa.ForeignKeyConstraint(["witnessed_by_id"], ["person.id"], name=op.f("fk_conduct_record_witnessed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conduct_record")),
        sa.UniqueConstraint("code", name=op.f("uq_conduct_record_code")),
    )
    with op.batch_alter_table("conduct_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conduct_record_recorded_by_id"), ["recorded_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conduct_record_proposed_by_id"), ["proposed_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conduct_record_registration_id"), ["registration_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conduct_record_restriction_id"), ["restriction_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conduct_record_session_id"), ["session_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conduct_record_witnessed_by_id"), ["witnessed_by_id"], unique=False)

    op.create_table(
        "exam_incident",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "technical",
                "power",
                "network",
                "health",
                "identity",
                "conduct",
                "other",
                name="incidentkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("happened_at", UtcDateTime(), nullable=False),
        sa.Column("session_room_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("registration_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("reported_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reported_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_exam_incident_registration_id")
        ),
        sa.ForeignKeyConstraint(["reported_by_id"], ["person.id"], name=op.f("fk_exam_incident_reported_by_id")),
        sa.ForeignKeyConstraint(["session_id"], ["exam_session.id"], name=op.f("fk_exam_incident_session_id")),
        sa.ForeignKeyConstraint(
            ["session_room_id"], ["session_room.id"], name=op.f("fk_exam_incident_session_room_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_incident")),
        sa.UniqueConstraint("code", name=op.f("uq_exam_incident_code")),
        info={"append_only": True},
    )
    with op.batch_alter_table("exam_incident", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exam_incident_registration_id"), ["registration_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_incident_reported_by_id"), ["reported_by_id"], unique=False)
        batch_op.create_index("ix_exam_incident_session_at", ["session_id", "happened_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_incident_session_id"), ["session_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_incident_session_room_id"), ["session_room_id"], unique=False)

    op.create_table(
        "extra_time_for",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("extra_time_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("registration_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["extra_time_id"], ["extra_time.id"], name=op.f("fk_extra_time_for_extra_time_id")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_extra_time_for_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extra_time_for")),
        sa.UniqueConstraint(
            "extra_time_id", "registration_id", name=op.f("uq_extra_time_for_extra_time_id_registration_id")
        ),
    )
    with op.batch_alter_table("extra_time_for", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_extra_time_for_extra_time_id"), ["extra_time_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_extra_time_for_registration_id"), ["registration_id"], unique=False)

    op.create_table(
        "conduct_void",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conduct_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_conduct_void_attempt_id")),
        sa.ForeignKeyConstraint(["conduct_id"], ["conduct_record.id"], name=op.f("fk_conduct_void_conduct_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conduct_void")),
        sa.UniqueConstraint("conduct_id", "attempt_id", name=op.f("uq_conduct_void_conduct_id_attempt_id")),
    )
    with op.batch_alter_table("conduct_void", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conduct_void_attempt_id"), ["attempt_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conduct_void_conduct_id"), ["conduct_id"], unique=False)

    op.create_table(
        "incident_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("incident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_incident_file_file_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["exam_incident.id"], name=op.f("fk_incident_file_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_file")),
        sa.UniqueConstraint("incident_id", "file_id", name=op.f("uq_incident_file_incident_id_file_id")),
        info={"append_only": True},
    )
    with op.batch_alter_table("incident_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_file_file_id"), ["file_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incident_file_incident_id"), ["incident_id"], unique=False)

    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("paused_at", UtcDateTime(), nullable=True))

    with op.batch_alter_table("exam_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("venue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.add_column(sa.Column("registers_from", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("registers_until", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("identity_check", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("rehearsal", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("extends", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.create_check_constraint(
            batch_op.f("ck_exam_session_registers"), "(registers_from IS NULL) = (registers_until IS NULL)"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_exam_session_registration_window"), "registers_until > registers_from"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_exam_session_identity_check"), "venue_id IS NOT NULL OR NOT identity_check"
        )
        batch_op.create_index(batch_op.f("ix_exam_session_venue_id"), ["venue_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_exam_session_venue_id"), "exam_venue", ["venue_id"], ["id"])

    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("withdrawn_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("ticket_hash", sa.LargeBinary(length=32), nullable=True))
        batch_op.add_column(sa.Column("ticket_at", UtcDateTime(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_registration_ticket_hash"), ["ticket_hash"])

    for table in ("exam_incident", "incident_file"):
        for statement in append_only_ddl(table, op.get_bind().dialect.name):
            op.execute(statement)


DROPPED_CHECKS = ("registers", "registration_window", "identity_check")


def downgrade() -> None:
    """Revert."""
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_registration_ticket_hash"), type_="unique")
        batch_op.drop_column("ticket_at")
        batch_op.drop_column("ticket_hash")
        batch_op.drop_column("withdrawn_at")

    with op.batch_alter_table("exam_session", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_exam_session_venue_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_exam_session_venue_id"))
        for name in DROPPED_CHECKS:
            batch_op.drop_constraint(batch_op.f(f"ck_exam_session_{name}"), type_="check")
        batch_op.drop_column("extends")
        batch_op.drop_column("rehearsal")
        batch_op.drop_column("identity_check")
        batch_op.drop_column("registers_until")
        batch_op.drop_column("registers_from")
        batch_op.drop_column("venue_id")

    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_column("paused_at")

    with op.batch_alter_table("incident_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_file_incident_id"))
        batch_op.drop_index(batch_op.f("ix_incident_file_file_id"))

    op.drop_table("incident_file")
    with op.batch_alter_table("conduct_void", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conduct_void_conduct_id"))
        batch_op.drop_index(batch_op.f("ix_conduct_void_attempt_id"))

    op.drop_table("conduct_void")
    with op.batch_alter_table("extra_time_for", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_extra_time_for_registration_id"))
        batch_op.drop_index(batch_op.f("ix_extra_time_for_extra_time_id"))

    op.drop_table("extra_time_for")
    with op.batch_alter_table("exam_incident", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exam_incident_session_room_id"))
        batch_op.drop_index(batch_op.f("ix_exam_incident_session_id"))
        batch_op.drop_index("ix_exam_incident_session_at")
        batch_op.drop_index(batch_op.f("ix_exam_incident_reported_by_id"))
        batch_op.drop_index(batch_op.f("ix_exam_incident_registration_id"))

    op.drop_table("exam_incident")
    with op.batch_alter_table("conduct_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conduct_record_witnessed_by_id"))
        batch_op.drop_index(batch_op.f("ix_conduct_record_session_id"))
        batch_op.drop_index(batch_op.f("ix_conduct_record_restriction_id"))
        batch_op.drop_index(batch_op.f("ix_conduct_record_registration_id"))
        batch_op.drop_index(batch_op.f("ix_conduct_record_proposed_by_id"))
        batch_op.drop_index(batch_op.f("ix_conduct_record_recorded_by_id"))

    op.drop_table("conduct_record")
    with op.batch_alter_table("admission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_admission_session_room_id"))
        batch_op.drop_index(batch_op.f("ix_admission_registration_id"))
        batch_op.drop_index(batch_op.f("ix_admission_checked_by_id"))

    op.drop_table("admission")
    with op.batch_alter_table("session_room", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_room_session_id"))
        batch_op.drop_index(batch_op.f("ix_session_room_room_id"))
        batch_op.drop_index(batch_op.f("ix_session_room_paused_by_id"))

    op.drop_table("session_room")
    with op.batch_alter_table("session_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_change_session_id"))
        batch_op.drop_index(batch_op.f("ix_session_change_decided_by_id"))
        batch_op.drop_index(batch_op.f("ix_session_change_asked_by_id"))

    op.drop_table("session_change")
    with op.batch_alter_table("extra_time", schema=None) as batch_op:
        batch_op.drop_index("ix_extra_time_session_state")
        batch_op.drop_index(batch_op.f("ix_extra_time_session_id"))
        batch_op.drop_index(batch_op.f("ix_extra_time_revoked_by_id"))
        batch_op.drop_index(batch_op.f("ix_extra_time_decided_by_id"))
        batch_op.drop_index(batch_op.f("ix_extra_time_asked_by_id"))

    op.drop_table("extra_time")
    with op.batch_alter_table("venue_room", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_venue_room_venue_id"))

    op.drop_table("venue_room")
    with op.batch_alter_table("exam_venue", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exam_venue_region_code"))
        batch_op.drop_index(batch_op.f("ix_exam_venue_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_exam_venue_created_by_id"))

    op.drop_table("exam_venue")
