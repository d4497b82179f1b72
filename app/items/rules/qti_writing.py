"""QTI packages of versions 2.2 and 3.0: a manifest with the metadata, an XML document for each item, its files.

Scores are written as far as QTI's response processing can say them; the rule of credit itself stands in the manifest.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from app.core.lazily import lazily
from app.items.rules.bodies import Blank, Part, Question, plain
from app.items.rules.content import ItemContent
from app.items.rules.enclosures import ENDINGS, pack
from app.items.rules.markup import Element, Writer
from app.items.rules.notes import notes_of
from app.items.rules.texts import GAP
from app.items.states import WRITTEN, Credit, FileKind, ItemType

if TYPE_CHECKING:
    from lxml import etree
else:
    etree = lazily("lxml.etree")

NOTES = "urn:jijing:item:1"
MANIFEST = "imsmanifest.xml"
HTML = {"p", "br", "div", "span", "strong", "table", "thead", "tbody", "tr", "th", "td", "img", "a"}
HUNDRED = Decimal(100)
Load = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Version:
    """The namespaces and names of a version of QTI."""

    items: str
    manifest: str
    resource: str
    schema: str


VERSIONS = {
    FileKind.QTI2: Version(
        "http://www.imsglobal.org/xsd/imsqti_v2p2",
        "http://www.imsglobal.org/xsd/imscp_v1p1",
        "imsqti_item_xmlv2p2",
        "2.2",
    ),
    FileKind.QTI3: Version(
        "http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
        "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1",
        "imsqti_item_xmlv3p0",
        "3.0.0",
    ),
}


def write(items: Sequence[ItemContent], load: Load, kind: FileKind) -> bytes:
    """Write a package; each item must be one that QTI holds."""
    version = VERSIONS[kind]
    files: dict[str, bytes] = {}
    manifest = etree.Element(
        f"{{{version.manifest}}}manifest", nsmap={None: version.manifest, "jj": NOTES}, identifier="jijing-items"
    )
    metadata = etree.SubElement(manifest, f"{{{version.manifest}}}metadata")
    etree.SubElement(metadata, f"{{{version.manifest}}}schema").text = "QTI Package"
    etree.SubElement(metadata, f"{{{version.manifest}}}schemaversion").text = version.schema
    etree.SubElement(manifest, f"{{{version.manifest}}}organizations")
    resources = etree.SubElement(manifest, f"{{{version.manifest}}}resources")
    for item in items:
        path = f"items/{identifier(item.code)}.xml"
        paths = {one.sha256: f"files/{one.sha256}{ENDINGS[one.media_type]}" for one in item.body.files}
        files[path] = _document(item, version, paths)
        files.update((paths[digest], load(digest)) for digest in paths)
        _resource(resources, item, version, [path, *paths.values()])
    etree.indent(manifest)
    return pack({MANIFEST: _bytes(manifest), **files})


def identifier(code: str) -> str:
    """Return a code as QTI's identifiers may be written: not beginning with a digit."""
    return code if code[0].isalpha() else f"_{code}"


def _resource(resources: Element, item: ItemContent, version: Version, paths: Sequence[str]) -> None:
    resource = etree.SubElement(
        resources,
        f"{{{version.manifest}}}resource",
        identifier=f"R-{item.code}",
        type=version.resource,
        href=paths[0],
    )
    metadata = etree.SubElement(resource, f"{{{version.manifest}}}metadata")
    named = {f"{NAME}{one.sha256}": one.name for one in item.body.files}
    for name, value in {"id": item.code, **_types(item), **notes_of(item), **named}.items():
        if value:
            etree.SubElement(metadata, f"{{{NOTES}}}note", name=name).text = value
    for path in paths:
        etree.SubElement(resource, f"{{{version.manifest}}}file", href=path)


NAME = "name."
"""Before the hash of a file: the note of what the file was called."""


def _types(item: ItemContent) -> dict[str, str]:
    """Return the notes of types and credit that the documents do not tell, by the number of the sub-item."""
    said = {"type": item.type.value}
    for number, part in enumerate(item.body.parts, 1):
        said[f"type.{number}"] = part.type.value
        said[f"weight.{number}"] = plain(part.weight)
        if part.body.credit:
            said[f"credit.{number}"] = part.body.credit.value
    return said


def processing(item: ItemContent) -> Element | None:
    """Return how an item is scored as our files of version 2 say it; None where that is for a marker."""
    version = VERSIONS[FileKind.QTI2]
    root = etree.Element(f"{{{version.items}}}assessmentItem")
    ItemWriter(root, Writer(version.items, lambda digest: digest)).item(item)
    return root.find(f"{{{version.items}}}responseProcessing")


def _document(item: ItemContent, version: Version, paths: dict[str, str]) -> bytes:
    root = etree.Element(f"{{{version.items}}}assessmentItem", nsmap={None: version.items})
    for name, value in (
        ("identifier", identifier(item.code)),
        ("title", item.code),
        ("adaptive", "false"),
        ("timeDependent", "false"),
    ):
        root.set(name, value)
    ItemWriter(root, Writer(version.items, lambda digest: f"../{paths[digest]}")).item(item)
    if version is VERSIONS[FileKind.QTI3]:
        _rename(root, version.items)
    return _bytes(root)


def _bytes(root: Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _rename(root: Element, namespace: str) -> None:
    """Turn the names of version 2 into those of version 3."""
    for element in root.iter(f"{{{namespace}}}*"):
        name = etree.QName(element).localname
        if name in HTML:
            continue
        element.tag = f"{{{namespace}}}qti-{_dashed(name)}"
        for attribute, value in list(element.attrib.items()):
            if _dashed(str(attribute)) != attribute:
                del element.attrib[attribute]
                element.set(_dashed(str(attribute)), value)


def _dashed(name: str) -> str:
    return re.sub(r"[A-Z]", lambda found: f"-{found[0].lower()}", name)


class ItemWriter:
    """Writes one item into its document: declarations, body, processing, feedback in their order."""

    def __init__(self, root: Element, writer: Writer) -> None:
        self.root = root
        self.writer = writer
        self.make = writer.make
        self.body = self.make("itemBody")
        self.processing = self.make("responseProcessing")

    def item(self, item: ItemContent) -> None:
        """Write an item, or each sub-item of a case under its material."""
        if item.type is ItemType.CASE:
            self._texts("div", self.body, item.stem, class_="stem")
            for number, part in enumerate(item.body.parts, 1):
                section = self.make("div", self.body, class_="part")
                self._asked(part, section, f"R{number}", part.weight)
                if part.explanation:
                    self._feedback("feedbackBlock", section, part.explanation)
        else:
            self._asked(item, self.body, "R0", Decimal(1))
        self.make("outcomeDeclaration", self.root, identifier="SCORE", cardinality="single", baseType="float")
        self.make("outcomeDeclaration", self.root, identifier="FEEDBACK", cardinality="single", baseType="identifier")
        self.root.append(self.body)
        if len(self.processing):
            self.root.append(self.processing)
        if item.explanation:
            self._feedback("modalFeedback", self.root, item.explanation)

    def _feedback(self, name: str, parent: Element, text: str) -> None:
        made = self._texts(name, parent, text, outcomeIdentifier="FEEDBACK", identifier="explanation")
        made.set("showHide", "show")

    def _texts(self, name: str, parent: Element, text: str, **attributes: str) -> Element:
        return self.writer.put(text, self.make(name, parent, **attributes))

    def _asked(self, asked: ItemContent | Part, section: Element, name: str, weight: Decimal) -> None:
        left = self._entries(asked, name)
        if asked.type is ItemType.BLANK and GAP.search(asked.stem):
            entries = iter(left)
            writer = Writer(self.writer.namespace, self.writer.address, lambda: next(entries))
            stem = writer.put(asked.stem, self.make("div", class_="stem"))
            section.append(stem)
            # a stem that is written verbatim has no gaps, so its entries follow it
            left = [] if list(stem.iter("{*}textEntryInteraction")) else self._entries(asked, name)
        else:
            self._texts("div", section, asked.stem, class_="stem")
        if left:
            line = self.make("p", section, class_="blanks")
            line.extend(left)
            if asked.body.unit:
                self.make("span", line, asked.body.unit, class_="unit")
        if asked.type in INTERACTIONS:
            INTERACTIONS[asked.type](self, asked, section, name, weight)
        elif asked.type in WRITTEN:
            self._written(asked, section, name)
        self._score_entries(asked, name, weight)

    def _entries(self, asked: Question, name: str) -> list[Element]:
        count = len(asked.body.blanks) or (1 if asked.body.numbers else 0)
        return [self.make("textEntryInteraction", responseIdentifier=f"{name}_{at}") for at in range(1, count + 1)]

    def _score_entries(self, asked: Question, name: str, weight: Decimal) -> None:
        for at, blank in enumerate(asked.body.blanks, 1):
            self._blank(blank, f"{name}_{at}", weight, len(asked.body.blanks))
        if asked.body.numbers:
            self._numbers(asked, f"{name}_1", weight)

    def _declare(self, name: str, cardinality: str, base: str, values: Iterable[str] = ()) -> Element:
        made = self.make("responseDeclaration", self.root, identifier=name, cardinality=cardinality, baseType=base)
        listed = list(values)
        if listed:
            correct = self.make("correctResponse", made)
            for value in listed:
                self.make("value", correct, value)
        return made

    def _map(self, declared: Element, entries: Iterable[tuple[str, str]], *, exact: bool | None = None) -> None:
        mapping = self.make("mapping", declared, defaultValue="0", lowerBound="0")
        for key, value in entries:
            entry = self.make("mapEntry", mapping, mapKey=key, mappedValue=value)
            if exact is not None:
                entry.set("caseSensitive", "true" if exact else "false")

    def _blank(self, blank: Blank, name: str, weight: Decimal, count: int) -> None:
        declared = self._declare(name, "single", "string", blank.accepted[:1])
        self._map(declared, ((text, "1") for text in blank.accepted), exact=blank.exact)
        self._add(weight / count, self.make("mapResponse", identifier=name))

    def _numbers(self, asked: Question, name: str, weight: Decimal) -> None:
        best = max(asked.body.numbers, key=lambda one: one.share)
        self._declare(name, "single", "float", [plain(best.value)])
        condition = self.make("responseCondition", self.processing)
        for at, one in enumerate(asked.body.numbers):
            branch = self.make("responseElseIf" if at else "responseIf", condition)
            span = plain(one.tolerance * HUNDRED if one.relative else one.tolerance)
            equal = self.make(
                "equal",
                branch,
                toleranceMode="relative" if one.relative else "absolute",
                tolerance=f"{span} {span}",
            )
            self.make("variable", equal, identifier=name)
            self.make("baseValue", equal, plain(one.value), baseType="float")
            self._add(weight, self.make("baseValue", text=plain(one.share), baseType="float"), branch)

    def _add(self, weight: Decimal, earned: Element, parent: Element | None = None) -> None:
        """Add what was earned, times its weight, to the score."""
        score = self.make("setOutcomeValue", self.processing if parent is None else parent, identifier="SCORE")
        total = self.make("sum", score)
        self.make("variable", total, identifier="SCORE")
        product = self.make("product", total)
        self.make("baseValue", product, plain(round(weight, 6)), baseType="float")
        product.append(earned)

    def _all_or_nothing(self, name: str, weight: Decimal) -> None:
        condition = self.make("responseCondition", self.processing)
        branch = self.make("responseIf", condition)
        match = self.make("match", branch)
        self.make("variable", match, identifier=name)
        self.make("correct", match, identifier=name)
        self._add(weight, self.make("baseValue", text="1", baseType="float"), branch)

    def choice(self, asked: Question, section: Element, name: str, weight: Decimal) -> None:
        """Write a choice of one or several options."""
        multiple = asked.type is ItemType.MULTIPLE
        declared = self._declare(name, "multiple" if multiple else "single", "identifier", sorted(asked.key))
        made = self.make("choiceInteraction", section, responseIdentifier=name)
        made.set("shuffle", "true")
        made.set("maxChoices", "0" if multiple else "1")
        for option in asked.options:
            self._texts("simpleChoice", made, option.text, identifier=option.key)
        if asked.body.credit not in {Credit.SHARE, Credit.NET}:
            self._all_or_nothing(name, weight)
            return
        share = Decimal(1) / len(asked.key)
        wrong = share if asked.body.credit is Credit.NET else Decimal(1)
        values = ((one.key, share if one.key in asked.key else -wrong) for one in asked.options)
        self._map(declared, ((key, plain(round(value, 6))) for key, value in values))
        self._add(weight, self.make("mapResponse", identifier=name))

    def matching(self, asked: Question, section: Element, name: str, weight: Decimal) -> None:
        """Write prompts and options in two sets."""
        pairs = [f"P{number} {letter}" for number, letter in enumerate(asked.body.pairs, 1)]
        declared = self._declare(name, "multiple", "directedPair", pairs)
        made = self.make("matchInteraction", section, responseIdentifier=name, shuffle="true", maxAssociations="0")
        for texts, most in (
            ([(f"P{number}", text) for number, text in enumerate(asked.body.prompts, 1)], "1"),
            (asked.options, "0"),
        ):
            chosen = self.make("simpleMatchSet", made)
            for key, text in texts:
                self._texts("simpleAssociableChoice", chosen, text, identifier=key, matchMax=most)
        if asked.body.credit is Credit.ALL:
            self._all_or_nothing(name, weight)
            return
        self._map(declared, ((pair, plain(round(Decimal(1) / len(pairs), 6))) for pair in pairs))
        self._add(weight, self.make("mapResponse", identifier=name))

    def ordering(self, asked: Question, section: Element, name: str, weight: Decimal) -> None:
        """Write options to be put in order."""
        self._declare(name, "ordered", "identifier", asked.body.order)
        made = self.make("orderInteraction", section, responseIdentifier=name, shuffle="true")
        for option in asked.options:
            self._texts("simpleChoice", made, option.text, identifier=option.key)
        self._all_or_nothing(name, weight)

    def _written(self, asked: Question, section: Element, name: str) -> None:
        self._declare(name, "single", "string")
        self.make("extendedTextInteraction", section, responseIdentifier=name, expectedLines="12")
        if asked.body.reference:
            self._texts("rubricBlock", section, asked.body.reference, view="scorer", class_="reference")
        if asked.body.rubric:
            block = self.make("rubricBlock", section, view="scorer", class_="rubric")
            rows = self.make("tbody", self.make("table", block))
            for one in asked.body.rubric:
                row = self.make("tr", rows)
                for text in (one.name, plain(one.points), one.guidance):
                    self._texts("td", row, text)


INTERACTIONS: dict[ItemType, Callable[[ItemWriter, Question, Element, str, Decimal], None]] = {
    ItemType.SINGLE: ItemWriter.choice,
    ItemType.MULTIPLE: ItemWriter.choice,
    ItemType.TRUE_FALSE: ItemWriter.choice,
    ItemType.MATCHING: ItemWriter.matching,
    ItemType.ORDERING: ItemWriter.ordering,
}
