"""The unified social credit code (统一社会信用代码) by GB 32100-2015: 18 characters, the last one a check."""

import re

from app.core.errors import InvalidError
from app.core.text import _l

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BASE = 31
WRITTEN = re.compile(f"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}")


def check_character(first_seventeen: str) -> str:
    """Return the eighteenth character: weights are the powers of 3 modulo 31 (GB 32100-2015, 4.3)."""
    total = sum(ALPHABET.index(letter) * pow(3, place, BASE) for place, letter in enumerate(first_seventeen))
    return ALPHABET[(BASE - total % BASE) % BASE]


def clean_credit_code(code: str) -> str:
    """Return a code as it is kept: capitals, no spaces; raises InvalidError for the field `credit_code`."""
    written = re.sub(r"[\s\-]", "", code).upper()
    if not WRITTEN.fullmatch(written):
        raise InvalidError(
            _l("A unified social credit code has 18 characters: digits and capitals without I, O, S, V and Z."),
            field="credit_code",
        )
    if check_character(written[:17]) != written[17]:
        raise InvalidError(
            _l("The last character of the code does not fit the others. Compare it with the licence."),
            field="credit_code",
        )
    return written
