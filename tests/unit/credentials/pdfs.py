"""PDF files as nobody should hand them in, built byte by byte; and small honest ones, also signed."""

import io
import zlib
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject

HEAD = b"%PDF-1.7\n"
USAGE = dict.fromkeys(
    (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ),
    False,
) | {"digital_signature": True, "content_commitment": True}
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def raw_pdf(*objects: bytes) -> bytes:
    """Number the objects from 1 and write them with a table; the first is the catalogue."""
    out, places = bytearray(HEAD), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        out += b"%010d 00000 n \n" % place
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)


def stream(content: bytes, extra: bytes = b"") -> bytes:
    """Write a packed stream."""
    packed = zlib.compress(content, 9)
    return b"<</Length %d/Filter/FlateDecode%b>>stream\n%b\nendstream" % (len(packed), extra, packed)


def page_with(content: bytes, resources: bytes = b"/Font<</F 5 0 R>>", *more: bytes) -> bytes:
    """Write a PDF of one page with a content stream."""
    return raw_pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R/Resources<<%b>>>>" % resources,
        stream(content),
        FONT,
        *more,
    )


def lines(*texts: str) -> bytes:
    """Write operators that print lines one below the other."""
    shown = b"".join(b"(%b) Tj T*\n" % text.encode("ascii") for text in texts)
    return b"BT /F 12 Tf 14 TL 20 280 Td\n%bET" % shown


def honest(attachment: bytes | None = b"{}", *texts: str, name: str = "credential.json", password: str = "") -> bytes:
    """Write a PDF of one page with a credential inside."""
    writer = PdfWriter(io.BytesIO(page_with(lines(*texts or ("A certificate",)))))
    if attachment is not None:
        writer.add_attachment(name, attachment)
    if password:
        writer.encrypt(password, algorithm="AES-256")
    return written(writer)


def written(writer: PdfWriter) -> bytes:
    """Return the bytes of a file."""
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def operator_bomb(count: int = 2_000_000) -> bytes:
    """Pack millions of text operators into a few kilobytes."""
    return page_with(b"BT /F 1 Tf " + b"(a)Tj " * count + b"ET")


def fan_out(levels: int = 12) -> bytes:
    """Let each form draw the next one ten times."""
    forms = [
        stream(b"/X Do " * 10, b"/Type/XObject/Subtype/Form/BBox[0 0 1 1]/Resources<</XObject<</X %d 0 R>>>>" % (7 + n))
        for n in range(levels)
    ]
    last = stream(b"BT (a)Tj ET", b"/Type/XObject/Subtype/Form/BBox[0 0 1 1]")
    return page_with(b"/X Do " * 10, b"/XObject<</X 6 0 R>>", *forms, last)


def page_loop() -> bytes:
    """Let the tree of pages contain itself."""
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>")


def stream_bomb(size: int = 40_000_000) -> bytes:
    """Pack zeros by the hundred million."""
    unpacked = zlib.compressobj(9)
    packed = b"".join(unpacked.compress(bytes(1_000_000)) for _ in range(size // 1_000_000)) + unpacked.flush()
    content = b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(packed), packed)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>"
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, content)


def many_attachments(count: int) -> bytes:
    """Attach many files."""
    names = b"".join(b"(f%d)<</Type/Filespec/F(f%d)/EF<</F 4 0 R>>>>" % (n, n) for n in range(count))
    return raw_pdf(
        b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[%b]>>>>>>" % names,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        stream(b"{}", b"/Type/EmbeddedFile"),
    )


@cache
def sealer(name: str = "issuer") -> signers.SimpleSigner:
    """Return a signer of PDF files with a key and a certificate of its own."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.KeyUsage(**USAGE), critical=True)
        .sign(key, hashes.SHA256())
    )
    packed = serialization.pkcs12.serialize_key_and_certificates(
        b"key", key, certificate, None, serialization.NoEncryption()
    )
    found = signers.SimpleSigner.load_pkcs12_data(packed, other_certs=[], passphrase=None)
    assert found is not None
    return found


def key_of(name: str = "issuer") -> bytes:
    """Return the public key of a signer in DER."""
    certificate = sealer(name).signing_cert
    assert certificate is not None
    found: bytes = certificate.public_key.dump()
    return found


def sealed(raw: bytes, name: str = "issuer", field: str = "Seal") -> bytes:
    """Sign a PDF as PAdES B-B."""
    meta = signers.PdfSignatureMetadata(field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    out: io.BytesIO = signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(raw)), meta, signer=sealer(name))
    return out.getvalue()


def with_another_credential(raw: bytes, content: bytes) -> bytes:
    """Attach a second credential under the same name."""
    writer = PdfWriter(clone_from=io.BytesIO(raw))
    writer.add_attachment("credential.json", content)
    return written(writer)


def unsealed(raw: bytes) -> bytes:
    """Take the signature off, as a careful forger does."""
    writer = PdfWriter(clone_from=io.BytesIO(raw))
    root = writer._root_object
    for name in ("/AcroForm", "/DSS", "/Perms"):
        if name in root:
            del root[NameObject(name)]
    for page in writer.pages:
        if "/Annots" in page:
            del page[NameObject("/Annots")]
    return written(writer)


def repacked(raw: bytes) -> bytes:
    """Write the same file anew, as an archive or a mail gateway may."""
    return written(PdfWriter(clone_from=io.BytesIO(raw)))


def with_overlay(raw: bytes, content: bytes) -> bytes:
    """Draw something more on the first page."""
    writer = PdfWriter(clone_from=io.BytesIO(raw))
    overlay = PdfReader(io.BytesIO(page_with(content))).pages[0]
    writer.pages[0].merge_page(overlay)
    return written(writer)


def with_note(raw: bytes, text: str) -> bytes:
    """Lay a text field over the first page."""
    writer = PdfWriter(clone_from=io.BytesIO(raw))
    writer.add_annotation(0, FreeText(text=text, rect=(50, 50, 200, 80)))
    return written(writer)


def with_page(raw: bytes, *texts: str) -> bytes:
    """Add a page."""
    writer = PdfWriter(clone_from=io.BytesIO(raw))
    writer.add_page(PdfReader(io.BytesIO(page_with(lines(*texts)))).pages[0])
    return written(writer)


def with_credential(raw: bytes, content: bytes) -> bytes:
    """Put another credential in the place of the one inside."""
    writer = PdfWriter(clone_from=io.BytesIO(raw))
    names = writer._root_object[NameObject("/Names")]
    assert isinstance(names, DictionaryObject)
    names[NameObject("/EmbeddedFiles")] = DictionaryObject({NameObject("/Names"): ArrayObject()})
    writer.add_attachment("credential.json", content)
    return written(writer)


def updated(raw: bytes) -> bytes:
    """Change the drawing of the first page in an update that leaves the signed bytes as they are."""
    writer = PdfWriter(io.BytesIO(raw), incremental=True)
    content = DecodedStreamObject()
    content.set_data(lines("another text"))
    writer.pages[0][NameObject("/Contents")] = writer._add_object(content)
    return written(writer)
