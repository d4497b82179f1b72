"""A second, small reader of the public log: over HTTP only, written from the C2SP pages, with nothing of the product.

It fetches checkpoint, tiles and entries, checks the signature by the verifier key it is given, and computes the tree.
"""

import base64
import hashlib
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Fetch = Callable[[str], bytes]


def checkpoint(note: bytes, verifier_key: str) -> tuple[int, bytes]:
    """Return size and root of a signed checkpoint; raises where the key did not sign it."""
    name, _plus, rest = verifier_key.strip().partition("+")
    key_id, _plus, key = rest.partition("+")
    body, _blank, signatures = note.decode().rpartition("\n\n")
    text = (body + "\n").encode()
    for line in signatures.splitlines():
        _dash, signer, blob = line.split(" ")
        raw = base64.b64decode(blob)
        if signer == name and raw[:4].hex() == key_id:
            Ed25519PublicKey.from_public_bytes(base64.b64decode(key)[1:]).verify(raw[4:], text)
            origin, size, root = body.split("\n")
            assert origin == name
            return int(size), base64.b64decode(root)
    raise AssertionError("no signature of the known key")


def place(number: int) -> str:
    """Write the number of a tile in groups of three digits, all but the last with an x."""
    text = str(number)
    text = text.zfill(-(-len(text) // 3) * 3)
    groups = [text[at : at + 3] for at in range(0, len(text), 3)]
    return "/".join([f"x{one}" for one in groups[:-1]] + groups[-1:])


def tiles(count: int) -> list[str]:
    """Return the addresses of the tiles that hold so many hashes of a level, the last perhaps partial."""
    full, rest = divmod(count, 256)
    return [place(n) for n in range(full)] + ([f"{place(full)}.p/{rest}"] if rest else [])


def hashes(fetch: Fetch, level: int, count: int) -> list[bytes]:
    """Fetch the hashes of a level."""
    raw = b"".join(fetch(f"/log/tile/{level}/{one}") for one in tiles(count))
    assert len(raw) == 32 * count
    return [raw[at : at + 32] for at in range(0, len(raw), 32)]


def entries(fetch: Fetch, size: int) -> list[bytes]:
    """Fetch every entry."""
    found = []
    for one in tiles(size):
        raw = fetch(f"/log/tile/entries/{one}")
        while raw:
            length = int.from_bytes(raw[:2])
            found.append(raw[2 : 2 + length])
            raw = raw[2 + length :]
    assert len(found) == size
    return found


def root(leaves: list[bytes]) -> bytes:
    """Compute the root over leaf hashes as RFC 6962 defines it, by halving."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + root(leaves[:split]) + root(leaves[split:])).digest()


def leaf(entry: bytes) -> bytes:
    """Return the hash of an entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def follow(proof: str, verifier_key: str) -> bytes:
    """Check a `.tlog-proof` with nothing but its text and the log's key; return the entry that it proves."""
    head, _blank, note = proof.partition("\n\n")
    first, extra, index, *path = head.split("\n")
    assert first == "c2sp.org/tlog-proof@v1"
    entry = base64.b64decode(extra.removeprefix("extra "))
    size, wanted = checkpoint(note.encode(), verifier_key)
    place_in_tree, last, top = int(index.removeprefix("index ")), size - 1, leaf(entry)
    assert place_in_tree <= last
    for sibling in map(base64.b64decode, path):
        if place_in_tree % 2 or place_in_tree == last:
            top = hashlib.sha256(b"\x01" + sibling + top).digest()
            while place_in_tree and place_in_tree % 2 == 0:
                place_in_tree, last = place_in_tree // 2, last // 2
        else:
            top = hashlib.sha256(b"\x01" + top + sibling).digest()
        place_in_tree, last = place_in_tree // 2, last // 2
    assert (last, top) == (0, wanted)
    return entry
