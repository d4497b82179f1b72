"""Signed checkpoints of a log as notes in C2SP form (signed-note, tlog-checkpoint); pure functions."""

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256

from app.core.signing import Algorithm, PublicKey, Signer

ED25519_NOTE = b"\x01"
KEY_ID_BYTES = 4
ED25519_BYTES = 32
SIGNATURE_MARK = "\u2014 "
LINES = 3


class NoteError(Exception):
    """A note is not in the form of C2SP, or its signature does not fit."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a checkpoint says: the log's name, how many leaves it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """Return the note's text, which is what is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def key_id(name: str, key: PublicKey) -> bytes:
    """Return the four bytes that name an Ed25519 key in a note."""
    return sha256(name.encode() + b"\n" + ED25519_NOTE + key.raw).digest()[:KEY_ID_BYTES]


def verifier_key(name: str, key: PublicKey) -> str:
    """Return the key as verifiers of notes take it: name, key id and key."""
    return f"{name}+{key_id(name, key).hex()}+{base64.b64encode(ED25519_NOTE + key.raw).decode()}"


def read_verifier_key(text: str) -> tuple[str, PublicKey]:
    """Return the name and the key in one line of `verifier_key`; raises NoteError for any other line."""
    name, key = _named_key(text)
    if verifier_key(name, key) != text:
        msg = "not a key as it would be written"
        raise NoteError(msg)
    return name, key


def _named_key(text: str) -> tuple[str, PublicKey]:
    try:
        name, _hash, encoded = text.split("+", 2)
        data = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error) as error:
        msg = "not a key of a log"
        raise NoteError(msg) from error
    if len(data) != len(ED25519_NOTE) + ED25519_BYTES:
        msg = "not an Ed25519 key"
        raise NoteError(msg)
    return name, PublicKey(Algorithm.ED25519, data[len(ED25519_NOTE) :])


def sign(head: Head, signer: Signer) -> str:
    """Return the signed note of a checkpoint; the key bears the log's own name."""
    name, text = head.origin, head.text
    signature = key_id(name, signer.public_key) + signer.sign(text.encode())
    return f"{text}\n{SIGNATURE_MARK}{name} {base64.b64encode(signature).decode()}\n"


def read(note: str, key: PublicKey) -> Head:
    """Return what a signed checkpoint says; raises NoteError unless this key signed it."""
    text, separator, signatures = note.partition("\n\n")
    head = _head(text + "\n")
    if not separator or not any(_signed(line, head, key) for line in signatures.splitlines()):
        msg = f"no signature of {head.origin} fits"
        raise NoteError(msg)
    return head


def _head(text: str) -> Head:
    lines = text.splitlines()
    try:
        origin, size, root = lines[:LINES]
        head = Head(origin, int(size), base64.b64decode(root, validate=True))
    except (ValueError, binascii.Error) as error:
        msg = "not a checkpoint"
        raise NoteError(msg) from error
    if head.text != text:
        msg = "not a checkpoint as it would be written"
        raise NoteError(msg)
    return head


def _signed(line: str, head: Head, key: PublicKey) -> bool:
    mark = f"{SIGNATURE_MARK}{head.origin} "
    if not line.startswith(mark):
        return False
    try:
        blob = base64.b64decode(line.removeprefix(mark), validate=True)
    except binascii.Error:
        return False
    named, signature = blob[:KEY_ID_BYTES], blob[KEY_ID_BYTES:]
    return named == key_id(head.origin, key) and key.verify(signature, head.text.encode())
