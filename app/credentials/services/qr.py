"""The QR code of a certificate: made when it is signed, printed on paper, checked on any phone."""

from datetime import datetime

from app.core.config import settings
from app.core.signing import Signer
from app.credentials.models import Certificate
from app.credentials.rules.cose import CoseError, qr_address, qr_claims, qr_facts, sign_cose
from app.credentials.rules.openbadge import read_certificate


def attach(certificate: Certificate, signer: Signer, *, at: datetime) -> None:
    """Keep the address that the QR code of a certificate prints, signed with a P-256 key of its body.

    The claims are those of the document that was linted, without the instant of signing, so the same certificate gives
    the same code again. One whose entries have no place in a code (a day before 1992, a name of more than 200 letters)
    gets none, and its paper prints the plain address. Raises CoseError for a key of another kind.
    """
    del at
    try:
        claims = qr_claims(qr_facts(read_certificate(certificate.document)))
    except CoseError:
        return
    certificate.qr = qr_address(settings().public_url, sign_cose(claims, signer))
