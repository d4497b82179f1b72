"""Sheets as a forger with an editor makes them: another name to be seen, the certified one only in the text."""

import io
from collections.abc import Callable
from dataclasses import dataclass

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    StreamObject,
    TextStringObject,
)

from tests.unit.credentials import pdfs

PLACE = (40, 20, 300, 60)
COVER = b"1 1 1 rg 0 0 842 595 re f 0 g "
"""A white sheet of paper over all that is drawn, whose text stays in the file."""


@dataclass(frozen=True)
class Begun:
    """What a forger begins with: the genuine sheet, the same sheet drawn with another name, and both names."""

    genuine: bytes
    redrawn: bytes
    certified: str
    shown: str


def words(text: str, before: str = "", after: str = "") -> bytes:
    """Write operators that print a text."""
    return f"{before} BT /F 12 Tf 40 30 Td ({text}) Tj ET {after}".encode("ascii")


def hidden(before: str = "", after: str = "") -> Callable[[Begun], bytes]:
    """Hide the certified name on a sheet that shows another one."""
    return lambda begun: pdfs.with_overlay(pdfs.unsealed(begun.redrawn), words(begun.certified, before, after))


def tiny(begun: Begun) -> bytes:
    """Print the certified name too small to be seen."""
    small = words(begun.certified).replace(b"/F 12 Tf", b"/F 0.02 Tf")
    return pdfs.with_overlay(pdfs.unsealed(begun.redrawn), small)


def off_the_page(begun: Begun) -> bytes:
    """Print the certified name beside the page."""
    away = words(begun.certified).replace(b"40 30 Td", b"-4000 -4000 Td")
    return pdfs.with_overlay(pdfs.unsealed(begun.redrawn), away)


def covered(begun: Begun) -> bytes:
    """Cover the genuine sheet and print another name on the cover."""
    return pdfs.with_overlay(pdfs.unsealed(begun.genuine), COVER + words(begun.shown))


def outlined(begun: Begun) -> bytes:
    """Cover the genuine sheet and draw on the cover without a single letter."""
    return pdfs.with_overlay(pdfs.unsealed(begun.genuine), COVER + b"40 30 m 60 90 l 80 30 l S")


def in_a_form(begun: Begun) -> bytes:
    """Hide the certified name in a drawing of its own, shrunk to nothing."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 842 595]/Resources<</Font<</F 5 0 R>>>>"
    shrunk = pdfs.page_with(
        b"q 0.001 0 0 0.001 0 0 cm /Away Do Q", b"/XObject<</Away 6 0 R>>", pdfs.stream(words(begun.certified), form)
    )
    writer = PdfWriter(clone_from=io.BytesIO(pdfs.unsealed(begun.redrawn)))
    writer.pages[0].merge_page(PdfReader(io.BytesIO(shrunk)).pages[0])
    return pdfs.written(writer)


def in_a_layer(begun: Begun) -> bytes:
    """Hide the certified name in a layer that is switched off."""
    raw = pdfs.with_overlay(pdfs.unsealed(begun.redrawn), words(begun.certified, "/OC /Off BDC", "EMC"))
    writer = PdfWriter(clone_from=io.BytesIO(raw))
    layer = writer._add_object(
        DictionaryObject({NameObject("/Type"): NameObject("/OCG"), NameObject("/Name"): TextStringObject("Off")})
    )
    resources = writer.pages[0]["/Resources"].get_object()
    assert isinstance(resources, DictionaryObject)
    resources[NameObject("/Properties")] = DictionaryObject({NameObject("/Off"): layer})
    off = DictionaryObject({NameObject("/OFF"): ArrayObject([layer])})
    writer._root_object[NameObject("/OCProperties")] = DictionaryObject(
        {NameObject("/OCGs"): ArrayObject([layer]), NameObject("/D"): off}
    )
    return pdfs.written(writer)


def noted(begun: Begun) -> bytes:
    """Lay a note with another name over the genuine sheet."""
    return pdfs.with_note(pdfs.unsealed(begun.genuine), begun.shown)


def linked(begun: Begun) -> bytes:
    """Lay a link over the genuine sheet that looks like another name."""
    writer = PdfWriter(clone_from=io.BytesIO(pdfs.unsealed(begun.genuine)))
    link = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Link"),
            NameObject("/Rect"): ArrayObject([FloatObject(one) for one in PLACE]),
            NameObject("/AP"): DictionaryObject({NameObject("/N"): writer._add_object(_form(begun.shown))}),
        }
    )
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(link)])
    return pdfs.written(writer)


def bordered(begun: Begun) -> bytes:
    """Cover the genuine sheet with the border of a link."""
    writer = PdfWriter(clone_from=io.BytesIO(pdfs.unsealed(begun.genuine)))
    link = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Link"),
            NameObject("/Rect"): ArrayObject([FloatObject(one) for one in PLACE]),
            NameObject("/Border"): ArrayObject([FloatObject(one) for one in (0, 0, 200)]),
        }
    )
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(link)])
    return pdfs.written(writer)


def _form(text: str) -> StreamObject:
    form = _stream(COVER + words(text))
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    form[NameObject("/Type")] = NameObject("/XObject")
    form[NameObject("/Subtype")] = NameObject("/Form")
    form[NameObject("/BBox")] = ArrayObject([FloatObject(one) for one in (0, 0, 842, 595)])
    form[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): DictionaryObject({NameObject("/F"): font})})
    return form


def _stream(content: bytes) -> DecodedStreamObject:
    made = DecodedStreamObject()
    made.set_data(content)
    return made


FORGED: dict[str, Callable[[Begun], bytes]] = {
    "seal taken off, otherwise as issued": lambda begun: pdfs.unsealed(begun.genuine),
    "another name, sealed by a stranger": lambda begun: pdfs.sealed(covered(begun), "stranger"),
    "another name on a cover": covered,
    "a cover without words": outlined,
    "certified name in white": hidden("1 1 1 rg"),
    "certified name in no colour at all": hidden("q 3 Tr", "Q"),
    "certified name behind a picture": hidden("", "0 g 30 20 300 40 re f"),
    "certified name outside of a clip": hidden("q 0 0 1 1 re W n", "Q"),
    "certified name too small to see": tiny,
    "certified name beside the page": off_the_page,
    "certified name in a drawing shrunk to nothing": in_a_form,
    "certified name in a layer switched off": in_a_layer,
    "a note laid over": noted,
    "a link that looks like another name": linked,
    "a link with a border as broad as the sheet": bordered,
}
