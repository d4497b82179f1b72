"""What of an XML element nobody has read: a reader takes what it understands, and the rest is told, never dropped."""

from collections.abc import Collection, Iterator

from app.items.rules.markup import Element, local

TEXT = ""
"""What stands for an element's own text, and for its mere presence, among the names of its attributes."""


class Leavings:
    """An element while it is read, with what of it is left: attributes and texts that no reader took yet.

    `quiet` names attributes that say nothing by themselves, such as the format of an empty text.
    """

    def __init__(self, root: Element, quiet: Collection[str] = ()) -> None:
        self.root = root
        self.quiet = frozenset(quiet)
        # the elements are kept as keys, so that each stays the same object as long as this is read
        self._left = {
            one: {TEXT, *(name for name in _names(one) if bare(name) not in self.quiet)} for one in elements(root)
        }
        self._touched: set[Element] = set()

    def get(self, element: Element, name: str, default: str = "") -> str:
        """Take an attribute."""
        self._take(element, name)
        return element.get(name) or default

    def text(self, element: Element) -> str:
        """Take an element's own text."""
        self._take(element, TEXT)
        return (element.text or "").strip()

    def inner(self, element: Element, *attributes: str) -> Element:
        """Take what stands in an element, and some of its own attributes."""
        for name in attributes:
            self._take(element, name)
        self._take(element, TEXT)
        for child in element:
            self.whole(child)
        return element

    def attributes(self, element: Element) -> None:
        """Take the attributes of an element, not its text."""
        self._touched.add(element)
        self._left.get(element, set()).intersection_update({TEXT})

    def whole(self, element: Element) -> Element:
        """Take an element with everything in it."""
        for one in elements(element):
            self._touched.add(one)
            self._left.get(one, set()).clear()
        return element

    def _take(self, element: Element, name: str) -> None:
        self._touched.add(element)
        self._left.get(element, set()).discard(name)

    def rest(self, within: Element | None = None) -> Iterator[tuple[str, str]]:
        """Yield what is left, by name: an element of which nothing was read with all it says, else single parts."""
        yield from self._rest(self.root if within is None else within)

    def _rest(self, element: Element) -> Iterator[tuple[str, str]]:
        name = local(element)
        if not any(one in self._touched for one in elements(element)):
            told = self._told(element)
            empty = [local(one) for one in elements(element) if self._is_flag(one)]
            if told or empty:
                yield name, told or " ".join(one for one in empty if one != name)
            return
        left = self._left[element]
        yield from ((f"{name} {bare(one)}", element.get(one) or "") for one in sorted(left - {TEXT}))
        if TEXT in left and own(element):
            yield name, own(element)
        for child in element:
            if isinstance(child.tag, str):
                yield from self._rest(child)

    def _is_flag(self, element: Element) -> bool:
        """Tell whether an element says something by standing there, as an empty text does not."""
        quiet = local(element) == "text" or self.quiet.intersection(map(bare, _names(element)))
        return not len(element) and not quiet

    def _told(self, element: Element) -> str:
        """Return the texts of an element, or what its attributes say where it has none."""
        texts = " ".join(" ".join(map(str, element.itertext())).split())
        said = ((bare(name), one.get(name)) for one in elements(element) for name in _names(one))
        return texts or " ".join(f"{name}={value}" for name, value in said if name not in self.quiet)


def elements(root: Element) -> Iterator[Element]:
    """Yield an element and those within it, without comments."""
    return (one for one in root.iter() if isinstance(one.tag, str))


def own(element: Element) -> str:
    """Return the text that stands in an element itself, not in those within it."""
    return " ".join(" ".join([element.text or "", *(child.tail or "" for child in element)]).split())


def bare(name: str) -> str:
    """Return the name of an attribute without its namespace."""
    return name.rpartition("}")[2]


def _names(element: Element) -> list[str]:
    return list(map(str, element.attrib))


def cut(element: Element) -> None:
    """Take an element out and leave the text behind it."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    tail = element.tail or ""
    if before is None:
        parent.text = (parent.text or "") + tail
    else:
        before.tail = (before.tail or "") + tail
    parent.remove(element)
