"""Where documents are found: realms as numbers, and the ranges of them that an actor sees."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from app.accounts.access import region_span
from app.core.access import Actor
from app.desk.kinds import DocumentKind, Form, ScopeKind


@dataclass(frozen=True, slots=True)
class Range:
    """A realm and the keys of it, first and last, that somebody sees."""

    kind: str
    realm: int
    low: int
    high: int


@lru_cache(maxsize=1 << 10)
def realm(kind: str, form: Form) -> int:
    """Return the number of a document kind under a form of scope: 31 bits of BLAKE2b."""
    scope, permission = form
    named = f"{kind}|{scope}|{permission or ''}"
    return int.from_bytes(blake2b(named.encode(), digest_size=4).digest()) >> 1


def ranges_of(actor: Actor | None, kinds: Mapping[str, DocumentKind]) -> list[Range]:
    """Return every range that a person may see; the public sees what is public."""
    return [
        Range(name, realm(name, form), *keys)
        for name, kind in kinds.items()
        for form in kind.forms
        if (keys := _keys(actor, form)) is not None
    ]


def _keys(actor: Actor | None, form: Form) -> tuple[int, int] | None:
    scope, permission = form
    if scope is ScopeKind.PUBLIC:
        return 0, 0
    if actor is None or (permission is not None and not actor.may(permission)):
        return None
    if scope is ScopeKind.REGION:
        return _region(actor.region_code)
    if scope is ScopeKind.PERMISSION:
        return 0, 0
    own = actor.person_id if scope is ScopeKind.PERSON else actor.organisation_id
    return None if own is None else (own, own)


def _region(code: str | None) -> tuple[int, int] | None:
    if code is None:
        return None
    low, high = region_span(code)
    return int(low), int(high)
