"""secret ballots."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import UtcDateTime
from app.core.events import append_only_ddl

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "ballot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("meeting_code", sa.String(length=64), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("title_zh", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "keys",
                "ready",
                "open",
                "closed",
                "decided",
                "called_off",
                name="ballotstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rule_pack", sa.String(length=64), nullable=False),
        sa.Column("committee_size", sa.Integer(), nullable=False),
        sa.Column("ceremony", sa.Integer(), nullable=False),
        sa.Column("chair_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("called_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("called_at", UtcDateTime(), nullable=False),
        sa.Column("key", sa.String(length=66), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("closes_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("list_digest", sa.String(length=64), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("called_off_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'called_off') = (called_off_at IS NOT NULL)", name=op.f("ck_ballot_called_off")),
        sa.CheckConstraint("(state = 'called_off') = (reason IS NOT NULL)", name=op.f("ck_ballot_reason")),
        sa.CheckConstraint("(state = 'decided') = (decided_at IS NOT NULL)", name=op.f("ck_ballot_decided")),
        sa.CheckConstraint(
            "state NOT IN ('closed', 'decided') OR (closed_at IS NOT NULL AND list_digest IS NOT NULL)",
            name=op.f("ck_ballot_closed"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('open', 'closed', 'decided') OR (opened_at IS NOT NULL AND closes_at IS NOT NULL)",
            name=op.f("ck_ballot_opened"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('ready', 'open', 'closed', 'decided') OR (key IS NOT NULL AND fingerprint IS NOT NULL)",
            name=op.f("ck_ballot_keyed"),
        ),
        sa.CheckConstraint("ceremony > 0", name=op.f("ck_ballot_ceremony")),
        sa.CheckConstraint("closes_at > opened_at", name=op.f("ck_ballot_period")),
        sa.CheckConstraint("committee_size > 0", name=op.f("ck_ballot_committee_size")),
        sa.ForeignKeyConstraint(["called_by_id"], ["person.id"], name=op.f("fk_ballot_called_by_id")),
        sa.ForeignKeyConstraint(["chair_id"], ["person.id"], name=op.f("fk_ballot_chair_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_ballot_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot")),
        sa.UniqueConstraint("code", name=op.f("uq_ballot_code")),
    )
    with op.batch_alter_table("ballot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ballot_called_by_id"), ["called_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ballot_chair_id"), ["chair_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ballot_meeting_code"), ["meeting_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_ballot_region_code"), ["region_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_ballot_state"), ["state"], unique=False)

    op.create_table(
        "ballot_question",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("ballot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("title_zh", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("attending", sa.Integer(), nullable=True),
        sa.Column("approve", sa.Integer(), nullable=True),
        sa.Column("object", sa.Integer(), nullable=True),
        sa.Column("abstain", sa.Integer(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("verdict", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "(approve IS NULL) = (object IS NULL) AND (object IS NULL) = (abstain IS NULL)",
            name=op.f("ck_ballot_question_counts"),
        ),
        sa.CheckConstraint("(passed IS NULL) = (verdict IS NULL)", name=op.f("ck_ballot_question_verdict")),
        sa.CheckConstraint(
            "approve >= 0 AND object >= 0 AND abstain >= 0", name=op.f("ck_ballot_question_not_negative")
        ),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("fk_ballot_question_ballot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot_question")),
        sa.UniqueConstraint("ballot_id", "position", name=op.f("uq_ballot_question_ballot_id_position")),
        sa.UniqueConstraint("ballot_id", "reference", name=op.f("uq_ballot_question_ballot_id_reference")),
        sa.UniqueConstraint("code", name=op.f("uq_ballot_question_code")),
    )
    with op.batch_alter_table("ballot_question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ballot_question_ballot_id"), ["ballot_id"], unique=False)

    op.create_table(
        "ballot_trustee",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ballot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("exchange", sa.String(length=66), nullable=True),
        sa.Column("exchange_proof", sa.String(length=128), nullable=True),
        sa.Column("dealt", sa.JSON(), nullable=True),
        sa.Column("confirm_proof", sa.String(length=128), nullable=True),
        sa.Column("complaint", sa.JSON(), nullable=True),
        sa.Column("opening", sa.JSON(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(exchange IS NULL) = (exchange_proof IS NULL)", name=op.f("ck_ballot_trustee_joined")),
        sa.CheckConstraint("(opening IS NULL) = (opened_at IS NULL)", name=op.f("ck_ballot_trustee_opened")),
        sa.CheckConstraint("place BETWEEN 1 AND 3", name=op.f("ck_ballot_trustee_place")),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("fk_ballot_trustee_ballot_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ballot_trustee_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot_trustee")),
        sa.UniqueConstraint("ballot_id", "person_id", name=op.f("uq_ballot_trustee_ballot_id_person_id")),
        sa.UniqueConstraint("ballot_id", "place", name=op.f("uq_ballot_trustee_ballot_id_place")),
    )
    with op.batch_alter_table("ballot_trustee", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ballot_trustee_ballot_id"), ["ballot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ballot_trustee_person_id"), ["person_id"], unique=False)

    op.create_table(
        "ballot_voter",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ballot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pseudonym", sa.String(length=26), nullable=False),
        sa.Column("attending", sa.Boolean(), nullable=False),
        sa.Column("open_questions", sa.Integer(), nullable=False),
        sa.Column("proxy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("open_questions >= 0", name=op.f("ck_ballot_voter_open_questions")),
        sa.CheckConstraint("proxy_id IS NULL OR proxy_id <> person_id", name=op.f("ck_ballot_voter_proxy")),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("fk_ballot_voter_ballot_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ballot_voter_person_id")),
        sa.ForeignKeyConstraint(["proxy_id"], ["person.id"], name=op.f("fk_ballot_voter_proxy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot_voter")),
        sa.UniqueConstraint("ballot_id", "person_id", name=op.f("uq_ballot_voter_ballot_id_person_id")),
        sa.UniqueConstraint("pseudonym", name=op.f("uq_ballot_voter_pseudonym")),
    )
    with op.batch_alter_table("ballot_voter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ballot_voter_ballot_id"), ["ballot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ballot_voter_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ballot_voter_proxy_id"), ["proxy_id"], unique=False)

    op.create_table(
        "ballot_recusal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["ballot_question.id"], name=op.f("fk_ballot_recusal_question_id")),
        sa.ForeignKeyConstraint(["voter_id"], ["ballot_voter.id"], name=op.f("fk_ballot_recusal_voter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot_recusal")),
        sa.UniqueConstraint("voter_id", "question_id", name=op.f("uq_ballot_recusal_voter_id_question_id")),
    )
    with op.batch_alter_table("ballot_recusal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ballot_recusal_question_id"), ["question_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ballot_recusal_voter_id"), ["voter_id"], unique=False)

    op.create_table(
        "ballot_vote",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ballot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("cast_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_ballot_vote_sequence")),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("fk_ballot_vote_ballot_id")),
        sa.ForeignKeyConstraint(["voter_id"], ["ballot_voter.id"], name=op.f("fk_ballot_vote_voter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot_vote")),
        sa.UniqueConstraint("ballot_id", "hash", name=op.f("uq_ballot_vote_ballot_id_hash")),
        sa.UniqueConstraint("voter_id", "sequence", name=op.f("uq_ballot_vote_voter_id_sequence")),
        info={"append_only": True},
    )
    with op.batch_alter_table("ballot_vote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ballot_vote_ballot_id"), ["ballot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ballot_vote_voter_id"), ["voter_id"], unique=False)
    dialect = op.get_bind().dialect.name
    for statement in append_only_ddl("ballot_vote", dialect):
        op.execute(statement)


def downgrade() -> None:
    """Revert."""
    with op.batch_alter_table("ballot_vote", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ballot_vote_voter_id"))
        batch_op.drop_index(batch_op.f("ix_ballot_vote_ballot_id"))

    op.drop_table("ballot_vote")
    with op.batch_alter_table("ballot_recusal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ballot_recusal_voter_id"))
        batch_op.drop_index(batch_op.f("ix_ballot_recusal_question_id"))

    op.drop_table("ballot_recusal")
    with op.batch_alter_table("ballot_voter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ballot_voter_proxy_id"))
        batch_op.drop_index(batch_op.f("ix_ballot_voter_person_id"))
        batch_op.drop_index(batch_op.f("ix_ballot_voter_ballot_id"))

    op.drop_table("ballot_voter")
    with op.batch_alter_table("ballot_trustee", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ballot_trustee_person_id"))
        batch_op.drop_index(batch_op.f("ix_ballot_trustee_ballot_id"))

    op.drop_table("ballot_trustee")
    with op.batch_alter_table("ballot_question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ballot_question_ballot_id"))

    op.drop_table("ballot_question")
    with op.batch_alter_table("ballot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ballot_state"))
        batch_op.drop_index(batch_op.f("ix_ballot_region_code"))
        batch_op.drop_index(batch_op.f("ix_ballot_meeting_code"))
        batch_op.drop_index(batch_op.f("ix_ballot_chair_id"))
        batch_op.drop_index(batch_op.f("ix_ballot_called_by_id"))

    op.drop_table("ballot")
