"""What a number or an address leads to, read the same for one certificate and for each row of a list.

Nothing is fetched: an address of any other site was not issued here.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from app.core.config import settings
from app.credentials.rules.inputs import as_reference, is_proof

PATH = "/credentials/"
VERIFY_PATH = "/verify"
ENDINGS = (".json", ".pdf", ".jwt", ".qr.png", ".qr.svg", ".png", ".svg", ".tlog-proof")


@dataclass(frozen=True, slots=True)
class Missed:
    """A number or address that leads to nothing: `code` says how near it came, `near` to how many."""

    reference: str
    code: str
    near: int = 0


def reference_in(text: str) -> str | Missed:
    """Return the number, code or proof in a line that was typed or read from a code, or that it leads to nothing."""
    text = as_published(text)
    if "/" not in text:
        return text if is_proof(text) else as_reference(text)
    if not _is_ours(text):
        return Missed(text, "elsewhere")
    if is_proof(text):
        return text
    asked = parse_qs(urlsplit(text).query).get("q", [""])[0] if urlsplit(text).path == VERIFY_PATH else ""
    code = as_reference(asked) if asked and "/" not in asked else code_of(text)
    return code or Missed(text, "no-certificate-page")


def as_published(typed: str) -> str:
    """Return an address of ours as it is published, where it was typed without its scheme or with a slash behind it."""
    typed, scheme = typed.strip(), f"{urlsplit(settings().public_url).scheme}://"
    ours = f"{scheme}{typed}" if _is_ours(f"{scheme}{typed}") else typed
    return ours.rstrip("/") if _is_ours(ours) else typed


def _is_ours(address: str) -> bool:
    try:
        ours, given = urlsplit(settings().public_url), urlsplit(address)
    except ValueError:
        return False
    return (given.scheme.lower(), given.netloc.lower()) == (ours.scheme, ours.netloc)


def code_of(url: str) -> str | None:
    """Return the code in the address of one of our certificates, None for any other address."""
    if not _is_ours(url) or not urlsplit(url).path.startswith(PATH):
        return None
    code = urlsplit(url).path.removeprefix(PATH)
    for ending in ENDINGS:
        code = code.removesuffix(ending)
    return code or None
