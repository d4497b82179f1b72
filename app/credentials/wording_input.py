"""What is wrong with something that was handed in, and how a PDF compares with its credential, as sentences."""

from app.core.errors import Text
from app.core.text import _l

MORE_SENTENCES: dict[str, Text] = {
    "empty": _l("The file or text is empty. Choose the file again."),
    "photo-unreadable": _l("Photos in HEIC or AVIF cannot be read. Take a screenshot, or save the photo as JPEG."),
    "table": _l("This is an office file, a table or a list. Check one certificate at a time here."),
    "encoding": _l("The text is not written in UTF-8, as every certificate is. Take the file as it was downloaded."),
    "two-credentials": _l("The PDF carries two different credentials, so nobody can say which one counts."),
    "picture-broken": _l("The picture cannot be read. Download or photograph it again."),
    "picture-too-large": _l("The picture has more pixels than a photo of a certificate needs. Make it smaller."),
    "no-code": _l("The picture carries no credential, and no QR code can be read in it. Photograph the code alone."),
    "several-codes": _l("The picture shows the codes of several certificates. Check one at a time."),
    "pdf-too-many-attachments": _l("The PDF carries more files than a certificate."),
    "too-much-work": _l("The file takes more work to read than any certificate, so it was put aside unread."),
    "text-good": _l("Every certified value is printed, and no other day, number, figure or level."),
    "text-as-issued": _l("The sheet is the one that was issued: its text and drawing are the same."),
    "text-redrawn": _l(
        "The text is that of the issued sheet, but the sheet was drawn again. Look at the certificate as issued."
    ),
    "text-changed": _l("The sheet says “%(extra)s” where “%(missing)s” was issued."),
    "text-added": _l("The sheet says “%(extra)s”, which was not certified."),
    "text-missing": _l("The sheet does not say “%(missing)s”, which was certified."),
    "text-unproven": _l(
        "Every certified value stands in the text of the sheet, but a text can be hidden under other words: without "
        "the issued sheet or a seal that holds, nobody can say what the sheet shows. Compare it with the entries."
    ),
    "sheet-never-issued": _l("The certificate was issued without a PDF, so somebody else made this sheet."),
    "notes-added": _l("Something was laid over the sheet after it was issued."),
    "pages-changed": _l("The PDF has %(pages)s pages; the certificate was issued with %(issued)s."),
    "picture-as-drawn": _l("The picture shows what is drawn of this certificate."),
    "picture-changed": _l("The picture shows something else than is drawn of this certificate: it was changed."),
    "picture-differs": _l(
        "The picture differs from the one that is drawn here of this certificate: it was changed, or drawn by another "
        "release of this program or of its fonts. Ask for the picture as it is downloaded now."
    ),
    "picture-other": _l(
        "The picture cannot be compared closely with the one that is drawn of this certificate: it was cut, made much "
        "smaller or rescaled coarsely, or its file may look different in each program. Ask for it as it was issued."
    ),
    "picture-undrawn": _l(
        "This certificate cannot be drawn on this machine at the moment, so the picture was not compared."
    ),
    "seal-good": _l("The PDF was signed by the issuing body and not changed since."),
    "seal-none": _l("The PDF bears no signature of its own; the credential inside it is signed."),
    "seal-stripped": _l("The certificate was issued with a signed PDF, and the signature was taken off."),
    "seal-broken": _l("The signature of the PDF does not hold: the file was changed after signing."),
    "seal-changed-after": _l("The PDF was changed after it was signed."),
    "seal-of-another": _l("The PDF was signed by somebody else than the issuing body."),
    "seal-key-revoked": _l(
        "The key that signed the PDF was compromised since, so its signature proves nothing any more. Download the "
        "PDF again: it was signed anew."
    ),
    "seal-key-unknown": _l("The PDF was not changed since it was signed; whose signature it is is not known here."),
    "jwt-shape": _l("The JWT is not written as ours are."),
    "algorithm-unknown": _l("The JWT says that it is signed by another algorithm than ours, or not at all."),
    "algorithm-of-another-key": _l("The key that the signature names belongs to another algorithm."),
    "claims-of-another": _l("The JWT says beside the certificate something else than the certificate itself."),
    "another-than-issued": _l("It is signed, but the register issued another certificate under this address."),
}
