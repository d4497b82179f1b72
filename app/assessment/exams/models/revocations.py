"""Table of registrations that the exam body revoked before the exam."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.assessment.exams.administration_states import RevocationReason
from app.assessment.exams.models.sessions import Registration
from app.core.columns import FK, PK, Code, Instant, Long, OptionalInstant, OptionalShort
from app.core.db import Base, Versioned

IN_FORCE = "lifted_at IS NULL"


class RegistrationRevocation(Versioned, Base):
    """Why an examiner revoked a registration, in a word of a closed list and a sentence to the candidate.

    It is in force until a decision on an appeal lifts it; `lifted_in` is the code of that case. Beside it the
    registration itself is withdrawn, so that whatever asks for candidates finds them no more.
    """

    __tablename__ = "registration_revocation"
    __table_args__ = (
        CheckConstraint("(lifted_at IS NULL) = (lifted_in IS NULL)", name="lifted"),
        Index(
            "uq_registration_revocation_in_force",
            "registration_id",
            unique=True,
            sqlite_where=text(IN_FORCE),
            postgresql_where=text(IN_FORCE),
        ),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    registration_id: Mapped[FK] = mapped_column(ForeignKey("registration.id"))
    reason: Mapped[RevocationReason]
    words: Mapped[Long]
    revoked_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    revoked_at: Mapped[Instant]
    lifted_at: Mapped[OptionalInstant]
    lifted_in: Mapped[OptionalShort]

    registration: Mapped[Registration] = relationship(lazy="raise_on_sql", viewonly=True)
