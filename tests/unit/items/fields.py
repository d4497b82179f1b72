"""One item for each field that an item can have, and what a file made of it."""

from collections.abc import Iterator
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.items.rules.bodies import Blank, Body, Criterion, FileRef, Number, Option, Part, Unit
from app.items.rules.building import lettered
from app.items.rules.content import ItemContent
from app.items.states import Credit, ItemType
from tests.unit.items.samples import BODIES, FIGURE, OPTIONS, SHOWN, TABLE, sample

BARE = {"explanation": "", "read": False}
FORMULA = "$\\frac{150-120}{120}$"
BLANKS, NUMBERS = BODIES[ItemType.BLANK].blanks, BODIES[ItemType.NUMERIC].numbers
PARTS = BODIES[ItemType.CASE].parts
EXACT = Blank(("DNA",), exact=True)
YUAN = Unit("元", Decimal("0.0001"))
MATCHED = Body(prompts=("一", "二"), pairs=("C", "C"))
ORDERED = Body(order=("B", "C", "A"))


def one(kind: ItemType = ItemType.SINGLE, **said: Any) -> ItemContent:  # noqa: ANN401 - any field that building takes
    """Return an item that says nothing but what its type needs and what is given."""
    return sample(kind, **{**BARE, **said})


def case(part: Part) -> ItemContent:
    """Return a case whose first sub-item is given."""
    return one(ItemType.CASE, body=Body(parts=(part, *PARTS[1:])))


Named = dict[str, tuple[str, ItemContent]]


def items_by_field() -> Named:
    """Return for each field, in words: the field of an item that reports name, and an item that has it."""
    return {**_texts(), **_beside(), **_answers(), **_numbers(), **_cases(), **_files()}


def _texts() -> Named:
    return {
        **{f"type: {kind.value}": ("type", one(kind)) for kind in ItemType},
        "stem of several lines": ("stem", one(stem="第一行\n第二行")),
        "stem with a table": ("stem", one(stem=TABLE)),
        "stem with a formula": ("stem", one(stem=f"增长 {FORMULA}")),
        "stem with strong words": ("stem", one(stem="**不**属于的是")),
        "options": ("option", one(options=["甲", "乙", "丙", "丁"])),
        "options with a formula": ("option", one(options=[FORMULA, "乙"], key=frozenset("B"))),
        "explanation": ("explanation", one(explanation="见办法。")),
    }


def _beside() -> Named:
    return {
        "code": ("code", one(code="A.b-c_1")),
        "module": ("module", one(module="general")),
        "cognitive level": ("level", one(level="analyse")),
        "difficulty": ("difficulty", one(difficulty="0.35")),
        "topic (competency)": ("topic", one(topic="技术合同认定")),
        "law": ("law", one(law="技术合同认定登记管理办法")),
        "article": ("article", one(article="第三条")),
        "edition": ("edition", one(edition="2000")),
        "source read": ("source_read", one(read=True)),
    }


def _answers() -> Named:
    return {
        "key": ("key", one(key=frozenset("C"))),
        "several keys": ("key", one(ItemType.MULTIPLE, key=frozenset("BC"))),
        **{f"partial credit: {rule.value}": ("credit", one(ItemType.MULTIPLE, body=Body(rule))) for rule in Credit},
        "answers to a blank": ("blanks", one(ItemType.BLANK, body=Body(blanks=(Blank(("甲", "乙", "丙")),)))),
        "exact blank": ("blanks", one(ItemType.BLANK, body=Body(blanks=(EXACT,)))),
        "several blanks": ("blanks", one(ItemType.BLANK, stem="___与___", body=Body(blanks=(*BLANKS, *BLANKS)))),
        "prompts and pairs": ("prompts", one(ItemType.MATCHING, body=MATCHED)),
        "order": ("order", one(ItemType.ORDERING, body=ORDERED)),
        "reference answer": ("reference", one(ItemType.ESSAY, body=Body(reference="参考。"))),
        "rubric": ("rubric", one(ItemType.ESSAY, body=Body(rubric=(Criterion("论点", Decimal("4.5"), "明确"),)))),
    }


def _numbers() -> Named:
    number = NUMBERS[0]
    said = {
        "number": ("numbers", Body(numbers=(Number(Decimal("-0.5")),))),
        "tolerance": ("numbers", Body(numbers=(number._replace(tolerance=Decimal(2)),))),
        "relative tolerance": ("numbers", Body(numbers=(number._replace(relative=True),))),
        "number of partial worth": ("numbers", Body(numbers=(number, Number(Decimal(13), share=Decimal("0.5"))))),
        "unit": ("unit", Body(numbers=NUMBERS, unit="万元")),
        "other units": ("units", Body(numbers=NUMBERS, unit="万元", units=(YUAN,))),
        "unit asked for": ("unit_asked", Body(numbers=NUMBERS, unit="kg", unit_asked=True)),
    }
    return {name: (field, one(ItemType.NUMERIC, body=body)) for name, (field, body) in said.items()}


def _cases() -> Named:
    listed = lettered(OPTIONS)
    marks = Body(reference="参考。", rubric=(Criterion("甲", Decimal(2), "明确"),))
    parts = {
        "explanation of a sub-item": replace(PARTS[0], explanation="见第二条。"),
        "weight of a sub-item": replace(PARTS[0], weight=Decimal("2.5")),
        "partial credit of a sub-item": Part(ItemType.MULTIPLE, "哪些？", listed, frozenset("AB"), Body(Credit.HALF)),
        "blank of a sub-item": Part(ItemType.BLANK, "___", body=Body(blanks=(EXACT,))),
        "pairs of a sub-item": Part(ItemType.MATCHING, "配对", listed, body=MATCHED),
        "order of a sub-item": Part(ItemType.ORDERING, "排序", listed, body=ORDERED),
        "unit of a sub-item": Part(ItemType.NUMERIC, "多少？", body=Body(numbers=NUMBERS, unit="kg")),
        "relative tolerance of a sub-item": Part(
            ItemType.NUMERIC, "多少？", body=Body(numbers=(NUMBERS[0]._replace(relative=True),))
        ),
        "other units of a sub-item": Part(
            ItemType.NUMERIC, "多少？", body=Body(numbers=NUMBERS, unit="万元", units=(YUAN,), unit_asked=True)
        ),
        "rubric of a sub-item": Part(ItemType.ESSAY, "论述。", body=marks),
    }
    material = one(ItemType.CASE, stem=f"{TABLE}\n\n据此作答。")
    return {
        "shared material with a table": ("stem", material),
        **{name: ("units" if one_.body.units else "parts", case(one_)) for name, one_ in parts.items()},
    }


def _files() -> Named:
    body = Body(files=(FIGURE,))
    return {
        "picture in the stem": ("files", one(stem=f"如图{SHOWN}", body=body)),
        "picture in an option": ("files", one(options=[f"图{SHOWN}", "乙"], body=body)),
        "picture in the explanation": ("files", one(explanation=f"如图{SHOWN}", body=body)),
        "attachment": ("files", one(stem=f"见[附件](stored:{FIGURE.sha256})。", body=body)),
    }


NAMED_TUPLES = (Option, Blank, Number, Unit, Criterion, FileRef)
RECORDS = (ItemContent, Body, Part)
BESIDE = {"place", "without"}
NOTHING: tuple[object, ...] = (None, "", False, frozenset())
WITHIN = {
    "blanks": Blank._fields,
    "numbers": Number._fields,
    "units": Unit._fields,
    "rubric": Criterion._fields,
    "files": FileRef._fields,
}


def said_by(value: Any, path: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - whatever a field holds
    """Yield each field within an item that says something, by its path, with what it says."""
    if isinstance(value, (*NAMED_TUPLES, *RECORDS)):
        for name in _names(value):
            yield from said_by(getattr(value, name), f"{path}.{name}".lstrip("."))
    elif isinstance(value, tuple):
        for inner in value:
            yield from said_by(inner, path)
    elif value not in NOTHING:
        yield path, _shown(value)


def _names(value: Any) -> list[str]:  # noqa: ANN401 - a named tuple or a dataclass
    if isinstance(value, NAMED_TUPLES):
        return list(value._fields)
    return [field.name for field in dataclass_fields(value) if field.name not in BESIDE]


def _shown(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(sorted(value) if isinstance(value, frozenset) else value)


def fields_within() -> set[str]:
    """Return the path of every field that an item can have, sub-items one level deep."""
    return _fields_of(ItemContent, "") | _fields_of(Part, "body.parts.")


def _fields_of(owner: type[ItemContent | Part], path: str) -> set[str]:
    own = {field.name for field in dataclass_fields(owner)} - BESIDE - {"options", "body"}
    body = {field.name for field in dataclass_fields(Body)} - {"parts", *WITHIN}
    return {
        *(f"{path}{name}" for name in own),
        *(f"{path}options.{name}" for name in Option._fields),
        *(f"{path}body.{name}" for name in body),
        *(f"{path}body.{name}.{inner}" for name, names in WITHIN.items() for inner in names),
    }
