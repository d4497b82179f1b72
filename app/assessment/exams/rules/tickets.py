"""What an admission ticket carries: the digest of its secret, the link in its QR code, the name in Latin letters."""

from hashlib import sha256

from app.core import pinyin

MARK = "secret="
PATH = "/sit/ticket"


def digest(secret: str) -> bytes:
    """Return what is kept of a secret."""
    return sha256(secret.encode()).digest()


def link(public_url: str, secret: str) -> str:
    """Return the link on the ticket, which its QR code holds."""
    return f"{public_url}{PATH}?{MARK}{secret}"


def secret_of(scanned: str) -> str | None:
    """Return the secret in a scanned link, None where the text is no such link."""
    _path, found, secret = scanned.strip().partition(MARK)
    return secret if found else None


def latin_name(name: str, given: str | None) -> str:
    """Return a name in Latin letters: as the person gave it, else its pinyin with a capital for each syllable."""
    return given or " ".join(one.capitalize() for one in pinyin.syllables(name, _kept))


def _kept(unread: str) -> list[str]:
    return [unread]
