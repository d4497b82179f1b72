"""One QTI item, or one sub-item of a case: its stem, its interaction, its key, under names without version."""

from collections.abc import Callable, Collection, Iterable, Iterator
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from app.items.rules.bodies import ONE, Blank, Body, Criterion, Number, Option, Part, plain
from app.items.rules.building import lettered
from app.items.rules.content import LETTERS, TRUE_FALSE_TEXTS, BadItemError
from app.items.rules.leavings import Leavings
from app.items.rules.markup import Address, Element, text_of
from app.items.rules.notes import Notes, credit_of, lose_penalties, rule_of
from app.items.rules.reasons import Reason, because
from app.items.states import WRITTEN, ItemType

INTERACTION = "interaction"
ENTRY = "textentryinteraction"
FEEDBACK = {"feedbackblock", "feedbackinline"}
HUNDRED = Decimal(100)
TRUTHS = {frozenset(TRUE_FALSE_TEXTS), frozenset({"true", "false"}), frozenset({"对", "错"})}  # zh: as options say it
NUMBERS = {"float", "integer"}
NAMED = {"rubricblock": "what:marker", "responseprocessing": "what:processing"}
OURS = "explanation"
"""The identifier under which our own files show a feedback, whatever was answered."""


def plain_name(name: str) -> str:
    """Return a name of version 2 or 3 in the one form that is read: without prefix, dashes and capitals."""
    return name.removeprefix("qti-").replace("-", "").lower()


def classed(element: Element, name: str) -> bool:
    """Tell whether an element is of a class."""
    return name in (element.get("class") or "").split()


class ItemReader:
    """Reads a document whose names have been made plain; what it takes is no longer left, what it cannot keep noted."""

    def __init__(self, left: Leavings, address: Address, notes: Notes) -> None:
        self.left = left
        self.root = left.root
        self.address = address
        self.notes = notes
        self.lost: set[str] = set()
        self.suffix = ""
        self.declared = {one.get("identifier", ""): one for one in self.root.iter("responsedeclaration")}

    def asked(self) -> Part:
        """Return what the item asks; raises BadItemError."""
        body = self.root.find("itembody")
        if body is None:
            raise BadItemError(because("no_interaction"))
        sections = [one for one in body if classed(one, "part")]
        if not sections:
            return self._section(body, "")
        parts = tuple(self._section(section, f".{number}") for number, section in enumerate(sections, 1))
        stem = next((self._text(one, "class") for one in body if classed(one, "stem")), "")
        self._named_type(ItemType.CASE, "")
        return Part(ItemType.CASE, stem, body=Body(parts=parts))

    def explanation(self) -> str:
        """Return what is said after the answer."""
        return "\n".join(filter(None, map(self._feedback, self.root.iterchildren("modalfeedback"))))

    def without(self) -> list[Reason]:
        """Return what the item is kept without, once everything of it has been read."""
        if self.lost:
            self.notes.lose("what:layout", ", ".join(sorted(self.lost)))
        for name, said in self.left.rest():
            self.notes.lose(NAMED.get(name, name), said)
        return self.notes.left()

    def _text(self, element: Element, *attributes: str) -> str:
        """Take the text that an element holds, and some of its own attributes."""
        return text_of(self.left.inner(element, *attributes), self.address, self.lost)

    def _feedback(self, element: Element) -> str:
        """Take a feedback; one that only some would see is shown to everyone."""
        shown = element.get("identifier", OURS)
        if shown != OURS:
            self.notes.lose("what:condition", " ".join((element.get("outcomeidentifier", ""), shown)))
        return self._text(element, "outcomeidentifier", "identifier", "showhide")

    def settings(self, element: Element, **neutral: Collection[str]) -> None:
        """Take the settings of an element, and note those that say other than what holds for every item of ours."""
        for name, values in neutral.items():
            said = self.left.get(element, name)
            if said and said not in values:
                self.notes.lose(f"{element.tag} {name}", said)

    def _section(self, section: Element, suffix: str) -> Part:
        """Return the item or sub-item of a section; `suffix` marks the notes of sub-items."""
        self.suffix = suffix
        found = [one for one in section.iter() if str(one.tag).endswith(INTERACTION)]
        if not found:
            raise BadItemError(because("no_interaction"))
        name = str(found[0].tag)
        if name not in READERS:
            raise BadItemError(because("interaction", name=name.removesuffix(INTERACTION)))
        if len(found) > 1 and any(one.tag != ENTRY for one in found):
            raise BadItemError(because("interactions", count=len(found)))
        if classed(section, "part"):
            self.left.get(section, "class")
        asked = READERS[name](self, found, section)
        told = [self._feedback(one) for one in section.iter(*FEEDBACK) if not self._within(one, section)]
        kind = self._type(asked, suffix)
        body = replace(asked.body, credit=asked.body.credit or credit_of(self.notes, f"credit{suffix}"))
        return replace(
            asked,
            type=kind,
            stem=self._stem(section),
            body=body,
            explanation="\n".join(filter(None, (*told, asked.explanation))),
            weight=_decimal(self.notes.get(f"weight{suffix}", "1")) if suffix else asked.weight,
        )

    def _within(self, element: Element, section: Element) -> bool:
        """Tell whether a feedback belongs to an option, or to another feedback."""
        outer = element.getparent()
        while outer is not None and outer is not section:
            if outer.tag in {*FEEDBACK, "simplechoice", "simpleassociablechoice"}:
                return True
            outer = outer.getparent()
        return False

    def _type(self, asked: Part, suffix: str) -> ItemType:
        """Return the type that the manifest names among those an interaction can be, or the nearest."""
        named = self.notes.get(f"type{suffix}")
        kind = asked.type
        if kind in WRITTEN and named in WRITTEN:
            kind = ItemType(named)
        if kind is ItemType.SINGLE and (named == ItemType.TRUE_FALSE or (not named and _is_truth(asked.options))):
            kind = ItemType.TRUE_FALSE
        return self._named_type(kind, suffix)

    def _named_type(self, kind: ItemType, suffix: str) -> ItemType:
        named = self.notes.get(f"type{suffix}")
        if named not in {"", kind.value}:
            self.notes.lose("what:tag", f"type{suffix}={named}")
        return kind

    def _stem(self, section: Element) -> str:
        """Return the stem: what stands in it, or everything that candidates read beside interactions, with prompts."""
        prompts = [self._text(one) for one in section.iter("prompt")]
        marked = next((one for one in section if classed(one, "stem")), None)
        if marked is not None:
            self.left.get(marked, "class")
            self._take_stem(marked)
            return "\n\n".join(filter(None, (text_of(marked, self.address, self.lost), *prompts)))
        self._take_stem(section)
        bare = deepcopy(section)
        for one in list(bare.iter()):
            if _is_aside(one):
                _cut(one)
            elif one.tag == "rubricblock":
                one.tag = "div"
                one.attrib.clear()
        return "\n\n".join(filter(None, (text_of(bare, self.address, self.lost), *prompts)))

    def _take_stem(self, element: Element) -> None:
        """Take what belongs to the stem: all but interactions, feedback and what only markers read."""
        self.left.text(element)
        for child in element:
            if _is_aside(child):
                continue
            if child.tag == ENTRY:
                self.left.text(child)
                continue
            if child.tag == "rubricblock":
                self.left.get(child, "view")
            else:
                self.left.attributes(child)
            self._take_stem(child)

    def _choices(self, element: Element, name: str, most: str = "") -> tuple[tuple[Option, ...], dict[str, str], str]:
        """Return the options of an interaction, the letter of each identifier, and the feedback of each option."""
        texts: list[str] = []
        letters: dict[str, str] = {}
        told: list[str] = []
        for choice in element.iter(name):
            key = self.left.get(choice, "identifier")
            self.settings(choice, matchmax={most})
            bare = deepcopy(choice)
            letter = LETTERS[min(len(texts), len(LETTERS) - 1)]
            for one in list(bare.iter("feedbackinline")):
                if one.get("identifier", key) != key:
                    self.notes.lose("what:condition", f"{one.get('outcomeidentifier', '')} {one.get('identifier')}")
                told.append(f"{letter}: {text_of(one, self.address, self.lost)}")
                _cut(one)
            bare.tail = None
            self.left.inner(choice)
            letters[key] = str(len(texts))
            texts.append(text_of(bare, self.address, self.lost))
        options = lettered(texts)
        named = {key: options[int(place)].key for key, place in letters.items()}
        return options, named, "\n".join(told)

    def _right(self, element: Element) -> list[str]:
        """Return the values of the right answer: those declared, or those that the mapping rewards."""
        declared = self._declaration(element)
        values = [self.left.text(one) for one in declared.iterfind("correctresponse/value")]
        return values or [key for key, value, _exact in self._mapped(declared) if value > 0]

    def _declaration(self, element: Element) -> Element:
        declared = self.declared.get(self.left.get(element, "responseidentifier"))
        if declared is None:
            raise BadItemError(because("no_key"))
        for name in ("identifier", "cardinality", "basetype"):
            self.left.get(declared, name)
        return declared

    def _mapped(self, declared: Element) -> list[tuple[str, Decimal, bool]]:
        """Take the mapping of a response: each answer, what it earns, and whether its capitals count."""
        return [
            (
                self.left.get(entry, "mapkey"),
                _decimal(self.left.get(entry, "mappedvalue", "0")),
                self.left.get(entry, "casesensitive") != "false",
            )
            for entry in declared.iterfind("mapping/mapentry")
        ]

    def _weights(
        self, element: Element, answers: Iterable[str], right: Collection[str]
    ) -> tuple[list[Decimal], list[Decimal]] | None:
        """Return what right and wrong answers earn by a mapping, in percent of the whole; None where it says none.

        Right answers of unequal weight are lost.
        """
        declared = self._declaration(element)
        mapping = declared.find("mapping")
        if mapping is None:
            return None
        earned = {key: value for key, value, _exact in self._mapped(declared)}
        rest = _decimal(self.left.get(mapping, "defaultvalue", "0"))
        good = [earned.get(one, rest) for one in right]
        bad = [earned.get(one, rest) for one in answers if one not in right]
        self.settings(mapping, lowerbound={"0", "0.0"}, upperbound=_writings(sum(good)))
        if not good or len(set(good)) > 1 or good[0] <= 0 or set(earned) - {*answers, *right}:
            self.notes.lose("what:weights", ", ".join(f"{key}: {plain(value)}" for key, value in earned.items()))
            return None
        share = HUNDRED / sum(good)
        return [one * share for one in good], [one * share for one in bad]

    def choice(self, found: list[Element], section: Element) -> Part:
        """Read a choice; raises BadItemError where a right answer is no option."""
        del section
        options, letters, told = self._choices(found[0], "simplechoice")
        values = self._right(found[0])
        key = frozenset(_letter(letters, value) for value in values)
        multiple = self._declaration(found[0]).get("cardinality") == "multiple"
        most = {"0", str(len(key)), str(len(options))} if multiple else {"1"}
        self._shuffled(found[0])
        self.settings(found[0], maxchoices=most, minchoices={"0"})
        weights = self._weights(found[0], tuple(letters), values)
        if weights and not multiple:
            lose_penalties(weights[1], self.notes)
        credit = rule_of(*weights, self.notes, f"credit{self.suffix}") if weights and multiple else None
        kind = ItemType.MULTIPLE if multiple else ItemType.SINGLE
        return Part(kind, "", options, key, Body(credit), told)

    def _shuffled(self, element: Element) -> None:
        """Note that options keep their order, which exams change."""
        self.settings(element, shuffle={"true", "false"} if self.notes.ours else {"true"})

    def order(self, found: list[Element], section: Element) -> Part:
        """Read options to be put in order."""
        del section
        options, letters, told = self._choices(found[0], "simplechoice")
        right = tuple(_letter(letters, value) for value in self._right(found[0]))
        self._shuffled(found[0])
        return Part(ItemType.ORDERING, "", options, body=Body(order=right), explanation=told)

    def match(self, found: list[Element], section: Element) -> Part:
        """Read prompts and options."""
        del section
        sets = list(found[0].iter("simplematchset"))
        if len(sets) != 2:  # noqa: PLR2004 - prompts and options
            raise BadItemError(because("no_pairs", count=0))
        prompts = dict(map(self._prompt, sets[0].iter("simpleassociablechoice")))
        options, letters, told = self._choices(sets[1], "simpleassociablechoice", "0")
        given: dict[str, str] = {}
        values = self._right(found[0])
        for pair in values:
            prompt, _space, value = pair.partition(" ")
            if prompt in given:
                raise BadItemError(because("two_pairs"))
            given[prompt] = _letter(letters, value.strip())
        if set(given) != set(prompts):
            raise BadItemError(because("no_pairs", count=len(given)))
        self._shuffled(found[0])
        self.settings(found[0], maxassociations={"0", str(len(prompts))}, minassociations={"0"})
        weights = self._weights(found[0], [f"{prompt} {option}" for prompt in prompts for option in letters], values)
        lose_penalties(weights[1] if weights else [], self.notes)
        body = Body(prompts=tuple(prompts.values()), pairs=tuple(given[prompt] for prompt in prompts))
        return Part(ItemType.MATCHING, "", options, body=body, explanation=told)

    def _prompt(self, element: Element) -> tuple[str, str]:
        self.settings(element, matchmax={"1"})
        return self.left.get(element, "identifier"), self._text(element)

    def entries(self, found: list[Element], section: Element) -> Part:
        """Read gaps for short texts, or one for a number."""
        for one in section.iter("p"):
            if classed(one, "blanks"):
                self.left.get(one, "class")
        bases = {self._declaration(one).get("basetype") for one in found}
        if bases & NUMBERS:
            if len(found) > 1:
                raise BadItemError(because("interactions", count=len(found)))
            unit = next((self._text(one, "class") for one in section.iter() if classed(one, "unit")), "")
            return Part(ItemType.NUMERIC, "", body=Body(numbers=tuple(self._numbers(found[0])), unit=unit))
        blanks = tuple(map(self._blank, found))
        worth = [
            max((value for _key, value, _exact in self._mapped(self._declaration(one))), default=1) for one in found
        ]
        if len(set(worth)) > 1:
            self.notes.lose("what:weights", ", ".join(map(str, worth)))
        return Part(ItemType.BLANK, "", body=Body(blanks=blanks))

    def _blank(self, element: Element) -> Blank:
        declared = self._declaration(element)
        entries = self._mapped(declared)
        if any(value not in {0, entries[0][1]} for _key, value, _exact in entries):
            raise BadItemError(because("mixed_marks"))
        accepted = [key for key, value, _exact in entries if value > 0]
        right = self._right(element)
        for said in sorted({*right, *(key for key, _value, _exact in entries)} - set(accepted)) if entries else ():
            self.notes.lose("what:answer", said)
        for mapping in declared.iterfind("mapping"):
            zero = {"0", "0.0"}
            self.settings(mapping, defaultvalue=zero, lowerbound=zero, upperbound=_writings(entries[0][1]))
        exact = {exact for _key, _value, exact in entries}
        if len(exact) > 1:
            self.notes.lose("mapentry casesensitive", "false")
        return Blank(tuple(accepted or right), True in exact)

    def _numbers(self, element: Element) -> Iterator[Number]:
        declared = self._declaration(element)
        name = declared.get("identifier")
        compared = [one for one in self.root.iter("equal") if any(two.get("identifier") == name for two in one)]
        for one in compared:
            yield self._compared(one, element)
        right = self._right(element)
        if compared:
            return
        earned = {key: value for key, value, _exact in self._mapped(declared) if value > 0}
        for said in right:
            yield Number(_decimal(said), share=earned.get(said, ONE) / max(earned.values(), default=ONE))
        for said in set(earned) - set(right):
            self.notes.lose("what:answer", said)

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
        self._declaration(found[0])
        self.settings(found[0], expectedlines={"12"})
        blocks = [one for one in section.iter("rubricblock") if one.get("view", "scorer") == "scorer"]
        for block in blocks:
            self.left.get(block, "view")
        reference = "\n\n".join(self._text(one, "class") for one in blocks if not classed(one, "rubric"))
        rubric = [
            Criterion(self._text(cells[0]), _decimal(self._text(cells[1])), self._text(cells[2]))
            for block in blocks
            if classed(block, "rubric") and self.left.get(block, "class")
            for cells in (list(row) for row in block.iter("tr"))
            if len(cells) == 3  # noqa: PLR2004 - name, points and guidance
        ]
        return Part(ItemType.ESSAY, "", body=Body(reference=reference, rubric=tuple(rubric)))


def _is_aside(element: Element) -> bool:
    """Tell whether an element is no part of the stem: an interaction but a gap, a feedback, a note for markers."""
    tag = str(element.tag)
    hidden = tag == "rubricblock" and "candidate" not in (element.get("view") or "")
    return hidden or tag in FEEDBACK or (tag.endswith(INTERACTION) and tag != ENTRY)


def _writings(value: Decimal | int) -> Collection[str]:
    """Return how a number may be written."""
    return {plain(Decimal(value)), f"{plain(Decimal(value))}.0"}


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
