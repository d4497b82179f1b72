"""Tables of people who were uploaded and are not taken over yet."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.states import IdentityKind
from app.core.columns import (
    FK,
    PK,
    Code,
    Digest,
    Instant,
    JsonList,
    Name,
    OptionalFK,
    OptionalInstant,
    OptionalName,
    OptionalWrappedKey,
    Short,
)
from app.core.db import Base, Versioned


class PeopleImport(Versioned, Base):
    """An uploaded roster of people, checked block by block, then taken over all or none.

    `region_code` is that of the administrator who uploaded it on the page, None where a room or a command did.
    `index_mark` tells under which index key its rows were indexed. The file itself is not kept.
    """

    __tablename__ = "people_import"
    __table_args__ = (
        CheckConstraint("committed_at IS NULL OR discarded_at IS NULL", name="one_end"),
        CheckConstraint("committed_at IS NULL OR checked_at IS NOT NULL", name="checked"),
        CheckConstraint("good + bad = checked AND checked <= total", name="counted"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    purpose: Mapped[Short]
    file_name: Mapped[Name]
    digest: Mapped[Short]
    index_mark: Mapped[Digest]
    staged_file_id: Mapped[OptionalFK] = mapped_column(ForeignKey("staged_file.id"))
    total: Mapped[int]
    checked: Mapped[int] = mapped_column(default=0)
    good: Mapped[int] = mapped_column(default=0)
    bad: Mapped[int] = mapped_column(default=0)
    by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    region_code: Mapped[str | None] = mapped_column(String(6), ForeignKey("region.code"), index=True)
    at: Mapped[Instant]
    checked_at: Mapped[OptionalInstant]
    committed_at: Mapped[OptionalInstant]
    discarded_at: Mapped[OptionalInstant]


class PeopleRow(Base):
    """One row of an uploaded roster, ready to become a person.

    Personal fields are sealed under a key of the row, which becomes the person's key; they go with the decision.
    `code` names what comes of the row in the room that asked for the import, `person_code` the person.
    `problems` is a list of {"field", "reason", "params"}; `masked` is the document number for screens.
    """

    __tablename__ = "people_row"
    __table_args__ = (
        UniqueConstraint("people_import_id", "line"),
        Index("ix_people_row_identity", "people_import_id", "identity_index"),
        Index("ix_people_row_phone", "people_import_id", "phone_index"),
        Index("ix_people_row_email", "people_import_id", "email_index"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    people_import_id: Mapped[FK] = mapped_column(ForeignKey("people_import.id"))
    line: Mapped[int]
    good: Mapped[bool]
    known: Mapped[bool]
    person_code: Mapped[Short]
    name: Mapped[Name]
    masked: Mapped[Short]
    employer: Mapped[OptionalName]
    problems: Mapped[JsonList]
    data_key: Mapped[OptionalWrappedKey]
    identity_kind: Mapped[IdentityKind | None]
    identity_sealed: Mapped[bytes | None]
    identity_index: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    phone_sealed: Mapped[bytes | None]
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    email_sealed: Mapped[bytes | None]
    email_index: Mapped[bytes | None] = mapped_column(LargeBinary(32))
