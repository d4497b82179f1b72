"""The public log in C2SP form: leaves without personal data, addresses of tiles, proofs that anyone can check."""

import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import merkle, notes
from app.core.signing import PublicKey, Signer, create_key
from app.credentials.rules import tlog
from app.credentials.rules.tlog import Leaf, TilePlace, TlogError
from app.credentials.states import LogAct

AT = datetime(2026, 6, 1, 2, 3, 4, tzinfo=UTC)
LEAF = Leaf(LogAct.ISSUE, tlog.digest_of(b"credential"), "did:web:jijing.example", AT)
ORIGIN = "jijing.example/log"


def tree_of(leaves: list[bytes]) -> tuple[merkle.Frontier, dict[tuple[int, int], bytes]]:
    tree, nodes = merkle.Frontier(), {}
    for leaf in leaves:
        for level, number, top in tree.append(merkle.leaf_hash(leaf)):
            nodes[level, number] = top
    return tree, nodes


@pytest.fixture(name="signer")
def _signer(tmp_path: Path) -> Signer:
    return create_key(tmp_path, "log")


def proof_of(index: int, size: int, signer: Signer, origin: str = ORIGIN) -> tuple[str, bytes]:
    leaves = [tlog.leaf_bytes(Leaf(LogAct.ISSUE, tlog.digest_of(b"%d" % n), "did:web:x", AT)) for n in range(size)]
    tree, nodes = tree_of(leaves)
    path = merkle.inclusion_proof(index, size, lambda level, number: nodes[level, number])
    checkpoint = notes.sign(notes.Head(origin, size, tree.root), signer)
    return tlog.write_proof(index, path, checkpoint, leaves[index]), leaves[index]


def test_a_leaf_says_act_digest_issuer_and_time_and_nothing_else() -> None:
    assert tlog.leaf_bytes(LEAF) == (
        b'{"act":"issue","at":"2026-06-01T02:03:04Z","credential":"%s","issuer":"did:web:jijing.example","v":1}'
        % hashlib.sha256(b"credential").hexdigest().encode()
    )
    assert tlog.read_leaf(tlog.leaf_bytes(LEAF)) == LEAF


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"v":1', b'"v":2'),
        (b'"v":1', b'"v":true'),
        (b'"act":"issue"', b'"act":"grant"'),
        (b'"act":"issue"', b'"act": "issue"'),
        (b"04Z", b"04"),
        (b'"issuer":"did:web:jijing.example"', b'"issuer":1'),
        (b',"v":1', b',"name":"x","v":1'),
        (LEAF.credential.encode(), LEAF.credential.upper().encode()),
        (LEAF.credential.encode(), LEAF.credential[:-1].encode()),
        (b"{", b"["),
    ],
)
def test_a_leaf_is_read_in_its_one_form_only(old: bytes, new: bytes) -> None:
    with pytest.raises(TlogError):
        tlog.read_leaf(tlog.leaf_bytes(LEAF).replace(old, new))


@pytest.mark.parametrize("data", [b"null", b"[]", b"1", b"", b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_no_leaf(data: bytes) -> None:
    with pytest.raises(TlogError):
        tlog.read_leaf(data)


@pytest.mark.parametrize(
    ("number", "width", "path"),
    [
        (0, 256, "000"),
        (999, 256, "999"),
        (1000, 256, "x001/000"),
        (1234067, 256, "x001/x234/067"),
        (273, 112, "273.p/112"),
        (5, 1, "005.p/1"),
    ],
)
def test_tiles_have_the_addresses_of_c2sp(number: int, width: int, path: str) -> None:
    assert tlog.tile_path(number, width) == path
    assert tlog.read_tile_path(path) == TilePlace(number, width)


@given(st.integers(0, 10**15), st.integers(1, 256))
def test_every_address_leads_back_to_its_tile(number: int, width: int) -> None:
    assert tlog.read_tile_path(tlog.tile_path(number, width)) == TilePlace(number, width)


@pytest.mark.parametrize(
    "path",
    ["", "0", "00", "0000", "x000/000", "001/234", "x001/x234", "000.p/0", "000.p/256", "000.p/01", "000.p/", "000/",
     "x01/000", "-01", "000.p/999", "x001/" * 9 + "000", "\u0661\u0662\u0663"],
)  # fmt: skip
def test_other_addresses_are_no_tiles(path: str) -> None:
    with pytest.raises(TlogError):
        tlog.read_tile_path(path)


@pytest.mark.parametrize("level", ["", "-1", "00", "01", "64", "x", "1.0", "\u0661"])
def test_levels_are_0_to_63_without_leading_zeros(level: str) -> None:
    assert [tlog.read_level(one) for one in ("0", "7", "63")] == [0, 7, 63]
    with pytest.raises(TlogError):
        tlog.read_level(level)


def test_an_entry_bundle_puts_each_entry_behind_its_length() -> None:
    assert tlog.bundle([b"a", b"", b"b" * 300]) == b"\x00\x01a\x00\x00\x01\x2c" + b"b" * 300


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (2, 3), (5, 13), (255, 256), (256, 300)])
def test_a_proof_leads_from_the_leaf_to_the_signed_root(index: int, size: int, signer: Signer) -> None:
    text, leaf = proof_of(index, size, signer)

    head = tlog.verify_tlog_proof(text, leaf, signer.public_key)

    assert (head.origin, head.size) == (ORIGIN, size)
    lines = text.splitlines()
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert base64.b64decode(lines[1].removeprefix("extra ")) == leaf
    assert lines[2] == f"index {index}"


def refusal(text: str, leaf: bytes, key: PublicKey) -> str:
    with pytest.raises(TlogError) as refused:
        tlog.verify_tlog_proof(text, leaf, key)
    return refused.value.code


def test_another_leaf_place_size_or_key_is_refused(signer: Signer, tmp_path: Path) -> None:
    text, leaf = proof_of(5, 13, signer)
    key = signer.public_key

    assert refusal(text, leaf + b" ", key) == "proof-root"
    assert refusal(text.replace("index 5", "index 4"), leaf, key) == "proof-root"
    assert refusal(text.replace("index 5", "index 13"), leaf, key) == "proof-path"
    assert refusal(text.replace("\n13\n", "\n14\n"), leaf, key) == "checkpoint-signature"
    assert refusal(text, leaf, create_key(tmp_path, "other").public_key) == "checkpoint-signature"
    longer, shorter = text.splitlines(), text.splitlines()
    longer.insert(4, longer[4])
    del shorter[4]
    assert refusal("\n".join(longer) + "\n", leaf, key) == "proof-path"
    assert refusal("\n".join(shorter) + "\n", leaf, key) == "proof-path"


def test_a_proof_without_extra_is_checked_all_the_same(signer: Signer) -> None:
    text, leaf = proof_of(5, 13, signer)
    lines = [one for one in text.splitlines(keepends=True) if not one.startswith("extra ")]

    assert tlog.verify_tlog_proof("".join(lines), leaf, signer.public_key).size == 13
    assert tlog.read_proof("".join(lines)).extra == b""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
        ("extra ", "extra !"),
        ("index 5", "index 05"),
        ("index 5", "index -5"),
        ("index 5", "index"),
        ("index 5", "index 5\nAAAA"),
        ("index 5\n", ""),
        ("\n\njijing", "\njijing"),
        ("=\n", "\n"),
    ],
)
def test_a_proof_in_another_form_is_refused(old: str, new: str, signer: Signer) -> None:
    text, leaf = proof_of(5, 13, signer)
    assert old in text

    assert refusal(text.replace(old, new, 1), leaf, signer.public_key) == "proof-form"


def test_an_endless_proof_is_not_read(signer: Signer) -> None:
    text, leaf = proof_of(5, 13, signer)
    hashes = ("A" * 43 + "=\n") * 64

    assert refusal(text + "x" * 20_000, leaf, signer.public_key) == "proof-too-long"
    assert refusal(text.replace("index 5\n", "index 5\n" + hashes), leaf, signer.public_key) == "proof-form"
