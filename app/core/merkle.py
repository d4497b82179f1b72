"""Merkle trees as in RFC 6962: leaf and node hashes, roots that grow, proofs and their verification; pure functions."""

from collections.abc import Callable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves (RFC 6962, section 2.1)."""

ReadNode = Callable[[int, int], bytes]
"""Gives the hash of the complete subtree number `index` of 2**level leaves: `read(level, index)`."""


def leaf_hash(data: bytes) -> bytes:
    """Return the 32 bytes of a leaf; the prefix keeps a leaf from passing as a node."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32 bytes of the node above two subtrees."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the complete subtrees of a growing tree, largest first: all that appending needs.

    Its bytes are those roots one after the other, 32 bytes for each one bit of the size.
    """

    def __init__(self, size: int = 0, stored: bytes = b"") -> None:
        if len(stored) != HASH_BYTES * size.bit_count():
            msg = f"a tree of {size} leaves has another number of complete subtrees"
            raise ValueError(msg)
        self.size = size
        self._roots = [stored[at : at + HASH_BYTES] for at in range(0, len(stored), HASH_BYTES)]

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf's hash; return the subtrees that it completed as (level, index, hash), the leaf first."""
        completed = [(0, self.size, leaf)]
        level, index, top = 0, self.size, leaf
        while index % 2:
            top = node_hash(self._roots.pop(), top)
            level, index = level + 1, index // 2
            completed.append((level, index, top))
        self._roots.append(top)
        self.size += 1
        return completed

    @property
    def root(self) -> bytes:
        """Return the root of the tree as it stands."""
        return _fold(self._roots) if self._roots else EMPTY_ROOT

    def stored(self) -> bytes:
        """Return the bytes from which this frontier can be made again."""
        return b"".join(self._roots)


def _fold(roots: Sequence[bytes]) -> bytes:
    top = roots[-1]
    for left in reversed(roots[:-1]):
        top = node_hash(left, top)
    return top


def _split(size: int) -> int:
    """Return the largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1


def range_root(first: int, size: int, read: ReadNode) -> bytes:
    """Return the root over the `size` leaves from `first`, which is a multiple of a power of two not below size."""
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return read(level, first >> level)
    left = _split(size)
    return node_hash(range_root(first, left, read), range_root(first + left, size - left, read))


def inclusion_proof(index: int, size: int, read: ReadNode) -> list[bytes]:
    """Return the audit path of a leaf in a tree of `size` leaves, nearest first (RFC 6962, section 2.1.1).

    Raises ValueError for a leaf that the tree does not have.
    """
    if not 0 <= index < size:
        msg = f"a tree of {size} leaves has no leaf {index}"
        raise ValueError(msg)
    return _path(index, 0, size, read)


def _path(index: int, first: int, size: int, read: ReadNode) -> list[bytes]:
    if size == 1:
        return []
    left = _split(size)
    if index < left:
        return [*_path(index, first, left, read), range_root(first + left, size - left, read)]
    return [*_path(index - left, first + left, size - left, read), range_root(first, left, read)]


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root that a leaf's proof leads to (RFC 9162, section 2.1.3.2).

    Raises ValueError for a proof of the wrong length.
    """
    if not 0 <= index < size:
        msg = "no such leaf"
        raise ValueError(msg)
    place, last, top = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            msg = "the proof is too long"
            raise ValueError(msg)
        if place % 2 or place == last:
            top = node_hash(sibling, top)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            top = node_hash(top, sibling)
        place, last = place >> 1, last >> 1
    if last:
        msg = "the proof is too short"
        raise ValueError(msg)
    return top
