"""Whether a certificate stands in the public log, from a proof file and the log's key alone, without asking anybody.

The proof (c2sp.org/tlog-proof) carries the leaf, the way from it to a root, and the log's signature over that root. The
leaf names the credential by the SHA-256 of its published bytes, so only the JSON form can be compared.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.core import notes
from app.core.notes import Head
from app.core.signing import PublicKey
from app.credentials.rules.openbadge import Certificate
from app.credentials.rules.tlog import (
    LONGEST_PROOF,
    Leaf,
    LogProof,
    TlogError,
    read_leaf,
    read_proof,
    verify_tlog_proof,
)
from app.credentials.rules.verdict import Check, CheckName, Result
from app.credentials.states import NEW_BYTES

MOST_KEYS = 16
"""Keys of logs, old ones too, that a reader takes from one bundle."""


@dataclass(frozen=True, slots=True)
class KnownLogs:
    """The keys of logs by the name of each, and roots that whoever is trusted saw."""

    keys: tuple[tuple[str, PublicKey], ...] = ()
    heads: tuple[Head, ...] = ()

    def and_also(self, other: "KnownLogs") -> "KnownLogs":
        """Return what is known from both."""
        return KnownLogs(self.keys + other.keys, self.heads + other.heads)


def read_logs(keys: str, checkpoint: str) -> KnownLogs:
    """Read the lines of `log/key` and the note of `log/checkpoint`; a root that none of the keys signed is left out.

    Raises NoteError for a line that is no key, or for more than MOST_KEYS.
    """
    lines = keys.split()
    if len(lines) > MOST_KEYS:
        msg = "too many keys"
        raise notes.NoteError(msg)
    known = tuple(notes.read_verifier_key(line) for line in lines)
    found = (_head(checkpoint, name, key) for name, key in known)
    return KnownLogs(known, tuple(one for one in found if one is not None))


def _head(note: str, name: str, key: PublicKey) -> Head | None:
    try:
        head = notes.read(note, key)
    except notes.NoteError:
        return None
    return head if head.origin == name else None


def log_check(proof: bytes | None, certificate: Certificate, digests: Iterable[str], logs: KnownLogs) -> Check:
    """Check a proof file for a certificate whose published bytes have one of `digests`.

    Without a proof, a key, or bytes to compare it stays unchecked. A proof that is given and does not hold fails,
    whatever is wrong with it: whoever gives one says that it proves something.
    """
    wanted = frozenset(digests)
    if proof is None:
        return _unchecked("log-offline")
    if not logs.keys or not wanted:
        return _unchecked("log-needs-json" if logs.keys else "log-key-missing")
    try:
        found, leaf, head = _proved(_text(proof), logs)
    except TlogError as error:
        return _failed(REFUSALS.get(error.code, "log-proof-broken"))
    if leaf.act not in NEW_BYTES or leaf.issuer != certificate.issuer.did or leaf.credential not in wanted:
        return _failed("log-proof-of-another")
    if any(_contradicts(head, known) for known in logs.heads):
        return _failed("log-split")
    return Check(CheckName.LOG, Result.PASS, "logged-by-proof", _told(found, head))


REFUSALS: Mapping[str, str] = {
    "checkpoint-signature": "log-proof-unsigned",
    "proof-path": "log-proof-path",
    "proof-root": "log-proof-path",
}


def _text(proof: bytes) -> str:
    if len(proof) > LONGEST_PROOF:
        raise TlogError("proof-too-long")
    try:
        return proof.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TlogError("proof-form") from error


def _proved(text: str, logs: KnownLogs) -> tuple[LogProof, Leaf, Head]:
    """Return what a proof holds once its way and its signature hold; raises TlogError."""
    found = read_proof(text)
    leaf = read_leaf(found.extra)
    refused = TlogError("checkpoint-signature")
    for name, key in logs.keys:
        try:
            head = verify_tlog_proof(text, found.extra, key)
        except TlogError as error:
            refused = error if error.code != "checkpoint-signature" else refused
            continue
        if head.origin == name:
            return found, leaf, head
    raise refused


def _contradicts(head: Head, known: Head) -> bool:
    """Tell two roots of one size apart: a log that shows them to different people hides something."""
    return (head.origin, head.size) == (known.origin, known.size) and head.root != known.root


def _told(found: LogProof, head: Head) -> dict[str, str]:
    return {"log": head.origin, "number": str(found.index), "size": str(head.size)}


def _unchecked(code: str) -> Check:
    return Check(CheckName.LOG, Result.UNCHECKED, code)


def _failed(code: str) -> Check:
    return Check(CheckName.LOG, Result.FAIL, code)
