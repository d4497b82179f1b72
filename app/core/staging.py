"""Staged imports: the rows of an uploaded file, kept sealed in blocks until each was checked.

An import reads its file once, outside of any transaction; `sealed` cuts the rows into blocks under one fresh key and
`keep` writes them. A job then checks a block a chunk, so that a killed process goes on where it stopped and neither
the file nor a personal field of it ever lies in the database in the clear. `forget` destroys key and blocks.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import FK, PK, WrappedKey
from app.core.crypto import new_wrapped_key, seal, unseal, unwrap_key
from app.core.db import Base, session

BLOCK_ROWS = 500
PURPOSE = "staging.block"


class StagedFile(Base):
    """The rows of an upload that is not decided on; its key opens its blocks."""

    __tablename__ = "staged_file"

    id: Mapped[PK]
    key: Mapped[WrappedKey]
    rows: Mapped[int]
    blocks: Mapped[int]


class StagedBlock(Base):
    """Some hundred rows of a staged file, sealed; numbered from 0."""

    __tablename__ = "staged_block"
    __table_args__ = (UniqueConstraint("staged_file_id", "number"),)

    id: Mapped[PK]
    staged_file_id: Mapped[FK] = mapped_column(ForeignKey("staged_file.id"))
    number: Mapped[int]
    sealed: Mapped[bytes]


@dataclass(frozen=True, slots=True)
class SealedRows:
    """Rows ready to be kept: the wrapped key, the sealed blocks, how many rows they hold."""

    key: bytes
    blocks: Sequence[bytes]
    rows: int


def sealed(rows: Iterable[Any]) -> SealedRows:
    """Seal rows of JSON values block by block; only one block is in the clear at a time."""
    wrapped = new_wrapped_key()
    key = unwrap_key(wrapped)
    blocks: list[bytes] = []
    count = 0
    left = iter(rows)
    while block := list(islice(left, BLOCK_ROWS)):
        blocks.append(seal(key, json.dumps(block, ensure_ascii=False), PURPOSE))
        count += len(block)
    return SealedRows(wrapped, blocks, count)


def keep(given: SealedRows) -> StagedFile:
    """Write sealed rows in the running transaction."""
    staged = StagedFile(key=given.key, rows=given.rows, blocks=len(given.blocks))
    session.add(staged)
    session.flush()
    session.execute(
        insert(StagedBlock),
        [{"staged_file_id": staged.id, "number": number, "sealed": block} for number, block in enumerate(given.blocks)],
    )
    return staged


def read(staged: StagedFile, number: int) -> list[Any]:
    """Return the rows of a block in the clear."""
    query = select(StagedBlock.sealed).where(StagedBlock.staged_file_id == staged.id, StagedBlock.number == number)
    rows: list[Any] = json.loads(unseal(unwrap_key(staged.key), session.scalars(query).one(), PURPOSE))
    return rows


def forget(staged_id: int) -> None:
    """Destroy a staged file: its key and its blocks."""
    session.execute(delete(StagedBlock).where(StagedBlock.staged_file_id == staged_id))
    session.execute(delete(StagedFile).where(StagedFile.id == staged_id))
