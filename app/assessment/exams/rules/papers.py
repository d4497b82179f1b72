"""The content hash that pins a frozen paper, and what of it is sealed."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from app.assessment.exams.rules.order import Sheet


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


@dataclass(frozen=True, slots=True)
class SealedPlace:
    """One place as it is sealed: the pinned version of its item and what it is worth."""

    position: int
    version_id: int
    points: Decimal


def sealed_text(places: Sequence[SealedPlace], seed: int | None) -> str:
    """Return what is encrypted of a paper: its places, and the seed that would draw them again."""
    return json.dumps({"places": [[one.position, one.version_id, f"{one.points:.2f}"] for one in places], "seed": seed})


def unsealed(text: str) -> tuple[list[SealedPlace], int | None]:
    """Read back what `sealed_text` wrote."""
    told = json.loads(text)
    return [SealedPlace(place, version, Decimal(points)) for place, version, points in told["places"]], told["seed"]


def outline(sheets: Iterable[Sheet]) -> list[dict[str, Any]]:
    """Return what the preparation of sittings needs of a sealed paper, as it is stored; it names no item."""
    return [{name: said for name, said in asdict(one).items() if said or name != "parts"} for one in sheets]


def sheets_of(stored: Iterable[dict[str, Any]]) -> list[Sheet]:
    """Read an outline back."""
    return [_sheet(**one) for one in stored]


def _sheet(position: int, keys: Sequence[str], *, movable: bool, parts: Sequence[Sequence[str]] = ()) -> Sheet:
    return Sheet(position, tuple(keys), movable, tuple(tuple(one) for one in parts))
