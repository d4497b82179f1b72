"""What every page must be: valid, labelled, in one language, and free of what the content policy forbids."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

import html5lib

Lint = Callable[[Element], Iterator[str]]

HAN = re.compile(r"[\u3400-\u9fff]")
WORD = re.compile(r"[A-Za-z]{3,}")
SENTENCE = re.compile(r"[A-Za-z][A-Za-z'’-]*(?:[ ,;:]+[A-Za-z][A-Za-z'’-]*){2,}")
LOWER = re.compile(r"(?<![A-Za-z@./_-])[a-z]{2,}")
SPOKEN = ("aria-label", "alt", "title", "placeholder", "data-confirm")
# Elements whose text is not prose of ours; a <title> and an <option> may hold the name of a record.
SILENT = {"script", "style", "code", "pre", "kbd", "samp", "textarea", "title", "option", "svg"}
DATA_CLASSES = {"user-data", "notranslate", "code"}
NOT_FILLED_IN = {"hidden", "submit", "button", "reset", "image"}
DATA_BLOCKS = {"application/json", "application/ld+json"}


def lint_page(html: str, lang: str) -> list[str]:
    """Return what is wrong with a page in `zh` or `en`, an empty list if nothing is."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    page = parser.parse(html)
    found = [f"invalid HTML at {place}: {code}" for place, code, _details in parser.errors]
    for lint in LINTS:
        found.extend(lint(page))
    return found + list(_language(page, lang))


def _one_heading(page: Element) -> Iterator[str]:
    count = len(list(page.iter("h1")))
    if count != 1:
        yield f"{count} h1 instead of one"


def _titled(page: Element) -> Iterator[str]:
    if not any(_text(title).strip(" –") for title in page.iter("title")):
        yield "empty title"


def _unique_ids(page: Element) -> Iterator[str]:
    counts = Counter(element.get("id") for element in page.iter() if element.get("id"))
    yield from (f"id used {count} times: {name}" for name, count in counts.items() if count > 1)


def _labelled(page: Element) -> Iterator[str]:
    labels = {label.get("for") for label in page.iter("label") if _text(label).strip()}
    wrapped = {field for label in page.iter("label") if _text(label).strip() for field in label.iter()}
    for tag in ("input", "select", "textarea"):
        for field in page.iter(tag):
            named = field.get("id") in labels or field in wrapped or _named(field)
            if not named and field.get("type") not in NOT_FILLED_IN:
                yield f"{tag} without label: {field.get('name') or field.get('id')}"


def _worded(page: Element) -> Iterator[str]:
    for tag in ("a", "button", "summary"):
        for element in page.iter(tag):
            if not _named(element) and not _text(element).strip() and not _pictured(element):
                yield f"{tag} without words: {element.get('href') or element.get('class') or tag}"


def _pictures_described(page: Element) -> Iterator[str]:
    yield from (f"img without alt: {image.get('src')}" for image in page.iter("img") if image.get("alt") is None)


def _nothing_inline(page: Element) -> Iterator[str]:
    for script in page.iter("script"):
        if script.get("src") is None and script.get("type") not in DATA_BLOCKS:
            yield "inline script"
    yield from ("inline style element" for _style in page.iter("style"))
    for element in page.iter():
        for name, value in element.attrib.items():
            if name == "style" or name.startswith("on") or value.strip().lower().startswith("javascript:"):
                yield f"inline {name} on {element.tag}"


LINTS: tuple[Lint, ...] = (
    _one_heading,
    _titled,
    _unique_ids,
    _labelled,
    _worded,
    _pictures_described,
    _nothing_inline,
)


def _language(page: Element, lang: str) -> Iterator[str]:
    root = page if page.tag == "html" else page.find("html")
    declared = root.get("lang", "") if root is not None else ""
    if not declared.startswith(lang):
        yield f"lang is {declared!r} on a page in {lang}"
    foreign = _left_english if lang == "zh" else _left_chinese
    for text in _prose(page, lang):
        if foreign(text):
            yield f"not translated: {' '.join(text.split())[:80]}"


def _left_english(text: str) -> bool:
    """Whether a text on a Chinese page is an English sentence; names in capitals are not."""
    return not HAN.search(text) and any(LOWER.search(match[0]) for match in SENTENCE.finditer(text))


def _left_chinese(text: str) -> bool:
    """Whether a text on an English page is Chinese; a Chinese name inside an English sentence is not."""
    return bool(HAN.search(text)) and not WORD.search(text)


def _prose(element: Element, lang: str) -> Iterator[str]:
    """Walk the texts that we wrote in the page's language: not code, not data, not marked as another language."""
    tag: object = element.tag
    if not isinstance(tag, str) or _is_not_ours(element, lang):  # a comment's tag is a function
        return
    yield element.text or ""
    yield from (element.get(name, "") for name in SPOKEN)
    for child in element:
        yield from _prose(child, lang)
        yield child.tail or ""


def _is_not_ours(element: Element, lang: str) -> bool:
    other = not element.get("lang", lang).startswith(lang) and element.tag != "html"
    data = DATA_CLASSES.intersection(element.get("class", "").split()) or element.get("translate") == "no"
    return element.tag in SILENT or other or bool(data)


def _named(element: Element) -> bool:
    return any(element.get(name, "").strip() for name in ("aria-label", "aria-labelledby", "title"))


def _pictured(element: Element) -> bool:
    return any(image.get("alt", "").strip() for image in element.iter("img"))


def _text(element: Element) -> str:
    return "".join(element.itertext())
