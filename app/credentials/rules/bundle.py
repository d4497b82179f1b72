"""The trust bundle: keys, status lists and the rest that a verifier needs, in one ZIP file with a signed manifest.

The manifest names every file with its SHA-256; a detached JWS (RFC 7515, appendix F) in ES256 stands over the manifest,
so that whoever trusts the authority's key can trust the whole. Reading it is bounded: sizes, counts, no file unnamed.
"""

import base64
import binascii
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.signing import Algorithm, Signer
from app.credentials.rules import did as dids
from app.credentials.rules.document import DocumentError, JsonObject, Limits, read_document
from app.credentials.rules.instants import InstantError, read_instant, write_instant

FORMAT, VERSION = "jijing-trust-bundle", 1
MANIFEST, SIGNATURE = "manifest.json", "manifest.jws"
AUTHORITY = "did/authority.json"
LOG_KEYS, CHECKPOINT = "log/key", "log/checkpoint"
VALID = timedelta(days=30)
"""How long a bundle clears certificates of revocation where its manifest does not say; TRUST_DAYS says it for ours."""
ZIP_MAGIC = b"PK\x03\x04"
LONGEST_ZIP = 32 * 1024 * 1024
LONGEST_FILE = 4 * 1024 * 1024
LONGEST_ALL = 128 * 1024 * 1024
LONGEST_SIGNATURE = 4096
MOST_FILES = 4000
MANIFEST_LIMITS = Limits(size=LONGEST_FILE, objects=MOST_FILES + 8, string=4096)
DID_LIMITS = Limits(size=LONGEST_FILE, objects=1024)
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    LookupError,
    OverflowError,
)
"""What the ZIP reader raises for damaged, encrypted or strange files."""


class BundleError(ValueError):
    """A bundle that nothing may be trusted by; `code` says why, `path` which file of it."""

    def __init__(self, code: str, path: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.path = path


@dataclass(frozen=True, slots=True)
class Bundle:
    """An opened bundle: when and by whom it was made, until when it may clear anybody, and its files by their paths."""

    made_at: datetime
    valid_until: datetime
    authority: str
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Packed:
    """A bundle as it is handed out, and its two leading files by themselves."""

    manifest: str
    signature: str
    content: bytes


def fingerprint(files: Mapping[str, bytes]) -> str:
    """Return a digest of what files say: the same for the same files, whenever they are packed."""
    lines = [f"{path} {hashlib.sha256(content).hexdigest()}\n" for path, content in sorted(files.items())]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def pack(
    files: Mapping[str, bytes],
    *,
    authority: str,
    site: str,
    signer: Signer,
    made_at: datetime,
    valid_for: timedelta = VALID,
) -> Packed:
    """Pack files into a bundle signed by the authority's P-256 key; raises BundleError for another key."""
    if signer.public_key.algorithm is not Algorithm.P256:
        raise BundleError("bundle-key")
    listed = [
        {"path": path, "sha256": hashlib.sha256(content).hexdigest(), "size": str(len(content))}
        for path, content in sorted(files.items())
    ]
    document: JsonObject = {
        "format": FORMAT,
        "version": str(VERSION),
        "made": write_instant(made_at),
        "validUntil": write_instant(made_at + valid_for),
        "authority": authority,
        "site": site,
        "files": listed,
    }
    manifest = json.dumps(document, ensure_ascii=False, indent=1)
    signature = _sign(manifest.encode(), dids.method_id(authority, signer.public_key), signer)
    leading = {MANIFEST: manifest.encode(), SIGNATURE: signature.encode()}
    return Packed(manifest, signature, _zip({**leading, **dict(sorted(files.items()))}, made_at))


def _sign(manifest: bytes, kid: str, signer: Signer) -> str:
    header = _encode(json.dumps({"alg": Algorithm.P256.value, "kid": kid}, separators=(",", ":")).encode())
    signature = signer.sign(f"{header}.{_encode(manifest)}".encode())
    return f"{header}..{_encode(signature)}"


def _zip(files: Mapping[str, bytes], made_at: datetime) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, made_at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return packed.getvalue()


def open_bundle(raw: bytes, pinned: Mapping[str, JsonObject]) -> Bundle:
    """Open a bundle whose signature holds; raises BundleError for any other file.

    `pinned` are DID documents that the reader trusts already: where the authority is among them, its keys decide and
    not those that the bundle brings along.
    """
    files = _unzip(raw)
    manifest = _manifest(files)
    authority, (made_at, valid_until) = str(manifest["authority"]), _times(manifest)
    _check_files(files, manifest)
    document = pinned.get(authority) or _document(files.get(AUTHORITY, b""))
    _check_signature(files[MANIFEST], files[SIGNATURE], authority, document)
    content = {path: one for path, one in files.items() if path not in {MANIFEST, SIGNATURE}}
    return Bundle(made_at, valid_until, authority, content)


def _unzip(raw: bytes) -> dict[str, bytes]:
    if len(raw) > LONGEST_ZIP:
        raise BundleError("bundle-too-large")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return _read_all(archive)
    except BundleError:
        raise
    except BROKEN as error:
        raise BundleError("bundle-broken") from error


def _read_all(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """Read every file, counting what really comes out: a size that an archive only claims is not believed."""
    entries = archive.infolist()
    if len(entries) > MOST_FILES:
        raise BundleError("bundle-too-large")
    if len({entry.filename for entry in entries}) != len(entries):
        raise BundleError("bundle-twice")
    files: dict[str, bytes] = {}
    left = LONGEST_ALL
    for entry in entries:
        with archive.open(entry) as stream:
            content = stream.read(min(LONGEST_FILE, left) + 1)
        left -= len(content)
        if len(content) > LONGEST_FILE or left < 0:
            raise BundleError("bundle-too-large")
        files[entry.filename] = content
    return files


def _manifest(files: Mapping[str, bytes]) -> JsonObject:
    if MANIFEST not in files or SIGNATURE not in files:
        raise BundleError("bundle-another")
    try:
        found = read_document(files[MANIFEST], MANIFEST_LIMITS)
    except DocumentError as error:
        raise BundleError("bundle-broken") from error
    if found.get("format") != FORMAT or not isinstance(found.get("authority"), str):
        raise BundleError("bundle-another")
    if found.get("version") != str(VERSION):
        raise BundleError("bundle-version")
    return found


def _times(manifest: JsonObject) -> tuple[datetime, datetime]:
    """Return when a bundle was made and until when it may clear anybody; older ones do not say the latter."""
    try:
        made_at = read_instant(manifest.get("made"))
        valid_until = read_instant(manifest["validUntil"]) if "validUntil" in manifest else made_at + VALID
    except (InstantError, OverflowError) as error:
        raise BundleError("bundle-broken") from error
    return made_at, valid_until


def _check_files(files: Mapping[str, bytes], manifest: JsonObject) -> None:
    rows = manifest.get("files")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BundleError("bundle-broken")
    named = {str(row.get("path")): row.get("sha256") for row in rows}
    given = set(files) - {MANIFEST, SIGNATURE}
    if given != set(named) or len(named) != len(rows):
        raise BundleError("bundle-files", min(given ^ set(named), default=MANIFEST))
    for path, digest in named.items():
        if hashlib.sha256(files[path]).hexdigest() != digest:
            raise BundleError("bundle-changed", path)


def _document(raw: bytes) -> JsonObject:
    try:
        return read_document(raw, DID_LIMITS)
    except DocumentError as error:
        raise BundleError("bundle-without-authority") from error


def _check_signature(manifest: bytes, signature: bytes, authority: str, document: JsonObject) -> None:
    header, nothing, value = _parts(signature)
    if nothing or header.keys() != {"alg", "kid"} or header["alg"] != Algorithm.P256.value:
        raise BundleError("bundle-signature")
    try:
        key = dids.find_key(document, authority, str(header["kid"]))
    except dids.DidError as error:
        raise BundleError("bundle-signature") from error
    encoded_header = signature.partition(b".")[0]
    signed = encoded_header + b"." + _encode(manifest).encode()
    if key.algorithm is not Algorithm.P256 or not key.verify(value, signed):
        raise BundleError("bundle-signature")


def _parts(signature: bytes) -> tuple[JsonObject, str, bytes]:
    """Return header, payload (which must be empty) and signature of a compact JWS."""
    try:
        header, payload, value = signature.decode("ascii").split(".")
        if len(signature) > LONGEST_SIGNATURE:
            raise BundleError("bundle-signature")
        return read_document(_decode(header)), payload, _decode(value)
    except (UnicodeDecodeError, ValueError, DocumentError) as error:
        raise BundleError("bundle-signature") from error


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise BundleError("bundle-signature") from error
