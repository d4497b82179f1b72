"""A formula that comes without its TeX is written in TeX, or refused by the name of what no TeX here says."""

import re
from pathlib import Path

import pytest
from lxml import etree

from app.items.rules import files
from app.items.rules.content import BadItemError, Defaults
from app.items.rules.formulas import READERS, tex_of
from app.items.rules.markup import MATHML
from app.items.rules.texts import formulas_in, mathml
from app.items.states import FileKind

pytestmark = pytest.mark.one_database

DEFAULTS = Defaults("general", "recall", "0.5")
X, Y, TWO = "<mi>x</mi>", "<mi>y</mi>", "<mn>2</mn>"


def told(inner: str, lost: set[str] | None = None) -> str:
    return tex_of(etree.fromstring(f'<math xmlns="{MATHML}">{inner}</math>'), set() if lost is None else lost)


@pytest.mark.parametrize(
    ("inner", "tex"),
    [
        (X, "x"),
        ("<mn>12.5</mn>", "12.5"),
        (f"<mrow>{X}<mo>+</mo>{TWO}</mrow>", "x + 2"),
        (f"{X}<mo>×</mo><mi>α</mi><mo>≤</mo>{TWO}", "x \\times \\alpha \\le 2"),
        ("<mn>50</mn><mo>%</mo>", "50 \\%"),
        (f"{X}<mo>−</mo>{TWO}", "x - 2"),
        (f"<mi>sin</mi><mo>&#8289;</mo>{X}", "\\sin x"),
        (f"<mo>max</mo>{X}", "\\max x"),
        (f"<mo>rank</mo>{X}", "\\operatorname{rank} x"),
        ("<mi>ROI</mi>", "\\mathrm{ROI}"),
        ('<mi mathvariant="normal">d</mi>', "\\mathrm{d}"),
        ('<mi mathvariant="italic">x</mi>', "x"),
        ('<mi mathvariant="double-struck">R</mi>', "\\mathbb{R}"),
        ("<mtext>成交 额</mtext>", "\\text{成交 额}"),
        ("<mtext>50%以上</mtext>", "\\text{50} \\% \\text{以上}"),
        ("<mtext> </mtext>" + X, "x"),
        (f"{X}<mspace width='1em'/>{Y}", "x \\; y"),
        (f"<msup>{X}{TWO}</msup>", "x^{2}"),
        (f"<msub><mi>α</mi>{TWO}</msub>", "\\alpha_{2}"),
        (f"<msubsup>{X}<mi>i</mi>{TWO}</msubsup>", "x_{i}^{2}"),
        (f"<msup><mrow><mo>(</mo>{X}<mo>)</mo></mrow>{TWO}</msup>", "{( x )}^{2}"),
        (f"<msup><msup>{X}{TWO}</msup>{TWO}</msup>", "{x^{2}}^{2}"),
        (f"<msub><mrow/>{TWO}</msub>{X}", "{}_{2} x"),
        (f"<msup>{X}<mo>′</mo></msup>", "x^{\\prime}"),
        (f"<mfrac>{X}<mrow>{Y}<mo>+</mo>{TWO}</mrow></mfrac>", "\\frac{x}{y + 2}"),
        (f'<mfrac linethickness="0pt">{X}{Y}</mfrac>', "{x \\atop y}"),
        (f"<msqrt>{X}<mo>+</mo>{Y}</msqrt>", "\\sqrt{x + y}"),
        (f"<mroot>{X}<mn>3</mn></mroot>", "\\sqrt[3]{x}"),
        (f"<munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover>{X}", "\\sum_{i}^{n} x"),
        (f"<munder><mi>lim</mi><mrow>{X}<mo>→</mo><mn>0</mn></mrow></munder>", "\\lim_{x \\to 0}"),
        (f"<mover>{X}<mo>¯</mo></mover>", "\\overline{x}"),
        (f"<mover>{X}<mo>→</mo></mover>", "\\vec{x}"),
        (f"<mover>{X}{Y}</mover>", "\\overset{y}{x}"),
        (f"<munder>{X}<mo>_</mo></munder>", "\\underline{x}"),
        (f"<munder><munder>{X}<mo>⏟</mo></munder>{TWO}</munder>", "\\underbrace{x}_{2}"),
        (f"<munderover><mo>→</mo>{X}{Y}</munderover>", "\\overset{y}{\\underset{x}{\\to}}"),
        (f"<mfenced>{X}{Y}</mfenced>", "\\left( x , y \\right)"),
        (f'<mfenced open="{{" close="" separators="">{X}{Y}</mfenced>', "\\left\\{ x  y \\right."),
        (
            f"<mtable><mtr><mtd>{X}</mtd><mtd>{TWO}</mtd></mtr><mtr><mtd>{Y}</mtd><mtd/></mtr></mtable>",
            "\\begin{matrix} x & 2 \\\\ y &  \\end{matrix}",
        ),
        (f"<semantics><mrow>{X}</mrow><annotation-xml><ci>z</ci></annotation-xml></semantics>", "x"),
        (f"<mstyle displaystyle='true'><mpadded>{X}</mpadded></mstyle>", "x"),
    ],
)
def test_presentation_mathml_is_written_in_tex(inner: str, tex: str) -> None:
    assert " ".join(told(inner).split()) == " ".join(tex.split())


@pytest.mark.parametrize(
    ("inner", "element"),
    [
        (f"<menclose>{X}</menclose>", "menclose"),
        (f"<mphantom>{X}</mphantom>", "mphantom"),
        (f"<mmultiscripts>{X}{TWO}{TWO}</mmultiscripts>", "mmultiscripts"),
        ("<ms>x</ms>", "ms"),
        ("<apply><ci>x</ci></apply>", "apply"),
        (f"<mrow>{X}<mglyph/></mrow>", "mglyph"),
        ("<mi>x<mglyph/></mi>", "mglyph"),
        ("<mo>^</mo>", "^"),
        ('<mi mathvariant="stretched">x</mi>', "mathvariant stretched"),
        (f"<msup>{X}</msup>", "msup"),
        (f"<mfrac>{X}{Y}{TWO}</mfrac>", "mfrac"),
        (f'<mfenced open="⟦">{X}</mfenced>', "mfenced"),
        (f'<mtable><mtr><mtd colspan="2">{X}</mtd></mtr></mtable>', "mtd"),
        (f"<mtable><mlabeledtr><mtd>{X}</mtd></mlabeledtr></mtable>", "mlabeledtr"),
    ],
)
def test_what_no_tex_says_is_refused_by_its_name(inner: str, element: str) -> None:
    with pytest.raises(BadItemError) as refused:
        told(inner)
    assert (refused.value.reason.code, refused.value.reason.params) == ("mathml_element", {"element": element})


@pytest.mark.parametrize("inner", ["", "<mrow/>", "<semantics/>"])
def test_an_empty_formula_is_refused(inner: str) -> None:
    with pytest.raises(BadItemError, match="mathml"):
        told(inner)


def test_what_a_formula_is_kept_without_is_named() -> None:
    lost: set[str] = set()
    told(f'<mi mathcolor="red">x</mi><mo stretchy="false">(</mo><mrow href="http://x">{Y}</mrow>', lost)
    assert lost == {"mi mathcolor", "mrow href"}


def test_a_cell_that_says_that_it_spans_one_row_and_one_column_is_kept_whole() -> None:
    lost: set[str] = set()
    told(f'<mtable><mtr><mtd colspan="1" rowspan="1">{X}</mtd></mtr></mtable>', lost)
    assert lost == set()


SIGNS = {"\u2061": "", "\u2212": "-", "\xa0": "", " ": "", "\u02c9": "¯"}


def signs(shown: str) -> str:
    """Return the signs of a formula in their order, as somebody reads them."""
    text = "".join(map(str, etree.fromstring(shown.replace("&nbsp;", "&#160;").encode()).itertext()))
    return "".join(SIGNS.get(one, one) for one in text)


@pytest.mark.parametrize(
    "tex",
    [
        "\\frac{150-120}{120}\\times 100\\%",
        "x=\\frac{-b\\pm\\sqrt{b^2-4ac}}{2a}",
        "\\sum_{i=1}^{n} x_i^2 \\le \\int_0^1 f(x)",
        "NPV=\\sum_{t=0}^{n}\\frac{CF_t}{(1+r)^t}",
        "\\left( \\begin{matrix} a & b \\\\ c & d \\end{matrix} \\right)",
        "\\lim_{x\\to 0}\\sin x \\ne \\alpha+\\Omega",
        "\\sqrt[3]{x}+\\overset{a}{b}+\\underset{c}{d}+\\vec{y}+\\tilde{z}",
        "\\{a\\} \\in \\mathbb{R}, \\mathrm{abc}",
        "\\text{合同 额}\\cdot 5",
        "{n \\atop k} \\underbrace{a}_{b}",
    ],
)
def test_a_formula_says_the_same_signs_after_it_went_without_its_tex(tex: str) -> None:
    shown = mathml(tex)
    assert shown is not None
    again = mathml(tex_of(etree.fromstring(shown.replace("&nbsp;", "&#160;").encode()), set()))
    assert again is not None
    assert signs(again) == signs(shown)
    tags = [
        re.findall(r"<(mfrac|msqrt|mroot|msub|msup|msubsup|munder|mover|mtable|mtr|mtd)\b", one)
        for one in (again, shown)
    ]
    assert tags[0] == tags[1]


def test_every_element_that_is_read_is_tried() -> None:
    text = Path(__file__).read_text("utf-8")
    assert [name for name in READERS if f"<{name}" not in text] == []


FRACTION = f"<mfrac>{X}{TWO}</mfrac>"
FORMULA = f'<math xmlns="{MATHML}">{FRACTION}</math>'
WITH_TEX = FORMULA.replace(
    FRACTION,
    f"<semantics><mrow>{FRACTION}</mrow>"
    '<annotation encoding="application/x-tex">\\frac{x}{2}</annotation></semantics>',
)
CHOICE = (
    '<choiceInteraction responseIdentifier="R" maxChoices="1"><simpleChoice identifier="A">甲</simpleChoice>'
    '<simpleChoice identifier="B">乙</simpleChoice></choiceInteraction>'
)
QTI = (
    '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="q" title="q"><responseDeclaration '
    'identifier="R" cardinality="single" baseType="identifier"><correctResponse><value>A</value></correctResponse>'
    "</responseDeclaration><itemBody><p>增长{}2024年</p>{}</itemBody></assessmentItem>"
)
MOODLE = (
    '<quiz><question type="multichoice"><questiontext format="html"><text><![CDATA[<p>增长{}2024年</p>]]></text>'
    '</questiontext><answer fraction="100"><text>甲</text></answer><answer fraction="0"><text>乙</text></answer>'
    "</question></quiz>"
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (text, kind)
        for formula in (FORMULA, WITH_TEX)
        for text, kind in (
            (QTI.format(formula, CHOICE), FileKind.QTI),
            (MOODLE.format(formula), FileKind.MOODLE_XML),
        )
    ],
)
def test_an_item_with_such_a_formula_comes_in_and_a_number_behind_it_does_not_end_it(text: str, kind: FileKind) -> None:
    found = files.read(text.encode(), kind, DEFAULTS)

    assert found.failures == []
    assert found.items[0].stem == "增长\\(\\frac{x}{2}\\)2024年"
    assert list(formulas_in(found.items[0].stem)) == ["\\frac{x}{2}"]


def test_an_item_whose_formula_cannot_be_said_is_named_with_its_place() -> None:
    text = QTI.format(FORMULA.replace("mfrac", "menclose"), CHOICE)
    found = files.read(text.encode(), FileKind.QTI, DEFAULTS)

    assert found.items == []
    assert [(one.reason.code, one.reason.params["element"]) for one in found.failures] == [
        ("mathml_element", "menclose")
    ]
    assert found.failures[0].place == "1"


def test_a_block_stays_a_block() -> None:
    text = QTI.format(FORMULA.replace("<math", '<math display="block"'), CHOICE)
    (item,) = files.read(text.encode(), FileKind.QTI, DEFAULTS).items
    assert "\\[\\frac{x}{2}\\]" in item.stem
