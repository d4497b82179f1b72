"""A badge whose picture was changed is caught, though the credential inside it holds."""

import io
import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from PIL import Image, ImageDraw, ImageFilter

from app.core.text import speaking
from app.credentials import offline, paper, queries, verification
from app.credentials.commands.verify import _sentence
from app.credentials.models import Certificate
from app.credentials.paper import badge
from app.credentials.paper.letters import LettersMissingError
from app.credentials.rules.baked import DRAWING, bake_png, bake_svg
from app.credentials.rules.openbadge import Bilingual, Holder, read_certificate
from app.credentials.rules.verdict import Check, CheckName, Result, Verdict
from tests.factories.accounts import make_person
from tests.factories.credentials import ISSUED_AT, Office, issue
from tests.submit import submit

pytestmark = pytest.mark.one_database

Edit = Callable[[Image.Image], Image.Image]


@pytest.fixture(name="certificate")
def _certificate(office: Office, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    monkeypatch.setattr(paper, "available", lambda: False)
    return issue(office, make_person(name="欧阳䶮"))


def verdict_of(raw: bytes) -> Verdict:
    answer = verification.verify_input(raw, at=ISSUED_AT)
    assert isinstance(answer, verification.Answer)
    return answer.verdict


def picture(raw: bytes) -> Check:
    return verdict_of(raw).check(CheckName.PICTURE)


def edited(certificate: Certificate, edit: Edit, form: Callable[[Certificate], bytes] = paper.png) -> bytes:
    """Change what a badge shows and leave the credential inside as it is."""
    out = io.BytesIO()
    edit(Image.open(io.BytesIO(form(certificate))).convert("RGBA")).save(out, "PNG")
    return bake_png(out.getvalue(), certificate.credential or "")


def struck(box: tuple[int, int, int, int]) -> Edit:
    def edit(image: Image.Image) -> Image.Image:
        ImageDraw.Draw(image).rectangle(box, fill="white")
        return image

    return edit


def drawn_of(certificate: Certificate, **others: object) -> Edit:
    """Draw the badge with other facts, as whoever has the program can."""
    other = badge.png(replace(read_certificate(certificate.document), **others))  # type: ignore[arg-type]
    return lambda _image: Image.open(io.BytesIO(other)).convert("RGBA")


def test_every_picture_that_is_sent_shows_its_certificate(certificate: Certificate) -> None:
    for form in (paper.png, paper.svg, paper.code_png, paper.code_svg):
        assert (picture(form(certificate)).result, picture(form(certificate)).code) == (Result.PASS, "picture-as-drawn")
        assert verdict_of(form(certificate)).valid


def test_how_a_file_packs_a_picture_makes_no_difference(certificate: Certificate) -> None:
    """Nor that another release of the drawing library smooths its edges a little otherwise."""
    softer = ImageFilter.GaussianBlur(0.3)
    assert picture(edited(certificate, lambda image: image)).code == "picture-as-drawn"
    assert picture(edited(certificate, lambda image: image.filter(softer))).code == "picture-as-drawn"


@pytest.mark.parametrize(
    "box", [(300, 450, 420, 470), (455, 452, 466, 470), (260, 325, 330, 395)], ids=["number", "a digit", "a letter"]
)
def test_a_changed_picture_is_caught(certificate: Certificate, client: FlaskClient, box: tuple[int, ...]) -> None:
    raw = edited(certificate, struck(box))  # type: ignore[arg-type]
    found = verdict_of(raw)

    assert (found.check(CheckName.PICTURE).result, found.valid) == (Result.FAIL, False)
    assert found.check(CheckName.SIGNATURE).result is Result.PASS, "the credential inside holds"
    page = submit(client, "/verify", file=(io.BytesIO(raw), "badge.png"), content_type="multipart/form-data")
    for said in ("图片被改动过", "欧阳䶮", "请勿依据该图片"):
        assert said in page.text


def test_the_badge_of_another_name_is_caught(certificate: Certificate) -> None:
    assert picture(edited(certificate, drawn_of(certificate, holder=Holder("欧阳昇")))).code == "picture-changed"


def test_a_letter_of_the_smallest_line_is_enough(certificate: Certificate) -> None:
    issuer = read_certificate(certificate.document).issuer
    name = Bilingual(issuer.name.zh, (issuer.name.en or "").replace("Sample", "Somple"))
    edit = drawn_of(certificate, issuer=replace(issuer, name=name))
    assert picture(edited(certificate, edit)).code == "picture-changed"


def test_a_changed_code_is_caught(certificate: Certificate) -> None:
    assert picture(edited(certificate, struck((80, 80, 200, 200)), paper.code_png)).code == "picture-changed"


def with_chunk(raw: bytes, kind: bytes, data: bytes) -> bytes:
    """Put a chunk behind the head of a PNG."""
    return raw[:33] + struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) + raw[33:]


def test_a_png_that_says_it_was_drawn_with_other_fonts_is_undecided(certificate: Certificate) -> None:
    raw = edited(certificate, struck((300, 450, 420, 470)))
    named = with_chunk(raw, b"tEXt", f"{DRAWING}\0{badge.drawing()}".encode())
    other = with_chunk(raw, b"tEXt", f"{DRAWING}\0{'0' * 16}".encode())

    assert f"{DRAWING}\0{badge.drawing()}".encode() in paper.png(certificate), "each says how it was drawn"
    assert (picture(named).code, picture(other).code) == ("picture-changed", "picture-differs")
    assert not verdict_of(other).valid


FILTERS = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)


def scaled(side: int, of: Edit, by: Image.Resampling = Image.Resampling.BICUBIC) -> Edit:
    return lambda image: of(image).resize((side, side), by)


def test_a_badge_that_was_rescaled_still_shows_its_certificate(certificate: Certificate) -> None:
    """At any side from two thirds of ours up, however a program smooths it: as it was drawn it passes."""
    for side, by in ((480, FILTERS[0]), (600, FILTERS[2]), (719, FILTERS[1]), (1024, FILTERS[1]), (2000, FILTERS[2])):
        found = verdict_of(edited(certificate, scaled(side, lambda image: image, by)))
        assert (found.check(CheckName.PICTURE).code, found.valid) == ("picture-as-drawn", True), side


def test_rescaling_hides_no_other_name_or_number(certificate: Certificate) -> None:
    other_name = drawn_of(certificate, holder=Holder("欧阳昇"))
    other_number = drawn_of(certificate, number=(certificate.number or "").replace("TM37", "TM87"))
    for side, edit in ((360, other_name), (1024, other_name), (600, other_number)):
        found = verdict_of(edited(certificate, scaled(side, edit)))
        assert (found.check(CheckName.PICTURE).code, found.valid) == ("picture-changed", False)


def test_a_small_change_in_another_size_is_never_valid(certificate: Certificate) -> None:
    issuer = read_certificate(certificate.document).issuer
    name = Bilingual(issuer.name.zh, (issuer.name.en or "").replace("Sample", "Somple"))
    edit = drawn_of(certificate, issuer=replace(issuer, name=name))
    for side in (360, 719, 1024):
        found = verdict_of(edited(certificate, scaled(side, edit)))
        assert (found.check(CheckName.PICTURE).code, found.valid) == ("picture-other", False)


def test_a_picture_that_cannot_be_compared_is_undecided(certificate: Certificate, client: FlaskClient) -> None:
    """Too small, cut, coarse, or shown in each program in its own way: the credential holds, the picture is open."""
    coarse = scaled(500, lambda image: image, Image.Resampling.NEAREST)
    small = scaled(200, lambda image: image)
    cut = edited(certificate, lambda image: image.crop((0, 0, 720, 700)))
    moving = with_chunk(paper.png(certificate), b"acTL", bytes(8))
    for raw in (edited(certificate, small), edited(certificate, coarse), cut, moving):
        found = verdict_of(raw)
        assert (found.check(CheckName.PICTURE).result, found.valid) == (Result.UNKNOWN, False)
        assert (found.holds, found.check(CheckName.PICTURE).code) == (True, "picture-other")
    page = submit(client, "/verify", file=(io.BytesIO(cut), "badge.png"), content_type="multipart/form-data")
    assert "证书有效，但此图片未获证明" in page.text
    with speaking("en"):
        assert _sentence(verdict_of(cut)) == "The credential is valid, but this picture is not proven"


def test_what_shows_on_a_dark_ground_alone_is_caught(certificate: Certificate) -> None:
    """White on clear: on the white page of whoever compares it is not there."""

    def hidden(image: Image.Image) -> Image.Image:
        ImageDraw.Draw(image).rectangle((0, 0, 90, 90), fill=(255, 255, 255, 255))
        return image

    assert picture(edited(certificate, hidden)).code == "picture-changed"
    opaque = edited(certificate, lambda image: Image.alpha_composite(Image.new("RGBA", image.size, "white"), image))
    assert picture(opaque).code == "picture-as-drawn"


def with_number(certificate: Certificate, number: str) -> bytes:
    facts = replace(read_certificate(certificate.document), number=number)
    return bake_svg(badge.svg(facts), certificate.credential or "")


def test_an_edited_drawing_is_caught_and_one_written_anew_is_not(certificate: Certificate, client: FlaskClient) -> None:
    good = paper.svg(certificate).decode()
    end = good.rindex("</svg>")
    for changed in (
        with_number(certificate, "TM3799999999").decode(),
        good.replace('fill="#16202c"', 'fill="none"', 1),
        f'{good[:end]}<rect x="-200" y="-40" width="400" height="80" fill="#fff"/></svg>',
        f"{good[:end]}<style>path {{ display: none }}</style></svg>",
        f'<?xml-stylesheet href="data:text/css,path{{display:none}}"?>{good}',
        paper.code_svg(certificate).decode().replace("<path", '<path opacity="0"', 1),
    ):
        found = verdict_of(changed.encode())
        assert (found.check(CheckName.PICTURE).code, found.valid) == ("picture-changed", False)
    page = submit(client, "/verify", file=(io.BytesIO(changed.encode()), "b.svg"), content_type="multipart/form-data")
    assert "图片被改动过" in page.text

    anew = good.replace("><", ">\n  <").replace('role="img"', "role='img'").replace("<title>", "<!-- kept --><title>")
    assert picture(anew.encode()).code == "picture-as-drawn"


def test_a_drawing_of_another_release_is_not_called_changed(certificate: Certificate) -> None:
    """Fonts are replaced while badges are out: what says that it was drawn otherwise is undecided, never refused."""
    older = with_number(certificate, "TM3799999999").replace(badge.drawing().encode(), b"0123456789abcdef")
    assert DRAWING.encode() in older
    found = verdict_of(older)
    assert (found.check(CheckName.PICTURE).code, found.failed, found.valid) == ("picture-differs", False, False)


def test_nothing_is_compared_before_the_credential_holds(certificate: Certificate) -> None:
    forged = (certificate.credential or "").replace("欧阳䶮", "欧阳昇")
    raw = bake_png(badge.png(read_certificate(certificate.document)), forged)
    assert picture(raw).result is Result.UNCHECKED


def test_without_network_a_badge_is_compared_too_and_what_differs_is_undecided(
    certificate: Certificate, office: Office
) -> None:
    trusted = [json.dumps(queries.did_document(office.body)).encode()]

    def seen(raw: bytes) -> tuple[str, bool]:
        found = offline.verify_with(raw, trusted, at=ISSUED_AT).verdict
        return found.check(CheckName.PICTURE).code, found.failed

    for good in (paper.png(certificate), paper.svg(certificate)):
        assert seen(good) == ("picture-as-drawn", False)
    other = edited(certificate, drawn_of(certificate, holder=Holder("欧阳昇")))
    for changed in (other, with_number(certificate, "TM3799999999"), paper.code_png(certificate)):
        assert seen(changed) == ("picture-differs", False)


def test_where_nothing_can_be_drawn_the_picture_is_unproven(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = paper.png(certificate)

    def missing(_facts: object) -> bytes:
        raise LettersMissingError

    monkeypatch.setattr(badge, "png", missing)
    found = verdict_of(raw)
    assert (found.check(CheckName.PICTURE).code, found.valid, found.holds) == ("picture-undrawn", False, True)
