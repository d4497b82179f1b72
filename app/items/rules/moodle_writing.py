"""Moodle XML as its importer takes it; reading it gives equal items."""

import base64
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from app.core.lazily import lazily
from app.items.rules import rubrics
from app.items.rules.bodies import FileRef, plain
from app.items.rules.content import LETTERS, ItemContent
from app.items.rules.gift_answers import FULL, even_share
from app.items.rules.markup import Element
from app.items.rules.moodle import inverse
from app.items.rules.notes import notes_of
from app.items.rules.texts import GAP, STORED, files_in, is_plain
from app.items.states import Credit, ItemType

if TYPE_CHECKING:
    from lxml import etree
else:
    etree = lazily("lxml.etree")

Load = Callable[[str], bytes]
"""Gives the bytes of a kept file by its SHA-256."""
STAR = "\\*"
CLOZE_SIGNS = '\\}~#/"'


def write(items: Iterable[ItemContent], load: Load) -> bytes:
    """Write items as Moodle XML; each must be one that the format holds."""
    root = etree.Element("quiz")
    for item in items:
        _question(root, item, load)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _question(root: Element, item: ItemContent, load: Load) -> None:
    kind, writer = WRITERS[item.type]
    cloze = item.type is ItemType.BLANK and len(item.body.blanks) > 1
    question = etree.SubElement(root, "question", type="cloze" if cloze else kind)
    _text(question, "name", item.code)
    texts = Texts(item.body.files, load)
    texts.put(question, "questiontext", _cloze(item) if cloze else item.stem)
    texts.put(question, "generalfeedback", item.explanation)
    for name, value in (("defaultgrade", "1"), ("penalty", "0"), ("hidden", "0"), ("idnumber", item.code)):
        etree.SubElement(question, name).text = value
    if not cloze:
        writer(question, item, texts)
    tags = etree.SubElement(question, "tags")
    for name, value in notes_of(item).items():
        if value:
            _text(tags, "tag", f"{name}={value}")


def _text(parent: Element, name: str, text: str, **attributes: str) -> Element:
    made = etree.SubElement(parent, name, attributes)
    etree.SubElement(made, "text").text = text
    return made


class Texts:
    """Writes the texts of one item, each with the files that it shows."""

    def __init__(self, files: Sequence[FileRef], load: Load) -> None:
        self.files = {file.sha256: file for file in files}
        self.load = load

    def put(self, parent: Element, name: str, text: str, **attributes: str) -> Element:
        """Write a text with its format and files under a parent."""
        shown = text
        digests = list(dict.fromkeys(files_in(text)))
        for digest in digests:
            shown = shown.replace(STORED + digest, f"@@PLUGINFILE@@/{self._name(digest)}")
        made = _text(parent, name, shown, format="plain_text" if is_plain(text) else "markdown", **attributes)
        for digest in digests:
            one = etree.SubElement(made, "file", name=self._name(digest), path="/", encoding="base64")
            one.text = base64.b64encode(self.load(digest)).decode()
        return made

    def _name(self, digest: str) -> str:
        return f"{digest[:8]}-{self.files[digest].name}".replace(" ", "_").replace(")", "_")


def _choice(question: Element, item: ItemContent, texts: Texts) -> None:
    multiple = item.type is ItemType.MULTIPLE
    settings = {"single": "false" if multiple else "true", "shuffleanswers": "true", "answernumbering": "ABCD"}
    for name, value in settings.items():
        etree.SubElement(question, name).text = value
    share = even_share(len(item.key)) if multiple else "100"
    for option in item.options:
        texts.put(
            question, "answer", option.text, fraction=share if option.key in item.key else _wrong(item, multiple, share)
        )


def _wrong(item: ItemContent, multiple: bool, share: str) -> str:  # noqa: FBT001 - what the caller knows already
    if not multiple:
        return "0"
    return f"-{share}" if item.body.credit is Credit.NET else "-100"


def _truth(question: Element, item: ItemContent, texts: Texts) -> None:
    del texts
    for letter, word in zip(LETTERS, ("true", "false"), strict=False):
        _text(question, "answer", word, fraction="100" if letter in item.key else "0")


def _short(question: Element, item: ItemContent, texts: Texts) -> None:
    (blank,) = item.body.blanks
    etree.SubElement(question, "usecase").text = "1" if blank.exact else "0"
    for text in blank.accepted:
        texts.put(question, "answer", text.replace("*", STAR), fraction="100")


def _cloze(item: ItemContent) -> str:
    """Return the stem with the answers of each blank in its gap."""
    blanks = iter(item.body.blanks)

    def filled(found: object) -> str:
        del found
        blank = next(blanks)
        answers = "~".join(
            "=" + "".join(_cloze_sign(one) for one in text.replace("*", STAR)) for text in blank.accepted
        )
        return f"{{1:{'SHORTANSWER_C' if blank.exact else 'SHORTANSWER'}:{answers}}}"

    return GAP.sub(filled, item.stem)


def _cloze_sign(letter: str) -> str:
    return f"\\{letter}" if letter in CLOZE_SIGNS else letter


def _numerical(question: Element, item: ItemContent, texts: Texts) -> None:
    del texts
    body = item.body
    for one in body.numbers:
        answer = _text(question, "answer", plain(one.value), fraction=plain(one.share * FULL))
        etree.SubElement(answer, "tolerance").text = plain(one.tolerance)
    if body.unit:
        units = etree.SubElement(question, "units")
        for name, multiplier in ((body.unit, Decimal(1)), *((one.name, inverse(one.factor)) for one in body.units)):
            unit = etree.SubElement(units, "unit")
            etree.SubElement(unit, "multiplier").text = plain(multiplier)
            etree.SubElement(unit, "unit_name").text = name
    settings = {
        "unitgradingtype": "1" if body.unit_asked else "0",
        "unitpenalty": "1.0",
        "showunits": "0" if body.unit_asked else "3",
        "unitsleft": "0",
    }
    for name, value in settings.items():
        etree.SubElement(question, name).text = value


def _matching(question: Element, item: ItemContent, texts: Texts) -> None:
    etree.SubElement(question, "shuffleanswers").text = "true"
    said = {option.key: option.text for option in item.options}
    rest = [(prompt, said[letter]) for prompt, letter in zip(item.body.prompts, item.body.pairs, strict=True)]
    rest += [("", option.text) for option in item.options if option.key not in item.body.pairs]
    for prompt, text in rest:
        _text(texts.put(question, "subquestion", prompt), "answer", text)


def _ordering(question: Element, item: ItemContent, texts: Texts) -> None:
    settings = {"layouttype": "VERTICAL", "selecttype": "ALL", "selectcount": "0", "gradingtype": "ABSOLUTE_POSITION"}
    for name, value in settings.items():
        etree.SubElement(question, name).text = value
    said = {option.key: option.text for option in item.options}
    for place, letter in enumerate(item.body.order, 1):
        texts.put(question, "answer", said[letter], fraction=f"{place}.0000000")


def _written(question: Element, item: ItemContent, texts: Texts) -> None:
    settings = {"responseformat": "editor", "responserequired": "1", "responsefieldlines": "15", "attachments": "0"}
    for name, value in settings.items():
        etree.SubElement(question, name).text = value
    texts.put(question, "graderinfo", rubrics.written(item.body.reference, item.body.rubric))


WRITERS: dict[ItemType, tuple[str, Callable[[Element, ItemContent, Texts], None]]] = {
    ItemType.SINGLE: ("multichoice", _choice),
    ItemType.MULTIPLE: ("multichoice", _choice),
    ItemType.TRUE_FALSE: ("truefalse", _truth),
    ItemType.BLANK: ("shortanswer", _short),
    ItemType.NUMERIC: ("numerical", _numerical),
    ItemType.MATCHING: ("matching", _matching),
    ItemType.ORDERING: ("ordering", _ordering),
    ItemType.SHORT_ANSWER: ("essay", _written),
    ItemType.ESSAY: ("essay", _written),
}
