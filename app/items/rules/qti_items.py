"""One QTI item, or one sub-item of a case: its stem, its interaction, its key, under names without version."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from app.items.rules.bodies import Blank, Body, Criterion, Number, Option, Part
from app.items.rules.building import lettered
from app.items.rules.content import LETTERS, TRUE_FALSE_TEXTS, BadItemError
from app.items.rules.markup import Address, Element, text_of
from app.items.rules.notes import credit_of
from app.items.rules.reasons import because
from app.items.states import WRITTEN, ItemType

INTERACTION = "interaction"
ENTRY = "textentryinteraction"
FEEDBACK = {"feedbackblock", "feedbackinline"}
ASIDE = FEEDBACK | {"rubricblock"}
HUNDRED = Decimal(100)
TRUTHS = {frozenset(TRUE_FALSE_TEXTS), frozenset({"true", "false"}), frozenset({"对", "错"})}  # zh: as options say it
NUMBERS = {"float", "integer"}


def classed(element: Element, name: str) -> bool:
    """Tell whether an element is of a class."""
    return name in (element.get("class") or "").split()


class ItemReader:
    """Reads a document whose names have been made plain; `notes` are those of the manifest."""

    def __init__(self, root: Element, address: Address, notes: dict[str, str]) -> None:
        self.root = root
        self.address = address
        self.notes = notes
        self.declared = {one.get("identifier", ""): one for one in root.iter("responsedeclaration")}

    def asked(self) -> Part:
        """Return what the item asks; raises BadItemError."""
        body = self.root.find("itembody")
        if body is None:
            raise BadItemError(because("no_interaction"))
        sections = [one for one in body if classed(one, "part")]
        if not sections:
            return self._section(body, "")
        parts = tuple(self._section(section, f".{number}") for number, section in enumerate(sections, 1))
        stem = next((self._text(one) for one in body if classed(one, "stem")), "")
        return Part(ItemType.CASE, stem, body=Body(parts=parts))

    def explanation(self, root: Element) -> str:
        """Return what is said after the answer."""
        return "\n".join(filter(None, (self._text(one) for one in root.iterchildren("modalfeedback"))))

    def _text(self, element: Element) -> str:
        return text_of(element, self.address)

    def _section(self, section: Element, suffix: str) -> Part:
        """Return the item or sub-item of a section; `suffix` marks the notes of sub-items."""
        found = [one for one in section.iter() if str(one.tag).endswith(INTERACTION)]
        if not found:
            raise BadItemError(because("no_interaction"))
        name = str(found[0].tag)
        if name not in READERS:
            raise BadItemError(because("interaction", name=name.removesuffix(INTERACTION)))
        if len(found) > 1 and any(one.tag != ENTRY for one in found):
            raise BadItemError(because("interactions", count=len(found)))
        asked = READERS[name](self, found, section)
        explanation = "\n".join(self._text(one) for one in section.iterchildren("feedbackblock"))
        told = [part for part in (explanation, asked.explanation) if part] if suffix else [asked.explanation]
        return replace(
            asked,
            type=self._type(asked, suffix),
            stem=self._stem(section),
            body=replace(asked.body, credit=credit_of(self.notes, f"credit{suffix}")),
            explanation="\n".join(told),
            weight=_decimal(self.notes.get(f"weight{suffix}", "1")) if suffix else asked.weight,
        )

    def _type(self, asked: Part, suffix: str) -> ItemType:
        """Return the type that the manifest names among those an interaction can be, or the nearest."""
        named = self.notes.get(f"type{suffix}", "")
        if asked.type in WRITTEN:
            return ItemType(named) if named in WRITTEN else asked.type
        if asked.type is ItemType.SINGLE and (named == ItemType.TRUE_FALSE or (not named and _is_truth(asked.options))):
            return ItemType.TRUE_FALSE
        return asked.type

    def _stem(self, section: Element) -> str:
        """Return the stem: what stands in it, or everything beside interactions, with their prompts."""
        marked = next((one for one in section if classed(one, "stem")), None)
        if marked is not None:
            return self._text(marked)
        bare = deepcopy(section)
        prompts = [self._text(one) for one in section.iter("prompt")]
        for one in list(bare.iter()):
            tag = str(one.tag)
            if tag in ASIDE or (tag.endswith(INTERACTION) and tag != ENTRY):
                _cut(one)
        return "\n\n".join(filter(None, (self._text(bare), *prompts)))

    def _choices(self, element: Element, name: str) -> tuple[tuple[Option, ...], dict[str, str], str]:
        """Return the options of an interaction, the letter of each identifier, and the feedback of each option."""
        texts: list[str] = []
        letters: dict[str, str] = {}
        told: list[str] = []
        for choice in element.iter(name):
            bare = deepcopy(choice)
            for one in list(bare.iter("feedbackinline")):
                told.append(f"{LETTERS[min(len(texts), len(LETTERS) - 1)]}: {self._text(one)}")
                _cut(one)
            bare.tail = None
            letters[choice.get("identifier", "")] = str(len(texts))
            texts.append(self._text(bare))
        options = lettered(texts)
        named = {key: options[int(place)].key for key, place in letters.items()}
        return options, named, "\n".join(told)

    def _right(self, element: Element) -> list[str]:
        """Return the values of the right answer: those declared, or those that the mapping rewards."""
        declared = self._declaration(element)
        values = [(one.text or "").strip() for one in declared.iterfind("correctresponse/value")]
        return values or [key for key, value, _entry in _mapped(declared) if value > 0]

    def _declaration(self, element: Element) -> Element:
        declared = self.declared.get(element.get("responseidentifier", ""))
        if declared is None:
            raise BadItemError(because("no_key"))
        return declared

    def choice(self, found: list[Element], section: Element) -> Part:
        """Read a choice; raises BadItemError where a right answer is no option."""
        del section
        options, letters, told = self._choices(found[0], "simplechoice")
        key = frozenset(_letter(letters, value) for value in self._right(found[0]))
        multiple = self._declaration(found[0]).get("cardinality") == "multiple"
        kind = ItemType.MULTIPLE if multiple else ItemType.SINGLE
        return Part(kind, "", options, key, explanation=told)

    def order(self, found: list[Element], section: Element) -> Part:
        """Read options to be put in order."""
        del section
        options, letters, told = self._choices(found[0], "simplechoice")
        right = tuple(_letter(letters, value) for value in self._right(found[0]))
        return Part(ItemType.ORDERING, "", options, body=Body(order=right), explanation=told)

    def match(self, found: list[Element], section: Element) -> Part:
        """Read prompts and options."""
        del section
        sets = list(found[0].iter("simplematchset"))
        if len(sets) != 2:  # noqa: PLR2004 - prompts and options
            raise BadItemError(because("no_pairs", count=0))
        prompts = {one.get("identifier", ""): self._text(one) for one in sets[0].iter("simpleassociablechoice")}
        options, letters, told = self._choices(sets[1], "simpleassociablechoice")
        given: dict[str, str] = {}
        for pair in self._right(found[0]):
            prompt, _space, value = pair.partition(" ")
            if prompt in given:
                raise BadItemError(because("two_pairs"))
            given[prompt] = _letter(letters, value.strip())
        if set(given) != set(prompts):
            raise BadItemError(because("no_pairs", count=len(given)))
        body = Body(prompts=tuple(prompts.values()), pairs=tuple(given[prompt] for prompt in prompts))
        return Part(ItemType.MATCHING, "", options, body=body, explanation=told)

    def entries(self, found: list[Element], section: Element) -> Part:
        """Read gaps for short texts, or one for a number."""
        bases = {self._declaration(one).get("basetype") for one in found}
        if bases & NUMBERS:
            if len(found) > 1:
                raise BadItemError(because("interactions", count=len(found)))
            unit = next((self._text(one) for one in section.iter() if classed(one, "unit")), "")
            return Part(ItemType.NUMERIC, "", body=Body(numbers=tuple(self._numbers(found[0])), unit=unit))
        return Part(ItemType.BLANK, "", body=Body(blanks=tuple(self._blank(one) for one in found)))

    def _blank(self, element: Element) -> Blank:
        entries = list(_mapped(self._declaration(element)))
        if any(value not in {0, entries[0][1]} for _key, value, _entry in entries):
            raise BadItemError(because("mixed_marks"))
        exact = any(entry.get("casesensitive") != "false" for _key, _value, entry in entries)
        accepted = [key for key, value, _entry in entries if value > 0]
        return Blank(tuple(accepted or self._right(element)), exact if entries else False)

    def _numbers(self, element: Element) -> Iterator[Number]:
        name = element.get("responseidentifier", "")
        compared = [one for one in self.root.iter("equal") if any(two.get("identifier") == name for two in one)]
        for one in compared:
            yield self._compared(one, element)
        if not compared:
            yield from (Number(_decimal(value)) for value in self._right(element))

    def _compared(self, equal: Element, element: Element) -> Number:
        value = next((one.text or "" for one in equal.iter("basevalue")), "") or next(iter(self._right(element)), "")
        spans = [_decimal(one) for one in (equal.get("tolerance") or "0").split()]
        if len(set(spans)) > 1:
            raise BadItemError(because("number", number=equal.get("tolerance")))
        relative = equal.get("tolerancemode") == "relative"
        branch = equal.getparent()
        shares = [] if branch is None else [one.text or "" for one in branch.iterfind("setoutcomevalue//basevalue")]
        share = _decimal(shares[-1]) if shares else Decimal(1)
        return Number(_decimal(value), spans[0] / HUNDRED if relative else spans[0], relative, share)

    def written(self, found: list[Element], section: Element) -> Part:
        """Read what is answered by a text, with the notes for its markers."""
        del found
        blocks = [one for one in section.iter("rubricblock") if "candidate" not in (one.get("view") or "")]
        reference = "\n\n".join(self._text(one) for one in blocks if not classed(one, "rubric"))
        rubric = [
            Criterion(self._text(cells[0]), _decimal(self._text(cells[1])), self._text(cells[2]))
            for block in blocks
            if classed(block, "rubric")
            for cells in (list(row) for row in block.iter("tr"))
            if len(cells) == 3  # noqa: PLR2004 - name, points and guidance
        ]
        return Part(ItemType.ESSAY, "", body=Body(reference=reference, rubric=tuple(rubric)))


def _is_truth(options: tuple[Option, ...]) -> bool:
    return frozenset(option.text.strip().lower() for option in options) in TRUTHS and options[0].text.lower() in {
        TRUE_FALSE_TEXTS[0],
        "true",
        "对",  # zh: as options say it
    }


def _letter(letters: dict[str, str], value: str) -> str:
    if value not in letters:
        raise BadItemError(because("key_outside", keys=value))
    return letters[value]


def _mapped(declared: Element) -> Iterator[tuple[str, Decimal, Element]]:
    for entry in declared.iterfind("mapping/mapentry"):
        yield entry.get("mapkey", ""), _decimal(entry.get("mappedvalue", "0")), entry


def _cut(element: Element) -> None:
    """Take an element out and leave the text behind it."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    tail = element.tail or ""
    if before is None:
        parent.text = (parent.text or "") + tail
    else:
        before.tail = (before.tail or "") + tail
    parent.remove(element)


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text.strip())
    except InvalidOperation as error:
        raise BadItemError(because("number", number=text)) from error
    if not value.is_finite():
        raise BadItemError(because("number", number=text))
    return value


READERS: dict[str, Callable[[ItemReader, list[Element], Element], Part]] = {
    "choiceinteraction": ItemReader.choice,
    "orderinteraction": ItemReader.order,
    "matchinteraction": ItemReader.match,
    ENTRY: ItemReader.entries,
    "extendedtextinteraction": ItemReader.written,
}
