"""Files by content hash: stored once, never changed, with limits on what comes in."""

import os
import tempfile
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import IO

from sqlalchemy import ForeignKey, func, insert, select, union_all
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import real_now
from app.core.columns import PK, Instant, Name, Short
from app.core.config import settings
from app.core.db import Base, session
from app.core.errors import InvalidError, TooLargeError
from app.core.text import _l

CHUNK = 64 * 1024
MEGABYTE = 1024 * 1024


class StoredFile(Base):
    """One content, named by its SHA-256 in hexadecimal."""

    __tablename__ = "stored_file"

    id: Mapped[PK]
    sha256: Mapped[Short] = mapped_column(unique=True)
    size: Mapped[int]
    media_type: Mapped[Name]
    name: Mapped[Name]
    stored_at: Mapped[Instant]


NAMELESS = "-"
"""The name of a content that was destroyed: its own may have named a person."""


def read_limited(stream: IO[bytes], limit: int) -> bytes:
    """Read an upload of at most `limit` bytes; raises TooLargeError, InvalidError where empty."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise TooLargeError(
            _l("The file is larger than %(limit)d MB. Split it or make it smaller.", limit=max(limit // MEGABYTE, 1))
        )
    if not data:
        raise InvalidError(_l("The file is empty. Choose another one."), field="file")
    return data


def store(data: bytes, *, name: str, media_type: str) -> StoredFile:
    """Keep a content durably and return its row; the same content is kept once."""
    digest = sha256(data).hexdigest()
    put_in_place(data)
    found = session.scalar(select(StoredFile).where(StoredFile.sha256 == digest))
    if found is not None:
        if found.name == NAMELESS:
            found.name = name[:200]
        return found
    stored = StoredFile(sha256=digest, size=len(data), media_type=media_type, name=name[:200], stored_at=real_now())
    session.add(stored)
    session.flush()
    return stored


def store_all(contents: Sequence[tuple[str, bytes]], *, media_type: str) -> list[int]:
    """Keep several contents, each under a name, in three statements; return the keys of their rows in order."""
    if not contents:
        return []
    digests = [sha256(data).hexdigest() for _name, data in contents]
    known = _known(digests)
    fresh = {digest: one for digest, one in zip(digests, contents, strict=True) if digest not in known}
    for _name, data in contents:
        put_in_place(data)
    if fresh:
        at = real_now()
        rows = [
            {"sha256": digest, "size": len(data), "media_type": media_type, "name": name[:200], "stored_at": at}
            for digest, (name, data) in fresh.items()
        ]
        session.execute(insert(StoredFile), rows)
        known |= _known(fresh)
    return [known[digest] for digest in digests]


def _known(digests: Iterable[str]) -> dict[str, int]:
    """Return the key of each kept content by its digest."""
    query = select(StoredFile.sha256, StoredFile.id).where(StoredFile.sha256.in_(set(digests)))
    return dict(session.execute(query).all())


def put_in_place(data: bytes) -> None:
    """Write a content durably where `store` will find it, so that no lock waits for the disk; the same one once."""
    path = path_of(sha256(data).hexdigest())
    if not path.exists():
        _write(path, data)


def load(stored: StoredFile) -> bytes:
    """Read a content back, checked against its hash."""
    data = path_of(stored.sha256).read_bytes()
    if sha256(data).hexdigest() != stored.sha256:
        msg = f"file {stored.sha256} was changed on disk"
        raise RuntimeError(msg)
    return data


def destroy(stored: StoredFile, *, known: int = 0) -> bool:
    """Take a content off the disk; its row stays with the hash, without its name, and the same content may come again.

    `known` counts the references that no longer need the content. Any other keeps it; return whether it went.
    """
    if _references(stored.id) > known:
        return False
    path_of(stored.sha256).unlink(missing_ok=True)
    stored.name = NAMELESS
    return True


def _references(stored_id: int) -> int:
    """Count what refers to a content, whatever room it is in."""
    columns = [key.parent for table in Base.metadata.tables.values() for key in table.foreign_keys if _is_content(key)]
    counts = [select(func.count().label("n")).where(column == stored_id) for column in columns]
    return session.scalar(select(func.sum(union_all(*counts).subquery().c.n))) or 0


def _is_content(key: ForeignKey) -> bool:
    return key.target_fullname == "stored_file.id"


def is_kept(stored: StoredFile) -> bool:
    """Tell whether a content still lies on the disk."""
    return path_of(stored.sha256).exists()


def path_of(digest: str) -> Path:
    """Return where a content lies in the folder of STORE_URL."""
    return Path(settings().store_url.removeprefix("file:")) / digest[:2] / digest


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
        part.write(data)
        part.flush()
        os.fsync(part.fileno())
    Path(part.name).replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
