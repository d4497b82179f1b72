"""Names on public notices: only as much as the rule allows (PIPL, articles 6 and 25)."""

from app.cases.rules.clocks import Mask

STAR = "*"
SHORT = 2
COMPOUND = frozenset(("\u6b27\u9633", "\u53f8\u9a6c", "\u4e0a\u5b98", "\u8bf8\u845b", "\u4e1c\u65b9", "\u7687\u752b"))
"""Family names of two characters that are met most: Ouyang, Sima, Shangguan, Zhuge, Dongfang, Huangfu."""


def masked(name: str, mask: Mask) -> str:
    """Return a name as a notice shows it; a name of two characters keeps its family name only."""
    written = name.strip()
    if mask is Mask.FULL or len(written) < SHORT:
        return written
    family = written[:SHORT] if len(written) > SHORT and written[:SHORT] in COMPOUND else written[:1]
    hidden = len(written) - len(family)
    if mask is Mask.SURNAME or hidden == 1:
        return family + STAR * hidden
    return family + STAR * (hidden - 1) + written[-1]
