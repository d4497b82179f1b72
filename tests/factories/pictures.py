"""Small pictures made in code, so that no binary is committed."""

import struct
import zlib
from hashlib import sha256

from app.items.rules.bodies import FileRef


def png(shade: int = 120, side: int = 8) -> bytes:
    """Return a square PNG of one grey."""
    rows = b"".join(b"\x00" + bytes([shade]) * side for _row in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def reference(data: bytes, name: str = "figure.png", media_type: str = "image/png") -> FileRef:
    """Return how an item names a file."""
    return FileRef(sha256(data).hexdigest(), name, media_type)
