"""What every published list of bits keeps: the bits, and both signed forms of the current edition."""

from sqlalchemy.orm import Mapped

from app.core.columns import Instant, OptionalInstant, OptionalLong


class PublishedBits:
    """One published list of bits; its signed forms are emptied when a bit changes.

    `changed_at` is domain time. `signed_at` is the real instant of the edition, from which its validity is counted:
    verifiers elsewhere live by the real clock.
    """

    bits: Mapped[bytes]
    changed_at: Mapped[Instant]
    credential: Mapped[OptionalLong]
    jwt: Mapped[OptionalLong]
    signed_at: Mapped[OptionalInstant]
