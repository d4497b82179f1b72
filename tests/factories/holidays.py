"""Years of holidays made up for tests: samples of a far year, so that no real holiday is claimed."""

from datetime import UTC, datetime

from app.core.db import unit_of_work
from app.rulebook.services.holidays import Entered, Notice, enter

FAR = 2091
NUMBER = f"示例〔{FAR - 1}〕7号"
HEAD = "日期,安排\n"
DAYS = (
    HEAD
    + "".join(f"{FAR}-01-0{day},放假\n" for day in (1, 2, 3))
    + f"{FAR}年1月6日,上班\n{FAR}/2/17,上班\n"
    + "".join(f"{FAR}-02-{day},放假\n" for day in range(18, 25))
)
"""1 January is a Monday: free to Wednesday, Saturday 6 worked; 18 to 24 February free, Saturday 17 worked."""


def make_year(year: int = FAR, text: str = DAYS, *, number: str = NUMBER) -> Entered:
    """Enter the holidays of a year as a sample."""
    notice = Notice(year, f"{year}年部分节假日安排（示例）", number, sample=True)
    with unit_of_work():
        return enter(text.encode(), notice, by=None, at=datetime(year - 1, 11, 4, tzinfo=UTC))
