"""A time-stamp authority of its own for tests: a root, an authority under it, and its revocation list, over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.authority import Issuer
from tests.revocation import answered

DAYS = timedelta(days=3650)


@dataclass
class LocalAuthority:
    """A running authority: its address, its root in DER, what it was asked, and what it answers instead."""

    root: bytes = b""
    url: str = ""
    asked: list[str] = field(default_factory=list)
    instead: dict[str, bytes] = field(default_factory=dict)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(subject: str, issuer: str, key: rsa.RSAPrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    named = x509.CertificateBuilder().subject_name(_name(subject)).issuer_name(_name(issuer))
    numbered = named.public_key(key.public_key()).serial_number(x509.random_serial_number())
    return numbered.not_valid_before(now - timedelta(days=1)).not_valid_after(now + DAYS)


def _certificates(base: str, *, responds: bool) -> tuple[Issuer, bytes, bytes, bytes]:
    """Return the root, and in DER the authority, its key and the revocation list.

    The authority names the list, or where one `responds` only a responder.
    """
    root_key, own_key = (rsa.generate_private_key(65537, 2048) for _key in range(2))
    root = (
        _builder("Test Root", "Test Root", root_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
        .sign(root_key, SHA256())
    )
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(f"{base}/root.crl")], None, None, None)
    responder = x509.AccessDescription(
        AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(f"{base}/ocsp")
    )
    named = x509.AuthorityInformationAccess([responder]) if responds else x509.CRLDistributionPoints([point])
    own = (
        _builder("Test Time-Stamp Authority", "Test Root", own_key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(named, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, SHA256())
    )
    now = datetime.now(UTC)
    listed = x509.CertificateRevocationListBuilder().issuer_name(_name("Test Root"))
    listed = listed.last_update(now - timedelta(hours=1)).next_update(now + timedelta(days=1))
    key = own_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    revoked = listed.sign(root_key, SHA256()).public_bytes(Encoding.DER)
    return Issuer(root, root_key), own.public_bytes(Encoding.DER), key, revoked


@contextmanager
def local_authority(*, responds: bool = False) -> Iterator[LocalAuthority]:
    """Run an authority on a free port of this machine; where it `responds`, its certificate names no list."""
    authority = LocalAuthority()
    held: dict[str, bytes] = {}
    stampers: list[DummyTimeStamper] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/ocsp":
                own_certificate = x509.load_der_x509_certificate(own)
                told = answered(asked, [root], [own_certificate], set())
                self._send("/ocsp", told, "application/ocsp-response")
                return
            answer = stampers[0].request_tsa_response(tsp.TimeStampReq.load(asked)).dump()
            self._send("/tsa", answer, "application/timestamp-reply")

        def do_GET(self) -> None:
            self._send(self.path, held["crl"], "application/pkix-crl")

        def _send(self, path: str, content: bytes, media_type: str) -> None:
            authority.asked.append(path)
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.end_headers()
            self.wfile.write(authority.instead.get(path, content))

        def log_message(self, *_given: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    base = f"http://127.0.0.1:{server.server_address[1]}"
    root, own, key, held["crl"] = _certificates(base, responds=responds)
    der = root.certificate.public_bytes(Encoding.DER)
    kept = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    kept.register(asn1.Certificate.load(der))
    stampers.append(DummyTimeStamper(asn1.Certificate.load(own), keys.PrivateKeyInfo.load(key), kept))
    authority.root, authority.url = der, f"{base}/tsa"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield authority
    finally:
        server.shutdown()
        server.server_close()
