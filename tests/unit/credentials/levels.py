"""One page sealed at every level: under the chain of an authority, with and without what proves it."""

import io
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from pypdf import PdfWriter

from app.core.signing import Algorithm, create_key
from app.credentials.paper import completing, pades
from app.credentials.paper.timestamps import TimeAuthority
from app.credentials.services.bodies import Seal
from tests.authority import certify, make_issuer
from tests.revocation import listed

BASIC, TIMED, LASTING, COMPLETED = (
    "without a time stamp",
    "with a time stamp",
    "with time stamp and proofs",
    "completed",
)


@dataclass(frozen=True)
class Levels:
    """A seal, the root that certified it, and a page under it at every level, by name."""

    seal: Seal
    root: bytes
    files: dict[str, bytes]


def page() -> bytes:
    """Return a page that carries a file."""
    writer, out = PdfWriter(), io.BytesIO()
    writer.pdf_header = "%PDF-1.7"
    writer.add_blank_page(842, 595)
    writer.add_attachment("credential.json", b"{}" * 100)
    writer.write(out)
    return out.getvalue()


def seal_under_chain(folder: Path) -> tuple[Seal, Seal, bytes]:
    """Return a seal without proofs, the same with lists that prove it, and the root of both."""
    signer = create_key(folder, "levels", algorithm=Algorithm.RSA)
    root = make_issuer("国家根认证机构")
    below = make_issuer("电子认证机构", root, named="http://127.0.0.1:9/", ways=("ocsp",))
    public: Any = load_der_public_key(signer.public_key.spki)
    own = certify(public, below, named="http://127.0.0.1:9/", ways=("crl",))
    first, second, last = (one.public_bytes(Encoding.DER) for one in (own, below.certificate, root.certificate))
    lists = tuple(listed(one, set(), holds=timedelta(days=7)) for one in (below, root))
    bare = Seal(signer, first, (second, last))
    return bare, bare._replace(crls=lists, proven=True), last


def at_every_level(folder: Path, url: str) -> Levels:
    """Seal the page at every level with the time-stamp authority at an address."""
    bare, proven, root = seal_under_chain(folder)
    authority = TimeAuthority(url)
    timed = pades.sealed(page(), bare, authority=authority)
    return Levels(
        proven,
        root,
        {
            BASIC: pades.sealed(page(), bare),
            TIMED: timed,
            LASTING: pades.sealed(page(), proven, authority=authority),
            COMPLETED: completing.completed(timed, proven),
        },
    )
