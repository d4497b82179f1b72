"""One QTI item, or one sub-item of a case: its stem, its interaction, its key, under names without version."""

from copy import deepcopy
from dataclasses import replace
from functools import partial

from app.items.rules.bodies import ONE, Body, Option, Part
from app.items.rules.content import TRUE_FALSE_TEXTS, Refusals, stand_in
from app.items.rules.leavings import cut
from app.items.rules.markup import Element, text_of
from app.items.rules.notes import credit_of
from app.items.rules.qti_interactions import ENTRY, READERS, InteractionReader, classed, decimal
from app.items.rules.reasons import Reason, because, in_part, together
from app.items.states import WRITTEN, ItemType

INTERACTION = "interaction"
FEEDBACK = {"feedbackblock", "feedbackinline"}
TRUTHS = {frozenset(TRUE_FALSE_TEXTS), frozenset({"true", "false"}), frozenset({"对", "错"})}  # zh: as options say it
NAMED = {"rubricblock": "what:marker", "responseprocessing": "what:processing"}
OURS = "explanation"
"""The identifier under which our own files show a feedback, whatever was answered."""


def plain_name(name: str) -> str:
    """Return a name of version 2 or 3 in the one form that is read: without prefix, dashes and capitals."""
    return name.removeprefix("qti-").replace("-", "").lower()


class ItemReader(InteractionReader):
    """Reads a document whose names have been made plain; what it cannot keep is noted."""

    unread = False
    """Whether some of what is asked could not be read."""

    def asked(self, refused: Refusals) -> Part | None:
        """Return what the item asks, None of an item without a body; what speaks against it is noted.

        `unread` tells from then on whether some of what is asked could not be read.
        """
        body = self.root.find("itembody")
        if body is None:
            refused.note(because("no_interaction"))
            return None
        sections = [one for one in body if classed(one, "part")]
        self.refused = refused
        if not sections:
            return self._section(body, "")
        parts = tuple(self._sub_item(number, section, refused) for number, section in enumerate(sections, 1))
        self.refused, self.unread = refused, bool(refused.reasons)
        marked = next((one for one in body if classed(one, "stem")), None)
        stem = "" if marked is None else self.take(partial(self.text, marked, "class"), stand_in(0), marked)
        self._named_type(ItemType.CASE, "")
        return Part(ItemType.CASE, stem, body=Body(parts=parts))

    def _sub_item(self, number: int, section: Element, refused: Refusals) -> Part:
        """Return a sub-item; of one that is not read whole, what building may judge by itself."""
        self.refused = Refusals()
        part = self._section(section, f".{number}")
        reason = together(self.refused.reasons)
        if reason is None:
            return part
        refused.note(in_part(number, reason))
        return Part(ItemType.ESSAY, part.stem, explanation=part.explanation)

    def explanation(self, refused: Refusals) -> str:
        """Return what is said after the answer; what speaks against it is noted."""
        self.refused = refused
        told = [self.take(partial(self._feedback, one), "", one) for one in self.root.iterchildren("modalfeedback")]
        return "\n".join(filter(None, told))

    def without(self) -> list[Reason]:
        """Return what the item is kept without, once everything of it has been read."""
        if self.lost:
            self.notes.lose("what:layout", ", ".join(sorted(self.lost)))
        for name, said in self.left.rest():
            self.notes.lose(NAMED.get(name, name), said)
        return self.notes.left()

    def _feedback(self, element: Element) -> str:
        """Take a feedback; one that only some would see is shown to everyone."""
        shown = element.get("identifier", OURS)
        if shown != OURS:
            self.notes.lose("what:condition", " ".join((element.get("outcomeidentifier", ""), shown)))
        return self.text(element, "outcomeidentifier", "identifier", "showhide")

    def _section(self, section: Element, suffix: str) -> Part:
        """Return the item or sub-item of a section; `suffix` marks the notes of sub-items."""
        self.suffix = suffix
        if classed(section, "part"):
            self.left.get(section, "class")
        asked = self._answered(section)
        self.unread = bool(self.refused.reasons)
        feedback = (one for one in section.iter(*FEEDBACK) if not self._within(one, section))
        told = [self.take(partial(self._feedback, one), "", one) for one in feedback]
        marked = next((one for one in section if classed(one, "stem")), None)
        stem = self.take(lambda: self._stem(section), stand_in(0), marked)
        credit = asked.body.credit or self.take(lambda: credit_of(self.notes, f"credit{suffix}"), None, None)
        said = self.notes.get(f"weight{suffix}", "1") if suffix else ""
        weight = self.take(lambda: decimal(said), ONE, None) if suffix else asked.weight
        return replace(
            asked,
            type=self._type(asked, suffix),
            stem=stem,
            body=replace(asked.body, credit=credit),
            explanation="\n".join(filter(None, (*told, asked.explanation))),
            weight=weight,
        )

    def _answered(self, section: Element) -> Part:
        """Return what the interaction of a section asks, where there is one that can be kept."""
        found = [one for one in section.iter() if str(one.tag).endswith(INTERACTION)]
        if not found:
            self.refuse("no_interaction", section)
        known = [one for one in found if one.tag in READERS]
        for name, one in {str(one.tag): one for one in found if one not in known}.items():
            self.refuse("interaction", one, name=name.removesuffix(INTERACTION))
        gaps = all(one.tag == ENTRY for one in known)
        if len(known) > 1 and not gaps:
            self.refuse("interactions", known[1], count=len(known))
        groups = [known] if gaps and known else [[one] for one in known]
        parts = [READERS[str(group[0].tag)](self, group, section) for group in groups]
        return parts[0] if len(parts) == 1 else Part(ItemType.ESSAY, "")

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
        prompts = [self.text(one) for one in section.iter("prompt")]
        marked = next((one for one in section if classed(one, "stem")), None)
        if marked is not None:
            self.left.get(marked, "class")
            self._take_stem(marked)
            return "\n\n".join(filter(None, (text_of(marked, self.address, self.lost), *prompts)))
        self._take_stem(section)
        bare = deepcopy(section)
        for one in list(bare.iter()):
            if _is_aside(one):
                cut(one)
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


def _is_aside(element: Element) -> bool:
    """Tell whether an element is no part of the stem: an interaction but a gap, a feedback, a note for markers."""
    tag = str(element.tag)
    hidden = tag == "rubricblock" and "candidate" not in (element.get("view") or "")
    return hidden or tag in FEEDBACK or (tag.endswith(INTERACTION) and tag != ENTRY)


def _is_truth(options: tuple[Option, ...]) -> bool:
    return frozenset(option.text.strip().lower() for option in options) in TRUTHS and options[0].text.lower() in {
        TRUE_FALSE_TEXTS[0],
        "true",
        "对",  # zh: as options say it
    }
