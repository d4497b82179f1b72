"""Both sides compute what is published: RFC 9497 (equality proofs), RFC 9591 (Schnorr, shares), RFC 9380 (hashing)."""

from typing import Any

import pytest

from app.ballots.rules.group import GENERATOR, ORDER, expand, hash_to_scalar, point, scalar, scalar_text
from app.ballots.rules.keys import line_at, share_fits
from app.ballots.rules.proofs import check_equal, prove_equal, schnorr_commitment
from app.ballots.rules.tally import weight_at_zero
from tests.unit.ballots.samples import MISSING, node

browser = pytest.mark.skipif(MISSING, reason="needs node and the packages of package.json")

# RFC 9497, appendix A.3.2: OPRF(P-256, SHA-256), mode VOPRF
VOPRF_CONTEXT = b"OPRFV1-\x01-P256-SHA256"
VOPRF_SECRET = "ca5d94c8807817669a51b196c34c1b7f8442fde4334a7121ae4736364312fca6"
VOPRF_PUBLIC = "03e17e70604bcabe198882c0a1f27a92441e774224ed9c702e51dd17038b102462"
FIRST = (
    "02dd05901038bb31a6fae01828fd8d0e49e35a486b5c5d4b4994013648c01277da",
    "0209f33cab60cf8fe69239b0afbcfcd261af4c1c5632624f2e9ba29b90ae83e4a2",
)
VOPRF = [
    (
        [FIRST],
        "f9db001266677f62c095021db018cd8cbb55941d4073698ce45c405d1348b7b1",
        [
            "e7c2b3c5c954c035949f1f74e6bce2ed539a3be267d1481e9ddb178533df4c26",
            "64f69d065c604a4fd953e100b856ad83804eb3845189babfa5a702090d6fc5fa",
        ],
    ),
    (
        [
            (
                "03cd0f033e791c4d79dfa9c6ed750f2ac009ec46cd4195ca6fd3800d1e9b887dbd",
                "030d2985865c693bf7af47ba4d3a3813176576383d19aff003ef7b0784a0d83cf1",
            )
        ],
        "f9db001266677f62c095021db018cd8cbb55941d4073698ce45c405d1348b7b1",
        [
            "2787d729c57e3d9512d3aa9e8708ad226bc48e0f1750b0767aaff73482c44b8d",
            "2873d74ec88aebd3504961acea16790a05c542d9fbff4fe269a77510db00abab",
        ],
    ),
    (
        [
            FIRST,
            (
                "03462e9ae64cae5b83ba98a6b360d942266389ac369b923eb3d557213b1922f8ab",
                "02bb24f4d838414aef052a8f044a6771230ca69c0a5677540fff738dd31bb69771",
            ),
        ],
        "350e8040f828bf6ceca27405420cdf3d63cb3aef005f40ba51943c8026877963",
        [
            "bdcc351707d02a72ce49511c7db990566d29d6153ad6f8982fad2b435d6ce4d6",
            "0da1e6b3fa740811bde34dd4fe0aa1b5fe6600d0440c9ddee95ea7fad7a60cf2",
        ],
    ),
]

# RFC 9591, appendix E.4: FROST(P-256, SHA-256), 2 of 3
FROST_SECRET = "8ba9bba2e0fd8c4767154d35a0b7562244a4aaf6f36c8fb8735fa48b301bd8de"
FROST_SLOPE = "80f25e6c0709353e46bfbe882a11bdbb1f8097e46340eb8673b7e14556e6c3a4"
FROST_PUBLIC = "023a309ad94e9fe8a7ba45dfc58f38bf091959d3c99cfbd02b4dc00585ec45ab70"
FROST_SHARES = {
    1: "0c9c1a0fe806c184add50bbdcac913dda73e482daf95dcb9f35dbb0d8a9f7731",
    2: "8d8e787bef0ff6c2f494ca45f4dad198c6bee01212d6c84067159c52e1863ad5",
    3: "0e80d6e8f6192c003b5488ce1eec8f5429587d48cf001541e713b2d53c09d928",
}
FROST_SIGNATURE = (
    "026d8d434874f87bdb7bc0dfd239b2c00639044f9dcb195e9a04426f70bfa4b70d",
    "9620acac6767e8e3e3036815fca4eb3a3caa69992b902bcd3352fc34f1ac192f",
)
FROST_CHALLENGE = "FROST-P256-SHA256-v1chal"
FROST_MESSAGE = b"test"


@pytest.mark.parametrize(("pairs", "nonce", "proof"), VOPRF)
def test_the_equality_proof_is_that_of_rfc_9497(pairs: list[tuple[str, str]], nonce: str, proof: list[str]) -> None:
    public = point(VOPRF_PUBLIC)
    read = [(point(first), point(second)) for first, second in pairs]

    made = prove_equal(VOPRF_CONTEXT, scalar(VOPRF_SECRET), public, read, nonce=scalar(nonce))

    assert made == proof
    check_equal(VOPRF_CONTEXT, public, read, made)


@browser
@pytest.mark.parametrize(("pairs", "nonce", "proof"), VOPRF)
def test_the_browser_makes_and_accepts_the_equality_proof_of_rfc_9497(
    pairs: list[tuple[str, str]], nonce: str, proof: list[str]
) -> None:
    given: dict[str, Any] = {"context": VOPRF_CONTEXT.hex(), "secret": VOPRF_SECRET, "key": VOPRF_PUBLIC}

    answer = node("equal", **given, pairs=pairs, nonce=nonce)

    assert answer == {"proof": proof, "refused": None}


def _challenge_message() -> bytes:
    return bytes.fromhex(FROST_SIGNATURE[0] + FROST_PUBLIC) + FROST_MESSAGE


def test_the_schnorr_equation_accepts_the_signature_of_rfc_9591() -> None:
    asked = hash_to_scalar(_challenge_message(), FROST_CHALLENGE.encode())

    commitment = schnorr_commitment(-asked % ORDER, scalar(FROST_SIGNATURE[1]), point(FROST_PUBLIC))

    assert commitment.text == FROST_SIGNATURE[0]


@browser
def test_the_browser_accepts_the_signature_of_rfc_9591() -> None:
    given = {"message": _challenge_message().hex(), "response": FROST_SIGNATURE[1], "key": FROST_PUBLIC}

    assert node("schnorr", tag=FROST_CHALLENGE, **given) == {"commitment": FROST_SIGNATURE[0]}


@pytest.mark.parametrize("present", [(1, 2), (1, 3), (2, 3)])
def test_any_two_shares_of_rfc_9591_give_its_secret_and_one_does_not(present: tuple[int, int]) -> None:
    joined = sum(scalar(FROST_SHARES[one]) * weight_at_zero(one, present) for one in present) % ORDER

    assert scalar_text(joined) == FROST_SECRET
    assert (GENERATOR * joined).text == FROST_PUBLIC
    assert not [one for one in present if FROST_SHARES[one] == FROST_SECRET]


@browser
def test_the_browser_weighs_shares_as_the_server_does() -> None:
    for present in ([1, 2], [1, 3], [2, 3]):
        assert node("weights", present=present) == [scalar_text(weight_at_zero(one, present)) for one in present]


@browser
def test_shares_of_rfc_9591_lie_on_their_committed_line_and_no_other() -> None:
    line = [point(FROST_PUBLIC), GENERATOR * scalar(FROST_SLOPE)]

    for place, share in FROST_SHARES.items():
        assert line_at(place, line) == GENERATOR * scalar(share)
        assert share_fits(scalar(share), place, line)
        assert not share_fits(scalar(share) + 1, place, line)
        given = {"index": place, "commitments": [one.text for one in line]}
        assert node("line", share=share, **given) is True
        assert node("line", share=scalar_text(scalar(share) + 1), **given) is False


@pytest.mark.parametrize(
    ("message", "length", "expected"),
    [
        ("", 32, "68a985b87eb6b46952128911f2a4412bbc302a9d759667f87f7a21d803f07235"),
        ("abc", 32, "d8ccab23b5985ccea865c6c97b6e5b8350e794e603b4b97902f53a8a0d605615"),
    ],
)
def test_expanding_a_message_is_that_of_rfc_9380(message: str, length: int, expected: str) -> None:
    # RFC 9380, appendix K.1: expand_message_xmd with SHA-256
    assert expand(message.encode(), b"QUUX-V01-CS02-with-expander-SHA256-128", length).hex() == expected


def test_the_generator_times_two_is_that_of_the_standard_curve() -> None:
    # the double of the generator of P-256 as the NIST point-multiplication vectors list it (k = 2)
    assert (GENERATOR * 2).text == "037cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978"
