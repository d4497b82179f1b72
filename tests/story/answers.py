"""What the story answers: the keys are read from the item files, as an author has them."""

from pathlib import Path

from openpyxl import Workbook, load_workbook

from app.accounts.rules.identity import check_digit
from app.items.rules import gift
from app.items.rules.content import ItemContent
from tests.story.browser import Fields, Page, StoryError

NUMBER = "\u8bc1\u4ef6\u53f7\u7801"
NAME = "\u59d3\u540d"


def keyed(folder: Path) -> dict[str, ItemContent]:
    """Read every GIFT file of a folder: the stem, spaces removed, to its item."""
    found = {}
    for path in sorted(folder.glob("*.gift")):
        for item in gift.parse(path.read_text("utf-8")).items:
            found[squeezed(item.stem)] = item
    return found


def squeezed(text: str) -> str:
    """Return a text without spaces, as pages may set some between scripts."""
    return "".join(text.split())


def right_texts(item: ItemContent) -> set[str]:
    """Return the wording of the right options."""
    return {squeezed(option.text) for option in item.options if option.key in item.key}


def quiz_fields(page: Page, keys: dict[str, ItemContent], *, wrong: bool) -> Fields:
    """Fill in a quiz by its key, or every item wrongly."""
    given: dict[str, str | list[str] | Path] = {}
    form = page.form("/quiz")
    for group in form.xpath(".//fieldset"):
        boxes = group.xpath(".//input[@type='radio' or @type='checkbox']")
        asked = squeezed(group.text_content())
        item = next((item for stem, item in keys.items() if stem in asked), None)
        if item is None or not boxes:
            raise StoryError(f"no key for {asked[:60]}")
        chosen = [box.get("value") for box in boxes if (box.get("value") in item.key) is not wrong]
        name = str(boxes[0].get("name"))
        given[name] = chosen if boxes[0].get("type") == "checkbox" else chosen[0]
    return given


def sheet_answers(page: Page, keys: dict[str, ItemContent]) -> dict[int, list[str]]:
    """Return the right letters, as shown to this candidate, by place."""
    found = {}
    for place in page.tree.xpath("//*[@data-place]"):
        text = squeezed(place.text_content())
        item = next((item for stem, item in keys.items() if stem in text), None)
        if item is None:
            raise StoryError(f"no key for {text[:60]}")
        wanted = right_texts(item)
        letters = [
            str(box.get("value"))
            for box in place.xpath(".//input[@type='radio' or @type='checkbox']")
            if len(box.get("value", "")) == 1 and _label(place, box.get("id", "")) in wanted
        ]
        found[int(place.get("data-place"))] = letters
    return found


def sheet_choices(page: Page) -> dict[str, list[str]]:
    """Return what the page shows as chosen."""
    chosen: dict[str, list[str]] = {}
    for box in page.tree.xpath("//input[@checked][@type='radio' or @type='checkbox']"):
        chosen.setdefault(str(box.get("name")), []).append(str(box.get("value")))
    return chosen


def _label(place: object, box_id: str) -> str:
    labels = place.xpath(f".//label[@for='{box_id}']")  # type: ignore[attr-defined]
    text = squeezed(labels[0].text_content()) if labels else ""
    return text[1:].lstrip(".\u3001\uff0e") if text[:1] in "ABCDEFGHIJ" else text


def roster_numbers(path: Path) -> dict[str, str]:
    """Read the names and identity numbers of a roster."""
    rows = list(load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True))
    start = next(index for index, row in enumerate(rows) if NAME in row)
    name, number = rows[start].index(NAME), rows[start].index(NUMBER)
    return {str(row[name]): str(row[number]) for row in rows[start + 1 :] if row[name]}


SURNAMES = "赵钱孙李周吴郑王冯陈"
GIVEN = ("望川", "听澜", "照临", "允执")


def write_roster(path: Path, places: int) -> Path:
    """Write a roster of invented people, born in a month of 1900 that no other record of the demo uses."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append((NAME, "证件类型", NUMBER, "手机", "邮箱", "单位"))
    for place in range(places):
        name = SURNAMES[place % len(SURNAMES)] + GIVEN[place // len(SURNAMES)]
        number = f"37010219000501{place + 1:03d}"
        row = (name, "居民身份证", number + check_digit(number), f"197{place + 1:08d}", f"s{place}@story.example", "")
        sheet.append(row)
    book.save(path)
    return path
