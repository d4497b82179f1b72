"""What a workbook holds beside the texts of its cells: pictures by their row, and what is named as nobody reads it.

Read from the parts of the file themselves, for the reader of cells goes through a sheet row by row and sees no more.
"""

import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple
from zipfile import ZipFile

from app.core.lazily import lazily
from app.items.rules.bodies import FileRef
from app.items.rules.content import BadItemError, Enclosed
from app.items.rules.enclosures import digest_of, enclosed
from app.items.rules.leavings import bare
from app.items.rules.markup import Element, document, local
from app.items.rules.reasons import Reason, without
from app.items.rules.tables import Picture

if TYPE_CHECKING:
    from lxml import etree
else:
    etree = lazily("lxml.etree")

BOOK = "xl/workbook.xml"
CELL_IMAGES = "xl/cellimages.xml"
STRINGS = "xl/sharedStrings.xml"
REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
CELL_IMAGE = re.compile(r"DISPIMG\(\s*\"([^\"]+)\"")
STYLED = {"vertalign", "strike", "u", "b", "i"}
SHAPES = {"sp", "cxnsp", "graphicframe"}
HEADER = "headerfooter"
SPAN_LIMIT = 20_000
"""So many rows of merged cells are told; a sheet has fewer rows that can be items."""


class Place(NamedTuple):
    """A cell by the numbers of its row, from 1, and column, from 0; row 0 is the sheet itself."""

    row: int = 0
    column: int = 0


def place_of(reference: str) -> Place:
    """Return the place of a cell such as `C12`."""
    found = REFERENCE.match(reference)
    if found is None:
        return Place()
    column = 0
    for letter in found[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    return Place(int(found[2]), column - 1)


@dataclass
class Beside:
    """What stands beside the texts of a sheet, by row; `cleared` are cells whose text only calls for a picture."""

    pictures: dict[int, list[Picture]] = field(default_factory=lambda: defaultdict(list))
    without: dict[int, list[Reason]] = field(default_factory=lambda: defaultdict(list))
    cleared: set[Place] = field(default_factory=set)
    files: dict[str, Enclosed] = field(default_factory=dict)
    merged: int = 0

    def lose(self, row: int, what: str, said: object = "") -> None:
        """Note what of a row is not read."""
        self.without[row].append(without(what, said))


class Workbook:
    """The parts of a workbook and how they refer to one another."""

    def __init__(self, data: bytes) -> None:
        self.archive = ZipFile(io.BytesIO(data))
        self.names = set(self.archive.namelist())
        self.styled = set(self._styled())
        self.called = self._targets(CELL_IMAGES)
        self.cell_images = dict(self._cell_images())

    def sheets(self) -> dict[str, str]:
        """Return the part of each sheet by its name."""
        targets = self._targets(BOOK)
        listed = self._part(BOOK).iter("{*}sheet")
        return {one.get("name") or "": targets[named] for one in listed if (named := _related(one, "id")) in targets}

    def beside(self, part: str, columns: int) -> Beside:
        """Return what stands beside the texts of a sheet, of which so many columns are read."""
        found = Beside()
        targets = self._targets(part)
        with self.archive.open(part) as stream:
            for _event, element in etree.iterparse(stream, resolve_entities=False, no_network=True):
                name = local(element)
                if name == "c":
                    self._cell(element, columns, found)
                elif name in READERS:
                    READERS[name](self, element, targets, found)
                elif name == "row":
                    element.clear()
        for target in targets.values():
            if PurePosixPath(target).name.startswith("comment") and target in self.names:
                self._comments(target, found)
        return found

    def _part(self, name: str) -> Element:
        return document(self.archive.read(name))

    def _targets(self, part: str) -> dict[str, str]:
        """Return the parts, or addresses outside, that a part refers to, by the names of the relations."""
        path = PurePosixPath(part)
        relations = str(path.parent / "_rels" / f"{path.name}.rels")
        if relations not in self.names:
            return {}
        listed = self._part(relations).iter("{*}Relationship")
        return {one.get("Id") or "": _target(path.parent, one) for one in listed}

    def _styled(self) -> Iterator[str]:
        """Yield the numbers of the shared texts of which a part looks otherwise."""
        if STRINGS not in self.names:
            return
        with self.archive.open(STRINGS) as stream:
            parsed = etree.iterparse(stream, tag="{*}si", resolve_entities=False, no_network=True)
            for number, (_event, element) in enumerate(parsed):
                if _is_styled(element):
                    yield str(number)
                element.clear()

    def _cell_images(self) -> Iterator[tuple[str, Element]]:
        """Yield the pictures that formulas of cells call for, by their names."""
        for one in self._part(CELL_IMAGES).iter("{*}pic") if CELL_IMAGES in self.names else ():
            yield next((named.get("name") or "" for named in one.iter("{*}cNvPr")), ""), one

    def _cell(self, element: Element, columns: int, found: Beside) -> None:
        reference = element.get("r") or ""
        place = place_of(reference)
        value, formula = _said(element, "v"), _said(element, "f")
        called = CELL_IMAGE.search(formula or value)
        shown = self.cell_images.get(called[1]) if called else None
        if shown is not None:
            found.cleared.add(place)
            self._picture(shown, self.called, place, found)
        elif formula and not value:
            found.lose(place.row, "what:formula", f"{reference} {formula}")
        if (value or _said(element, "is//{*}t")) and place.column >= columns:
            found.lose(place.row, "what:cell", reference)
        if element.get("vm"):
            found.lose(place.row, "what:drawing", reference)
        if (element.get("t") == "s" and value in self.styled) or _is_styled(element):
            found.lose(place.row, "what:layout", reference)

    def merge(self, element: Element, targets: Mapping[str, str], found: Beside) -> None:
        """Note the rows that a merged cell covers below its first one."""
        del targets
        first, _colon, last = (element.get("ref") or "").partition(":")
        top, bottom = place_of(first).row, place_of(last).row
        span = range(top + 1, min(bottom, top + SPAN_LIMIT - found.merged) + 1)
        found.merged += len(span)
        for row in span:
            found.lose(row, "what:merged", element.get("ref"))

    def link(self, element: Element, targets: Mapping[str, str], found: Beside) -> None:
        """Note where a cell leads."""
        reference = element.get("ref") or ""
        address = targets.get(_related(element, "id"), element.get("location") or "")
        found.lose(place_of(reference).row, "what:link", f"{reference} {address}")

    def drawing(self, element: Element, targets: Mapping[str, str], found: Beside) -> None:
        """Take the pictures of a sheet, each to the cell on which it begins."""
        part = targets.get(_related(element, "id"), "")
        if part not in self.names:
            return
        inner = self._targets(part)
        for anchor in self._part(part):
            start = anchor.find("{*}from")
            row, column = (_number(start, name) for name in ("row", "col")) if start is not None else (-1, 0)
            place = Place(row + 1, column)
            for one in anchor.iter("{*}pic"):
                self._picture(one, inner, place, found)
            for one in anchor.iter("{*}*"):
                if local(one) in SHAPES:
                    found.lose(place.row, "what:drawing", _named(one))

    def other(self, element: Element, targets: Mapping[str, str], found: Beside) -> None:
        """Note objects of other programs, pictures behind a sheet and what is printed above and below it."""
        del targets
        name = local(element)
        texts = " ".join(" ".join(map(str, element.itertext())).split())
        if texts or name != HEADER:
            found.lose(0, "what:frame" if name == HEADER else "what:drawing", texts or name)

    def _picture(self, element: Element, targets: Mapping[str, str], place: Place, found: Beside) -> None:
        """Take a picture, or note why it is none that items keep."""
        blip = next(element.iter("{*}blip"), None)
        part = "" if blip is None else targets.get(_related(blip, "embed"), "")
        if part not in self.names:
            found.lose(place.row, "what:drawing", _named(element))
            return
        try:
            one = enclosed(part, self.archive.read(part))
        except BadItemError as error:
            found.lose(place.row, "what:file", error.reason)
            return
        if any(crop.attrib for crop in element.iter("{*}srcRect")):
            found.lose(place.row, "what:layout", one.name)
        alt = next((named.get("descr") or "" for named in element.iter("{*}cNvPr")), "")
        digest = digest_of(one.data)
        found.files.setdefault(digest, one)
        file = FileRef(digest, found.files[digest].name, one.media_type)
        found.pictures[place.row].append(Picture(place.column, file, _plain(alt)))

    def _comments(self, part: str, found: Beside) -> None:
        for one in self._part(part).iter("{*}comment"):
            reference = one.get("ref") or ""
            texts = "".join(text.text or "" for text in one.iter("{*}t"))
            found.lose(place_of(reference).row, "what:comment", f"{reference} {texts}")


READERS: dict[str, Callable[[Workbook, Element, Mapping[str, str], Beside], None]] = {
    "mergecell": Workbook.merge,
    "hyperlink": Workbook.link,
    "drawing": Workbook.drawing,
    **dict.fromkeys(("oleobject", "control", "picture", HEADER), Workbook.other),
}


def _related(element: Element, name: str) -> str:
    """Return the name of the relation that an element says by an attribute, in whichever namespace that stands."""
    return next((str(value) for key, value in element.attrib.items() if bare(str(key)) == name and "}" in str(key)), "")


def _target(folder: PurePosixPath, relation: Element) -> str:
    address = relation.get("Target") or ""
    if relation.get("TargetMode") == "External":
        return address
    parts: list[str] = [] if address.startswith("/") else list(folder.parts)
    for part in PurePosixPath(address.lstrip("/")).parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def _said(element: Element, name: str) -> str:
    return "".join(one.text or "" for one in element.iterfind(f"{{*}}{name}"))


def _number(start: Element, name: str) -> int:
    return int(start.findtext(f"{{*}}{name}") or 0)


def _is_styled(element: Element) -> bool:
    """Tell whether a part of a text looks otherwise than the rest in a way that may mean something."""
    return any(local(one) in STYLED for run in element.iter("{*}rPr") for one in run)


def _named(element: Element) -> str:
    """Return what a drawing says, or how it is called."""
    texts = " ".join("".join(map(str, element.itertext())).split())
    return texts or next((one.get("name") or "" for one in element.iter("{*}cNvPr")), "")


def _plain(text: str) -> str:
    """Return what a picture is said to show, without signs that would end it."""
    return " ".join(text.replace("[", "(").replace("]", ")").split())
