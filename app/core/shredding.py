"""Free text that can be made unreadable without being changed: sealed under a key of its record, destroyed at erasure.

What people wrote about people also stands in tables that are append-only, and in the sealed log. There the cipher
stays, so every hash still verifies; the text goes with the key. A key is found by its record, not by a person, so that
it survives the joining of two records of one human being.
"""

import base64
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import CheckConstraint, Select, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped

from app.core.columns import PK, OptionalInstant, OptionalWrappedKey, Short
from app.core.crypto import new_wrapped_key, seal, unseal, unwrap_key
from app.core.db import Base, session
from app.core.errors import ConflictError
from app.core.text import _l

MARK = "\u2063sealed:"
"""What is sealed begins so, with a character that nobody types; anything else is text as it was written."""
GONE = _l("Erased together with the data of the person it was about.")


class TextKey(Base):
    """The key under which the free texts of one record lie, until it is destroyed."""

    __tablename__ = "text_key"
    __table_args__ = (
        UniqueConstraint("subject_type", "subject_code"),
        CheckConstraint("(wrapped_key IS NULL) = (destroyed_at IS NOT NULL)", name="destroyed"),
    )

    id: Mapped[PK]
    subject_type: Mapped[Short]
    subject_code: Mapped[Short]
    wrapped_key: Mapped[OptionalWrappedKey]
    destroyed_at: Mapped[OptionalInstant]


def key_of(subject_type: str, subject_code: str) -> TextKey:
    """Return the key of a record, made when it is first asked for."""
    query = select(TextKey).where(TextKey.subject_type == subject_type, TextKey.subject_code == subject_code)
    found = session.scalar(query)
    if found is None:
        found = TextKey(subject_type=subject_type, subject_code=subject_code, wrapped_key=new_wrapped_key())
        session.add(found)
        session.flush()
    return found


Keys = dict[tuple[str, str], bytes | None]


def keys_of(subject_codes: Collection[str]) -> Keys:
    """Return the keys of many records by the kind of record and its code, None for a destroyed one: one statement."""
    query = select(TextKey.subject_type, TextKey.subject_code, TextKey.wrapped_key)
    found = session.execute(query.where(TextKey.subject_code.in_(set(subject_codes))))
    return {(kind, code): wrapped for kind, code, wrapped in found}


def sealed(text: str, subject_type: str, subject_code: str) -> str:
    """Return a text as it is kept with a record; raises ConflictError where the texts of the record were erased."""
    wrapped = key_of(subject_type, subject_code).wrapped_key
    if wrapped is None:
        raise ConflictError(_l("The texts of this record were erased. Nothing is added to it any more."))
    cipher = seal(unwrap_key(wrapped), text, _purpose(subject_type, subject_code))
    return MARK + base64.b64encode(cipher).decode()


def opened(kept: str, wrapped: bytes | None, subject_type: str, subject_code: str) -> str:
    """Return a kept text as it was written, or that it was erased where its key is gone."""
    if not is_sealed(kept):
        return kept
    if wrapped is None:
        return str(GONE)
    cipher = base64.b64decode(kept.removeprefix(MARK))
    return unseal(unwrap_key(wrapped), cipher, _purpose(subject_type, subject_code))


def is_sealed(kept: str) -> bool:
    """Tell whether a kept text is a cipher."""
    return kept.startswith(MARK)


def _purpose(subject_type: str, subject_code: str) -> str:
    return f"text:{subject_type}/{subject_code}"


def destroy(subject_type: str, codes: Select[str], *, at: datetime) -> None:
    """Destroy the keys of records: what was sealed under them is unreadable from then on."""
    session.execute(
        update(TextKey)
        .where(TextKey.subject_type == subject_type, TextKey.subject_code.in_(codes), TextKey.destroyed_at.is_(None))
        .values(wrapped_key=None, destroyed_at=at)
        .execution_options(synchronize_session=False)
    )
