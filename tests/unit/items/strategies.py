"""Items of every type, with the characters that files find hardest, in the one form that building gives them."""

import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from app.items.rules.bodies import Blank, Body, Criterion, Number, Option, Part, Unit
from app.items.rules.building import build
from app.items.rules.content import LETTERS, TRUE_FALSE_TEXTS, Defaults, ItemContent
from app.items.rules.marking import fold
from app.items.states import CHOICES, CognitiveLevel, Credit, ItemType
from app.rulebook.terms import MODULES

HARD = "\\~=#{}:[]%/|'\"+-@,;\n\t√×（）。甲乙ABab01<>&＝"
TEXTS = (
    st.text(st.one_of(st.sampled_from(HARD), st.characters(exclude_categories=["C", "Zl", "Zp", "Zs"])), min_size=1)
    .map(str.strip)
    .filter(bool)
    .filter(lambda text: not {"$", "_"} & set(text) and "\\(" not in text and "\\[" not in text)
)
LINES = TEXTS.map(lambda text: " ".join(text.split())).filter(lambda text: text not in {"", "-"} and len(text) <= 200)
CODES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", fullmatch=True).filter(str.isascii)
ANSWERS = LINES.filter(lambda text: bool(fold(text)))
NUMBERS = st.decimals(-1_000_000, 1_000_000, places=4)
ALL = tuple(ItemType)
PARTS = tuple(kind for kind in ItemType if kind is not ItemType.CASE)


def choices() -> st.SearchStrategy[ItemContent]:
    """Give items of the types that every table and text file has."""
    return items(tuple(kind for kind in ItemType if kind in CHOICES))


@st.composite
def items(draw: st.DrawFn, kinds: Sequence[ItemType] = ALL) -> ItemContent:
    """Give items of some types."""
    part = draw(parts(kinds))
    given: dict[str, Any] = {
        "code": draw(CODES),
        "type": part.type,
        "stem": part.stem,
        "options": [option.text for option in part.options],
        "key": part.key,
        "body": part.body,
        "explanation": draw(st.one_of(st.just(""), TEXTS)),
        "module": draw(st.sampled_from(list(MODULES))),
        "level": draw(st.sampled_from(CognitiveLevel)).value,
        "difficulty": str(draw(st.decimals(0, 1, places=draw(st.integers(0, 6))))),
        "read": draw(st.booleans()),
        **{name: draw(st.one_of(st.just(""), LINES)) for name in ("topic", "law", "article", "edition")},
    }
    return build(given, place="", defaults=Defaults())


@st.composite
def parts(draw: st.DrawFn, kinds: Sequence[ItemType] = PARTS) -> Part:
    """Give what items ask, of some types."""
    kind = draw(st.sampled_from(kinds))
    texts = [] if kind not in MAKERS else draw(MAKERS[kind])
    options = tuple(map(Option, LETTERS, texts))
    letters = [option.key for option in options]
    body = draw(_bodies(kind, letters))
    return Part(
        kind,
        draw(_stems(len(body.blanks))),
        options,
        draw(_keys(kind, letters)),
        body,
    )


@st.composite
def _stems(draw: st.DrawFn, blanks: int) -> str:
    """Give a stem, with a gap for each blank as often as not."""
    if not blanks or draw(st.booleans()):
        return draw(TEXTS)
    return "_____".join(draw(st.lists(TEXTS, min_size=blanks + 1, max_size=blanks + 1)))


def _unlike(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


OPTIONS = st.lists(TEXTS, min_size=2, max_size=6, unique_by=_unlike)
MAKERS: dict[ItemType, st.SearchStrategy[list[str]]] = {
    ItemType.SINGLE: OPTIONS,
    ItemType.MULTIPLE: OPTIONS,
    ItemType.TRUE_FALSE: st.just(list(TRUE_FALSE_TEXTS)),
    ItemType.MATCHING: OPTIONS,
    ItemType.ORDERING: OPTIONS,
}


def _keys(kind: ItemType, letters: list[str]) -> st.SearchStrategy[frozenset[str]]:
    if kind not in CHOICES:
        return st.just(frozenset())
    most = len(letters) if kind is ItemType.MULTIPLE else 1
    return st.frozensets(st.sampled_from(letters), min_size=1, max_size=most)


CREDITS = st.one_of(st.none(), st.sampled_from(Credit))
BLANKS = st.builds(Blank, st.lists(ANSWERS, min_size=1, max_size=3, unique=True).map(tuple), st.booleans())
SHARES = st.sampled_from([Decimal("0.5"), Decimal("0.25")])
TOLERANCES = st.decimals(0, 100, places=3)


def _bodies(kind: ItemType, letters: list[str]) -> st.SearchStrategy[Body]:
    written = st.builds(Body, reference=st.one_of(st.just(""), TEXTS), rubric=st.lists(CRITERIA, max_size=3).map(tuple))
    made: dict[ItemType, st.SearchStrategy[Body]] = {
        ItemType.MULTIPLE: st.builds(Body, CREDITS),
        ItemType.BLANK: st.builds(Body, CREDITS, blanks=st.lists(BLANKS, min_size=1, max_size=3).map(tuple)),
        ItemType.NUMERIC: numeric(),
        ItemType.MATCHING: _matched(letters or ["A"]),
        ItemType.ORDERING: st.builds(Body, CREDITS, order=st.permutations(letters).map(tuple)),
        ItemType.ESSAY: written,
        ItemType.SHORT_ANSWER: written,
        ItemType.CASE: st.builds(
            Body, parts=st.deferred(lambda: st.lists(SUB_ITEMS, min_size=1, max_size=3)).map(tuple)
        ),
    }
    return made.get(kind, st.just(Body()))


def _listed_parts() -> st.SearchStrategy[list[Part]]:
    return st.lists(SUB_ITEMS, min_size=1, max_size=3)


@st.composite
def _matched(draw: st.DrawFn, letters: list[str]) -> Body:
    prompts = draw(st.lists(TEXTS, min_size=2, max_size=4))
    pairs = draw(st.lists(st.sampled_from(letters), min_size=len(prompts), max_size=len(prompts)))
    return Body(draw(CREDITS), prompts=tuple(prompts), pairs=tuple(pairs))


@st.composite
def numeric(draw: st.DrawFn) -> Body:
    """Give what a numeric item accepts."""
    first = Number(draw(NUMBERS), draw(TOLERANCES), draw(st.booleans()))
    more = draw(st.lists(st.builds(Number, NUMBERS, TOLERANCES, st.booleans(), SHARES), max_size=1))
    names = draw(st.lists(st.sampled_from(["万元", "元", "kg", "%", "m³"]), max_size=2, unique=True))
    factors = st.decimals(Decimal("0.0001"), 10_000, places=4)
    return Body(
        numbers=(first, *more),
        unit=names[0] if names else "",
        units=tuple(Unit(name, draw(factors)) for name in names[1:]),
        unit_asked=bool(names) and draw(st.booleans()),
    )


CRITERIA = st.builds(Criterion, LINES, st.decimals(Decimal("0.01"), 100, places=2), st.one_of(st.just(""), TEXTS))


@st.composite
def _sub_items(draw: st.DrawFn) -> Part:
    part = draw(parts())
    weight = draw(st.decimals(Decimal("0.5"), 20, places=1))
    return Part(part.type, part.stem, part.options, part.key, part.body, draw(st.one_of(st.just(""), TEXTS)), weight)


SUB_ITEMS = _sub_items()
