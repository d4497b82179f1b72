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
# zh: universities that bear one name and are bodies of their own, each with the place in its name (list of the Ministry
# of Education); the branches of others, as 山东大学（威海）, are parts of them
APART = (
    r"(?:(?<=中国地质大学)(?:武汉|北京)|(?<=中国石油大学)(?:北京|华东)|(?<=中国矿业大学)北京"
    r"|(?<=香港中文大学)深圳|(?<=香港科技大学)广州|(?<=香港城市大学)东莞)?"
)
# zh: words that only begin as a university does: 大学生, 大学城, 大学路; not 大学 before 生命科学 or 城市规划
NO_UNIVERSITY = r"(?!生(?![命物态殖理化医产])|城(?![市乡镇建])|路(?!桥)|街)"
# zh: what ends the name of a body that has departments; an academy of sciences is none, its institutes stand alone
WHOLE = re.compile(rf"大学{NO_UNIVERSITY}{APART}|(?<!科)学院(?!路(?!桥)|街)|医院|集团")
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
