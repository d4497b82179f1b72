"""QTI packages and documents of versions 2.0 to 3.0: read with the line of every item that cannot be kept."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from app.core.lazily import lazily
from app.items.rules.bodies import FileRef, Part
from app.items.rules.building import build
from app.items.rules.content import BadItemError, Defaults, Enclosed, ItemContent, Parsed, Refusals
from app.items.rules.enclosures import digest_of, enclosed, unpack
from app.items.rules.gift import ITEM_LIMIT, NO_DEFAULTS
from app.items.rules.leavings import Leavings
from app.items.rules.markup import Element, document, local
from app.items.rules.notes import Notes, given_of
from app.items.rules.qti_items import ItemReader, plain_name
from app.items.rules.qti_scoring import take_ours, take_outcomes, take_processing
from app.items.rules.qti_writing import MANIFEST, NAME
from app.items.rules.reasons import because
from app.items.rules.texts import files_in

if TYPE_CHECKING:
    from lxml import etree
else:
    etree = lazily("lxml.etree")

ZIP = b"PK"
ITEM = "assessmentitem"
ITEM_RESOURCE = re.compile(r"imsqti_item_xmlv\d", re.IGNORECASE)
PLACE = 48


@dataclass
class Package:
    """The files of a package, what its manifest says of each document, what was found in it, and what was read so far.

    `listed` has the files that the manifest lists with each document.
    """

    files: dict[str, bytes]
    defaults: Defaults
    notes: dict[str, Notes] = field(default_factory=dict)
    listed: dict[str, list[str]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    found: Parsed = field(default_factory=Parsed)

    def near(self, path: str, address: str) -> str | None:
        """Return the path of the file that an address in a document names; None where the package lacks it."""
        parts: list[str] = list(PurePosixPath(path).parent.parts)
        for part in PurePosixPath(unquote(address)).parts:
            if part != "..":
                parts.append(part)
            elif parts:
                parts.pop()
        found = "/".join(parts)
        return found if found in self.files else None


def parse(data: bytes, defaults: Defaults = NO_DEFAULTS) -> Parsed:
    """Read a package or a single document; every item comes out as an item or as a failure with its place."""
    package = Package({}, defaults)
    if not data.startswith(ZIP):
        _document("", data, package)
        return package.found
    try:
        package.files = unpack(data)
        paths = list(_listed(package))
    except BadItemError as error:
        return package.found.fail(error.reason.params.get("line", "1"), error.reason)
    for path in paths:
        if len(package.found.entries) >= ITEM_LIMIT:
            return package.found.fail(path[-PLACE:], because("many_rows", limit=ITEM_LIMIT))
        _document(path, package.files[path], package)
    for path in package.files.keys() - package.seen:
        package.found.skip(path[-PLACE:], "what:file", path)
    return package.found if package.found.entries else package.found.fail("1", because("no_items"))


def _listed(package: Package) -> Iterator[str]:
    """Yield the paths of the documents of items: those of the manifest, or of every item there is without one."""
    if MANIFEST not in package.files:
        yield from (path for path, data in package.files.items() if path.endswith(".xml") and _is_item(data))
        return
    package.seen.add(MANIFEST)
    left = Leavings(document(package.files[MANIFEST]), quiet={"schemaLocation", "identifier", "version"})
    for resource in left.root.iter("{*}resource"):
        path = resource.get("href") or ""
        if not ITEM_RESOURCE.match(resource.get("type") or ""):
            # its files stand in the package, and are told where nobody reads them
            left.whole(resource)
        elif path in package.files:
            _resource(path, resource, left, package)
            yield path
        else:
            package.found.fail(f"{MANIFEST}:{resource.sourceline}", because("file_missing", file=path))
            left.whole(resource)
    _take_frame(left)
    for name, said in left.rest():
        package.found.skip(MANIFEST, name, said)


def _take_frame(left: Leavings) -> None:
    """Take what every manifest says: of which kind and version it is, and that its items are in no order."""
    for path in ("{*}metadata/{*}schema", "{*}metadata/{*}schemaversion"):
        for one in left.root.iterfind(path):
            left.text(one)
    for one in left.root.iterfind("{*}organizations"):
        left.text(one)


def _resource(path: str, resource: Element, left: Leavings, package: Package) -> None:
    """Take what the manifest says of a document."""
    notes = package.notes[path] = Notes()
    for name in ("identifier", "type", "href"):
        left.get(resource, name)
    for one in resource.iterfind("{*}metadata/{*}note"):
        name, said = left.get(one, "name"), left.text(one)
        if notes.said.setdefault(name, said) != said:
            notes.lose("what:tag", f"{name}={said}")
    for one in resource.iterfind("{*}file"):
        package.listed.setdefault(path, []).append(left.get(one, "href"))
    for name, said in left.rest(resource):
        notes.lose(name, said)
    left.whole(resource)


def _is_item(data: bytes) -> bool:
    try:
        return ITEM in plain_name(local(document(data)))
    except BadItemError:
        return True


def _document(path: str, data: bytes, package: Package) -> None:
    before = f"{path[-PLACE:]}:" if path else ""
    package.seen.add(path)
    try:
        root = document(data)
    except BadItemError as error:
        package.found.fail(f"{before}{error.reason.params.get('line', '1')}", error.reason)
        return
    place = f"{before}{root.sourceline}"
    code = root.get("identifier", "").removeprefix("_")
    _normalise(root)
    files = Enclosures(package, path)
    try:
        package.found.entries.append(_item(root, place, files))
        package.found.files.update(files.kept)
    except BadItemError as error:
        package.found.fail(place, error.reason, code[:64])
    package.seen.update(filter(None, (package.near(MANIFEST, one) for one in package.listed.get(path, []))))


def _normalise(root: Element) -> None:
    """Give elements and attributes the names that are read, whichever the version."""
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = plain_name(etree.QName(element).localname)
            for name, value in list(element.attrib.items()):
                del element.attrib[name]
                element.set(plain_name(etree.QName(str(name)).localname), value)


def _item(root: Element, place: str, files: "Enclosures") -> ItemContent:
    if root.tag != ITEM:
        raise BadItemError(because("not_item", element=str(root.tag)))
    notes = files.package.notes.get(files.path, Notes())
    left = Leavings(root, quiet={"schemalocation"})
    reader = ItemReader(left, files.address, notes)
    refused = Refusals()
    read = reader.asked(refused)
    asked = None if read is None else take_processing(reader, read)
    explanation = reader.explanation(refused)
    named = left.get(root, "identifier").removeprefix("_")
    metadata = given_of(notes, asked.stem if asked else "", refused, identifier=named, name=left.get(root, "title"))
    if asked is None:
        return build({**metadata, "explanation": "", **refused.told}, place=place, defaults=files.package.defaults)
    given: dict[str, Any] = {
        **metadata,
        "unread": reader.unread,
        "type": asked.type,
        "stem": asked.stem,
        "options": [option.text for option in asked.options],
        "key": asked.key,
        "explanation": "\n".join(part for part in (explanation, asked.explanation) if part),
    }
    texts = [asked.stem, given["explanation"], *_all(asked)]
    refused.take(lambda: files.enclose_named(texts), None)
    body = {**asked.body.to_json(), "files": [one._asdict() for one in files.refs(notes)]}
    item = build({**given, **refused.told, "body": body}, place=place, defaults=files.package.defaults)
    take_outcomes(reader)
    take_ours(reader, item)
    for address in files.unseen():
        notes.lose("what:file", address)
    return replace(item, without=(*item.without, *reader.without()))


def _all(asked: Part) -> Iterator[str]:
    yield str(asked.body.to_json())
    yield from (option.text for option in asked.options)


class Enclosures:
    """The files that one document shows."""

    def __init__(self, package: Package, path: str) -> None:
        self.package = package
        self.path = path
        self.kept: dict[str, Enclosed] = {}

    def address(self, address: str) -> str | None:
        """Take a file by its address in the document and return its SHA-256."""
        found = self.package.near(self.path, address)
        return self._keep(found) if found else None

    def unseen(self) -> Iterator[str]:
        """Yield the files that the manifest lists with the document and nobody read."""
        for address in self.package.listed.get(self.path, []):
            path = self.package.near(MANIFEST, address)
            if path is None or path not in self.package.seen:
                yield address

    def _keep(self, path: str) -> str:
        self.package.seen.add(path)
        data = self.package.files[path]
        digest = digest_of(data)
        self.kept.setdefault(digest, enclosed(path, data))
        return digest

    def enclose_named(self, texts: list[str]) -> None:
        """Take the files that texts name by their hash, as verbatim texts do."""
        wanted = {digest for text in texts for digest in files_in(text)} - set(self.kept)
        if wanted:
            for path, data in self.package.files.items():
                if digest_of(data) in wanted:
                    self._keep(path)

    def refs(self, notes: Notes) -> list[FileRef]:
        """Return the files as an item names them: as they were called, where the package tells it."""
        for digest, one in list(self.kept.items()):
            self.kept[digest] = Enclosed(notes.get(f"{NAME}{digest}", one.name), one.media_type, one.data)
        return [FileRef(digest, one.name, one.media_type) for digest, one in self.kept.items()]
