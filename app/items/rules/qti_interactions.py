"""The interactions of QTI: options, gaps, numbers, pairs and texts with their keys, and all that is wrong in them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import partial

from app.items.rules.bodies import ONE, Blank, Body, Criterion, Number, Option, Part, plain
from app.items.rules.content import LETTERS, BadItemError, Made, Other, Refusals, stand_in
from app.items.rules.leavings import Leavings, cut
from app.items.rules.markup import Address, Element, text_of
from app.items.rules.notes import Notes, lose_penalties, rule_of
from app.items.rules.reasons import because
from app.items.states import ItemType

ENTRY = "textentryinteraction"
HUNDRED = Decimal(100)
ZERO = Decimal(0)
NUMBERS = {"float", "integer"}


def classed(element: Element, name: str) -> bool:
    """Tell whether an element is of a class."""
    return name in (element.get("class") or "").split()


class InteractionReader:
    """Reads interactions whose names have been made plain; what it takes is no longer left, what is wrong is noted.

    `suffix` marks the notes of the sub-item that is read, `refused` has what speaks against it.
    """

    def __init__(self, left: Leavings, address: Address, notes: Notes) -> None:
        self.left = left
        self.root = left.root
        self.address = address
        self.notes = notes
        self.lost: set[str] = set()
        self.suffix = ""
        self.refused = Refusals()
        self.declared = {one.get("identifier", ""): one for one in self.root.iter("responsedeclaration")}

    def take(self, make: Callable[[], Made], otherwise: Other, element: Element | None) -> Made | Other:
        """Return what is made, or something else where a rule is broken, which is noted with the element's line."""
        return self.refused.take(make, otherwise, self._line(element))

    def refuse(self, code: str, element: Element, **params: object) -> None:
        """Note what is wrong with an element."""
        self.refused.note(because(code, **params), self._line(element))

    def _line(self, element: Element | None) -> int | None:
        """Return the line of an element, None on the first line of the item."""
        line = None if element is None else element.sourceline
        return line if line != self.root.sourceline else None

    def text(self, element: Element, *attributes: str) -> str:
        """Take the text that an element holds, and some of its own attributes."""
        return text_of(self.left.inner(element, *attributes), self.address, self.lost)

    def settings(self, element: Element, **neutral: Collection[str]) -> None:
        """Take the settings of an element, and note those that say other than what holds for every item of ours."""
        for name, values in neutral.items():
            said = self.left.get(element, name)
            if said and said not in values:
                self.notes.lose(" ".join((str(element.tag), name)), said)

    def _choices(self, element: Element, name: str, most: str = "") -> tuple[tuple[Option, ...], dict[str, str], str]:
        """Return the options of an interaction, the letter of each identifier, and the feedback of each option."""
        texts: list[str] = []
        letters: dict[str, str] = {}
        told: list[str] = []
        for choice in element.iter(name):
            key = self.left.get(choice, "identifier")
            self.settings(choice, matchmax={most})
            bare = deepcopy(choice)
            letters[key] = LETTERS[min(len(texts), len(LETTERS) - 1)]
            for one in list(bare.iter("feedbackinline")):
                if one.get("identifier", key) != key:
                    self.notes.lose("what:condition", f"{one.get('outcomeidentifier', '')} {one.get('identifier')}")
                told.append(f"{letters[key]}: {self.take(partial(self._plain, one), '', choice)}")
                cut(one)
            bare.tail = None
            self.left.inner(choice)
            texts.append(self.take(partial(self._plain, bare), stand_in(len(texts)), choice))
        if len(texts) > len(LETTERS):
            self.refuse("many_options", element, limit=len(LETTERS), count=len(texts))
        return tuple(map(Option, LETTERS, texts)), letters, "\n".join(told)

    def _plain(self, element: Element) -> str:
        """Return the text of a copy, of which nothing is left to be taken."""
        return text_of(element, self.address, self.lost)

    def _right(self, declared: Element) -> list[str]:
        """Return the values of the right answer: those declared, or those that the mapping rewards."""
        values = [self.left.text(one) for one in declared.iterfind("correctresponse/value")]
        return values or [key for key, value, _exact in self._mapped(declared) if value > 0]

    def _letters(self, values: Iterable[str], letters: Mapping[str, str], declared: Element) -> list[str]:
        """Return the letters of right answers; each that is no option is noted."""
        for value in values:
            if value not in letters:
                self.refuse("key_outside", declared, keys=value)
        return [letters[value] for value in values if value in letters]

    def _declaration(self, element: Element) -> Element | None:
        """Return where the right answer of an interaction is declared; that it is not is noted."""
        declared = self.declared.get(self.left.get(element, "responseidentifier"))
        if declared is None:
            self.refuse("no_key", element)
            return None
        for name in ("identifier", "cardinality", "basetype"):
            self.left.get(declared, name)
        return declared

    def _mapped(self, declared: Element) -> list[tuple[str, Decimal, bool]]:
        """Take the mapping of a response: each answer, what it earns, and whether its capitals count."""
        entries = [
            (
                self.left.get(entry, "mapkey"),
                self._number(self.left.get(entry, "mappedvalue", "0"), None, entry),
                self.left.get(entry, "casesensitive") != "false",
            )
            for entry in declared.iterfind("mapping/mapentry")
        ]
        return [(key, value, exact) for key, value, exact in entries if value is not None]

    def _number(self, text: str, otherwise: Other, element: Element) -> Decimal | Other:
        """Read a number of an element, or something else where it is none, which is noted."""
        return self.take(partial(decimal, text), otherwise, element)

    def _weights(
        self, declared: Element, answers: Iterable[str], right: Collection[str]
    ) -> tuple[list[Decimal], list[Decimal]] | None:
        """Return what right and wrong answers earn by a mapping, in percent of the whole; None where it says none.

        Right answers of unequal weight are lost.
        """
        mapping = declared.find("mapping")
        if mapping is None:
            return None
        earned = {key: value for key, value, _exact in self._mapped(declared)}
        rest = self._number(self.left.get(mapping, "defaultvalue", "0"), ZERO, mapping)
        good = [earned.get(one, rest) for one in right]
        bad = [earned.get(one, rest) for one in answers if one not in right]
        self.settings(mapping, lowerbound={"0", "0.0"}, upperbound=_writings(sum(good)))
        if not good or len(set(good)) > 1 or good[0] <= 0 or set(earned) - {*answers, *right}:
            self.notes.lose("what:weights", ", ".join(f"{key}: {plain(value)}" for key, value in earned.items()))
            return None
        share = HUNDRED / sum(good)
        return [one * share for one in good], [one * share for one in bad]

    def choice(self, found: list[Element], section: Element) -> Part:
        """Read a choice; a right answer that is no option is noted."""
        del section
        options, letters, told = self._choices(found[0], "simplechoice")
        declared = self._declaration(found[0])
        if declared is None:
            return Part(ItemType.SINGLE, "", options, explanation=told)
        values = self._right(declared)
        key = frozenset(self._letters(values, letters, declared))
        multiple = declared.get("cardinality") == "multiple"
        most = {"0", str(len(key)), str(len(options))} if multiple else {"1"}
        self._shuffled(found[0])
        self.settings(found[0], maxchoices=most, minchoices={"0"})
        weights = self._weights(declared, tuple(letters), values)
        if weights and not multiple:
            lose_penalties(weights[1], self.notes)
        credit = None
        if weights and multiple:
            credit = self.take(partial(rule_of, *weights, self.notes, f"credit{self.suffix}"), None, None)
        kind = ItemType.MULTIPLE if multiple else ItemType.SINGLE
        return Part(kind, "", options, key, Body(credit), told)

    def _shuffled(self, element: Element) -> None:
        """Note that options keep their order, which exams change."""
        self.settings(element, shuffle={"true", "false"} if self.notes.ours else {"true"})

    def order(self, found: list[Element], section: Element) -> Part:
        """Read options to be put in order."""
        del section
        options, letters, told = self._choices(found[0], "simplechoice")
        declared = self._declaration(found[0])
        right = () if declared is None else tuple(self._letters(self._right(declared), letters, declared))
        self._shuffled(found[0])
        return Part(ItemType.ORDERING, "", options, body=Body(order=right), explanation=told)

    def match(self, found: list[Element], section: Element) -> Part:
        """Read prompts and options."""
        del section
        declared = self._declaration(found[0])
        sets = list(found[0].iter("simplematchset"))
        if len(sets) != 2:  # noqa: PLR2004 - prompts and options
            self.refuse("no_pairs", found[0], count=0)
            return Part(ItemType.MATCHING, "")
        prompts = dict(map(self._prompt, sets[0].iter("simpleassociablechoice")))
        options, letters, told = self._choices(sets[1], "simpleassociablechoice", "0")
        asked = Part(ItemType.MATCHING, "", options, body=Body(prompts=tuple(prompts.values())), explanation=told)
        if declared is None:
            return asked
        values = self._right(declared)
        given = self._pairs(values, letters, declared)
        if set(given) != set(prompts):
            self.refuse("no_pairs", declared, count=len(given))
            return replace(asked, body=Body())
        self._shuffled(found[0])
        self.settings(found[0], maxassociations={"0", str(len(prompts))}, minassociations={"0"})
        weights = self._weights(declared, [f"{prompt} {option}" for prompt in prompts for option in letters], values)
        lose_penalties(weights[1] if weights else [], self.notes)
        return replace(asked, body=replace(asked.body, pairs=tuple(given[prompt] for prompt in prompts)))

    def _pairs(self, values: Iterable[str], letters: Mapping[str, str], declared: Element) -> dict[str, str]:
        """Return the letter matched to each prompt, empty where that is no option."""
        given: dict[str, str] = {}
        for prompt, _space, value in (pair.partition(" ") for pair in values):
            if prompt in given:
                self.refuse("two_pairs", declared)
            given[prompt] = next(iter(self._letters([value.strip()], letters, declared)), "")
        return given

    def _prompt(self, element: Element) -> tuple[str, str]:
        self.settings(element, matchmax={"1"})
        key = self.left.get(element, "identifier")
        return key, self.take(partial(self.text, element), stand_in(key), element)

    def entries(self, found: list[Element], section: Element) -> Part:
        """Read gaps for short texts, or one for a number."""
        for one in section.iter("p"):
            if classed(one, "blanks"):
                self.left.get(one, "class")
        declared = [one for one in map(self._declaration, found) if one is not None]
        if {one.get("basetype") for one in declared} & NUMBERS:
            if len(found) > 1:
                self.refuse("interactions", found[1], count=len(found))
            marked = next((one for one in section.iter() if classed(one, "unit")), None)
            unit = "" if marked is None else self.take(partial(self.text, marked, "class"), "", marked)
            numbers = tuple(self._numbers(declared[0])) if len(found) == 1 else ()
            return Part(ItemType.NUMERIC, "", body=Body(numbers=numbers, unit=unit))
        blanks = tuple(map(self._blank, declared))
        worth = [max((value for _key, value, _exact in self._mapped(one)), default=1) for one in declared]
        if len(set(worth)) > 1:
            self.notes.lose("what:weights", ", ".join(map(str, worth)))
        return Part(ItemType.BLANK, "", body=Body(blanks=blanks if len(declared) == len(found) else ()))

    def _blank(self, declared: Element) -> Blank:
        entries = self._mapped(declared)
        first = entries[0][1] if entries else ZERO
        if any(value not in {0, first} for _key, value, _exact in entries):
            self.refuse("mixed_marks", declared)
        accepted = [key for key, value, _exact in entries if value > 0]
        right = self._right(declared)
        for said in sorted({*right, *(key for key, _value, _exact in entries)} - set(accepted)) if entries else ():
            self.notes.lose("what:answer", said)
        for mapping in declared.iterfind("mapping"):
            zero = {"0", "0.0"}
            self.settings(mapping, defaultvalue=zero, lowerbound=zero, upperbound=_writings(first))
        exact = {exact for _key, _value, exact in entries}
        if len(exact) > 1:
            self.notes.lose("mapentry casesensitive", "false")
        return Blank(tuple(accepted or right), True in exact)

    def _numbers(self, declared: Element) -> Iterator[Number]:
        name = declared.get("identifier")
        compared = [one for one in self.root.iter("equal") if any(two.get("identifier") == name for two in one)]
        for one in compared:
            yield self._compared(one, declared)
        right = self._right(declared)
        if compared:
            return
        earned = {key: value for key, value, _exact in self._mapped(declared) if value > 0}
        for said in right:
            value = self._number(said, None, declared)
            if value is not None:
                yield Number(value, share=earned.get(said, ONE) / max(earned.values(), default=ONE))
        for said in set(earned) - set(right):
            self.notes.lose("what:answer", said)

    def _compared(self, equal: Element, declared: Element) -> Number:
        """Read a number with its tolerance and share; whatever of it is no number is noted."""
        value = next((one.text or "" for one in equal.iter("basevalue")), "") or next(iter(self._right(declared)), "")
        spans = [self._number(one, ZERO, equal) for one in (equal.get("tolerance") or "0").split()]
        if len(set(spans)) > 1:
            self.refuse("number", equal, number=equal.get("tolerance"))
        relative = equal.get("tolerancemode") == "relative"
        branch = equal.getparent()
        shares = [] if branch is None else [one.text or "" for one in branch.iterfind("setoutcomevalue//basevalue")]
        share = self._number(shares[-1], ONE, equal) if shares else ONE
        span = next(iter(spans), ZERO)
        return Number(self._number(value, ZERO, equal), span / HUNDRED if relative else span, relative, share)

    def written(self, found: list[Element], section: Element) -> Part:
        """Read what is answered by a text, with the notes for its markers."""
        self._declaration(found[0])
        self.settings(found[0], expectedlines={"12"})
        blocks = [one for one in section.iter("rubricblock") if one.get("view", "scorer") == "scorer"]
        for block in blocks:
            self.left.get(block, "view")
        told = [self.take(partial(self.text, one, "class"), "", one) for one in blocks if not classed(one, "rubric")]
        rubric = [
            self._criterion(cells)
            for block in blocks
            if classed(block, "rubric") and self.left.get(block, "class")
            for cells in (list(row) for row in block.iter("tr"))
            if len(cells) == 3  # noqa: PLR2004 - name, points and guidance
        ]
        return Part(ItemType.ESSAY, "", body=Body(reference="\n\n".join(told), rubric=tuple(rubric)))

    def _criterion(self, cells: list[Element]) -> Criterion:
        given = zip(cells, (stand_in(0), "1", ""), strict=True)
        name, points, guidance = (self.take(partial(self.text, one), text, one) for one, text in given)
        return Criterion(name, self._number(points, ONE, cells[1]), guidance)


def _writings(value: Decimal | int) -> Collection[str]:
    """Return how a number may be written."""
    return {plain(Decimal(value)), f"{plain(Decimal(value))}.0"}


def decimal(text: str) -> Decimal:
    """Read a number; raises BadItemError for anything else."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation as error:
        raise BadItemError(because("number", number=text)) from error
    if not value.is_finite():
        raise BadItemError(because("number", number=text))
    return value


READERS: dict[str, Callable[[InteractionReader, list[Element], Element], Part]] = {
    "choiceinteraction": InteractionReader.choice,
    "orderinteraction": InteractionReader.order,
    "matchinteraction": InteractionReader.match,
    ENTRY: InteractionReader.entries,
    "extendedtextinteraction": InteractionReader.written,
}
