"""A credential baked into an image comes out as it went in; broken, doubled and swollen images are refused."""

import io
import json
import struct
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openbadgeslib.ob3.verifier import OB3Verifier
from PIL import Image

from app.credentials.rules.baked import OF_SRGB, bake_png, bake_svg, canonical_drawing, is_plain_png, read_png, read_svg
from app.credentials.rules.document import CREDENTIAL_LIMITS, DocumentError, JsonObject

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8"/></svg>'
JWT = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJkaWQifQ.c2lnbmF0dXJl"
NAMESPACE = 'xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"'


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "white").save(out, "PNG")
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_with(*chunks: bytes) -> bytes:
    plain = png()
    end = plain.rindex(b"IEND") - 4
    return plain[:end] + b"".join(chunks) + plain[end:]


def text_chunk(data: bytes) -> bytes:
    return chunk(b"iTXt", b"openbadgecredential\0" + data)


def compressed(content: bytes) -> bytes:
    return text_chunk(b"\1\0\0\0" + zlib.compress(content))


@pytest.mark.parametrize("token", ["json", JWT])
def test_openbadgeslib_reads_what_we_bake(credential: JsonObject, token: str) -> None:
    text = json.dumps(credential, ensure_ascii=False) if token == "json" else token

    in_png, in_svg = bake_png(png(), text), bake_svg(SVG, text)

    assert OB3Verifier.extract_token_from_png(in_png) == text
    assert OB3Verifier.extract_token_from_svg(in_svg) == text
    assert read_png(in_png).decode() == read_svg(in_svg).decode() == text
    with Image.open(io.BytesIO(in_png)) as image:
        image.load()
        assert image.size == (4, 4)


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=400))
def test_any_text_of_a_credential_survives_baking(text: str) -> None:
    baked = "{" + text.strip() + "}"

    assert read_png(bake_png(png(), baked)).decode() == baked
    assert read_svg(bake_svg(SVG, baked)).decode() == baked


def test_a_compressed_text_is_read_up_to_the_size_of_a_credential() -> None:
    assert read_png(png_with(compressed(b"{}"))) == b"{}"
    largest = b"x" * CREDENTIAL_LIMITS.size
    assert read_png(png_with(compressed(largest))) == largest
    for bomb in (largest + b"x", bytes(20_000_000)):
        packed = png_with(compressed(bomb))
        del bomb
        tracemalloc.start()
        with pytest.raises(DocumentError) as refused:
            read_png(packed)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert refused.value.code == "too-large"
        assert peak < 4_000_000


BAKED = bake_png(png(), "{}")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (png(), "png-without-credential"),
        (png_with(chunk(b"iTXt", b"other\0\0\0\0\0{}")), "png-without-credential"),
        (png_with(chunk(b"iTXt", b"openbadgecredential")), "png-without-credential"),
        (bake_png(BAKED, "{}"), "baked-twice"),
        (bake_png(png(), "x" * (CREDENTIAL_LIMITS.size + 1)), "too-large"),
        (BAKED[:-1], "png-broken"),
        (BAKED[:-12], "png-broken"),
        (BAKED[:60], "png-broken"),
        (BAKED.replace(b"{}", b"[]"), "png-broken"),
        (b"GIF89a", "png-broken"),
        (png_with(chunk(b"IHDR", b"")), "png-broken"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"iTXt", b"") + chunk(b"IEND", b""), "png-broken"),
        (png_with(text_chunk(b"\0\0no-end")), "png-broken"),
        (png_with(text_chunk(b"\0\0en\0no-end")), "png-broken"),
        (png_with(text_chunk(b"\2\0\0\0{}")), "png-broken"),
        (png_with(text_chunk(b"\1\1\0\0{}")), "png-broken"),
        (png_with(text_chunk(b"\1\0\0\0{}")), "png-broken"),
        (png_with(text_chunk(b"\1\0\0\0" + zlib.compress(b"{}" * 99)[:-6])), "png-broken"),
        (b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 2**32 - 1) + b"IHDR", "png-broken"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"") + chunk(b"tEXt", b"") * 20_000, "png-broken"),
    ],
)
def test_a_png_that_is_none_of_ours_is_named(raw: bytes, code: str) -> None:
    with pytest.raises(DocumentError) as refused:
        read_png(raw)
    assert refused.value.code == code


ENTITY = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
ELEMENT = f"<openbadges:credential {NAMESPACE}>{{}}</openbadges:credential>"


def svg_with(inside: str) -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg">{inside}</svg>'.encode()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (SVG.encode(), "svg-without-credential"),
        (svg_with(f"<openbadges:credential {NAMESPACE}/>"), "svg-without-credential"),
        (svg_with(ELEMENT.replace("purl.imsglobal.org", "other.example")), "svg-without-credential"),
        (svg_with(ELEMENT * 2), "baked-twice"),
        (svg_with(f'<openbadges:credential {NAMESPACE} verify="a.b.c">{{}}</openbadges:credential>'), "baked-twice"),
        (svg_with(f"<openbadges:credential {NAMESPACE}>{{}}<g>[]</g></openbadges:credential>"), "baked-twice"),
        (bake_svg(SVG, "{" + "x" * CREDENTIAL_LIMITS.size), "too-large"),
        (svg_with(ELEMENT)[:-3], "svg-broken"),
        ((ENTITY + svg_with("<text>&b;</text>").decode()).encode(), "svg-broken"),
        (b'<!DOCTYPE svg SYSTEM "http://attacker.example/x.dtd">' + svg_with(ELEMENT), "svg-broken"),
        (f"<html>{ELEMENT}</html>".encode(), "svg-broken"),
        (svg_with("<g>" * 100 + ELEMENT + "</g>" * 100), "svg-broken"),
        (svg_with("<g/>" * 30_000 + ELEMENT), "svg-broken"),
        (b'<?xml version="1.0" encoding="none-such"?>' + svg_with(ELEMENT), "svg-broken"),
        (b"\xff\xfe\x00", "svg-broken"),
        (b"", "svg-broken"),
    ],
)
def test_an_svg_that_is_none_of_ours_is_named(raw: bytes, code: str) -> None:
    with pytest.raises(DocumentError) as refused:
        read_svg(raw)
    assert refused.value.code == code


def test_a_picture_is_plain_where_every_program_shows_the_same() -> None:
    srgb = [chunk(kind, data) for kind, data in OF_SRGB.items()]
    assert is_plain_png(png_with(*srgb, chunk(b"tEXt", b"Software\0x")))
    for strange in (b"acTL", b"fdAT", b"iCCP", b"eXIf", b"zzZz"):
        assert not is_plain_png(png_with(chunk(strange, bytes(8))))
    assert not is_plain_png(png_with(chunk(b"gAMA", struct.pack(">I", 1))))
    out = io.BytesIO()
    Image.new("I;16", (4, 4)).save(out, "PNG")
    assert not is_plain_png(out.getvalue())


def test_a_drawing_is_the_same_however_it_is_written_and_another_with_any_other_part() -> None:
    plain = canonical_drawing(bake_svg(SVG, "{}"))
    for same in (bake_svg(SVG, JWT), SVG.encode(), SVG.replace("><", ">\n<!-- x --><").replace('"8"', "'8'").encode()):
        assert canonical_drawing(same) == plain
    for inside in ("<rect/>", "word", '<rect width="8" height="9"/>', "<?xml-stylesheet href='x'?>"):
        assert canonical_drawing(SVG.replace("</svg>", f"{inside}</svg>").encode()) != plain
    with pytest.raises(DocumentError):
        canonical_drawing(ENTITY.encode() + SVG.encode())
