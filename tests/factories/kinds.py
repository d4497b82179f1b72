"""One item of each type as an item version stores it, for papers that hold every type."""

from decimal import Decimal
from typing import Any

from app.items.rules.bodies import Blank, Body, Criterion, Number, Option, Part, options_json
from app.items.states import ItemType

LETTERS = "ABCD"
OPTIONS = tuple(Option(letter, f"选项{letter}") for letter in LETTERS)
ESSAY = Body(
    reference="参考答案", rubric=(Criterion("论点", Decimal(4), "明确"), Criterion("论据", Decimal(6), "充分"))
)
BODIES: dict[ItemType, Body] = {
    ItemType.BLANK: Body(blanks=(Blank(("技术开发",)), Blank(("技术转让",)))),
    ItemType.NUMERIC: Body(numbers=(Number(Decimal("12.5"), Decimal("0.1")),), unit="万元", unit_asked=True),
    ItemType.MATCHING: Body(prompts=("技术开发", "技术转让", "技术咨询", "技术服务"), pairs=tuple(LETTERS)),
    ItemType.ORDERING: Body(order=tuple(LETTERS)),
    ItemType.SHORT_ANSWER: ESSAY,
    ItemType.ESSAY: ESSAY,
    ItemType.CASE: Body(
        parts=(
            Part(ItemType.SINGLE, "第一问：选择一项。", OPTIONS, frozenset("A")),
            Part(ItemType.SHORT_ANSWER, "第二问：说明理由。", body=ESSAY),
        )
    ),
}
STEMS = {
    ItemType.BLANK: "技术合同包括____合同和____合同。",
    ItemType.CASE: "某高校与某企业签订了一份技术开发合同。\n\n| 年份 | 收入（万元） |\n|---|---|\n| 2025 | 120 |",
}
PLAIN = "请作答。"


def content(kind: ItemType, number: int) -> dict[str, Any]:
    """Return stem, options, key and body of an item of a type; `number` tells one from another."""
    lettered = kind in {ItemType.SINGLE, ItemType.MULTIPLE, ItemType.MATCHING, ItemType.ORDERING}
    options = OPTIONS if lettered else ()
    if kind is ItemType.TRUE_FALSE:
        options = (Option("A", "正确"), Option("B", "错误"))
    keys = {ItemType.SINGLE: ["B"], ItemType.MULTIPLE: ["A", "C"], ItemType.TRUE_FALSE: ["A"]}
    return {
        "stem": f"第{number}题：{STEMS.get(kind, PLAIN)}",
        "options": options_json(options),
        "key": keys.get(kind, []),
        "body": BODIES.get(kind, Body()).to_json(),
    }
