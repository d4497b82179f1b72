"""The rosters of people of the demo: one taken over, one that waits with a row to correct."""

from datetime import datetime

from sqlalchemy import select

from app.accounts import services
from app.accounts.rules.roster_file import TEMPLATE
from app.accounts.services.people_import import read_file
from app.accounts.staged import PeopleImport
from app.accounts.staged_queries import ADMINISTERED
from app.cli.demo.people import identity_number
from app.cli.demo.step import Demo, acting_as
from app.core import clock
from app.core.db import session, unit_of_work
from app.core.spreadsheets import to_csv

FIRST_SERIAL = 611
TAKEN_OVER = datetime(2026, 4, 13, 10, 0, tzinfo=clock.SHANGHAI)
WAITS = datetime(2026, 6, 22, 15, 30, tzinfo=clock.SHANGHAI)
# zh: what an administrator uploads
FIRST, SECOND = "2026年春季新增人员.csv", "2026年夏季新增人员.csv"
CARD, UNIT = "居民身份证", "齐州材料研究院"
SPRING = ("乔望舒", "申屠远", "闻人静")
SUMMER = ("宇文澜", "鲜于知", "公冶明")


def load(demo: Demo) -> int:
    """Upload both rosters and take the first over, once."""
    del demo
    known = session.scalar(select(PeopleImport.id).where(PeopleImport.purpose == ADMINISTERED).limit(1))
    session.rollback()
    if known is not None:
        return 0
    by = acting_as("secadmin")
    spring = [_row(place, name) for place, name in enumerate(SPRING)]
    with unit_of_work():
        staged = services.stage_people(read_file(to_csv([TEMPLATE, *spring]), FIRST), by=by, at=TAKEN_OVER)
        services.take_over_people(staged, only_good=False, by=by, at=TAKEN_OVER)
    summer = [_row(place, name) for place, name in enumerate(SUMMER, start=len(SPRING))]
    summer[1][2] = summer[1][2][:-1]
    with unit_of_work():
        services.stage_people(read_file(to_csv([TEMPLATE, *summer]), SECOND), by=by, at=WAITS)
    return 2


def _row(place: int, name: str) -> list[str]:
    serial = FIRST_SERIAL + place
    return [name, CARD, identity_number(serial), f"198{serial:08d}", f"roster{serial}@demo.example", UNIT]
