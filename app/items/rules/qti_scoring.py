"""How a QTI document scores an item: the rules that ours earn by as well, and every other one noted."""

from collections.abc import Iterator
from dataclasses import replace

from app.items.rules.bodies import Part
from app.items.rules.content import ItemContent
from app.items.rules.markup import Element, local
from app.items.rules.qti_items import ItemReader, plain_name
from app.items.rules.qti_writing import processing
from app.items.states import Credit, ItemType

PROCESSING = "responseprocessing"
OUTCOMES: dict[str, set[str]] = {
    "SCORE": {"0", "0.0"},
    "MAXSCORE": {"1", "1.0"},
    "FEEDBACK": set(),
    "FEEDBACKBASIC": {"empty"},
}
"""What a score and a feedback begin with where that says nothing; an item is worth what its paper gives it."""
ALL_OR_NOTHING = {"match_correct", "cc2_match"}
TEMPLATES = ALL_OR_NOTHING | {"map_response", "cc2_map_response", "cc2_match_basic", "cc2_map_response_basic"}
COUNTED = {
    *("responsecondition", "responseif", "responseelseif", "responseelse", "setoutcomevalue", "equal"),
    *("variable", "basevalue", "correct", "sum", "product"),
}
"""What scores a number within its tolerance; the reader takes tolerance and share from it."""
COUNTING = {"identifier", "basetype", "tolerance", "tolerancemode"}


def take_outcomes(reader: ItemReader) -> None:
    """Take the declarations of score and feedback, and the settings of the whole item."""
    reader.settings(reader.root, adaptive={"false"}, timedependent={"false"}, lang={"zh", "zh-CN", "zh-Hans"})
    for one in reader.root.iterchildren("outcomedeclaration"):
        name = one.get("identifier", "")
        if name in OUTCOMES:
            for setting in ("identifier", "cardinality", "basetype"):
                reader.left.get(one, setting)
            reader.settings(one, normalmaximum={"1", "1.0"}, normalminimum={"0", "0.0"})
            for value in one.iterfind("defaultvalue/value"):
                said = reader.left.text(value)
                if said not in OUTCOMES[name]:
                    reader.notes.lose(f"outcomedeclaration {name}", said)


def take_processing(reader: ItemReader, asked: Part) -> Part:
    """Take the processing of responses by a template of the standard, or of a number; return what it makes of credit.

    Whatever else scores an item stays with the reader, until `take_ours` finds that it is what our own files say.
    """
    element = reader.root.find(PROCESSING)
    if element is None:
        return asked
    template = reader.left.get(element, "template").rpartition("/")[2].lower().removesuffix(".xml")
    if template and template not in TEMPLATES:
        reader.notes.lose("what:processing", template)
    counted = all(one.tag in COUNTED and set(one.attrib) <= COUNTING for one in element.iterdescendants())
    if asked.type is ItemType.NUMERIC and counted:
        reader.left.inner(element)
    weighed = any(True for _one in reader.root.iter("mapping"))
    partly = asked.type in {ItemType.MULTIPLE, ItemType.ORDERING, ItemType.MATCHING} and not reader.notes.ours
    if template in ALL_OR_NOTHING and partly and not weighed:
        return replace(asked, body=replace(asked.body, credit=asked.body.credit or Credit.ALL))
    return asked


def take_ours(reader: ItemReader, item: ItemContent) -> None:
    """Take the processing of responses where it scores the item as our own files do."""
    given, written = reader.root.find(PROCESSING), processing(item)
    if given is not None and written is not None and list(_said(given)) == list(_said(written)):
        reader.left.whole(given)


def _said(element: Element) -> Iterator[tuple[str, object]]:
    for one in element.iter():
        yield "element", plain_name(local(one))
        yield "attributes", sorted((plain_name(str(name)), value) for name, value in one.attrib.items())
        yield "text", (one.text or "").strip()
