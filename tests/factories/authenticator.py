"""A device that keeps one passkey, as software: what a browser would hand on, and what an attacker could bend."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

ORIGIN = "http://localhost:8000"
FLAG = AuthenticatorData.FLAG
VERIFIED = FLAG.UP | FLAG.UV


@dataclass
class Device:
    """One passkey; `count` is its counter, `flags` what it claims about its user."""

    origin: str = ORIGIN
    host: str = "localhost"
    count: int = 1
    flags: FLAG = VERIFIED
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: token_bytes(32))

    def create(self, challenge: str) -> str:
        """Answer a page that wants a passkey made."""
        public = public_key(self)
        made = AttestedCredentialData.create(Aaguid.NONE, self.credential, public)
        data = AuthenticatorData.create(self._host(), self.flags | FLAG.AT, self.count, made)
        attestation = AttestationObject.create("none", data, {})
        return self._answer(
            clientDataJSON=self._client("webauthn.create", challenge), attestationObject=bytes(attestation)
        )

    def get(self, challenge: str) -> str:
        """Answer a page that wants the passkey shown."""
        client = self._client("webauthn.get", challenge)
        data = AuthenticatorData.create(self._host(), self.flags, self.count)
        signature = self.key.sign(bytes(data) + sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=bytes(data), signature=signature)

    def _host(self) -> bytes:
        return sha256(self.host.encode()).digest()

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, **parts: bytes) -> str:
        response: dict[str, Any] = {name: websafe_encode(part) for name, part in parts.items()}
        name = websafe_encode(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def stored_form(device: Device) -> bytes:
    """Return the public key of a device as the table keeps it."""
    return cbor.encode(public_key(device))


def public_key(device: Device) -> ES256:
    """Return the public key of a device."""
    return cast("ES256", ES256.from_cryptography_key(device.key.public_key()))  # type: ignore[no-untyped-call]
