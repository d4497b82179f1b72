"""Names of bodies as they are compared: written otherwise they are the same, and a department is part of its whole."""

import re
import unicodedata
from enum import StrEnum

# zh: how names of companies end, the longer first; they are left out where two names are compared
LEGAL_FORMS = (
    "有限责任公司",
    "股份有限公司",
    "有限公司",
    "companylimited",
    "limited",
    "coltd",
    "ltd",
    "inc",
)
# zh: what ends the name of a body that has departments; an academy of sciences is none, its institutes stand alone
WHOLE = re.compile(r"大学|(?<!科)学院|医院|集团")
SHORTEST = 4


class Alike(StrEnum):
    """How two names say the same body."""

    SAME = "same"
    WRITTEN = "written"
    PART = "part"


def body_key(name: str) -> str:
    """Return a name without width, spaces, brackets, marks and the legal form of a company."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    bare = "".join(char for char in folded if char.isalnum())
    form = next((one for one in LEGAL_FORMS if bare.endswith(one)), "")
    return bare.removesuffix(form) or bare


def body_root(name: str) -> str:
    """Return the key of the whole that a name says it is a part of, its own key where it names none."""
    key = body_key(name)
    ends = (found.end() for found in WHOLE.finditer(key))
    return key[: next((end for end in ends if end >= SHORTEST), len(key))]


def alike(one: str, other: str) -> Alike | None:
    """Tell how two names say the same body; None where they do not."""
    if one == other:
        return Alike.SAME
    if body_key(one) == body_key(other):
        return Alike.WRITTEN
    return Alike.PART if body_root(one) == body_root(other) else None
