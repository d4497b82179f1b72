"""Words as files write them: compared without case, width and asides; those of modules by their codes."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

# zh: the words that the tables of other item banks use, and that ours are written with
MODULE_WORDS: dict[str, tuple[str, ...]] = {
    "general": ("公共知识", "公共知识模块", "General knowledge"),
    "policy": ("政策法规", "政策法规模块", "Policy and law"),
    "practice": ("实务技能", "实务技能模块", "Practice"),
    "capability": ("能力提升", "能力提升模块", "Capability"),
}
ASIDE = re.compile(r"[(（\[【].*?[)）\]】]|[*＊:：_\s]")


def plain_word(text: str) -> str:
    """Reduce a heading or word to compare: no case, width, spaces, underscores, asides in brackets."""
    return unicodedata.normalize("NFKC", ASIDE.sub("", text)).casefold()


@dataclass(frozen=True, slots=True)
class ModuleWords:
    """The modules that items of a bank may name: by code what each is called in Chinese and English, codes by word."""

    names: Mapping[str, tuple[str, str]]
    codes: Mapping[str, str]

    def code_of(self, text: str) -> str | None:
        """Return the module that a code or word names, None where it names none."""
        return self.codes.get(plain_word(text))

    def word_of(self, code: str) -> str:
        """Return the word that a table is written with: the national or else Chinese one, the code if that misleads."""
        word = (MODULE_WORDS.get(code) or self.names.get(code) or (code,))[0]
        return word if self.code_of(word) == code else code


def module_words(given: Mapping[str, tuple[str, ...]]) -> ModuleWords:
    """Return the national modules and those of a region, given by code with all their names by turns.

    A word that several modules claim is that of the one whose code it is, then of the national one, then of the first.
    """
    claims = [
        *((code, code) for code in (*MODULE_WORDS, *given)),
        *((word, code) for code, words in MODULE_WORDS.items() for word in words),
        *((word, code) for code, words in given.items() for word in words),
    ]
    codes: dict[str, str] = {}
    for word, code in claims:
        codes.setdefault(plain_word(word), code)
    national = {code: (words[0], words[-1]) for code, words in MODULE_WORDS.items()}
    own = {code: (words[0], words[1]) for code, words in given.items()}
    return ModuleWords({**own, **{code: two for code, two in national.items() if code not in own}}, codes)


NATIONAL = module_words({})
