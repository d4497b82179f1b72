"""Laws of the ledger: shares in any order, facts that only grow with evidence, a past that stays, draws that repeat."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from app.evidence.rules.facts import Claim, EvidenceFacts, summed
from app.evidence.rules.sampling import draw, draws_again, population_digest
from app.evidence.rules.shares import claimed_together
from app.evidence.states import Kind

START = datetime(2026, 1, 1, tzinfo=UTC)
ON = date(2026, 6, 1)
PERCENT = st.decimals(Decimal("0.01"), Decimal(100), places=2)
MONEY = st.decimals(0, 10**9, places=2)
COUNTED = (Kind.CONTRACT, Kind.SERVICE, Kind.PATENT, Kind.WORK, Kind.AWARD, Kind.TRAINING, Kind.INVOICE)


@st.composite
def claims(draw_: st.DrawFn) -> Claim:
    """Make a checked record that may have ended."""
    known = START + timedelta(hours=draw_(st.integers(0, 100)))
    lasts = draw_(st.none() | st.integers(1, 100))
    return Claim(
        kind=draw_(st.sampled_from(COUNTED)),
        happened_on=date(2026, 1, 1) + timedelta(days=draw_(st.integers(0, 300))),
        known_from=known,
        known_until=None if lasts is None else known + timedelta(hours=lasts),
        amount=draw_(st.none() | MONEY),
        technology_amount=draw_(st.none() | MONEY),
        share=draw_(st.none() | PERCENT),
        hours=draw_(st.none() | MONEY),
        number=draw_(st.sampled_from(["a", "b", None])),
    )


def at_most(one: EvidenceFacts, other: EvidenceFacts) -> bool:
    return all(value <= other.by_code()[name] for name, value in one.by_code().items())


@given(st.lists(claims(), max_size=8), claims(), st.integers(0, 200), st.integers(0, 300))
def test_more_evidence_never_lowers_a_fact(known: list[Claim], more: Claim, hours: int, days: int) -> None:
    on, at = date(2026, 1, 1) + timedelta(days=days), START + timedelta(hours=hours)

    assert at_most(summed(known, on=on, known_at=at), summed([*known, more], on=on, known_at=at))


@given(st.lists(claims(), max_size=8), st.integers(0, 200), st.integers(0, 300), st.integers(0, 300))
def test_a_later_day_never_lowers_a_fact_as_known_at_the_same_instant(
    known: list[Claim], hours: int, first: int, second: int
) -> None:
    at, start = START + timedelta(hours=hours), date(2026, 1, 1)
    early, late = (start + timedelta(days=days) for days in sorted((first, second)))

    assert at_most(summed(known, on=early, known_at=at), summed(known, on=late, known_at=at))


@given(st.lists(claims(), max_size=6), st.lists(claims(), max_size=4), st.integers(0, 100))
def test_an_earlier_answer_comes_again_after_later_corrections(
    known: list[Claim], later: list[Claim], hours: int
) -> None:
    """What happens after an instant ends claims and brings new ones, but only from then on."""
    at = START + timedelta(hours=hours)
    answer = summed(known, on=ON, known_at=at)
    after = at + timedelta(seconds=1)
    ended = [
        replace(one, known_until=after) if one.counts(ON, at) and one.known_until is None else one for one in known
    ]
    brought = [replace(one, known_from=after, known_until=None) for one in later]

    assert summed([*ended, *brought], on=ON, known_at=at) == answer


@given(st.lists(claims(), max_size=8), st.randoms())
def test_the_order_of_records_changes_nothing(known: list[Claim], chance: Random) -> None:
    mixed = known.copy()
    chance.shuffle(mixed)

    assert summed(known, on=ON, known_at=START) == summed(mixed, on=ON, known_at=START)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), PERCENT), max_size=12), st.randoms())
def test_claims_that_fit_one_by_one_are_never_above_the_whole_in_any_order(
    wanted: list[tuple[str, Decimal]], chance: Random
) -> None:
    chance.shuffle(wanted)
    taken: list[tuple[str, Decimal]] = []
    for claim in wanted:
        if claimed_together([*taken, claim]) <= 100:
            taken.append(claim)

    assert claimed_together(taken) <= 100
    assert claimed_together(taken) == sum(
        (max(share for series, share in taken if series == one) for one in {series for series, _share in taken}),
        Decimal(0),
    )


def test_a_correction_claims_no_more_than_the_larger_of_its_versions() -> None:
    assert claimed_together([("a", Decimal(60)), ("a", Decimal(40)), ("b", Decimal(40))]) == 100


@given(st.sets(st.text("abcdef", min_size=1, max_size=6), min_size=1, max_size=40), st.text(max_size=8), st.data())
def test_a_draw_is_the_same_for_everyone_who_repeats_it(codes: set[str], seed: str, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(codes)))
    drawn = draw(codes, seed=seed, size=size)

    assert drawn == draw(sorted(codes, reverse=True), seed=seed, size=size)
    assert len(set(drawn)) == size
    assert draws_again(sorted(codes), seed=seed, digest=population_digest(codes), drawn=drawn)
    assert not draws_again([*codes, "zz"], seed=seed, digest=population_digest(codes), drawn=drawn)


def test_a_draw_with_another_seed_is_another_draw() -> None:
    codes = [f"code-{place}" for place in range(50)]

    assert draw(codes, seed="a", size=10) != draw(codes, seed="b", size=10)
    drawn = draw(codes, seed="a", size=10)
    assert not draws_again(codes, seed="b", digest=population_digest(codes), drawn=drawn)
