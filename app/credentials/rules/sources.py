"""Where it is asked whether a certificate of a seal is revoked: addresses that two issuers set and the operator allows.

Nothing that a certificate or a document names is asked: whoever hands in a file would choose whom the site speaks to.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from app.credentials.states import ProofKind

MOST = 8
LONGEST = 300
PORTS = {"http": 80, "https": 443}


class SourceError(ValueError):
    """An address that cannot be asked: `code` says why, `url` which, `kind` in which field it stands."""

    def __init__(self, code: str, kind: ProofKind, url: str = "") -> None:
        super().__init__(code, kind, url)
        self.code = code
        self.kind = kind
        self.url = url


class Source(NamedTuple):
    """One address, and what it answers with."""

    kind: ProofKind
    url: str


def sources_of(given: Iterable[tuple[ProofKind, str]], prefixes: Iterable[str]) -> tuple[Source, ...]:
    """Return the addresses that were typed, one a line for each kind; raises SourceError for the first unfit one."""
    beginnings = tuple(prefixes)
    found: list[Source] = []
    for kind, text in given:
        for url in dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()):
            if len(url) > LONGEST or _place(url) is None:
                raise SourceError("address", kind, url)
            if not allowed(url, beginnings):
                raise SourceError("not-allowed", kind, url)
            found.append(Source(kind, url))
        if len(found) > MOST:
            raise SourceError("many", kind)
    return tuple(found)


def allowed(url: str, prefixes: Iterable[str]) -> bool:
    """Tell whether an address lies under one of the beginnings: same scheme, host and port, a path below its own."""
    place = _place(url)
    return place is not None and any(_below(place, urlsplit(prefix.strip())) for prefix in prefixes)


def _place(url: str) -> SplitResult | None:
    """Read an address; None where it is none of the web, names a user, or climbs up."""
    try:
        place = urlsplit(url)
        place.port  # noqa: B018 - refuses what is no port
    except ValueError:
        return None
    plain = place.scheme in PORTS and place.hostname and "@" not in place.netloc and not place.fragment
    climbs = ".." in place.path or "%2e" in place.path.lower() or "\\" in url
    return place if plain and not climbs else None


def _below(place: SplitResult, prefix: SplitResult) -> bool:
    if (place.scheme, place.hostname, _port(place)) != (prefix.scheme, prefix.hostname, _port(prefix)):
        return False
    start = prefix.path or "/"
    path = place.path or "/"
    return path == start or path.startswith(start if start.endswith("/") else f"{start}/")


def _port(place: SplitResult) -> int | None:
    return place.port or PORTS.get(place.scheme)


def to_text(sources: Iterable[Source]) -> str | None:
    """Write addresses as they are kept, one a line with its kind; None where there is none."""
    return "\n".join(f"{one.kind.value} {one.url}" for one in sources) or None


def from_text(text: str | None) -> tuple[Source, ...]:
    """Read kept addresses."""
    return tuple(_kept(text or ""))


def _kept(text: str) -> Iterator[Source]:
    for line in text.splitlines():
        kind, _, url = line.partition(" ")
        yield Source(ProofKind(kind), url)
