"""One plain item of each type, and the same with what only some kinds of files hold."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.items.rules.bodies import Blank, Body, Criterion, Number, Part, Unit
from app.items.rules.building import build, lettered
from app.items.rules.content import Defaults, ItemContent
from app.items.states import ItemType
from tests.factories.pictures import png, reference

PICTURE = png()
FIGURE = reference(PICTURE)
SHOWN = f"\n![登记流程](stored:{FIGURE.sha256})"
TABLE = "某单位三年的技术合同成交额如下：\n\n| 年份 | 万元 |\n| --- | --- |\n| 2023 | 120 |\n| 2024 | 150 |"
OPTIONS = ["登记机构", "人民法院", "专利代理机构"]
BODIES: dict[ItemType, Body] = {
    ItemType.BLANK: Body(blanks=(Blank(("技术合同", "合同")),)),
    ItemType.NUMERIC: Body(numbers=(Number(Decimal("12.5"), Decimal("0.1")),)),
    ItemType.MATCHING: Body(prompts=("认定登记", "裁判"), pairs=("A", "B")),
    ItemType.ORDERING: Body(order=("C", "A", "B")),
    ItemType.CASE: Body(
        parts=(
            Part(ItemType.SINGLE, "由谁登记？", lettered(OPTIONS), frozenset("A"), explanation="依据办法。"),
            Part(
                ItemType.NUMERIC, "增长多少？", body=Body(numbers=(Number(Decimal(25)),), unit="%"), weight=Decimal(2)
            ),
            Part(ItemType.ESSAY, "说明理由。", body=Body(rubric=(Criterion("要点", Decimal(3)),)), weight=Decimal(3)),
        )
    ),
}
CHOSEN = {ItemType.SINGLE: "A", ItemType.MULTIPLE: "AC", ItemType.TRUE_FALSE: "B"}


def sample(kind: ItemType, **changes: Any) -> ItemContent:  # noqa: ANN401 - any field that building takes
    """Return an item of a type."""
    given = {
        "code": f"S-{kind.value}",
        "type": kind,
        "stem": "登记的是_____。" if kind is ItemType.BLANK else f"第{list(ItemType).index(kind)}题，依据 $x^2$ 作答。",
        "options": OPTIONS if kind in CHOSEN or kind in {ItemType.MATCHING, ItemType.ORDERING} else [],
        "key": frozenset(CHOSEN.get(kind, "")),
        "body": BODIES.get(kind, Body()),
        "explanation": "见办法。",
        **dict.fromkeys(("topic", "law", "article", "edition"), ""),
        "module": "policy",
        "level": "apply",
        "difficulty": "0.6",
        "read": True,
        **changes,
    }
    return build(given, place="", defaults=Defaults())


def detailed() -> dict[str, ItemContent]:
    """Return items with what not every kind of file holds, by what that is."""
    numeric, blank = BODIES[ItemType.NUMERIC], BODIES[ItemType.BLANK]
    two = replace(blank, blanks=(*blank.blanks, Blank(("DNA",), exact=True)))
    number = numeric.numbers[0]
    return {
        "several blanks": sample(ItemType.BLANK, stem="_____与_____", body=two),
        "several blanks without gaps": sample(ItemType.BLANK, stem="依次填写。", body=two),
        "a unit": sample(ItemType.NUMERIC, body=replace(numeric, unit="万元")),
        "other units": sample(
            ItemType.NUMERIC, body=replace(numeric, unit="万元", units=(Unit("元", Decimal("0.0001")),))
        ),
        "a unit that is asked for": sample(ItemType.NUMERIC, body=replace(numeric, unit="kg", unit_asked=True)),
        "a relative tolerance": sample(
            ItemType.NUMERIC, body=replace(numeric, numbers=(number._replace(relative=True),))
        ),
        "a rubric": sample(
            ItemType.ESSAY, body=Body(reference="参考。", rubric=(Criterion("论点", Decimal(4), "明确"),))
        ),
        "a picture": sample(ItemType.SINGLE, stem=f"如图{SHOWN}", body=Body(files=(FIGURE,))),
        "a table and a formula": sample(ItemType.SINGLE, stem=f"{TABLE}\n\n增长率为 $$\\frac{{150-120}}{{120}}$$"),
    }
