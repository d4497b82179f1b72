"""Lists of experts: what a row must say, and the words offices use for it."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from app.core.errors import InvalidError, Text
from app.core.tables import Limits, columns_of, is_empty, picked, rows_of, written
from app.core.text import _l
from app.panels.states import Field, Title

MOST_ROWS = 1_000

# zh: the headings and words that Chinese offices write
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "name": ("姓名", "name"),
    "number": ("证件号码", "身份证号", "身份证号码", "number"),
    "unit": ("单位", "工作单位", "unit"),
    "region": ("地区代码", "region"),
    "field": ("专业领域", "field"),
    "title": ("职称", "职称级别", "title"),
}
NO_HEADINGS = _l("The headings are missing. Use the template: it has the six columns in their order.")
FIELDS: Mapping[str, Field] = {
    "技术转移": Field.TRANSFER,
    "工程技术": Field.ENGINEERING,
    "知识产权": Field.PROPERTY,
    "金融投资": Field.FINANCE,
    "法律": Field.LAW,
    "教育培训": Field.EDUCATION,
    **{one.value: one for one in Field},
}
TITLES: Mapping[str, Title] = {
    "正高级": Title.FULL_SENIOR,
    "副高级": Title.SENIOR,
    "中级": Title.INTERMEDIATE,
    **{one.value: one for one in Title},
}


@dataclass(frozen=True, slots=True)
class ExpertLine:
    """One row of a list: the person, their unit with its GB/T 2260 region, field and title."""

    row: int
    name: str
    number: str
    unit: str
    region: str
    field: Field
    title: Title


class WrongRowsError(InvalidError):
    """Rows of a list that cannot be taken over: each with its number and what to change."""

    def __init__(self, rows: Sequence[tuple[int, Text]]) -> None:
        super().__init__(
            _l(
                "Rows with an error: %(count)s. Nothing was imported. Correct them and choose the file again.",
                count=len(rows),
            ),
            field="file",
        )
        self.rows = rows


def read(data: bytes, regions: AbstractSet[str]) -> list[ExpertLine]:
    """Return the rows of a list; raises InvalidError for the field `file`, WrongRowsError where rows are wrong."""
    rows = rows_of(data, Limits(MOST_ROWS))
    columns = columns_of(rows, HEADINGS, HEADINGS, NO_HEADINGS)
    given = [
        (number, {field: written(cell) for field, cell in picked(cells, columns).items()})
        for number, cells in rows
        if not is_empty(cells)
    ]
    if len(given) > MOST_ROWS:
        raise _refused(_l("A list may hold at most %(most)s experts. Split it.", most=MOST_ROWS))
    if not given:
        raise _refused(_l("The file holds headings but no rows. Enter one expert a row."))
    wrong = [(number, why) for number, said in given if (why := _problem(said, regions)) is not None]
    if wrong:
        raise WrongRowsError(wrong)
    return [_line(number, said) for number, said in given]


def _refused(message: Text) -> InvalidError:
    return InvalidError(message, field="file")


def _problem(said: Mapping[str, str], regions: AbstractSet[str]) -> Text | None:
    if not all(said.values()):
        return _l("A cell is empty. Fill all six columns.")
    if said["region"] not in regions:
        return _l("“%(code)s” is no region code of six digits.", code=said["region"])
    if said["field"] not in FIELDS:
        return _l("“%(word)s” is no professional field of the template.", word=said["field"])
    if said["title"] not in TITLES:
        return _l("“%(word)s” is no professional title of the template.", word=said["title"])
    return None


def _line(row: int, said: Mapping[str, str]) -> ExpertLine:
    return ExpertLine(
        row,
        said["name"],
        said["number"],
        said["unit"],
        said["region"],
        FIELDS[said["field"]],
        TITLES[said["title"]],
    )
