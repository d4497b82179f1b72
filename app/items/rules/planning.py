"""What an import would do with each item of a file: new, new version, skipped or refused, each with its reason."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.items.rules.content import Failure, ItemContent, Parsed
from app.items.rules.reasons import Reason, because
from app.items.states import Fate, ItemState


@dataclass(frozen=True, slots=True)
class Known:
    """An item of the bank in its latest version."""

    item_id: int
    state: ItemState
    content: ItemContent


@dataclass(frozen=True, slots=True)
class Planned:
    """One item of a file with what becomes of it."""

    place: str
    code: str
    fate: Fate
    reason: Reason | None = None
    content: ItemContent | None = None
    unit: str = "line"

    @property
    def where(self) -> str:
        """Return the place in words for programs, such as `line 12`."""
        return f"{self.unit} {self.place}"


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or would do; `unread` is what of the file belongs to none of its items."""

    imported: list[Planned] = field(default_factory=list)
    skipped: list[Planned] = field(default_factory=list)
    failed: list[Planned] = field(default_factory=list)
    unread: list[Failure] = field(default_factory=list)

    @property
    def notes(self) -> list[Failure]:
        """Return what is not kept: of the file itself, then of each of its items, with their places and codes."""
        of_items = (
            Failure(one.place, reason, one.code, one.unit)
            for one in (*self.imported, *self.skipped)
            for reason in (one.content.without if one.content else ())
        )
        return [*self.unread, *of_items]

    @classmethod
    def of(cls, planned: Iterable[Planned], unread: Iterable[Failure] = ()) -> "Report":
        """Sort planned items into a report."""
        report = cls(unread=list(unread))
        for one in planned:
            report.list_of(one.fate).append(one)
        return report

    def list_of(self, fate: Fate) -> list[Planned]:
        """Return the list that a fate belongs to."""
        return {Fate.SAME: self.skipped, Fate.FAILED: self.failed}.get(fate, self.imported)


def plan(parsed: Parsed, known: Iterable[Known]) -> list[Planned]:
    """Decide about every entry of a file against the items of the bank that share a code or a wording with it."""
    desk = _Desk(list(known))
    return [_planned(entry, parsed.unit, desk) for entry in parsed.entries]


def _planned(entry: ItemContent | Failure, unit: str, desk: "_Desk") -> Planned:
    if isinstance(entry, Failure):
        return Planned(entry.place, entry.code, Fate.FAILED, entry.reason, unit=unit)
    fate, reason = desk.decide(entry)
    return Planned(entry.place, entry.code, fate, reason, entry, unit)


class _Desk:
    """What the bank holds and what the file said so far, by code and by wording."""

    def __init__(self, known: list[Known]) -> None:
        self.by_code = {one.content.code: one for one in known}
        self.by_digest = {one.content.digest: one for one in known if one.state is not ItemState.RETIRED}
        self.seen_codes: dict[str, ItemContent] = {}
        self.seen_digests: dict[str, ItemContent] = {}

    def decide(self, item: ItemContent) -> tuple[Fate, Reason | None]:
        """Decide about an item and remember it."""
        decision = self._within_file(item) or self._within_bank(item)
        self.seen_codes.setdefault(item.code, item)
        self.seen_digests.setdefault(item.digest, item)
        return decision

    def _within_file(self, item: ItemContent) -> tuple[Fate, Reason] | None:
        """Compare with what the same file said before."""
        first = self.seen_codes.get(item.code)
        if first is not None and first != item:
            return Fate.FAILED, because("repeated_code", place=first.place)
        same = first or self.seen_digests.get(item.digest)
        return (Fate.SAME, because("repeated_content", place=same.place)) if same else None

    def _within_bank(self, item: ItemContent) -> tuple[Fate, Reason | None]:
        """Compare with the bank: only what is in review may get a new version, and no wording comes in twice."""
        known = self.by_code.get(item.code)
        if known is not None and known.content == item:
            return Fate.SAME, because("same_item")
        twin = self.by_digest.get(item.digest)
        if twin is not None and twin.content.code != item.code:
            return Fate.SAME, because("same_content", code=twin.content.code)
        if known is None:
            return Fate.NEW, None
        if known.state in {ItemState.DRAFT, ItemState.REVISION}:
            return Fate.REVISED, None
        return Fate.FAILED, because("other_wording" if known.state is ItemState.APPROVED else "retired_code")
