"""statistics of exams and answer similarity."""

import sqlalchemy as sa
from alembic import op

from app.core.columns import ScaledDecimal, UtcDateTime
from app.core.events import append_only_ddl

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

FINAL = (
    "statistics_run",
    "item_statistic",
    "item_calibration",
    "item_dif",
    "person_fit",
    "similarity_run",
    "similarity_opinion",
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "similarity_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("pairs", sa.Integer(), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("level", ScaledDecimal(6), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column(
            "control",
            sa.Enum("holm", "bh", name="control", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("experts", sa.Integer(), nullable=False),
        sa.Column("rule_pack", sa.String(length=64), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("computed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("experts >= 2", name=op.f("ck_similarity_run_experts")),
        sa.CheckConstraint("listed >= 0 AND listed <= pairs", name=op.f("ck_similarity_run_listed")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_similarity_run_asked_by_id")),
        sa.ForeignKeyConstraint(["session_id"], ["exam_session.id"], name=op.f("fk_similarity_run_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_similarity_run")),
        sa.UniqueConstraint("code", name=op.f("uq_similarity_run_code")),
        sa.UniqueConstraint(
            "session_id", "digest", "rule_pack", name=op.f("uq_similarity_run_session_id_digest_rule_pack")
        ),
        info={"append_only": True},
    )
    with op.batch_alter_table("similarity_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_similarity_run_asked_by_id"), ["asked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_similarity_run_session_id"), ["session_id"], unique=False)

    op.create_table(
        "statistics_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column(
            "model",
            sa.Enum(
                "ctt", "rasch", "1pl", "2pl", "3pl", name="model", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("alpha", sa.Double(), nullable=True),
        sa.Column("mean", sa.Double(), nullable=True),
        sa.Column("sd", sa.Double(), nullable=True),
        sa.Column("sem", sa.Double(), nullable=True),
        sa.Column("log_likelihood", sa.Double(), nullable=True),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("rule_pack", sa.String(length=64), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("computed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("(model = 'ctt') = (log_likelihood IS NULL)", name=op.f("ck_statistics_run_log_likelihood")),
        sa.CheckConstraint("items > 1", name=op.f("ck_statistics_run_items")),
        sa.CheckConstraint("persons > 1", name=op.f("ck_statistics_run_persons")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_statistics_run_asked_by_id")),
        sa.ForeignKeyConstraint(["session_id"], ["exam_session.id"], name=op.f("fk_statistics_run_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statistics_run")),
        sa.UniqueConstraint("code", name=op.f("uq_statistics_run_code")),
        sa.UniqueConstraint("session_id", "digest", "model", name=op.f("uq_statistics_run_session_id_digest_model")),
        info={"append_only": True},
    )
    with op.batch_alter_table("statistics_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statistics_run_asked_by_id"), ["asked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_statistics_run_session_id"), ["session_id"], unique=False)

    op.create_table(
        "item_calibration",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "model",
            sa.Enum(
                "ctt", "rasch", "1pl", "2pl", "3pl", name="model", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("a", sa.Double(), nullable=False),
        sa.Column("b", sa.Double(), nullable=False),
        sa.Column("c", sa.Double(), nullable=False),
        sa.Column("se_a", sa.Double(), nullable=True),
        sa.Column("se_b", sa.Double(), nullable=True),
        sa.Column("se_c", sa.Double(), nullable=True),
        sa.Column("outfit", sa.Double(), nullable=True),
        sa.Column("infit", sa.Double(), nullable=True),
        sa.CheckConstraint("c >= 0 AND c < 1", name=op.f("ck_item_calibration_c")),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_item_calibration_item_version_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["statistics_run.id"], name=op.f("fk_item_calibration_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_calibration")),
        sa.UniqueConstraint("run_id", "item_version_id", name=op.f("uq_item_calibration_run_id_item_version_id")),
        info={"append_only": True},
    )
    with op.batch_alter_table("item_calibration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_calibration_item_version_id"), ["item_version_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_calibration_run_id"), ["run_id"], unique=False)

    op.create_table(
        "item_dif",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "grouping",
            sa.Enum("gender", "region", "base", name="grouping", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("focal", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("focal_persons", sa.Integer(), nullable=False),
        sa.Column("reference_persons", sa.Integer(), nullable=False),
        sa.Column("delta", sa.Double(), nullable=False),
        sa.Column("error", sa.Double(), nullable=False),
        sa.Column("chi_square", sa.Double(), nullable=False),
        sa.Column("p", sa.Double(), nullable=False),
        sa.Column(
            "dif_class",
            sa.Enum("A", "B", "C", name="difclass", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.CheckConstraint("focal <> reference", name=op.f("ck_item_dif_groups")),
        sa.ForeignKeyConstraint(["run_id"], ["statistics_run.id"], name=op.f("fk_item_dif_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_dif")),
        sa.UniqueConstraint(
            "run_id", "position", "grouping", "focal", name=op.f("uq_item_dif_run_id_position_grouping_focal")
        ),
        info={"append_only": True},
    )
    with op.batch_alter_table("item_dif", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_dif_run_id"), ["run_id"], unique=False)

    op.create_table(
        "item_flag",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "kept", "retired", name="flagstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'open') = (decided_by_id IS NULL AND decided_at IS NULL AND reason IS NULL)",
            name=op.f("ck_item_flag_decided"),
        ),
        sa.CheckConstraint(
            "state = 'open' OR (decided_by_id IS NOT NULL AND decided_at IS NOT NULL AND reason IS NOT NULL)",
            name=op.f("ck_item_flag_decided_with_reason"),
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_item_flag_decided_by_id")),
        sa.ForeignKeyConstraint(["item_version_id"], ["item_version.id"], name=op.f("fk_item_flag_item_version_id")),
        sa.ForeignKeyConstraint(["run_id"], ["statistics_run.id"], name=op.f("fk_item_flag_run_id")),
        sa.ForeignKeyConstraint(["session_id"], ["exam_session.id"], name=op.f("fk_item_flag_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_flag")),
        sa.UniqueConstraint("code", name=op.f("uq_item_flag_code")),
        sa.UniqueConstraint(
            "session_id", "key_hash", "item_version_id", name=op.f("uq_item_flag_session_id_key_hash_item_version_id")
        ),
    )
    with op.batch_alter_table("item_flag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_flag_decided_by_id"), ["decided_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_flag_item_version_id"), ["item_version_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_flag_run_id"), ["run_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_flag_session_id"), ["session_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_flag_state"), ["state"], unique=False)

    op.create_table(
        "item_statistic",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("facility", sa.Double(), nullable=True),
        sa.Column("discrimination", sa.Double(), nullable=True),
        sa.Column("point_biserial", sa.Double(), nullable=True),
        sa.Column("point_biserial_rest", sa.Double(), nullable=True),
        sa.Column("alpha_if_deleted", sa.Double(), nullable=True),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_item_statistic_item_version_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["statistics_run.id"], name=op.f("fk_item_statistic_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_statistic")),
        sa.UniqueConstraint("run_id", "position", name=op.f("uq_item_statistic_run_id_position")),
        info={"append_only": True},
    )
    with op.batch_alter_table("item_statistic", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_statistic_item_version_id"), ["item_version_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_statistic_run_id"), ["run_id"], unique=False)

    op.create_table(
        "person_fit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ability", sa.Double(), nullable=False),
        sa.Column("error", sa.Double(), nullable=False),
        sa.Column("lz", sa.Double(), nullable=False),
        sa.Column("outfit", sa.Double(), nullable=True),
        sa.Column("infit", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_person_fit_attempt_id")),
        sa.ForeignKeyConstraint(["run_id"], ["statistics_run.id"], name=op.f("fk_person_fit_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_fit")),
        sa.UniqueConstraint("run_id", "attempt_id", name=op.f("uq_person_fit_run_id_attempt_id")),
        info={"append_only": True},
    )
    with op.batch_alter_table("person_fit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_fit_attempt_id"), ["attempt_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_fit_run_id"), ["run_id"], unique=False)

    op.create_table(
        "similarity_pair",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("second_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("matches", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Double(), nullable=False),
        sa.Column("same_wrong", sa.Integer(), nullable=False),
        sa.Column("p_gbt", sa.Double(), nullable=False),
        sa.Column("p_omega", sa.Double(), nullable=False),
        sa.Column("p_k2", sa.Double(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("flagged_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "listed",
                "confirmed",
                "dismissed",
                name="pairstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("seconded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'listed') = (decided_at IS NULL)", name=op.f("ck_similarity_pair_decided")),
        sa.CheckConstraint(
            "state = 'listed' OR (decided_by_id IS NOT NULL AND seconded_by_id IS NOT NULL)",
            name=op.f("ck_similarity_pair_two_experts"),
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR (decided_by_id <> flagged_by_id AND seconded_by_id <> flagged_by_id)",
            name=op.f("ck_similarity_pair_not_who_flagged"),
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> seconded_by_id", name=op.f("ck_similarity_pair_two_people")
        ),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_similarity_pair_pair")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_similarity_pair_decided_by_id")),
        sa.ForeignKeyConstraint(["first_id"], ["attempt.id"], name=op.f("fk_similarity_pair_first_id")),
        sa.ForeignKeyConstraint(["flagged_by_id"], ["person.id"], name=op.f("fk_similarity_pair_flagged_by_id")),
        sa.ForeignKeyConstraint(["run_id"], ["similarity_run.id"], name=op.f("fk_similarity_pair_run_id")),
        sa.ForeignKeyConstraint(["second_id"], ["attempt.id"], name=op.f("fk_similarity_pair_second_id")),
        sa.ForeignKeyConstraint(["seconded_by_id"], ["person.id"], name=op.f("fk_similarity_pair_seconded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_similarity_pair")),
        sa.UniqueConstraint("code", name=op.f("uq_similarity_pair_code")),
        sa.UniqueConstraint(
            "run_id", "first_id", "second_id", name=op.f("uq_similarity_pair_run_id_first_id_second_id")
        ),
    )
    with op.batch_alter_table("similarity_pair", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_similarity_pair_decided_by_id"), ["decided_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_similarity_pair_first_id"), ["first_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_similarity_pair_flagged_by_id"), ["flagged_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_similarity_pair_run_id"), ["run_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_similarity_pair_second_id"), ["second_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_similarity_pair_seconded_by_id"), ["seconded_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_similarity_pair_state"), ["state"], unique=False)

    op.create_table(
        "similarity_opinion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pair_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("similar", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("given_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["given_by_id"], ["person.id"], name=op.f("fk_similarity_opinion_given_by_id")),
        sa.ForeignKeyConstraint(["pair_id"], ["similarity_pair.id"], name=op.f("fk_similarity_opinion_pair_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_similarity_opinion")),
        sa.UniqueConstraint("pair_id", "given_by_id", name=op.f("uq_similarity_opinion_pair_id_given_by_id")),
        info={"append_only": True},
    )
    with op.batch_alter_table("similarity_opinion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_similarity_opinion_given_by_id"), ["given_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_similarity_opinion_pair_id"), ["pair_id"], unique=False)

    dialect = op.get_bind().dialect.name
    for table in FINAL:
        for statement in append_only_ddl(table, dialect):
            op.execute(statement)


def downgrade() -> None:
    """Revert."""
    with op.batch_alter_table("similarity_opinion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_similarity_opinion_pair_id"))
        batch_op.drop_index(batch_op.f("ix_similarity_opinion_given_by_id"))

    op.drop_table("similarity_opinion")
    with op.batch_alter_table("similarity_pair", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_similarity_pair_state"))
        batch_op.drop_index(batch_op.f("ix_similarity_pair_seconded_by_id"))
        batch_op.drop_index(batch_op.f("ix_similarity_pair_second_id"))
        batch_op.drop_index(batch_op.f("ix_similarity_pair_run_id"))
        batch_op.drop_index(batch_op.f("ix_similarity_pair_flagged_by_id"))
        batch_op.drop_index(batch_op.f("ix_similarity_pair_first_id"))
        batch_op.drop_index(batch_op.f("ix_similarity_pair_decided_by_id"))

    op.drop_table("similarity_pair")
    with op.batch_alter_table("person_fit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_fit_run_id"))
        batch_op.drop_index(batch_op.f("ix_person_fit_attempt_id"))

    op.drop_table("person_fit")
    with op.batch_alter_table("item_statistic", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_item_statistic_run_id"))
        batch_op.drop_index(batch_op.f("ix_item_statistic_item_version_id"))

    op.drop_table("item_statistic")
    with op.batch_alter_table("item_flag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_item_flag_state"))
        batch_op.drop_index(batch_op.f("ix_item_flag_session_id"))
        batch_op.drop_index(batch_op.f("ix_item_flag_run_id"))
        batch_op.drop_index(batch_op.f("ix_item_flag_item_version_id"))
        batch_op.drop_index(batch_op.f("ix_item_flag_decided_by_id"))

    op.drop_table("item_flag")
    with op.batch_alter_table("item_dif", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_item_dif_run_id"))

    op.drop_table("item_dif")
    with op.batch_alter_table("item_calibration", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_item_calibration_run_id"))
        batch_op.drop_index(batch_op.f("ix_item_calibration_item_version_id"))

    op.drop_table("item_calibration")
    with op.batch_alter_table("statistics_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_statistics_run_session_id"))
        batch_op.drop_index(batch_op.f("ix_statistics_run_asked_by_id"))

    op.drop_table("statistics_run")
    with op.batch_alter_table("similarity_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_similarity_run_session_id"))
        batch_op.drop_index(batch_op.f("ix_similarity_run_asked_by_id"))

    op.drop_table("similarity_run")
