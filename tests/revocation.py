"""What a certification authority of the tests says of its certificates: lists and an OCSP responder over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from tests.authority import Issuer

NAMED = "http://127.0.0.1:9/revoked"
"""The address that the certificates themselves name: nobody asks it."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass
class Responder:
    """A running responder: its address, what it was asked, who is revoked, and what it answers instead."""

    base: str = ""
    issuers: dict[str, Issuer] = field(default_factory=dict)
    revoked: set[int] = field(default_factory=set)
    holds: timedelta = DAY
    asked: list[str] = field(default_factory=list)
    instead: dict[str, bytes] = field(default_factory=dict)
    elsewhere: dict[str, str] = field(default_factory=dict)

    def at(self, path: str) -> str:
        """Return the address of a path."""
        return f"{self.base}{path}"


def listed(issuer: Issuer, revoked: set[int], *, holds: timedelta = DAY, since: timedelta = HOUR) -> bytes:
    """Return the revocation list of an authority in DER."""
    now = datetime.now(UTC)
    made = x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
    made = made.last_update(now - since).next_update(now + holds)
    for serial in sorted(revoked):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - since)
        made = made.add_revoked_certificate(entry.build())
    return made.sign(issuer.key, SHA256()).public_bytes(Encoding.DER)


def answered(asked: bytes, issuers: list[Issuer], certificates: list[x509.Certificate], revoked: set[int]) -> bytes:
    """Answer an OCSP request as whichever of the authorities issued the certificate."""
    request = ocsp.load_der_ocsp_request(asked)
    about = next(one for one in certificates if one.serial_number == request.serial_number)
    issuer = next(one for one in issuers if one.certificate.subject == about.issuer)
    gone, now = about.serial_number in revoked, datetime.now(UTC)
    made = ocsp.OCSPResponseBuilder().add_response(
        cert=about,
        issuer=issuer.certificate,
        algorithm=request.hash_algorithm,
        cert_status=ocsp.OCSPCertStatus.REVOKED if gone else ocsp.OCSPCertStatus.GOOD,
        this_update=now - timedelta(minutes=5),
        next_update=now + DAY,
        revocation_time=now - DAY if gone else None,
        revocation_reason=x509.ReasonFlags.cessation_of_operation if gone else None,
    )
    made = made.responder_id(ocsp.OCSPResponderEncoding.NAME, issuer.certificate)
    return made.sign(issuer.key, SHA256()).public_bytes(Encoding.DER)


@contextmanager
def responder(certificates: list[x509.Certificate], **issuers: Issuer) -> Iterator[Responder]:
    """Run on a free port: `/<name>.crl` gives the list of an authority, `/ocsp` answers about the certificates."""
    running = Responder(issuers=issuers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            self._send(answered(asked, list(issuers.values()), certificates, running.revoked))

        def do_GET(self) -> None:
            found = issuers.get(self.path.strip("/").removesuffix(".crl"))
            self._send(listed(found, running.revoked, holds=running.holds) if found else b"")

        def _send(self, content: bytes) -> None:
            running.asked.append(self.path)
            elsewhere = running.elsewhere.get(self.path)
            self.send_response(302 if elsewhere else 200)
            if elsewhere:
                self.send_header("Location", elsewhere)
            self.end_headers()
            self.wfile.write(running.instead.get(self.path, content))

        def log_message(self, *_given: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.base = f"http://127.0.0.1:{server.server_address[1]}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
