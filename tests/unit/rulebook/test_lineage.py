"""Which region inherits from which: nearest region first, then latest start."""

from datetime import date

from app.rulebook.models import RulePack
from app.rulebook.rules.lineage import Branch, binding, codes_of, regions_of, states, steps, tree

ON = date(2026, 6, 1)
NATION, SHANDONG, JINAN, LIXIA, BEIJING, CHAOYANG = "100000", "370000", "370100", "370102", "110000", "110105"
KNOWN = {NATION, SHANDONG, JINAN, LIXIA, BEIJING, CHAOYANG}


def pack(region: str, starts: int = 2025, ends: date | None = None, revision: int = 1) -> RulePack:
    code = f"{region}-{starts}.{revision}"
    return RulePack(code=code, region_code=region, starts_on=date(starts, 1, 1), ends_on=ends, revision=revision)


def shown(branch: Branch) -> tuple[str, str | None, list]:
    bound = branch.binding.code if branch.binding else None
    return branch.region_code, bound, [shown(one) for one in branch.below]


def test_the_tree_shows_regions_with_rules_and_those_between() -> None:
    packs = [pack(NATION), pack(LIXIA), pack(CHAOYANG, 2027)]

    root = tree(packs, ON, KNOWN)

    nation, lixia = packs[0].code, packs[1].code
    assert shown(root) == (
        NATION,
        nation,
        [
            (BEIJING, nation, [(CHAOYANG, nation, [])]),
            (SHANDONG, nation, [(JINAN, nation, [(LIXIA, lixia, [])])]),
        ],
    )
    assert root.below[1].inherits
    assert not root.inherits
    assert regions_of(root) == KNOWN
    assert codes_of(packs) == KNOWN | {"110100"}, "a municipality has a formal city that need not exist"


def test_without_any_pack_the_nation_stands_alone_and_nothing_binds() -> None:
    root = tree([], ON, KNOWN)

    assert shown(root) == (NATION, None, [])
    assert not root.inherits


def test_a_chain_names_what_each_region_has_and_which_one_binds() -> None:
    packs = [pack(NATION), pack(SHANDONG, 2024, date(2025, 12, 31)), pack(JINAN, 2025), pack(JINAN, 2026)]

    found = steps(packs, LIXIA, ON)

    assert [(one.region_code, one.pack.code if one.pack else None, one.binds) for one in found] == [
        (LIXIA, None, False),
        (JINAN, "370100-2026.1", True),
        (SHANDONG, None, False),
        (NATION, "100000-2025.1", False),
    ]
    assert binding(packs, SHANDONG, date(2025, 6, 1)) is packs[1]
    assert binding(packs, BEIJING, date(2024, 6, 1)) is None


def test_own_packs_are_in_force_later_over_or_replaced() -> None:
    packs = [
        pack(NATION, 2024, date(2025, 5, 31)),
        pack(NATION, 2025),
        pack(NATION, 2025, revision=2),
        pack(NATION, 2027),
    ]
    root = tree(packs, ON, KNOWN)

    assert [one.code for one in root.own] == ["100000-2027.1", "100000-2025.2", "100000-2025.1", "100000-2024.1"]
    assert states(root, ON) == {
        "100000-2027.1": "later",
        "100000-2025.2": "now",
        "100000-2025.1": "replaced",
        "100000-2024.1": "over",
    }


def test_the_last_day_still_counts() -> None:
    packs = [pack(NATION, 2025, ON)]

    assert binding(packs, LIXIA, ON) is packs[0]
    assert binding(packs, LIXIA, date(2026, 6, 2)) is None
    assert binding(packs, LIXIA, date(2025, 1, 1)) is packs[0]
    assert binding(packs, LIXIA, date(2024, 12, 31)) is None
