"""A badge whose picture was changed is caught, though the credential inside it holds."""

import io
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from PIL import Image, ImageDraw, ImageFilter

from app.credentials import paper, verification
from app.credentials.models import Certificate
from app.credentials.paper import badge
from app.credentials.rules.baked import bake_png
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


def test_a_picture_that_cannot_be_compared_is_told_and_the_credential_counts(certificate: Certificate) -> None:
    smaller = edited(certificate, lambda image: image.resize((360, 360)))
    larger = edited(certificate, lambda image: image.resize((1800, 1800)))
    other = re.sub(rb'fill="#[0-9a-f]{6}"', b'fill="#123456"', paper.svg(certificate), count=1)
    for raw in (smaller, larger, other):
        found = verdict_of(raw)
        assert (found.check(CheckName.PICTURE).result, found.valid) == (Result.UNKNOWN, True)
        assert found.check(CheckName.PICTURE).code == "picture-other"


def test_nothing_is_compared_before_the_credential_holds(certificate: Certificate) -> None:
    forged = (certificate.credential or "").replace("欧阳䶮", "欧阳昇")
    raw = bake_png(badge.png(read_certificate(certificate.document)), forged)
    assert picture(raw).result is Result.UNCHECKED
