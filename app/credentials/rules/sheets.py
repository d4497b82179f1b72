"""Signed result sheets: a JWS (RFC 7515, compact) over what was checked, when, for what, and a digest of its rows."""

import base64
import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from app.core.columns import JsonObject
from app.core.signing import Algorithm, PublicKey, Signer
from app.credentials.rules.did import method_id

TYPE = "jijing-check+jwt"
"""The `typ` by which a verifier tells a result sheet from a credential."""
FILES = ("result-sheet.jws", "rows.json")
"""What a result on paper holds: the signed claims, and the rows in the codes that their digest covers."""
LONGEST = 16 * 1024
PARTS = 3
HEADER = frozenset({"alg", "typ", "kid"})


class SheetError(ValueError):
    """A sheet that cannot be relied on; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def row_line(values: Sequence[str]) -> str:
    """Return one answered row as it goes into the digest."""
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))


def rows_digest(lines: Iterable[str]) -> str:
    """Return the SHA-256 of answered rows in hexadecimal, one row a line, in the order of the file."""
    digest = sha256()
    for line in lines:
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def sign_sheet(claims: JsonObject, signer: Signer, *, issuer: str) -> str:
    """Sign claims as a compact JWS that names the key by its verification method."""
    header = {"alg": signer.public_key.algorithm.value, "typ": TYPE, "kid": method_id(issuer, signer.public_key)}
    signing = f"{_part(header)}.{_part({'iss': issuer, **claims})}"
    return f"{signing}.{_encode(signer.sign(signing.encode()))}"


def read_sheet(text: str) -> tuple[JsonObject, JsonObject]:
    """Return header and claims of a sheet that is not verified yet; raises SheetError."""
    parts = text.strip().split(".")
    if len(text) > LONGEST or len(parts) != PARTS:
        raise SheetError("sheet-unreadable")
    header, claims = _object(parts[0]), _object(parts[1])
    if header.get("typ") != TYPE or not set(header) <= HEADER:
        raise SheetError("sheet-not-ours")
    return header, claims


def verify_sheet(text: str, key: PublicKey) -> JsonObject:
    """Return the claims of a sheet signed by a key; raises SheetError where the signature does not hold.

    The algorithm is the key's own: what the header asks for is compared with it and never followed.
    """
    header, claims = read_sheet(text)
    signing, _dot, signature = text.strip().rpartition(".")
    fits = key.algorithm is Algorithm.P256 and header.get("alg") == key.algorithm.value
    if not fits or not key.verify(_decode(signature), signing.encode()):
        raise SheetError("sheet-signature-wrong")
    return claims


def _part(value: JsonObject) -> str:
    return _encode(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        data = base64.urlsafe_b64decode(text + "==")
    except ValueError as error:
        raise SheetError("sheet-unreadable") from error
    if _encode(data) != text:
        raise SheetError("sheet-unreadable")
    return data


def _object(text: str) -> JsonObject:
    try:
        value: Any = json.loads(_decode(text))
    except (ValueError, RecursionError) as error:
        raise SheetError("sheet-unreadable") from error
    if not isinstance(value, dict):
        raise SheetError("sheet-unreadable")
    return value
