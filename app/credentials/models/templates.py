"""The table of templates: what a kind of certificate says, looks like and how long it holds, version by version."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.core.columns import (
    PK,
    Code,
    Instant,
    JsonObject,
    Long,
    Name,
    OptionalFK,
    OptionalInstant,
    Short,
)
from app.core.db import Base, Versioned
from app.core.triggers import made_with
from app.credentials.states import CertificateKind, TemplateState

ANY_LEVEL = ""
"""The level of a template that serves every level of its kind that has no template of its own."""


class CertificateTemplate(Versioned, Base):
    """One version of the template of a kind and level: written by one person, confirmed by another.

    A shipped version came with the product and has no author. What a confirmed or retired version says never
    changes: a trigger refuses it, since certificates were issued under it.
    """

    __tablename__ = "certificate_template"
    __table_args__ = (
        UniqueConstraint("kind", "level", "number"),
        CheckConstraint("shipped = (drafted_by_id IS NULL)", name="author"),
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> drafted_by_id", name="two_people"),
        CheckConstraint("state <> 'confirmed' OR shipped OR confirmed_by_id IS NOT NULL", name="confirmed_by"),
        CheckConstraint("(confirmed_by_id IS NULL OR confirmed_at IS NOT NULL)", name="confirmed_at"),
        CheckConstraint("state <> 'confirmed' OR confirmed_at IS NOT NULL", name="confirmed"),
        CheckConstraint("state <> 'draft' OR confirmed_at IS NULL", name="draft"),
        CheckConstraint("(state = 'retired') = (retired_at IS NOT NULL)", name="retired"),
        CheckConstraint("tag IN ('official', 'sample')", name="tag"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("valid_months > 0", name="valid_months"),
        CheckConstraint("may_renew = (renew_from_days IS NOT NULL)", name="renewal"),
        CheckConstraint("NOT may_renew OR (valid_months IS NOT NULL AND renew_from_days > 0)", name="renewal_window"),
        Index(
            "uq_certificate_template_current",
            "kind",
            "level",
            unique=True,
            sqlite_where=text("state = 'confirmed'"),
            postgresql_where=text("state = 'confirmed'"),
        ),
        Index(
            "uq_certificate_template_draft",
            "kind",
            "level",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    kind: Mapped[CertificateKind]
    level: Mapped[Short] = mapped_column(default=ANY_LEVEL)
    number: Mapped[int]
    """Counts the versions of a kind and level from 1."""
    state: Mapped[TemplateState] = mapped_column(default=TemplateState.DRAFT)
    tag: Mapped[Short]
    source_zh: Mapped[Name]
    source_en: Mapped[Name]
    wording: Mapped[JsonObject]
    valid_months: Mapped[int | None]
    may_renew: Mapped[bool] = mapped_column(default=False)
    renew_from_days: Mapped[int | None]
    html: Mapped[Long] = mapped_column(deferred=True, deferred_group="layout")
    css: Mapped[Long] = mapped_column(deferred=True, deferred_group="layout")
    shipped: Mapped[bool] = mapped_column(default=False)
    based_on_id: Mapped[OptionalFK] = mapped_column(ForeignKey("certificate_template.id"))
    drafted_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    drafted_at: Mapped[Instant]
    confirmed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[OptionalInstant]
    retired_at: Mapped[OptionalInstant]

    author: Mapped[Person | None] = relationship(
        foreign_keys="CertificateTemplate.drafted_by_id", lazy="raise_on_sql", viewonly=True
    )


REFUSAL = "a version that certificates were issued under never changes"
FIXED = (
    "kind",
    "level",
    "number",
    "tag",
    "source_zh",
    "source_en",
    "wording",
    "valid_months",
    "may_renew",
    "renew_from_days",
    "html",
    "css",
)


def fixed_ddl(dialect: str) -> list[str]:
    """Return the statements of the trigger that keeps what a confirmed or retired version says."""
    columns = ", ".join(FIXED)
    if dialect == "sqlite":
        return [
            (
                f"CREATE TRIGGER certificate_template_fixed BEFORE UPDATE OF {columns} ON certificate_template "
                f"WHEN OLD.state <> 'draft' BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        ]
    return [
        (
            "CREATE OR REPLACE FUNCTION certificate_template_fixed() RETURNS trigger AS $$ BEGIN "
            "IF OLD.state <> 'draft' THEN "
            f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'check_violation'; END IF; "
            "RETURN NEW; END $$ LANGUAGE plpgsql"
        ),
        (
            f"CREATE TRIGGER certificate_template_fixed BEFORE UPDATE OF {columns} ON certificate_template "
            "FOR EACH ROW EXECUTE FUNCTION certificate_template_fixed()"
        ),
    ]


made_with(CertificateTemplate, fixed_ddl)
