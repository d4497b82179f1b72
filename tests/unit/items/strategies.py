"""Items of every kind, with the characters that files find hardest."""

import unicodedata
from decimal import Decimal

from hypothesis import strategies as st

from app.items.rules.content import LETTERS, TRUE_FALSE_TEXTS, ItemContent, Option
from app.items.states import CognitiveLevel, ItemType
from app.rulebook.terms import MODULES

HARD = "\\~=#{}:[]%/|'\"+-@,;\n\t√×（）。甲乙ABab01<>&＝"
TEXTS = (
    st.text(st.one_of(st.sampled_from(HARD), st.characters(exclude_categories=["C", "Zl", "Zp", "Zs"])), min_size=1)
    .map(str.strip)
    .filter(bool)
)
LINES = TEXTS.map(lambda text: " ".join(text.split())).filter(lambda text: text not in {"", "-"} and len(text) <= 200)
CODES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", fullmatch=True).filter(str.isascii)


@st.composite
def items(draw: st.DrawFn) -> ItemContent:
    kind = draw(st.sampled_from(ItemType))
    if kind is ItemType.TRUE_FALSE:
        texts = list(TRUE_FALSE_TEXTS)
    else:
        texts = draw(st.lists(TEXTS, min_size=2, max_size=8, unique_by=lambda text: " ".join(_folded(text).split())))
    letters = list(LETTERS[: len(texts)])
    right = draw(st.lists(st.sampled_from(letters), min_size=1, unique=True)) if kind is ItemType.MULTIPLE else None
    return ItemContent(
        code=draw(CODES),
        type=kind,
        stem=draw(TEXTS),
        options=tuple(map(Option, letters, texts)),
        key=frozenset(right or [draw(st.sampled_from(letters))]),
        explanation=draw(st.one_of(st.just(""), TEXTS)),
        module=draw(st.sampled_from(list(MODULES))),
        level=draw(st.sampled_from(CognitiveLevel)),
        difficulty=draw(st.decimals(0, 1, places=draw(st.integers(0, 6)), allow_nan=False)).quantize(
            Decimal("0.000001")
        ),
        topic=draw(st.one_of(st.just(""), LINES)),
        law=draw(st.one_of(st.just(""), LINES)),
        article=draw(st.one_of(st.just(""), LINES)),
        edition=draw(st.one_of(st.just(""), LINES)),
        source_read=draw(st.booleans()),
    )


def _folded(text: str) -> str:

    return unicodedata.normalize("NFKC", text)
