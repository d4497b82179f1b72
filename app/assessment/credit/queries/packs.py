"""The packs that bind records and ratings, as far as they were published at an instant."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from app.assessment.credit.rules import periods, rating
from app.assessment.credit.rules.periods import RepairParams, Span, span_of
from app.assessment.credit.rules.rating import RatingParams
from app.assessment.credit.states import Gravity
from app.core.errors import InvalidError
from app.core.text import _l
from app.rulebook import queries as rulebook
from app.rulebook.models import RulePack
from app.rulebook.rules import chain, choose


class Packs:
    """The published packs of a kind, read once for many records: one statement."""

    def __init__(self, kind: str, known_at: datetime) -> None:
        self.kind = kind
        self.packs = [one for one in rulebook.published(kind) if one.published_at and one.published_at <= known_at]
        self.typed: dict[int, RepairParams] = {}

    def on(self, region_code: str, on: date) -> RulePack:
        """Return the pack that binds a region on a day; raises InvalidError where there is none."""
        found = self._on(region_code, on)
        if found is None:
            raise InvalidError(
                _l(
                    "No rule pack of the kind “%(kind)s” is in force on %(day)s. An authority must publish one first.",
                    kind=rulebook.kind(self.kind).label,
                    day=on.isoformat(),
                )
            )
        return found

    def _on(self, region_code: str, on: date) -> RulePack | None:
        codes = chain(region_code)
        binding = [
            one
            for one in self.packs
            if one.region_code in codes and one.starts_on <= on and (one.ends_on is None or one.ends_on >= on)
        ]
        return choose(binding, region_code)

    def between(self, region_code: str, first: date, last: date) -> list[RulePack]:
        """Return the packs in force on any day from `first` through `last`, in the order of time.

        A record older than every pack is bound by those that came later; raises InvalidError where there is none.
        """
        days = {first, max(first, last)}
        for one in self.packs:
            days |= {one.starts_on} | ({one.ends_on + timedelta(days=1)} if one.ends_on else set())
        within = sorted(day for day in days if first <= day <= max(first, last))
        found = {pack.id: pack for day in within if (pack := self._on(region_code, day)) is not None}
        return list(found.values()) or [self.on(region_code, max(first, last))]


class RepairPacks(Packs):
    """The packs of the kind `credit_repair`."""

    def __init__(self, known_at: datetime) -> None:
        super().__init__(periods.KIND, known_at)

    def params(self, pack: RulePack) -> RepairParams:
        """Return the typed parameters of a pack, typed once."""
        if pack.id not in self.typed:
            self.typed[pack.id] = RepairParams.model_validate(pack.params)
        return self.typed[pack.id]

    def span(self, region_code: str, determined_on: date, gravity: Gravity, on: date) -> Span:
        """Return the life of a record as the packs up to a day make it."""
        packs: Sequence[RulePack] = self.between(region_code, determined_on, on)
        return span_of(determined_on, gravity, [self.params(one) for one in packs])


def rating_pack(region_code: str, on: date, known_at: datetime) -> tuple[RulePack, RatingParams]:
    """Return the pack that rates a region on a day, as published at an instant; raises InvalidError."""
    found = Packs(rating.KIND, known_at).on(region_code, on)
    return found, RatingParams.model_validate(found.params)


def rating_params(code: str) -> RatingParams:
    """Return the parameters that a rating was made under, whatever replaced them since."""
    return RatingParams.model_validate(rulebook.by_code(code).params)
