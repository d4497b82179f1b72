"""Column types that recur, each named once."""

import secrets
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, Date, DateTime, Dialect, Integer, LargeBinary, String, Text
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
CODE_LENGTH = 26


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in storage on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times, store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a stored time needs its zone"
            raise ValueError(msg)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give UTC back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class ScaledDecimal(TypeDecorator[Decimal]):
    """An exact decimal kept as an integer of `scale` places; never a float."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        """Refuse values that do not fit the scale rather than round them."""
        del dialect
        if value is None:
            return None
        scaled = Decimal(value).scaleb(self.scale)
        if scaled != scaled.to_integral_value():
            msg = f"{value} has more than {self.scale} decimal places"
            raise ValueError(msg)
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """Give the decimal back."""
        del dialect
        return None if value is None else Decimal(value).scaleb(-self.scale)


def new_code() -> str:
    """Make a random 128-bit code of 26 characters for use outside."""
    number = secrets.randbits(128)
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


BigKey = BigInteger().with_variant(Integer(), "sqlite")

PK = Annotated[int, mapped_column(BigKey, primary_key=True)]
FK = Annotated[int, mapped_column(BigKey, index=True)]
OptionalFK = Annotated[int | None, mapped_column(BigKey, index=True)]
Code = Annotated[str, mapped_column(String(CODE_LENGTH), unique=True, default=new_code)]
Instant = Annotated[datetime, mapped_column(UtcDateTime)]
OptionalInstant = Annotated[datetime | None, mapped_column(UtcDateTime)]
Day = Annotated[date, mapped_column(Date)]
OptionalDay = Annotated[date | None, mapped_column(Date)]
Score = Annotated[Decimal, mapped_column(ScaledDecimal(2))]
OptionalScore = Annotated[Decimal | None, mapped_column(ScaledDecimal(2))]
Hours = Annotated[Decimal, mapped_column(ScaledDecimal(2))]
Weight = Annotated[Decimal, mapped_column(ScaledDecimal(6))]
OptionalWeight = Annotated[Decimal | None, mapped_column(ScaledDecimal(6))]
Name = Annotated[str, mapped_column(String(200))]
OptionalName = Annotated[str | None, mapped_column(String(200))]
Short = Annotated[str, mapped_column(String(64))]
OptionalShort = Annotated[str | None, mapped_column(String(64))]
Long = Annotated[str, mapped_column(Text)]
OptionalLong = Annotated[str | None, mapped_column(Text)]
RegionCode = Annotated[str, mapped_column(String(6))]
Digest = Annotated[bytes, mapped_column(LargeBinary(32))]
# A key that the first of FIELD_KEYS wraps; `app.core.rotation` finds these columns by their mark.
WrappedKey = Annotated[bytes, mapped_column(LargeBinary, info={"wrapped": True})]
OptionalWrappedKey = Annotated[bytes | None, mapped_column(LargeBinary, info={"wrapped": True})]
JsonObject = dict[str, Any]
JsonList = list[Any]

TYPES: dict[Any, Any] = {
    datetime: UtcDateTime,
    date: Date,
    JsonObject: JSON,
    JsonList: JSON,
    bytes: LargeBinary,
    Enum: SqlEnum(
        Enum,
        native_enum=False,
        length=40,
        create_constraint=True,
        values_callable=lambda kind: [member.value for member in kind],
    ),
}
