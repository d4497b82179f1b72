"""Translations: complete, without leftovers, well set, and no text that goes round them."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from scripts.places import ROOT
from scripts.sources import Finding, project_files, report, room_of, text_of, tree_of

CATALOGUE = "translations/zh_CN/LC_MESSAGES/messages.po"
KEYWORDS = {"_": None, "_l": None, "gettext": None, "_n": (1, 2), "ngettext": (1, 2)}
HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
ENTRY = re.compile(r'^msgid (?:".*"\n)+', re.MULTILINE)
QUOTED = re.compile(r'"(.*)"')
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
HALF_WIDTH = re.compile(r"[\u3400-\u9fff][,;:?!()]|[,;?!()][\u3400-\u9fff]|[!！]")
JINJA = re.compile(r"\{%-? block \w*class -?%\}[\w -]*\{%-? endblock -?%\}|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
SPOKEN = ("alt", "aria-label", "placeholder", "title")
UNTRANSLATED = {"code", "script", "style", "svg", "kbd"}
WORD = re.compile(r"[A-Za-z]{2,}")
CHOOSER = "pick"
SAID = {"flash", "DomainError", "ForbiddenError", "NotFoundError", "ConflictError", "TooLargeError", "InvalidError",
        "TooManyError", "UnavailableError"}  # fmt: skip


def main() -> None:
    """Report what is missing, left over, badly set or written past gettext."""
    report(_all_findings())


def _all_findings() -> Iterator[Finding]:
    rooms: dict[Path, Room] = {}
    for path in project_files(".py", "app") + project_files(".html", "app"):
        folder = room_of(path)
        if folder is not None:
            rooms.setdefault(folder, Room(folder)).read(path)
    for room in rooms.values():
        yield from room.findings()
    for path in project_files(".html", "app"):
        yield from template_literals(path)
    for path in project_files(".py", "app"):
        yield from han_literals(path)
        yield from said_literals(path)


@dataclass
class Room:
    """One room: the messages its files use and its own catalogue."""

    folder: Path
    used: dict[str, tuple[Path, int]] = field(default_factory=dict)

    def read(self, path: Path) -> None:
        """Collect the messages of a file."""
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        options = {"silent": "false", "extensions": "", "encoding": "utf-8"}
        content = io.BytesIO(text_of(path).encode())
        for line, message, _comments, _context in extract(method, content, keywords=KEYWORDS, options=options):
            first = message if isinstance(message, str) else message[0]
            self.used.setdefault(str(first), (path, line))

    def findings(self) -> Iterator[Finding]:
        """Compare what is used with what is translated."""
        source = self.folder / CATALOGUE
        messages = _messages(source)
        for text, (path, line) in self.used.items():
            if text not in messages:
                yield Finding(path, line, f"not in {source.relative_to(ROOT)}: {text!r}")
        for text, message in messages.items():
            at = message.lineno or 0
            if text not in self.used:
                yield Finding(source, at, f"nothing in the room says {text!r} any more")
            for fault in translation_faults(message):
                yield Finding(source, at, f"{fault}: {text!r}")
        if messages:
            yield from doubled(source)


def doubled(source: Path) -> Iterator[Finding]:
    """Messages that a catalogue has twice: readers take one of the two without a word."""
    seen: set[str] = set()
    for found in ENTRY.finditer(text_of(source)):
        text = "".join(QUOTED.findall(found[0]))
        if text in seen:
            yield Finding(
                source, text_of(source).count("\n", 0, found.start()) + 1, f"twice in the catalogue: {text!r}"
            )
        seen.add(text)


def _messages(source: Path) -> dict[str, Message]:
    if not source.is_file():
        return {}
    with source.open("rb") as content:
        catalogue = read_po(content, locale="zh_CN", abort_invalid=True)
    return {(m.id if isinstance(m.id, str) else m.id[0]): m for m in catalogue if m.id}


def translation_faults(message: Message) -> Iterator[str]:
    """What is wrong with one translation."""
    identity = message.id if isinstance(message.id, str) else message.id[-1]
    strings = [message.string] if isinstance(message.string, str) else list(message.string or ("",))
    if message.fuzzy:
        yield "fuzzy"
    for text in strings:
        if not text:
            yield "empty"
        elif set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(identity)):
            yield "other placeholders than its message"
        elif HALF_WIDTH.search(PLACEHOLDER.sub("", text)):
            yield f"half-width punctuation beside Chinese, or an exclamation mark, in {text!r}"


class _Literals(HTMLParser):
    """Collects words that stand in a template outside gettext."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at the attributes that people hear or read."""
        given = {name: value or "" for name, value in attrs}
        hidden = tag in UNTRANSLATED or "notranslate" in given.get("class", "").split()
        self.open.append(f"-{tag}" if hidden else tag)
        for name in SPOKEN:
            self._look(given.get(name, ""))

    def handle_endtag(self, tag: str) -> None:
        """Forget the element and what was left open inside it."""
        while self.open:
            if self.open.pop().lstrip("-") == tag:
                break

    def handle_data(self, data: str) -> None:
        """Look at text."""
        self._look(data)

    def _look(self, text: str) -> None:
        if WORD.search(text) and not any(tag.startswith("-") for tag in self.open):
            self.found.append((self.getpos()[0], " ".join(text.split())[:60]))


def template_literals(path: Path) -> Iterator[Finding]:
    """Words and Chinese in a template that no one can translate; class notranslate says that none is meant."""
    named = re.sub(r"(</?)\{\{.*?\}\}", r"\1div", text_of(path))
    bare = JINJA.sub(lambda match: "\n" * match.group().count("\n"), named)
    parser = _Literals()
    parser.feed(bare)
    for line, text in parser.found:
        yield Finding(path, line, f"text outside gettext: {text!r}")
    for number, text in enumerate(text_of(path).splitlines(), 1):
        if HAN.search(re.sub(r"\{#.*?#\}", "", text)) and "notranslate" not in text:
            yield Finding(path, number, "Chinese in a template: write an English message and translate it")


def han_literals(path: Path) -> Iterator[Finding]:
    """Chinese in Python strings: allowed in docstrings, in pick(zh, en), and under a comment `# zh: reason`."""
    text = text_of(path)
    if not HAN.search(text):
        return
    reasons = _reason_lines(text)
    if any(line.startswith("# zh: ") for line in text.splitlines()):
        return
    tree = tree_of(path)
    allowed = _docstrings(tree) | _chosen(tree)
    for statement, node in _strings(tree):
        lines = range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
        if HAN.search(str(node.value)) and id(node) not in allowed and not reasons.intersection(lines):
            yield Finding(
                path, node.lineno, "Chinese in code: translate a message, use pick(zh, en) or say `# zh: why`"
            )


def said_literals(path: Path) -> Iterator[Finding]:
    """Sentences for people that are raised or flashed without gettext."""
    for node in ast.walk(tree_of(path)):
        if not (isinstance(node, ast.Call) and node.args):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        first = node.args[0]
        literal = isinstance(first, ast.JoinedStr) or (isinstance(first, ast.Constant) and isinstance(first.value, str))
        if literal and (name in SAID or (name.endswith("Field") and name != "Field")):
            yield Finding(path, node.lineno, f"the text of {name} is not translated")


def _reason_lines(text: str) -> set[int]:
    """Lines with a comment that argues the Chinese on them."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {token.start[0] for token in tokens if token.type == tokenize.COMMENT and token.string.startswith("# zh: ")}


def _docstrings(tree: ast.Module) -> set[int]:
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.add(id(node.value))
    return found


def _chosen(tree: ast.Module) -> set[int]:
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == CHOOSER:
            found.update(id(inside) for inside in ast.walk(node))
    return found


def _strings(tree: ast.Module) -> Iterator[tuple[ast.stmt, ast.Constant]]:
    """Every string with the smallest statement around it."""
    for statement in ast.walk(tree):
        if not isinstance(statement, ast.stmt):
            continue
        for node in _own_nodes(statement):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield statement, node


def _own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """The expressions of a statement, without those of statements inside it."""
    waiting = [child for child in ast.iter_child_nodes(statement) if not isinstance(child, ast.stmt)]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt))


if __name__ == "__main__":
    main()
