"""Regions by GB/T 2260 (行政区划代码): what a row says, what is wrong with it, where it lies; pure functions."""

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from app.accounts.access import CITY_MARK, PROVINCE_MARK
from app.accounts.rules.roster import Problem
from app.accounts.states import NATION, RegionLevel
from app.core import pinyin
from app.core.errors import InvalidError
from app.core.tables import Limits, columns_of, is_empty, picked, rows_of, written
from app.core.text import _l

LONGEST_NAME = 200
MOST_ROWS = 20_000
"""China has about 3,200 regions from county level up."""
CODE = re.compile(r"[0-9]{6}")
NEEDED = ("code", "name_zh")
MUNICIPALITIES = frozenset({"11", "12", "31", "50"})
"""Beijing, Tianjin, Shanghai, Chongqing: their districts lie in them at once."""
UNDER_PROVINCE = "90"
"""The third and fourth digit of counties that a province administers itself, with no city between (GB/T 2260)."""

# zh: the headings of published lists of codes
HEADINGS = {
    "code": ("行政区划代码", "区划代码", "代码", "code"),
    "name_zh": ("单位名称", "行政区划名称", "区划名称", "名称", "namezh", "name"),
    "name_en": ("英文名称", "罗马字母拼写", "nameen"),
}
# zh: the kinds of regions that end a name, the longer first
KIND = re.compile(r"(?<=..)(特别行政区|自治区|自治州|自治县|自治旗|地区|新区|林区|特区|省|市|区|县|旗|盟)$")
SENTENCES = {
    "code_form": _l("“%(code)s” is no code of six digits. Enter the code of GB/T 2260, as text."),
    "code_unused": _l(
        "No region has a code whose third and fourth digit are 00 and whose last two are not. Compare it."
    ),
    "code_twice": _l("The same code stands in row %(line)s. Keep one of the two rows."),
    "province_unknown": _l("No unit of provincial level has a code that begins with %(digits)s. Compare the code."),
    "parent_missing": _l("The city %(code)s in which this county lies is not known. Add a row for the city."),
    "name_missing": _l("The name is missing. Enter the Chinese name."),
    "name_long": _l("The name is longer than %(limit)s characters. Enter the name only."),
}


@dataclass(frozen=True, slots=True)
class RegionLine:
    """One row of a list as written."""

    line: int
    code: str
    name_zh: str
    name_en: str = ""


def read(data: bytes) -> list[RegionLine]:
    """Return the rows of a list of regions; raises InvalidError for the field `file` saying what to change."""
    rows = rows_of(data, Limits(MOST_ROWS))
    missing = _l("No row of headings was found. The columns code and name_zh are needed, name_en may be there.")
    columns = columns_of(rows, HEADINGS, NEEDED, missing)
    lines = []
    for number, cells in rows:
        if not is_empty(cells):
            said = {field: written(cell) for field, cell in picked(cells, columns).items()}
            lines.append(RegionLine(number, **said))
    if not lines:
        raise InvalidError(_l("The file holds headings but no rows. Enter one region a row."), field="file")
    return lines


def level_of(code: str) -> RegionLevel:
    """Return the level that a code says."""
    if code == NATION:
        return RegionLevel.NATION
    if code.endswith(PROVINCE_MARK):
        return RegionLevel.PROVINCE
    return RegionLevel.CITY if code.endswith(CITY_MARK) else RegionLevel.COUNTY


def parent_of(code: str, listed: AbstractSet[str]) -> str | None:
    """Return the next region above that is listed: a municipality's district lies in it at once."""
    above = (code[:4] + CITY_MARK, code[:2] + PROVINCE_MARK, NATION)
    return next((parent for parent in above if parent != code and parent in listed), None)


def problems(lines: Iterable[RegionLine], known: AbstractSet[str]) -> Iterator[tuple[RegionLine, list[Problem]]]:
    """Yield the rows that cannot be taken over and why; `known` are the codes of regions that stand already."""
    given = list(lines)
    listed = known | {line.code for line in given}
    first: dict[str, int] = {}
    for line in given:
        found = [*_of_code(line.code, known, listed), *_of_names(line)]
        earlier = first.setdefault(line.code, line.line)
        if earlier != line.line and CODE.fullmatch(line.code):
            found.append(Problem("code", "code_twice", {"line": earlier}))
        if found:
            yield line, found


def _of_code(code: str, known: AbstractSet[str], listed: AbstractSet[str]) -> Iterator[Problem]:
    if not CODE.fullmatch(code):
        yield Problem("code", "code_form", {"code": code[:20]})
    elif code != NATION and code[:2] + PROVINCE_MARK not in known:
        yield Problem("code", "province_unknown", {"digits": code[:2]})
    elif level_of(code) is not RegionLevel.COUNTY:
        return
    elif code[2:4] == CITY_MARK:
        yield Problem("code", "code_unused")
    elif code[:2] not in MUNICIPALITIES and code[2:4] != UNDER_PROVINCE and code[:4] + CITY_MARK not in listed:
        yield Problem("code", "parent_missing", {"code": code[:4] + CITY_MARK})


def _of_names(line: RegionLine) -> Iterator[Problem]:
    if not line.name_zh:
        yield Problem("name_zh", "name_missing")
    for field, name in (("name_zh", line.name_zh), ("name_en", line.name_en)):
        if len(name) > LONGEST_NAME:
            yield Problem(field, "name_long", {"limit": LONGEST_NAME})


def latin(name: str) -> str:
    """Return a Chinese name in pinyin, its kind as a word of its own: what stands where a list gives no English."""
    return " ".join(_joined(pinyin.syllables(part)) for part in KIND.split(name) if part)[:LONGEST_NAME]


def _joined(syllables: Iterable[str]) -> str:
    word = ""
    for syllable in syllables:
        word += "'" + syllable if word and syllable[:1] in {"a", "e", "o"} else syllable
    return word.capitalize()


def names(line: RegionLine, before: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """Return the Chinese and English name that a row gives a region; `before` has those of the regions that stand.

    A row without an English name keeps the one that stands, unless the Chinese name is another one.
    """
    if line.name_en:
        return line.name_zh, line.name_en
    old = before.get(line.code)
    return old if old and old[0] == line.name_zh else (line.name_zh, latin(line.name_zh))
