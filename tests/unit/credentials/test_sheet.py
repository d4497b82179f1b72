"""Sheets of every kind say all that was certified, whatever the length of names, and badges look the same anywhere."""

import io
import math
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTCollection, TTFont
from PIL import Image
from pypdf import PdfReader

from app.core.errors import UnavailableError
from app.credentials import paper
from app.credentials.paper import badge, fonts, guilloche, letters, sheet
from app.credentials.rules.layout import Layout, LayoutError
from app.credentials.rules.openbadge import Bilingual, Certificate, Entry, Holder, Issuer
from app.credentials.rules.template_files import shipped_template
from app.credentials.rules.template_wording import filled
from app.credentials.states import CertificateKind
from scripts import certificate_fonts
from tests.unit.credentials import samples

RARE = "䶮㛃𬍛"
LONG_NAME = "买买提江·阿不都热依木·吐尔逊托合提"
LONG_LATIN = "Maimaitijiang Abudureyimu Tuersuntuoheti of the Tarim Basin"
LONG_ISSUER = "Committee on Capability Levels of National Technology Transfer Professionals, China Association"
TABLES = {CertificateKind.CREDIT_REPORT, CertificateKind.CONTINUING_EDUCATION}


def facts_of(
    kind: CertificateKind,
    **changes: Any,  # noqa: ANN401 - any fact
) -> tuple[Certificate, Layout]:
    """Return a certificate of a kind and the layout that is shipped for it."""
    shipped = shipped_template(kind)
    words = {name: Bilingual("高级", "senior") for name in ("level", "title", "series", "day", "levels", "year")}
    achievement = replace(
        samples.ACHIEVEMENT,
        kind=kind,
        name=filled(shipped.wording.pair("name"), words),
        description=filled(shipped.wording.pair("description"), words),
        criteria=filled(shipped.wording.pair("criteria"), words),
    )
    facts = samples.certificate(achievement=achievement, statement=shipped.wording.statement)
    return replace(facts, **changes), Layout(shipped.html, shipped.css)


def drawn(facts: Certificate, layout: Layout) -> bytes:
    return paper.draw_sheet(facts, layout, credential="{}")


def text_of(raw: bytes, *options: str) -> str:
    """Return what poppler reads, without spaces."""
    done = subprocess.run(["pdftotext", *options, "-", "-"], input=raw, capture_output=True, check=True)
    return "".join(done.stdout.decode().split())


def pages_of(raw: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(raw))


@pytest.mark.parametrize("kind", CertificateKind)
def test_every_kind_prints_every_certified_fact(kind: CertificateKind) -> None:
    entries = (Entry("score", Bilingual("成绩", "Score"), "86.5"), Entry("cut", Bilingual("合格线", "Cut score"), "60"))
    facts, layout = facts_of(kind, entries=entries)

    raw = drawn(facts, layout)

    reader, told = pages_of(raw), text_of(raw)
    for bilingual in (facts.achievement.name, facts.achievement.description, facts.achievement.criteria):
        assert "".join(bilingual.zh.split()) in told
        assert "".join((bilingual.en or "").split()) in told
    for value in (
        "张䶮",
        "ZhangYan",
        "JJ-2026-000001",
        "2026-06-01",
        "2029-06-01",
        "80",
        "86.5",
        "60",
        "成绩",
        "Cutscore",
    ):
        assert value in told
    assert "".join(facts.statement.split()) in told
    assert len(reader.pages) == 1
    width, height = (float(side) for side in reader.pages[0].mediabox[2:])
    assert (width < height) is (kind in TABLES)


def test_no_two_kinds_look_the_same() -> None:
    pages = {kind: sheet.ornament_of(kind.value)(841.89, 595.28) for kind in CertificateKind}

    assert len(set(pages.values())) == len(CertificateKind)
    assert set(sheet.ACCENTS) == {kind.value for kind in CertificateKind}


LONG: dict[str, dict[str, Any]] = {
    "rare": {"holder": Holder(RARE, None)},
    "long": {
        "holder": Holder(LONG_NAME, LONG_LATIN),
        "issuer": Issuer(
            samples.DID, Bilingual("国家技术转移专业人员能力等级评价委员会" + "评价中心", LONG_ISSUER), ""
        ),
    },
    "bare": {"holder": Holder("丁", None), "number": None, "hours": None, "valid_until": None},
}


@pytest.mark.parametrize("case", LONG)
def test_names_of_every_length_stay_on_one_sheet(case: str, tmp_path: Path) -> None:
    facts, layout = facts_of(CertificateKind.CAPABILITY, **LONG[case])

    raw = paper.draw_sheet(facts, layout)

    assert len(pages_of(raw).pages) == 1
    assert facts.holder.name in text_of(raw)
    path = tmp_path / "sheet.pdf"
    path.write_bytes(raw)
    done = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, check=True)
    lines = done.stdout.decode(errors="replace")
    places = [float(part.split('"')[1]) for part in lines.split() if part.startswith(("xMax=", "yMax="))]
    assert max(places) < 841.89 - 20


@pytest.mark.parametrize("more", [1, 2, 6, 10])
def test_many_and_long_values_stay_above_the_foot(more: int, tmp_path: Path) -> None:
    address = Entry(
        "address", Bilingual("培训地址", "Address"), "山东省青岛市崂山区松岭路海洋科技大厦 / " + "Building " * 10
    )
    counted = (Entry(f"item-{i}", Bilingual("计数项目", "Counted item"), f"{7000 + i}") for i in range(more))
    facts, layout = facts_of(CertificateKind.ACCREDITATION, entries=(address, *counted))
    path = tmp_path / "sheet.pdf"
    path.write_bytes(drawn(facts, layout))

    told = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, check=True).stdout.decode()

    last = float(told.partition(f">{7000 + more - 1}<")[0].rpartition('yMax="')[2].partition('"')[0])
    foot = float(told.partition(">扫码核验<")[0].rpartition('yMin="')[2].partition('"')[0])
    assert last < foot
    assert len(pages_of(path.read_bytes()).pages) == 1


def test_a_long_table_goes_on_over_further_sheets_with_code_and_seal_on_each() -> None:
    entries = tuple(
        Entry(
            f"part-{i}", Bilingual(f"科技成果转化政策与实务专题讲座（其{i}）", f"Policy and practice {i}" * 3), f"{i}.5"
        )
        for i in range(40)
    )
    facts, layout = facts_of(CertificateKind.CONTINUING_EDUCATION, entries=entries)

    raw = drawn(facts, layout)

    count = len(pages_of(raw).pages)
    assert count > 2
    for page in range(1, count + 1):
        told = text_of(raw, "-f", str(page), "-l", str(page))
        assert "扫码核验" in told
        assert "2026年6月1日" in told
    whole = text_of(raw)
    assert all(one.value in whole for one in entries)


def test_a_layout_may_place_code_and_seal_itself() -> None:
    facts, layout = facts_of(CertificateKind.CAPABILITY)
    moved = replace(layout, html=layout.html + "{{ qr }}<svg>{{ seal }}</svg>")

    usual, placed = sheet.sheet_of(facts, layout), sheet.sheet_of(facts, moved)

    assert "<svg" in placed.html
    assert len(usual.marks(842, 595)) > len(placed.marks(842, 595)) + 5000


def test_a_layout_reaches_nothing_but_its_fields() -> None:
    facts, layout = facts_of(CertificateKind.CAPABILITY)
    for hostile in (
        "{{ facts.__class__.__mro__ }}",
        "{% include '/etc/hosts' %}",
        "{% include '../../app/settings.py' %}",
        "{{ facts.holder.__init__.__globals__ }}",
    ):
        with pytest.raises(LayoutError):
            sheet.sheet_of(facts, replace(layout, html=hostile))
    named = replace(facts, holder=Holder("<script>alert(1)</script>"))
    assert "<script>" not in sheet.sheet_of(named, layout).html


def test_what_lies_under_a_sheet_fits_its_side() -> None:
    for kind, longer in ((CertificateKind.CAPABILITY, 297), (CertificateKind.CREDIT_REPORT, 210)):
        filled_in = sheet.sheet_of(*facts_of(kind))
        wide = longer * guilloche.POINTS_A_MILLIMETRE
        tall = (507 - longer) * guilloche.POINTS_A_MILLIMETRE
        assert filled_in.under == filled_in.underlay(wide, tall) + b"\n" + filled_in.marks(wide, tall)


def test_the_code_says_what_it_is_given(tmp_path: Path) -> None:
    facts, layout = facts_of(CertificateKind.CAPABILITY)
    path = tmp_path / "sheet.pdf"
    path.write_bytes(paper.draw_sheet(facts, layout, qr="https://example.cn/v#12345678901234567890"))
    subprocess.run(["pdftoppm", "-r", "150", "-png", path, tmp_path / "sheet"], check=True)
    command: list[str | Path] = ["zbarimg", "-q", "--raw", next(tmp_path.glob("*.png"))]

    seen = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert seen == "https://example.cn/v#12345678901234567890"


# ---- drawings


def test_a_rosette_closes_and_keeps_within_its_radius() -> None:
    stroke = guilloche.rosette(10, 20, 30, guilloche.LARGE)

    place = stroke.place
    for _time in range(stroke.times):
        for curve in stroke.curves:
            for x, y in (badge._at(place, point) for point in curve[::3]):
                assert math.hypot(x - 10, y - 20) <= 30.001
        place = guilloche.after(place, stroke.step)
    assert place == pytest.approx(stroke.place)


def test_a_drawing_reads_the_same_as_svg_and_as_pdf() -> None:
    strokes = guilloche.seal(50, 60)
    ops, tags = guilloche.as_pdf(strokes, 100).decode(), guilloche.as_svg(strokes)

    curves = sum(len(stroke.curves) * stroke.times for stroke in strokes)
    assert ops.count(" m\n") == curves
    assert ops.split().count("q") == ops.split().count("Q") == len(strokes) + 1
    assert tags.count("<use ") + tags.count("<path d=") == sum(one.times for one in strokes)
    assert "0.67 0.17 0.11 RG" in ops
    assert "#ab2b1b" in tags


# ---- badges


@pytest.mark.parametrize("case", LONG)
def test_badges_of_every_length_are_drawn(case: str) -> None:
    facts, _layout = facts_of(CertificateKind.CAPABILITY, **LONG[case])

    with Image.open(io.BytesIO(badge.png(facts))) as image:
        assert (image.format, image.size) == ("PNG", (720, 720))
        assert image.convert("RGBA").getchannel("A").getpixel((2, 2)) == 0
    for line in badge.lines_of(facts):
        assert letters.width_of(line.text, line.weight, spacing=line.spacing) * line.fitting <= line.widest + 0.01
    vector = badge.svg(facts)
    assert "<text" not in vector
    assert facts.holder.name in vector


def test_names_cannot_break_out_of_a_badge() -> None:
    facts, _layout = facts_of(CertificateKind.CAPABILITY, holder=Holder("</title><script>&"))
    assert "<script>" not in badge.svg(facts)
    assert "&lt;/title&gt;&lt;script&gt;&amp;" in badge.svg(facts)


# ---- fonts


def test_the_fonts_reach_rare_names_and_no_further_than_they_can() -> None:
    reach = fonts.covered()

    assert reach is not None
    assert all(ord(one) in reach for one in RARE + "喆昇堃祎玥璟旻曌" + LONG_NAME + "ǎěǐǒǔ")
    assert 0x10FFFF not in reach


@pytest.fixture
def without_fonts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for module in (fonts, letters):
        monkeypatch.setattr(module, "FOLDER", tmp_path)
        monkeypatch.setattr(module, "face_path", lambda weight: tmp_path / weight)
    for cached in (fonts.covered, letters.files):
        cached.cache_clear()
    yield
    for cached in (fonts.covered, letters.files):
        cached.cache_clear()


def test_without_any_font_that_is_said(without_fonts: None) -> None:
    del without_fonts
    facts, _layout = facts_of(CertificateKind.CAPABILITY)

    assert fonts.covered() is None
    for draw in (badge.png, badge.svg):
        with pytest.raises(UnavailableError, match="fonts-noto-cjk"):
            draw(facts)


def test_our_own_face_has_outlines_that_every_reader_draws(tmp_path: Path) -> None:
    source = next(certificate_fonts.SYSTEM.rglob("NotoSerifCJK-Regular.ttc"))
    with TTCollection(source, lazy=True) as collection:
        original = collection.fonts[certificate_fonts.SIMPLIFIED]
        wanted = frozenset(map(ord, "张伟A1，")) | {0x10FFFF}
        certificate_fonts.build_face(original, "Regular", wanted).save(tmp_path / "face.ttf")
        advance = original["hmtx"].metrics[original.getBestCmap()[ord("张")]][0]
    face = TTFont(tmp_path / "face.ttf")

    assert "glyf" in face
    assert "CFF " not in face
    assert set(face.getBestCmap()) == wanted - {0x10FFFF}
    assert face["hmtx"].metrics[face.getBestCmap()[ord("张")]][0] == advance
    assert face["glyf"][face.getBestCmap()[ord("张")]].numberOfContours > 1
    assert face["name"].getDebugName(1) == certificate_fonts.FAMILY


def test_our_own_faces_have_the_common_characters_of_names() -> None:
    found = certificate_fonts.characters()

    assert all(ord(one) in found for one in "喆昇堃祎玥璟旻曌张王李，。（）Zzǎ")
    assert 7000 < len(found) < 9000
