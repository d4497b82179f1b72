"""The region tree from content/regions."""

import tomllib

from sqlalchemy import select

from app.accounts.access import CITY_MARK, PROVINCE_MARK
from app.accounts.models import Region
from app.accounts.states import NATION, RegionLevel
from app.cli.demo.step import CONTENT, Demo
from app.core.db import session, unit_of_work

FILE = CONTENT / "regions" / "gbt2260.toml"


def load(demo: Demo) -> int:
    """Make the regions that are missing, the nation first."""
    del demo
    given = tomllib.loads(FILE.read_text("utf-8"))
    listed = [(level, code, names) for level in RegionLevel for code, names in given[level].items()]
    with unit_of_work():
        known = set(session.scalars(select(Region.code)))
        made = [
            Region(
                code=code,
                parent_code=_parent(code, known | {code for _level, code, _names in listed}),
                level=level,
                name_zh=names[0],
                name_en=names[1],
                source=given["source"],
            )
            for level, code, names in listed
            if code not in known
        ]
        for region in made:
            session.add(region)
            session.flush()
    return len(made)


def _parent(code: str, listed: set[str]) -> str | None:
    """Return the next region above that is listed: a municipality's district lies in it at once."""
    above = (code[:4] + CITY_MARK, code[:2] + PROVINCE_MARK, NATION)
    return next((parent for parent in above if parent != code and parent in listed), None)
