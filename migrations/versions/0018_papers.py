"""enemies, signatures and seals of exam papers."""

import sqlalchemy as sa
from alembic import op

from app.assessment.exams.models.papers import places_ddl
from app.core.columns import ScaledDecimal, UtcDateTime
from app.core.events import append_only_ddl

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SIGNED = "(state <> 'draft') = (signed_by_id IS NOT NULL AND signed_at IS NOT NULL AND signed_hash IS NOT NULL)"


def upgrade() -> None:
    """Apply."""
    _drop_triggers()
    with op.batch_alter_table("blueprint") as batch:
        batch.add_column(sa.Column("options", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
    with op.batch_alter_table("paper") as batch:
        batch.add_column(sa.Column("expected_seconds", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("information", ScaledDecimal(6), nullable=True))
        batch.add_column(sa.Column("signed_by_id", KEY, nullable=True))
        batch.add_column(sa.Column("signed_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("signed_hash", sa.String(length=64), nullable=True))
        batch.alter_column("seed", existing_type=sa.Integer(), nullable=True)
    # Under the rule before, who assembled a paper put it forward to be frozen by another: the two hands it has.
    op.execute(
        "UPDATE paper SET signed_by_id = assembled_by_id, signed_at = assembled_at, signed_hash = content_hash "
        "WHERE state = 'frozen'"
    )
    with op.batch_alter_table("paper") as batch:
        batch.drop_constraint(op.f("ck_paper_paperstate"), type_="check")
        batch.create_check_constraint(op.f("ck_paper_paperstate"), "state IN ('draft', 'signed', 'frozen')")
        batch.drop_constraint(op.f("ck_paper_two_people"), type_="check")
        batch.create_check_constraint(
            op.f("ck_paper_two_people"), "frozen_by_id IS NULL OR frozen_by_id <> signed_by_id"
        )
        batch.create_check_constraint(op.f("ck_paper_signed"), SIGNED)
        batch.create_check_constraint(
            op.f("ck_paper_same_content"), "content_hash IS NULL OR content_hash = signed_hash"
        )
        batch.create_foreign_key(op.f("fk_paper_signed_by_id"), "person", ["signed_by_id"], ["id"])
        batch.create_index(op.f("ix_paper_signed_by_id"), ["signed_by_id"], unique=False)
    _seals()
    _enemies()
    _standards()
    _equatings()
    for statement in append_only_ddl("standard_estimate", op.get_bind().dialect.name):
        op.execute(statement)
    for statement in places_ddl(op.get_bind().dialect.name):
        op.execute(statement)


def _drop_triggers() -> None:
    on_table = " ON paper_item" if op.get_bind().dialect.name == "postgresql" else ""
    for verb in ("update", "delete"):
        op.execute(f"DROP TRIGGER paper_item_no_{verb}{on_table}")


def _seals() -> None:
    op.create_table(
        "paper_seal",
        sa.Column("id", KEY, nullable=False),
        sa.Column("paper_id", KEY, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_sha256", sa.String(length=64), nullable=False),
        sa.Column("outline", sa.JSON(), nullable=False),
        sa.Column("sealed_at", UtcDateTime(), nullable=False),
        sa.Column("asked_by_id", KEY, nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("opened_by_id", KEY, nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column(
            "opened_how",
            sa.Enum("window", "two_people", name="openedhow", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(opened_at IS NULL) = (opened_how IS NULL)", name=op.f("ck_paper_seal_opened")),
        sa.CheckConstraint("(asked_by_id IS NULL) = (asked_at IS NULL)", name=op.f("ck_paper_seal_asked")),
        sa.CheckConstraint("(asked_by_id IS NULL) = (reason IS NULL)", name=op.f("ck_paper_seal_reason")),
        sa.CheckConstraint(
            "opened_how IS NULL OR opened_how <> 'two_people' OR "
            "(asked_by_id IS NOT NULL AND opened_by_id IS NOT NULL AND opened_by_id <> asked_by_id)",
            name=op.f("ck_paper_seal_two_people"),
        ),
        sa.CheckConstraint(
            "opened_how IS NULL OR opened_how <> 'window' OR opened_by_id IS NULL", name=op.f("ck_paper_seal_window")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_paper_seal_asked_by_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["person.id"], name=op.f("fk_paper_seal_opened_by_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_seal_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_seal")),
    )
    with op.batch_alter_table("paper_seal") as batch:
        batch.create_index(op.f("ix_paper_seal_asked_by_id"), ["asked_by_id"], unique=False)
        batch.create_index(op.f("ix_paper_seal_opened_by_id"), ["opened_by_id"], unique=False)
        batch.create_index(op.f("ix_paper_seal_paper_id"), ["paper_id"], unique=True)


def _enemies() -> None:
    op.create_table(
        "item_enemy",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("bank_id", KEY, nullable=False),
        sa.Column("low_id", KEY, nullable=False),
        sa.Column("high_id", KEY, nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("declared_by_id", KEY, nullable=False),
        sa.Column("declared_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_item_enemy_ordered")),
        sa.ForeignKeyConstraint(["bank_id"], ["item_bank.id"], name=op.f("fk_item_enemy_bank_id")),
        sa.ForeignKeyConstraint(["declared_by_id"], ["person.id"], name=op.f("fk_item_enemy_declared_by_id")),
        sa.ForeignKeyConstraint(["high_id"], ["item.id"], name=op.f("fk_item_enemy_high_id")),
        sa.ForeignKeyConstraint(["low_id"], ["item.id"], name=op.f("fk_item_enemy_low_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_enemy")),
        sa.UniqueConstraint("code", name=op.f("uq_item_enemy_code")),
        sa.UniqueConstraint("low_id", "high_id", name=op.f("uq_item_enemy_low_id_high_id")),
    )
    with op.batch_alter_table("item_enemy") as batch:
        for column in ("bank_id", "declared_by_id", "high_id", "low_id"):
            batch.create_index(op.f(f"ix_item_enemy_{column}"), [column], unique=False)


def _standards() -> None:
    op.create_table(
        "standard_study",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("blueprint_id", KEY, nullable=False),
        sa.Column("paper_id", KEY, nullable=False),
        sa.Column("session_id", KEY, nullable=True),
        sa.Column("organisation_id", KEY, nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "open",
                "closed",
                "proposed",
                "decided",
                name="studystate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("planned_by_id", KEY, nullable=False),
        sa.Column("planned_at", UtcDateTime(), nullable=False),
        sa.Column("cut_score", ScaledDecimal(2), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("proposed_by_id", KEY, nullable=True),
        sa.Column("proposed_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by_id", KEY, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("successor_id", KEY, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("round >= 0", name=op.f("ck_standard_study_round")),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'decided') OR round >= 2", name=op.f("ck_standard_study_two_rounds")
        ),
        sa.CheckConstraint(
            "(state IN ('proposed', 'decided')) = (proposed_by_id IS NOT NULL AND proposed_at IS NOT NULL "
            "AND cut_score IS NOT NULL AND reason IS NOT NULL)",
            name=op.f("ck_standard_study_proposed"),
        ),
        sa.CheckConstraint(
            "(state = 'decided') = (decided_by_id IS NOT NULL AND decided_at IS NOT NULL)",
            name=op.f("ck_standard_study_decided"),
        ),
        sa.CheckConstraint(
            "(state = 'decided') = (successor_id IS NOT NULL)", name=op.f("ck_standard_study_successor")
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name=op.f("ck_standard_study_two_people")
        ),
        *_references("standard_study", STUDY),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard_study")),
        sa.UniqueConstraint("code", name=op.f("uq_standard_study_code")),
    )
    _index("standard_study", STUDY)
    op.create_table(
        "standard_estimate",
        sa.Column("id", KEY, nullable=False),
        sa.Column("study_id", KEY, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("expert_id", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("estimate", ScaledDecimal(2), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("round > 0", name=op.f("ck_standard_estimate_round")),
        sa.CheckConstraint("position > 0", name=op.f("ck_standard_estimate_position")),
        sa.CheckConstraint("estimate >= 0 AND estimate <= 10000", name=op.f("ck_standard_estimate_estimate")),
        *_references("standard_estimate", ESTIMATE),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard_estimate")),
        sa.UniqueConstraint(
            "study_id",
            "round",
            "expert_id",
            "position",
            name=op.f("uq_standard_estimate_study_id_round_expert_id_position"),
        ),
    )
    _index("standard_estimate", ESTIMATE)


STUDY = {
    "blueprint_id": "blueprint.id",
    "decided_by_id": "person.id",
    "organisation_id": "organisation.id",
    "paper_id": "paper.id",
    "planned_by_id": "person.id",
    "proposed_by_id": "person.id",
    "region_code": "region.code",
    "session_id": "exam_session.id",
    "successor_id": "blueprint.id",
}
ESTIMATE = {"expert_id": "pool_expert.id", "study_id": "standard_study.id"}
EQUATING = {
    "base_id": "exam_session.id",
    "decided_by_id": "person.id",
    "proposed_by_id": "person.id",
    "session_id": "exam_session.id",
}


def _references(table: str, columns: dict[str, str]) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))
        for column, target in columns.items()
    ]


def _index(table: str, columns: dict[str, str]) -> None:
    with op.batch_alter_table(table) as batch:
        for column in columns:
            batch.create_index(op.f(f"ix_{table}_{column}"), [column], unique=False)


def _equatings() -> None:
    op.create_table(
        "score_equating",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=26), nullable=False),
        sa.Column("session_id", KEY, nullable=False),
        sa.Column("base_id", KEY, nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "mean",
                "linear",
                "equipercentile",
                "tucker",
                "levine",
                name="method",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("weight", ScaledDecimal(6), nullable=False),
        sa.Column("degree", sa.Integer(), nullable=False),
        sa.Column("common_items", sa.Integer(), nullable=False),
        sa.Column("table", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "decided",
                "rejected",
                name="equatingstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", KEY, nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", KEY, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("session_id <> base_id", name=op.f("ck_score_equating_two_sessions")),
        sa.CheckConstraint("weight >= 0 AND weight <= 1000000", name=op.f("ck_score_equating_weight")),
        sa.CheckConstraint("degree >= 0 AND degree <= 6", name=op.f("ck_score_equating_degree")),
        sa.CheckConstraint(
            "(state = 'decided') = (decided_by_id IS NOT NULL AND decided_at IS NOT NULL)",
            name=op.f("ck_score_equating_decided"),
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name=op.f("ck_score_equating_two_people")
        ),
        *_references("score_equating", EQUATING),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_equating")),
        sa.UniqueConstraint("code", name=op.f("uq_score_equating_code")),
    )
    _index("score_equating", EQUATING)


def downgrade() -> None:
    """Revert."""
    sealed = op.get_bind().scalar(sa.text("SELECT count(*) FROM paper_seal WHERE opened_at IS NULL"))
    if sealed:
        msg = f"{sealed} papers are sealed; open them before this migration is reverted"
        raise RuntimeError(msg)
    _drop_triggers()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_frozen_place()")
    for table in ("score_equating", "standard_estimate", "standard_study", "item_enemy"):
        op.drop_table(table)
    op.drop_table("paper_seal")
    op.execute(
        "UPDATE paper SET state = 'draft', signed_by_id = NULL, signed_at = NULL, signed_hash = NULL "
        "WHERE state = 'signed'"
    )
    op.execute("UPDATE paper SET seed = 0 WHERE seed IS NULL")
    with op.batch_alter_table("paper") as batch:
        batch.drop_index(op.f("ix_paper_signed_by_id"))
        batch.drop_constraint(op.f("fk_paper_signed_by_id"), type_="foreignkey")
        batch.drop_constraint(op.f("ck_paper_same_content"), type_="check")
        batch.drop_constraint(op.f("ck_paper_signed"), type_="check")
        batch.drop_constraint(op.f("ck_paper_two_people"), type_="check")
        batch.create_check_constraint(
            op.f("ck_paper_two_people"), "frozen_by_id IS NULL OR frozen_by_id <> assembled_by_id"
        )
        batch.drop_constraint(op.f("ck_paper_paperstate"), type_="check")
        batch.create_check_constraint(op.f("ck_paper_paperstate"), "state IN ('draft', 'frozen')")
        batch.alter_column("seed", existing_type=sa.Integer(), nullable=False)
        for column in ("signed_hash", "signed_at", "signed_by_id", "information", "expected_seconds"):
            batch.drop_column(column)
    with op.batch_alter_table("blueprint") as batch:
        batch.drop_column("options")
    for statement in append_only_ddl("paper_item", op.get_bind().dialect.name):
        op.execute(statement)
