"""The public log in C2SP form: its leaves, the addresses of its tiles, and proofs that anyone checks offline.

Sources: c2sp.org/tlog-tiles, c2sp.org/tlog-checkpoint, c2sp.org/signed-note and c2sp.org/tlog-proof.
"""

import base64
import binascii
import hashlib
import json
import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core import merkle, notes
from app.core.notes import Head
from app.core.signing import PublicKey
from app.credentials.rules.instants import InstantError, read_instant, write_instant
from app.credentials.states import OF_KEYS, LogAct

VERSION = 1
FIRST_LINE = "c2sp.org/tlog-proof@v1"
EXTRA = "extra "
INDEX = "index "
LONGEST_PROOF = 16 * 1024
MOST_HASHES = 63
HIGHEST_LEVEL = 63
FULL_WIDTH = 256
PATH_BASE = 1000
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
PLACE = re.compile(r"((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)
DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
MEMBERS = {"v", "act", "credential", "issuer", "at"}


class TlogError(ValueError):
    """A proof, a leaf or an address that is not what C2SP or our own form asks; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a leaf says: which act, on which published credential (SHA-256 in hexadecimal), by whom, and when."""

    act: LogAct
    credential: str
    issuer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class KeyLeaf:
    """What a leaf says of a key, by its public name: which act, whose key, when, and since when it is distrusted."""

    act: LogAct
    key: str
    issuer: str
    at: datetime
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogProof:
    """A read proof: place of the leaf, hashes up to the root, the checkpoint, and the extra bytes, all unchecked."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes


@dataclass(frozen=True, slots=True)
class TilePlace:
    """Which tile: its index within the level and how many of its hashes (256 in a full one)."""

    number: int
    width: int


def digest_of(credential: bytes) -> str:
    """Return the name of a published credential in the log: the SHA-256 of its bytes in hexadecimal."""
    return hashlib.sha256(credential).hexdigest()


def leaf_bytes(leaf: Leaf) -> bytes:
    """Return the bytes of a leaf: JSON with sorted keys and no spaces (RFC 8785), of no personal data."""
    document = {
        "v": VERSION,
        "act": leaf.act.value,
        "credential": leaf.credential,
        "issuer": leaf.issuer,
        "at": write_instant(leaf.at),
    }
    return _written(document)


def _written(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def key_leaf_bytes(leaf: KeyLeaf) -> bytes:
    """Return the bytes of a leaf about a key, in the same form."""
    document = {
        "v": VERSION,
        "act": leaf.act.value,
        "key": leaf.key,
        "issuer": leaf.issuer,
        "at": write_instant(leaf.at),
    }
    return _written(document if leaf.since is None else {**document, "since": write_instant(leaf.since)})


def read_key_leaf(data: bytes) -> KeyLeaf:
    """Return what the bytes of a leaf about a key say; raises TlogError for any other form than the one we write."""
    try:
        found = json.loads(data)
        since = read_instant(found["since"]) if "since" in found else None
        leaf = KeyLeaf(LogAct(found["act"]), found["key"], found["issuer"], read_instant(found["at"]), since)
    except (ValueError, TypeError, KeyError, RecursionError, InstantError) as error:
        raise TlogError("leaf-form") from error
    if leaf.act not in OF_KEYS or key_leaf_bytes(leaf) != data:
        raise TlogError("leaf-form")
    return leaf


def read_leaf(data: bytes) -> Leaf:
    """Return what the bytes of a leaf say; raises TlogError for any other form than the one we write."""
    try:
        found = json.loads(data)
        if not isinstance(found, dict) or set(found) != MEMBERS or not isinstance(found["issuer"], str):
            raise TlogError("leaf-form")
        leaf = Leaf(LogAct(found["act"]), str(found["credential"]), found["issuer"], read_instant(found["at"]))
    except (ValueError, RecursionError, InstantError) as error:
        raise TlogError("leaf-form") from error
    if DIGEST.fullmatch(leaf.credential) is None or leaf_bytes(leaf) != data:
        raise TlogError("leaf-form")
    return leaf


def write_proof(index: int, path: Sequence[bytes], checkpoint: str, extra: bytes) -> str:
    """Return a proof as text; `extra` holds the leaf, so that whoever has the file alone can compute its hash."""
    lines = [FIRST_LINE, EXTRA + _base64(extra), f"{INDEX}{index}", *(_base64(one) for one in path)]
    return "\n".join(lines) + "\n\n" + checkpoint


def read_proof(text: str) -> LogProof:
    """Read a proof without checking it; raises TlogError for another form or an endless one."""
    if len(text) > LONGEST_PROOF:
        raise TlogError("proof-too-long")
    head, separator, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not separator or lines.pop(0) != FIRST_LINE:
        raise TlogError("proof-form")
    extra = b""
    if lines and lines[0].startswith(EXTRA):
        extra = _bytes(lines.pop(0).removeprefix(EXTRA))
    if not lines or not lines[0].startswith(INDEX):
        raise TlogError("proof-form")
    index = lines.pop(0).removeprefix(INDEX)
    path = tuple(_bytes(one) for one in lines)
    if NUMBER.fullmatch(index) is None or len(path) > MOST_HASHES or any(len(one) != merkle.HASH_BYTES for one in path):
        raise TlogError("proof-form")
    return LogProof(int(index), path, checkpoint, extra)


def verify_tlog_proof(text: str, leaf: bytes, public_key: PublicKey) -> Head:
    """Check that a leaf is in the log whose key is given, and return the signed head under which it is.

    The caller decides whether it trusts that key for the head's `origin`. Raises TlogError where the form is another,
    the checkpoint is not signed by the key, or the hashes do not lead from the leaf to its root.
    """
    proof = read_proof(text)
    try:
        head = notes.read(proof.checkpoint, public_key)
    except notes.NoteError as error:
        raise TlogError("checkpoint-signature") from error
    try:
        root = merkle.root_from_inclusion(merkle.leaf_hash(leaf), proof.index, head.size, proof.path)
    except ValueError as error:
        raise TlogError("proof-path") from error
    if root != head.root:
        raise TlogError("proof-root")
    return head


def tile_path(number: int, width: int = FULL_WIDTH) -> str:
    """Return the last part of a tile's address: `x001/x234/067`, a partial one with its width behind `.p/`."""
    parts = [f"{number % PATH_BASE:03d}"]
    while number := number // PATH_BASE:
        parts.append(f"x{number % PATH_BASE:03d}")
    return "/".join(reversed(parts)) + ("" if width == FULL_WIDTH else f".p/{width}")


def read_tile_path(text: str) -> TilePlace:
    """Read the last part of a tile's address; raises TlogError for any that `tile_path` would not write."""
    found = PLACE.fullmatch(text) if len(text) <= len("x000/") * 8 else None
    if found is None:
        raise TlogError("tile-address")
    number = int(found[1].replace("x", "").replace("/", ""))
    width = int(found[2]) if found[2] else FULL_WIDTH
    if tile_path(number, width) != text or width > FULL_WIDTH:
        raise TlogError("tile-address")
    return TilePlace(number, width)


def read_level(text: str) -> int:
    """Read the level of a tile, 0 to 63 without leading zeros; raises TlogError."""
    if NUMBER.fullmatch(text) is None or int(text) > HIGHEST_LEVEL:
        raise TlogError("tile-address")
    return int(text)


def bundle(entries: Iterable[bytes]) -> bytes:
    """Return an entry bundle: each entry behind its length in two bytes, the higher first."""
    return b"".join(struct.pack(">H", len(one)) + one for one in entries)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    try:
        data = base64.b64decode(text)
    except (binascii.Error, ValueError) as error:
        raise TlogError("proof-form") from error
    if _base64(data) != text:
        raise TlogError("proof-form")
    return data
