"""The proof in a QR code: facts of a certificate as COSE_Sign1 (RFC 9052) with ES256, in the fragment of an address.

What is printed is for ever, so the form is fixed and strict: one spelling for each content, version 1 in the first
place of the claims, no algorithm but ES256. The algorithm and the key's short id are both signed.
"""

import hashlib
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import cbor2
import segno
from segno.consts import MODE_BYTE, MODE_NUMERIC

from app.core.clock import SHANGHAI
from app.core.columns import ALPHABET
from app.core.signing import Algorithm, PublicKey, Signer
from app.credentials.rules.digits import DigitsError, read_digits, write_digits
from app.credentials.rules.openbadge import LEVEL_CODE, Certificate
from app.credentials.states import CertificateKind

PATH = "/v"
PLACES = {1: 12, 2: 13}
"""How many claims each version has; the second adds what a level is called, where that is not its national name."""
SIGN1_TAG = 18
ALG, KID = 1, 4
ES256 = -7
CONTEXT = "Signature1"
SIGNATURE_BYTES = 64
PARTS = (bytes, Mapping, bytes, bytes)
"""Protected header, unprotected header, claims, signature."""
SHORT_BYTES = 8
CODE_BYTES, CODE_LETTERS = 16, 26
LONGEST_ADDRESS = 2000
LONGEST_COSE = 700
LONGEST_TEXT = 200
LONGEST_SAYING = 80
DEEPEST = 4
HUNDRED = 100
EPOCH = date(1970, 1, 1)
# China has kept one time all year since 1992, so a day begins at the same hour for every reader.
FIRST_DAY, LAST_DAY = (date(1992, 1, 1) - EPOCH).days, (date(2999, 12, 31) - EPOCH).days
BLANKS = " \t\r\n"
# Controls, separators, marks without a width, halves of pairs: what no name on paper holds. Ranges instead of
# Unicode's categories, because every reader must draw the same line whatever version of Unicode it knows.
HIDDEN = re.compile(
    "[\\x00-\\x1f\\x7f-\\xa0\\xad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u08e2\\u1680\\u180e\\u2000-\\u200f"
    "\\u2028-\\u202f\\u205f-\\u206f\\u3000\\ud800-\\udfff\\ufeff\\ufff9-\\ufffb\\U000e0000-\\U000e007f]"
)
# Numbers are never given to another word: they stand on paper.
KIND_NUMBERS: dict[str, int] = {
    "course_completion": 1,
    "exam_pass": 2,
    "capability": 3,
    "title": 4,
    "credit_report": 5,
    "accreditation": 6,
    "continuing_education": 7,
}
LEVEL_FORM = re.compile(LEVEL_CODE)
LEVEL_NUMBERS = {"junior": 1, "intermediate": 2, "senior": 3}
KINDS = {number: kind for kind, number in KIND_NUMBERS.items()}
LEVELS = {number: level for level, number in LEVEL_NUMBERS.items()}


class CoseError(ValueError):
    """A proof that is not one of ours; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class QrFacts:
    """What a QR code proves: the main entries of a certificate and where its status stands.

    `issuer` is the short id of the issuing body's DID in hexadecimal, `valid_until` the last valid day in Shanghai.
    `level` is the word of a level or, of a kind without levels, what the certificate says in Chinese: the title, the
    day, what a base may train for. `level_name` is what the level is called in Chinese where that is not its national
    name.
    """

    code: str
    issuer: str
    holder: str
    kind: CertificateKind
    level: str | None
    number: str | None
    valid_from: date
    valid_until: date | None
    list_code: str
    index: int
    hours: Decimal | None
    level_name: str | None = None

    @property
    def is_of_level(self) -> bool:
        """Tell whether it certifies a level; of the other kinds `level` is what the certificate says."""
        return self.level_name is not None or self.level in LEVEL_NUMBERS


@dataclass(frozen=True, slots=True)
class Sealed:
    """A proof in the one shape we make, read but not yet checked: `signed` are the bytes under the signature."""

    kid: bytes
    claims: bytes
    signed: bytes
    signature: bytes


def short_id(text: str) -> bytes:
    """Return the short id of a DID or of a key in Multikey form: the first 8 bytes of its SHA-256."""
    return hashlib.sha256(text.encode()).digest()[:SHORT_BYTES]


def qr_facts(certificate: Certificate) -> QrFacts:
    """Return what the QR code of a certificate proves."""
    until = certificate.valid_until
    return QrFacts(
        code=certificate.url.rpartition("/")[2],
        issuer=short_id(certificate.issuer.did).hex(),
        holder=certificate.holder.name,
        kind=certificate.achievement.kind,
        level=certificate.achievement.level or _saying(certificate),
        number=certificate.number,
        valid_from=certificate.valid_from.astimezone(SHANGHAI).date(),
        valid_until=None if until is None else (until - timedelta(seconds=1)).astimezone(SHANGHAI).date(),
        list_code=certificate.status.list_url.rpartition("/")[2],
        index=certificate.status.index,
        hours=certificate.hours,
        level_name=own.zh if (own := certificate.achievement.level_name) else None,
    )


def _saying(certificate: Certificate) -> str:
    """Return what a certificate without a level says, with its certified values where all of them have room."""
    text = certificate.achievement.description.zh
    whole = text + "".join(f" {one.label.zh}: {one.value}" for one in certificate.entries)
    return whole if len(whole) <= LONGEST_SAYING else text


def qr_claims(facts: QrFacts) -> bytes:
    """Write the claims as a CBOR array, deterministic; raises CoseError for facts that have no such form."""
    hours = None if facts.hours is None else facts.hours * HUNDRED
    named = [] if facts.level_name is None else [facts.level_name]
    claims = [
        1 + len(named),
        _code_bytes(facts.code),
        bytes.fromhex(facts.issuer),
        facts.holder,
        KIND_NUMBERS[facts.kind],
        None if facts.level is None else LEVEL_NUMBERS.get(facts.level, facts.level),
        facts.number,
        (facts.valid_from - EPOCH).days,
        None if facts.valid_until is None else (facts.valid_until - EPOCH).days,
        _code_bytes(facts.list_code),
        facts.index,
        None if hours is None else int(hours),
        *named,
    ]
    written = cbor2.dumps(claims, canonical=True)
    if read_claims(written) != facts:
        raise CoseError("qr-claims")
    return written


def sign_cose(claims: bytes, signer: Signer) -> bytes:
    """Sign claims with a P-256 key and return the COSE_Sign1; raises CoseError for any other key."""
    if signer.public_key.algorithm is not Algorithm.P256:
        raise CoseError("qr-algorithm")
    protected = cbor2.dumps({ALG: ES256, KID: short_id(signer.public_key.multikey)}, canonical=True)
    signature = signer.sign(signed_bytes(protected, claims))
    return cbor2.dumps(cbor2.CBORTag(SIGN1_TAG, [protected, {}, claims, signature]), canonical=True)


def signed_bytes(protected: bytes, payload: bytes) -> bytes:
    """Return what a COSE_Sign1 signature stands over: the Sig_structure of RFC 9052 section 4.4."""
    return cbor2.dumps([CONTEXT, protected, b"", payload], canonical=True)


def read_cose(data: bytes) -> Sealed:
    """Read a COSE_Sign1 with bounded work; raises CoseError for any other shape or spelling than the one we make."""
    if len(data) > LONGEST_COSE:
        raise CoseError("qr-too-long")
    tagged = _decode(data, "qr-not-cose")
    if not isinstance(tagged, cbor2.CBORTag) or tagged.tag != SIGN1_TAG:
        raise CoseError("qr-not-cose")
    parts = tagged.value
    if not isinstance(parts, Sequence) or len(parts) != len(PARTS):
        raise CoseError("qr-not-cose")
    if not all(isinstance(part, kind) for part, kind in zip(parts, PARTS, strict=True)):
        raise CoseError("qr-not-cose")
    protected, unprotected, claims, signature = parts
    if unprotected or len(signature) != SIGNATURE_BYTES:
        raise CoseError("qr-header")
    return Sealed(_kid(protected), claims, signed_bytes(protected, claims), signature)


def _kid(protected: bytes) -> bytes:
    header = _decode(protected, "qr-header")
    if not isinstance(header, dict) or header.keys() != {ALG, KID}:
        raise CoseError("qr-header")
    if type(header[ALG]) is not int or header[ALG] != ES256:
        raise CoseError("qr-algorithm")
    kid = header[KID]
    if not isinstance(kid, bytes) or len(kid) != SHORT_BYTES:
        raise CoseError("qr-header")
    return kid


def verify_cose(sealed: Sealed, key: PublicKey) -> bool:
    """Tell whether a proof was signed by a key; only a P-256 key of that short id can have."""
    fits = key.algorithm is Algorithm.P256 and short_id(key.multikey) == sealed.kid
    return fits and key.verify(sealed.signature, sealed.signed)


def read_claims(claims: bytes) -> QrFacts:
    """Read claims; raises CoseError unless each stands in its place, in range and in its one spelling."""
    found = _decode(claims, "qr-claims")
    if not isinstance(found, list) or not found or type(found[0]) is not int:
        raise CoseError("qr-claims")
    if found[0] not in PLACES:
        raise CoseError("qr-version")
    if len(found) != PLACES[found[0]]:
        raise CoseError("qr-claims")
    _version, code, issuer, holder, kind, level, number, start, end, listed, index, hours, *named = found
    facts = QrFacts(
        code=_code(code),
        issuer=_bytes(issuer, SHORT_BYTES).hex(),
        holder=_text(holder),
        kind=_kind(kind),
        level=_level(level),
        number=None if number is None else _text(number),
        valid_from=_day(start),
        valid_until=None if end is None else _day(end),
        list_code=_code(listed),
        index=_number(index, 2**31 - 1),
        hours=None if hours is None else Decimal(_number(hours, 10**7)) / HUNDRED,
        level_name=_text(named[0]) if named else None,
    )
    if facts.level_name is not None and not (facts.level and LEVEL_FORM.fullmatch(facts.level)):
        raise CoseError("qr-claims")
    if facts.valid_until is not None and facts.valid_until < facts.valid_from:
        raise CoseError("qr-claims")
    return facts


def _decode(data: bytes, code: str) -> Any:  # noqa: ANN401 - any CBOR
    """Decode one item of deterministic CBOR (RFC 8949 section 4.2): writing it again gives the same bytes.

    Raises CoseError with the code.
    """
    try:
        found = cbor2.loads(data, max_depth=DEEPEST, allow_indefinite=False, allow_duplicate_keys=False)
        again = cbor2.dumps(found, canonical=True)
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise CoseError(code) from error
    if again != data:
        raise CoseError(code)
    return found


def _number(value: object, largest: int, least: int = 0) -> int:
    if type(value) is not int or not least <= value <= largest:
        raise CoseError("qr-claims")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TEXT or value != value.strip(" "):
        raise CoseError("qr-claims")
    if HIDDEN.search(value) or unicodedata.normalize("NFC", value) != value:
        raise CoseError("qr-claims")
    return value


def _bytes(value: object, length: int) -> bytes:
    if not isinstance(value, bytes) or len(value) != length:
        raise CoseError("qr-claims")
    return value


def _kind(value: object) -> CertificateKind:
    try:
        return CertificateKind(KINDS[_number(value, len(KINDS), 1)])
    except ValueError as error:
        raise CoseError("qr-claims") from error


def _level(value: object) -> str | None:
    if value is None:
        return None
    if type(value) is int:
        return LEVELS[_number(value, len(LEVELS), 1)]
    text = _text(value)
    if text in LEVEL_NUMBERS:
        raise CoseError("qr-claims")
    return text


def _day(value: object) -> date:
    return EPOCH + timedelta(days=_number(value, LAST_DAY, FIRST_DAY))


def _code(value: object) -> str:
    number = int.from_bytes(_bytes(value, CODE_BYTES))
    return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (CODE_LETTERS - 1), -1, -5))


def _code_bytes(code: str) -> bytes:
    """Pack a code of 26 letters into its 16 bytes; raises CoseError for any other text."""
    try:
        number = 0
        for letter in code:
            number = number << 5 | ALPHABET.index(letter)
        packed = number.to_bytes(CODE_BYTES)
    except (ValueError, OverflowError) as error:
        raise CoseError("qr-claims") from error
    if len(code) != CODE_LETTERS:
        raise CoseError("qr-claims")
    return packed


def qr_address(base_url: str, cose: bytes) -> str:
    """Return the address to print: the proof stands behind the `#`, which browsers never send to a server."""
    return f"{base_url}{PATH}#{write_digits(cose)}"


def read_address(text: str) -> bytes:
    """Return the COSE_Sign1 in the text of a QR code, an address or its digits alone; raises CoseError."""
    text = text.strip(BLANKS)
    if len(text) > LONGEST_ADDRESS:
        raise CoseError("qr-too-long")
    head, mark, fragment = text.partition("#")
    if mark and not (head.startswith(("https://", "http://")) and head.endswith(PATH)):
        raise CoseError("qr-not-ours")
    try:
        return read_digits(fragment if mark else head)
    except DigitsError as error:
        raise CoseError("qr-damaged" if mark else "qr-not-ours") from error


SCALE, QUIET = 8, 4
"""Pixels of a module, and the white modules around a code that readers ask for (ISO/IEC 18004)."""
MASK = 3
"""One pattern for all codes: the digits of a signature look random under each, and trying all eight takes longer."""


def draw(address: str) -> segno.QRCode:
    """Draw an address as a QR code that bears 15 % of damage; the digits are packed as digits."""
    head, mark, digits = address.partition("#")
    if not mark or not digits.isdigit():
        return segno.make(address, error="m", micro=False, mask=MASK)
    parts: Any = [(head + mark, MODE_BYTE), (digits, MODE_NUMERIC)]
    return segno.make(parts, error="m", micro=False, mask=MASK)


def drawn_as(kind: str, address: str) -> bytes:
    """Draw an address as a QR code in a file of its own: `png` or `svg`, with the white border that readers need."""
    out = io.BytesIO()
    draw(address).save(out, kind=kind, scale=SCALE, border=QUIET, **({"xmldecl": False} if kind == "svg" else {}))
    return out.getvalue()
