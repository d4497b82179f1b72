"""The draw is uniform, repeatable, honours recusal and quotas, and names what cannot be honoured."""

import hmac
from collections import Counter
from hashlib import sha256
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from app.core.errors import InvalidError
from app.panels.rules.document import DrawFile, read_draw, recompute
from app.panels.rules.draw import (
    Revealed,
    below,
    commitment,
    drawn,
    next_substitute,
    population_digest,
    seed_of,
    shuffled,
    words,
)
from app.panels.rules.quotas import Candidate, Quotas, completes, infeasible, part_of

SEEDS = 3_000
LEAST_P = 0.001
CANDIDATES = st.builds(
    Candidate,
    st.text("abcdefghij", min_size=1, max_size=6),
    st.sampled_from(["u1", "u2", "u3", "u4"]),
    st.sampled_from(["r1", "r2", "r3"]),
)
POPULATIONS = st.lists(CANDIDATES, min_size=1, max_size=9, unique_by=lambda one: one.code)
QUOTAS = st.builds(Quotas, st.integers(1, 5), st.integers(1, 3), st.integers(1, 3))


def seed(number: int) -> bytes:
    return sha256(f"seed {number}".encode()).digest()


def population(count: int) -> list[Candidate]:
    return [Candidate(f"e{number:02}", f"unit {number}", f"region {number % 3}") for number in range(count)]


def honours(panel: list[Candidate], quotas: Quotas) -> bool:
    units = Counter(one.unit for one in panel)
    return (
        len(panel) == quotas.seats
        and max(units.values()) <= quotas.per_unit
        and len({one.region for one in panel}) >= quotas.regions
    )


def feasible_by_search(people: list[Candidate], quotas: Quotas) -> bool:
    return any(honours(list(panel), quotas) for panel in combinations(people, quotas.seats))


def test_each_expert_is_drawn_equally_often() -> None:
    people = population(10)
    hits = Counter(one.code for number in range(SEEDS) for one in drawn(people, Quotas(3), seed(number))[1])

    assert len(hits) == 10
    assert chisquare([hits[one.code] for one in people]).pvalue > LEAST_P


def test_each_panel_of_two_is_drawn_equally_often() -> None:
    people = population(6)
    hits = Counter(frozenset(one.code for one in drawn(people, Quotas(2), seed(n))[1]) for n in range(SEEDS))

    assert len(hits) == 15
    assert chisquare(list(hits.values())).pvalue > LEAST_P


def test_each_order_is_equally_likely() -> None:
    hits = Counter("".join(shuffled("abcd", seed(number))) for number in range(SEEDS))

    assert len(hits) == 24
    assert chisquare(list(hits.values())).pvalue > LEAST_P


def test_experts_alike_under_quotas_are_drawn_equally_often() -> None:
    people = [Candidate(f"e{n:02}", f"unit {n // 2}", f"region {n // 4}") for n in range(12)]
    hits = Counter(one.code for n in range(SEEDS) for one in drawn(people, Quotas(3, 1, 3), seed(n))[1])

    assert chisquare([hits[one.code] for one in people]).pvalue > LEAST_P


def test_words_at_or_over_the_last_whole_multiple_are_passed_over() -> None:
    top = 2**64 - 1

    assert below(3, iter([top, 5])) == 2
    assert below(2, iter([top])) == 1
    assert below(3, iter([top - 1])) == 2


def test_the_stream_is_hmac_sha256_of_a_counter() -> None:
    stream = words(b"k" * 32)
    first = [next(stream) for _ in range(5)]
    blocks = [hmac.new(b"k" * 32, bytes(7) + bytes([counter]), "sha256").digest() for counter in (0, 1)]

    assert first == [int.from_bytes((blocks[0] + blocks[1])[at : at + 8], "big") for at in range(0, 40, 8)]


@given(POPULATIONS, QUOTAS, st.binary(min_size=32, max_size=32))
@settings(max_examples=300, deadline=None)
def test_quotas_are_honoured_whenever_any_panel_honours_them(
    people: list[Candidate], quotas: Quotas, seeded: bytes
) -> None:
    _order, panel = drawn(people, quotas, seeded)

    possible = feasible_by_search(people, quotas)

    assert honours(panel, quotas) is possible if panel else not possible
    assert (infeasible(people, quotas) == []) is possible
    assert completes([], people, quotas) is possible


@given(POPULATIONS, QUOTAS, st.binary(min_size=32, max_size=32), st.randoms())
@settings(max_examples=100, deadline=None)
def test_same_inputs_give_the_same_draw_in_whatever_order_they_come(
    people: list[Candidate], quotas: Quotas, seeded: bytes, chance: object
) -> None:
    mixed = list(people)
    chance.shuffle(mixed)  # type: ignore[attr-defined]

    assert drawn(mixed, quotas, seeded) == drawn(people, quotas, seeded)
    assert population_digest(mixed) == population_digest(people)


@given(POPULATIONS, QUOTAS, st.binary(min_size=32, max_size=32))
@settings(max_examples=150, deadline=None)
def test_a_substitute_is_the_first_of_the_order_who_keeps_the_quotas(
    people: list[Candidate], quotas: Quotas, seeded: bytes
) -> None:
    order, panel = drawn(people, quotas, seeded)
    if len(panel) < quotas.seats:
        return
    gone, staying = panel[0], panel[1:]

    following = next_substitute(order, staying, [gone.code], quotas)

    fitting = [one for one in order if one not in staying and one != gone and honours([*staying, one], quotas)]
    assert following == (fitting[0] if fitting else None)


def test_infeasible_quotas_are_named() -> None:
    people = [Candidate("a", "u", "r"), Candidate("b", "u", "r"), Candidate("c", "v", "r")]

    assert "3 eligible" in str(infeasible(people, Quotas(4))[0])
    assert "At most 1 of one unit leaves 2 experts for 3 seats" in str(infeasible(people, Quotas(3, 1))[0])
    assert "come from 1" in str(infeasible(people, Quotas(2, 2, 2))[0])
    torn = [Candidate("a", "u", "r"), Candidate("b", "u", "s"), Candidate("c", "v", "r")]
    assert infeasible(torn, Quotas(2, 1, 2)) == []
    same = [Candidate("a", "u", "r"), Candidate("b", "u", "s"), Candidate("c", "u", "t"), Candidate("d", "v", "r")]
    assert "together" in str(infeasible(same, Quotas(2, 1, 3))[0])


def file_of(people: list[Candidate], quotas: Quotas) -> DrawFile:
    persons = ("office", "witness")
    shares = [Revealed(commitment("panel", one, f"s-{one}"), f"s-{one}") for one in persons]
    digest = population_digest(people)
    seeded = seed_of("panel", digest, shares)
    order, panel = drawn(people, quotas, seeded)
    following = next_substitute(order, panel[1:], [panel[0].code], quotas)
    spare = next(one for one in order if one not in panel and one != following)
    return DrawFile.model_validate(
        {
            "format": "jijing-draw/1",
            "panel": "panel",
            "attempt": 1,
            "seats": quotas.seats,
            "per_unit": quotas.per_unit,
            "regions": quotas.regions,
            "population": [(one.code, one.unit, one.region) for one in people],
            "population_sha256": digest,
            "shares": [
                {"person": person, "office": person == "office", "commitment": one.commitment, "secret": one.secret}
                for person, one in zip(persons, shares, strict=True)
            ],
            "seed": seeded.hex(),
            "order": [one.code for one in order],
            "seated": [one.code for one in panel],
            "recusals": [
                {"code": panel[0].code, "by": following.code if following else None},
                {"code": spare.code, "by": None},
            ],
        }
    )


def unequal(file: DrawFile) -> set[str]:
    return {check.name for check in recompute(file) if not check.equal}


def test_a_record_is_recomputed_from_its_inputs() -> None:
    assert unequal(file_of(population(9), Quotas(3, 1, 2))) == set()


def test_any_change_of_a_record_is_noticed() -> None:
    file = file_of(population(9), Quotas(3, 1, 2))
    secret = file.shares[0].model_copy(update={"secret": "another"})

    assert "commitments" in unequal(file.model_copy(update={"shares": [secret, file.shares[1]]}))
    assert "population" in unequal(file.model_copy(update={"population": file.population[1:]}))
    assert unequal(file.model_copy(update={"seed": "00" * 32})) == {"seed"}
    assert unequal(file.model_copy(update={"order": file.order[::-1]})) == {"order"}
    assert unequal(file.model_copy(update={"seated": file.seated[::-1]})) == {"panel"}
    late = [file.recusals[0].model_copy(update={"by": file.order[-1] + "x"}), file.recusals[1]]
    assert unequal(file.model_copy(update={"recusals": late})) == {"replacements"}
    spare = [file.recusals[0], file.recusals[1].model_copy(update={"by": "e00"})]
    assert unequal(file.model_copy(update={"recusals": spare})) == {"replacements"}
    assert unequal(file.model_copy(update={"shares": []})) >= {"commitments", "seed"}


def test_the_commitment_binds_panel_person_and_secret() -> None:
    same = commitment("p", "a", "s")

    assert same == sha256(b"jijing-draw/1\np\na\ns").hexdigest()
    assert len({same, commitment("q", "a", "s"), commitment("p", "b", "s"), commitment("p", "a", "t")}) == 4


def test_the_seed_depends_on_every_reveal_but_not_on_their_order() -> None:
    one, two = Revealed("a" * 64, "x"), Revealed("b" * 64, "y")

    assert seed_of("p", "d", [one, two]) == seed_of("p", "d", [two, one])
    seeds = {seed_of("p", "d", [one, two]), seed_of("q", "d", [one, two]), seed_of("p", "e", [one, two])}
    assert len(seeds | {seed_of("p", "d", [one, Revealed("b" * 64, "z")])}) == 4


def test_a_file_that_is_no_record_is_refused_with_its_place() -> None:
    whole = file_of(population(9), Quotas(3)).model_dump()

    with pytest.raises(InvalidError, match="seats"):
        read_draw({**whole, "seats": "many"})
    with pytest.raises(InvalidError, match="another format"):
        read_draw({**whole, "format": "x"})
    assert read_draw(whole).panel == "panel"


@pytest.mark.parametrize(
    ("pool", "expert", "counts_for"),
    [
        ("100000", "370102", "370000"),
        ("100000", "370000", "370000"),
        ("100000", "110105", "110000"),
        ("370000", "370102", "370100"),
        ("370000", "370100", "370100"),
        ("370000", "370000", "370000"),
        ("370000", "440305", "440000"),
        ("370100", "370102", "370102"),
        ("370100", "370100", "370100"),
        ("370100", "370202", "370200"),
        ("370100", "440300", "440000"),
        ("370102", "370102", "370102"),
        ("370102", "370103", "370103"),
        ("110000", "110105", "110105"),
        ("460000", "469002", "469002"),
        ("460000", "460105", "460100"),
    ],
)
def test_a_draw_is_balanced_over_the_parts_right_below_the_region_of_the_pool(
    pool: str, expert: str, counts_for: str
) -> None:
    assert part_of(pool, expert) == counts_for
