"""The content hash that pins a frozen paper."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Leaf:
    """One place of a paper as the hash sees it."""

    position: int
    content_hash: str
    points: Decimal


def content_hash(leaves: Sequence[Leaf], *, cut_score: Decimal, minutes: int) -> str:
    """Return SHA-256 in hexadecimal over the places in order, the cut score and the minutes."""
    content = {
        "cut_score": f"{cut_score:.2f}",
        "items": [
            [leaf.position, leaf.content_hash, f"{leaf.points:.2f}"]
            for leaf in sorted(leaves, key=lambda leaf: leaf.position)
        ],
        "minutes": minutes,
    }
    return sha256(json.dumps(content, separators=(",", ":"), sort_keys=True).encode()).hexdigest()
