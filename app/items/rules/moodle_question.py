"""One question of Moodle XML while it is read: its texts, files and tags, and what of it no item holds."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from urllib.parse import unquote

from app.items.rules.bodies import FileRef, plain
from app.items.rules.content import BadItemError, Enclosed
from app.items.rules.enclosures import digest_of, enclosed
from app.items.rules.leavings import Leavings
from app.items.rules.markup import Element, text_of_html
from app.items.rules.notes import from_tags
from app.items.rules.reasons import Reason, because
from app.items.rules.texts import STORED

PLUGIN = re.compile(r"@@PLUGINFILE@@/([^\s)\"'<>]+)")
PREFIXED = re.compile(r"([0-9a-f]{8})-(.+)")
TAGGED = re.compile(r"<[a-zA-Z/!]|&[a-z#0-9]+;")
SETTINGS: dict[str, set[str]] = {
    **{
        name: {"", "0"} for name in ("penalty", "hidden", "unitsleft", "attachments", "attachmentsrequired", "maxbytes")
    },
    **{name: {""} for name in ("minwordlimit", "maxwordlimit", "filetypeslist")},
    "defaultgrade": {"1"},
    "shuffleanswers": {"", "1", "true"},
    "answernumbering": {"abc", "ABCD"},
    "showstandardinstruction": {"1"},
    "showunits": {"0", "3"},
    "unitgradingtype": {"0", "1"},
    "layouttype": {"0", "VERTICAL"},
    "selecttype": {"0", "ALL"},
    "selectcount": {"0"},
    "responseformat": {"editor", "plain"},
    "responserequired": {"1"},
    "responsefieldlines": {"15"},
}
"""Settings of questions with the values that say what holds for every item of ours; other values are noted."""
NAMED = {"hint": "what:hint", "defaultgrade": "what:grade", "layout": "what:layout"}


@dataclass
class Question:
    """A question element while it is read, with its notes, the files that came in it, and the layout that is lost."""

    element: Element
    files: dict[str, Enclosed] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.left = Leavings(self.element, quiet={"format"})
        self.kind = self.left.get(self.element, "type")
        tags = (self.child("text", tag) for tag in self.element.iterfind("tags/tag"))
        self.notes = from_tags(tags)

    def child(self, name: str, element: Element | None = None) -> str:
        """Take the plain text of a child, or of its `text`; empty where there is none."""
        found = (self.element if element is None else element).find(name)
        if found is None:
            return ""
        self.left.text(found)
        inner = found.find("text")
        return self.left.text(found if inner is None else inner)

    def text(self, element: Element | None) -> str:
        """Take a text of the question in the form that items keep; raises BadItemError."""
        if element is None:
            return ""
        names = self._enclose(element)
        inner = element.find("text")
        said = ("" if inner is None else inner.text) or ""
        if inner is not None:
            self.left.text(inner)
        markup = self.left.get(element, "format", "html")
        html = markup == "html" or (markup == "moodle_auto_format" and TAGGED.search(said) is not None)
        told = text_of_html(said, lambda address: self._address(address, names), self.lost) if html else said
        return PLUGIN.sub(lambda found: STORED + self._named(found[1], names), told)

    def without(self) -> list[Reason]:
        """Return what the item is kept without, once everything of it has been read."""
        for name, neutral in SETTINGS.items():
            if self.element.find(name) is not None and plainly(said := self.child(name)) not in neutral:
                self.notes.lose(NAMED.get(name, name), said)
        for name, said in self.left.rest():
            self.notes.lose(NAMED.get(name, name), said)
        if self.lost:
            self.notes.lose("what:layout", ", ".join(sorted(self.lost)))
        return self.notes.left()

    def _enclose(self, element: Element) -> dict[str, str]:
        names: dict[str, str] = {}
        for one in element.iterfind("file"):
            self.left.text(one)
            for name in ("name", "encoding", "path"):
                self.left.get(one, name)
            try:
                data = base64.b64decode("".join((one.text or "").split()), validate=True)
            except (binascii.Error, ValueError) as error:
                raise BadItemError(because("file_kind", file=one.get("name", ""))) from error
            digest = digest_of(data)
            given = one.get("name", "file")
            prefixed = PREFIXED.fullmatch(given)
            name = prefixed[2] if prefixed and digest.startswith(prefixed[1]) else given
            self.files.setdefault(digest, enclosed(name, data))
            names[given] = digest
        return names

    def _address(self, address: str, names: dict[str, str]) -> str | None:
        found = PLUGIN.fullmatch(address)
        return self._named(found[1], names) if found else None

    def _named(self, name: str, names: dict[str, str]) -> str:
        digest = names.get(unquote(name)) or names.get(name)
        if digest is None:
            raise BadItemError(because("file_missing", file=name))
        self.used.add(digest)
        return digest

    def left_over(self) -> str:
        """Return links to the files that no text shows, so that none is lost."""
        return "".join(
            f"\n[{one.name}]({STORED}{digest})" for digest, one in self.files.items() if digest not in self.used
        )

    @property
    def refs(self) -> tuple[FileRef, ...]:
        """Return the files as an item names them."""
        return tuple(FileRef(digest, one.name, one.media_type) for digest, one in self.files.items())


def plainly(text: str) -> str:
    """Return a setting as the table of them says it: a number without zeros that say nothing."""
    try:
        return plain(Decimal(text))
    except InvalidOperation:
        return text
