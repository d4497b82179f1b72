"""What comes with items or around them: pictures and attachments by what their bytes are, archives within limits."""

import io
import stat
from collections.abc import Mapping
from hashlib import sha256
from pathlib import PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from app.items.rules.content import BadItemError, Enclosed
from app.items.rules.reasons import because

FILE_LIMIT = 5 * 1024 * 1024
ENTRY_LIMIT = 5000
UNPACKED_LIMIT = 64 * 1024 * 1024
RATIO_LIMIT = 200
RATIO_FROM = 1024 * 1024
ENCRYPTED = 0x1
NAME_LIMIT = 120
SIGNS = (
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (b"GIF87a", "image/gif", ".gif"),
    (b"GIF89a", "image/gif", ".gif"),
    (b"%PDF-", "application/pdf", ".pdf"),
)
TEXTS = {".txt": "text/plain", ".csv": "text/csv"}
ENDINGS = {
    "image/webp": ".webp",
    "text/plain": ".txt",
    "text/csv": ".csv",
    **{kind: ending for _sign, kind, ending in SIGNS},
}


def enclosed(name: str, data: bytes) -> Enclosed:
    """Return a picture or attachment; raises BadItemError for kinds that items do not keep, and for large ones.

    What a file is follows from its bytes, not from its name; SVG is none of the kinds, for it can hold scripts.
    """
    if len(data) > FILE_LIMIT:
        raise BadItemError(because("large_file", file=name, limit=FILE_LIMIT // 1024 // 1024))
    kind = _kind(name, data)
    if kind is None:
        raise BadItemError(because("file_kind", file=name))
    return Enclosed((PurePosixPath(name).name or "file")[-NAME_LIMIT:], kind, data)


def _kind(name: str, data: bytes) -> str | None:
    for sign, kind, _ending in SIGNS:
        if data.startswith(sign):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    text = TEXTS.get(PurePosixPath(name).suffix.lower())
    return text if text and b"\x00" not in data and _is_text(data) else None


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def digest_of(data: bytes) -> str:
    """Return the name of a kept file: its SHA-256 in hexadecimal."""
    return sha256(data).hexdigest()


def unpack(data: bytes) -> dict[str, bytes]:
    """Return the files of an archive by their paths; raises BadItemError for one that could do harm."""
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _refuse(entries)
            return {entry.filename: _read(archive, entry) for entry in entries}
    except (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError) as error:
        raise BadItemError(because("not_zip")) from error


def _refuse(entries: list[ZipInfo]) -> None:
    if len(entries) > ENTRY_LIMIT or sum(entry.file_size for entry in entries) > UNPACKED_LIMIT:
        raise BadItemError(because("zip_bomb"))
    if len({entry.filename for entry in entries}) < len(entries):
        raise BadItemError(because("zip_path", path="="))
    for entry in entries:
        _refuse_entry(entry)


def _refuse_entry(entry: ZipInfo) -> None:
    path = PurePosixPath(entry.filename)
    linked = stat.S_ISLNK(entry.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename or linked:
        raise BadItemError(because("zip_path", path=entry.filename))
    if entry.flag_bits & ENCRYPTED:
        raise BadItemError(because("zip_locked"))
    if entry.file_size > RATIO_FROM and entry.file_size > RATIO_LIMIT * entry.compress_size:
        raise BadItemError(because("zip_bomb"))


def _read(archive: ZipFile, entry: ZipInfo) -> bytes:
    """Read an entry no further than the size it states, so that a false one cannot fill the memory."""
    with archive.open(entry) as stream:
        return stream.read(entry.file_size)


def pack(files: Mapping[str, bytes]) -> bytes:
    """Write an archive; the same files give the same bytes."""
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        for name, data in files.items():
            entry = ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.compress_type = 8
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return out.getvalue()
