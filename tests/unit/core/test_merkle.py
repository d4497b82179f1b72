"""The event log's tree is that of RFC 6962: known roots, and proofs that verify for every leaf and size."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import merkle

# Inputs and roots published with the reference implementation of Certificate Transparency (RFC 6962)
LEAVES = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class Tree:
    """A tree whose complete subtrees are all remembered."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.frontier = merkle.Frontier()
        self.nodes: dict[tuple[int, int], bytes] = {}
        for leaf in leaves:
            for level, index, node in self.frontier.append(merkle.leaf_hash(leaf)):
                self.nodes[level, index] = node

    def read(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]


def root_by_definition(leaves: list[bytes]) -> bytes:
    """Follow the recursive definition of RFC 6962, section 2.1."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + root_by_definition(leaves[:split]) + root_by_definition(leaves[split:])).digest()


@pytest.mark.parametrize("size", range(1, len(LEAVES) + 1))
def test_the_roots_are_those_published(size: int) -> None:
    tree = Tree([bytes.fromhex(leaf) for leaf in LEAVES[:size]])

    assert tree.frontier.root.hex() == ROOTS[size - 1]


def test_a_tree_without_leaves_has_a_root() -> None:
    assert merkle.Frontier().root == root_by_definition([])


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_a_growing_root_follows_the_definition(leaves: list[bytes]) -> None:
    assert Tree(leaves).frontier.root == root_by_definition(leaves)


@given(st.lists(st.binary(max_size=4), max_size=40), st.lists(st.binary(max_size=4), max_size=40))
def test_a_frontier_read_back_grows_as_if_it_had_never_been_stored(before: list[bytes], after: list[bytes]) -> None:
    whole, first = Tree(before + after).frontier, Tree(before).frontier

    again = merkle.Frontier(first.size, first.stored())
    for leaf in after:
        again.append(merkle.leaf_hash(leaf))

    assert (again.size, again.root, again.stored()) == (whole.size, whole.root, whole.stored())


def test_a_frontier_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="another number"):
        merkle.Frontier(3, b"\0" * 32)


@given(st.data(), st.lists(st.binary(max_size=8), min_size=1, max_size=70))
def test_every_leaf_proves_that_it_is_in_the_tree(data: st.DataObject, leaves: list[bytes]) -> None:
    tree, index = Tree(leaves), data.draw(st.integers(0, len(leaves) - 1))

    proof = merkle.inclusion_proof(index, len(leaves), tree.read)

    leaf = merkle.leaf_hash(leaves[index])
    assert merkle.root_from_inclusion(leaf, index, len(leaves), proof) == tree.frontier.root


@given(st.data(), st.lists(st.binary(max_size=8), min_size=2, max_size=40, unique=True))
def test_a_proof_holds_for_no_other_leaf_place_or_length(data: st.DataObject, leaves: list[bytes]) -> None:
    tree, size = Tree(leaves), len(leaves)
    index, other = data.draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=2, unique=True))
    proof = merkle.inclusion_proof(index, size, tree.read)

    def leads_to_the_root(leaf: bytes, place: int, path: list[bytes]) -> bool:
        try:
            return merkle.root_from_inclusion(merkle.leaf_hash(leaf), place, size, path) == tree.frontier.root
        except ValueError:
            return False

    assert not leads_to_the_root(leaves[other], index, proof)
    assert not leads_to_the_root(leaves[index], other, proof)
    assert not leads_to_the_root(leaves[index], index, [*proof, proof[-1]])
    assert not leads_to_the_root(leaves[index], index, proof[:-1])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_a_leaf_that_is_not_there_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="has no leaf"):
        merkle.inclusion_proof(index, size, Tree([]).read)
    with pytest.raises(ValueError, match="no such leaf"):
        merkle.root_from_inclusion(b"", index, size, [])
