"""Reading a roster file (学员名单): xlsx or csv, with the headings that people really use."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.core.errors import InvalidError, Text
from app.core.tables import Cells, Limits, columns_of, is_empty, is_rounded, picked, rows_of, written
from app.core.text import _l

MOST_ROWS = 100_000
MEGABYTES = 100

# zh: the headings that Chinese offices write
HEADINGS = {
    "name": ("姓名", "学员姓名", "名字", "name", "fullname"),
    "kind": ("证件类型", "证件种类", "证件类别", "documenttype", "idtype"),
    "number": (
        "证件号码",
        "证件号",
        "证件编号",
        "身份证号",
        "身份证号码",
        "居民身份证号码",
        "公民身份号码",
        "身份证",
        "documentnumber",
        "idnumber",
    ),
    "phone": ("手机", "手机号", "手机号码", "联系电话", "移动电话", "联系方式", "电话", "phone", "mobile", "telephone"),
    "email": ("邮箱", "电子邮箱", "电子邮件", "邮件", "邮箱地址", "email", "mail", "e-mail", "emailaddress"),
    "employer": ("单位", "工作单位", "所在单位", "单位名称", "employer", "organisation", "organization", "company"),
}
TEMPLATE = tuple(headings[0] for headings in HEADINGS.values())
"""The headings of the template that people download."""
NEEDED = ("name", "number")
NO_HEADINGS = _l("No row of headings was found. The columns 姓名 and 证件号码 are needed; use the template.")


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One row as written; `rounded` where the sheet kept the number as a figure and lost digits."""

    line: int
    name: str = ""
    kind: str = ""
    number: str = ""
    phone: str = ""
    email: str = ""
    employer: str = ""
    rounded: bool = False


def read(data: bytes) -> Iterator[RosterLine]:
    """Yield the rows of a roster one by one; raises InvalidError for the field `file` saying what to change."""
    rows = rows_of(data, Limits(MOST_ROWS, megabytes=MEGABYTES))
    columns = columns_of(rows, HEADINGS, NEEDED, NO_HEADINGS)
    count = 0
    for number, cells in rows:
        if is_empty(cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise _refused(_l("A roster may hold at most %(limit)s rows. Split it.", limit=MOST_ROWS))
        yield _line(number, cells, columns)
    if not count:
        raise _refused(_l("The file holds headings but no rows. Enter one person a row."))


def _line(number: int, cells: Cells, columns: Mapping[str, int]) -> RosterLine:
    values = picked(cells, columns)
    return RosterLine(
        line=number,
        rounded=is_rounded(values.get("number")),
        **{field: written(value) for field, value in values.items()},
    )


def _refused(message: Text) -> InvalidError:
    return InvalidError(message, field="file")
