"""How far the numbers of cases have come, by the letters of a kind and a year."""

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Short
from app.core.db import Base


class CaseSerial(Base):
    """The last serial given under a prefix, such as `TS-2026`: one row, so that of two cases at once one waits."""

    __tablename__ = "case_serial"
    __table_args__ = (CheckConstraint("last > 0", name="counted"),)

    prefix: Mapped[Short] = mapped_column(primary_key=True)
    last: Mapped[int]
