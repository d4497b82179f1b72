"""Forged votes: each is refused by the server, and by the browser's own implementation, for the same reason."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from app.ballots.rules.group import GENERATOR, ORDER, RefusedError, point, scalar, scalar_text
from app.ballots.rules.proofs import Cipher, Claim, challenge, draw, encrypt, prove_bit, prove_one
from app.ballots.rules.votes import CHOICES, LONGEST, canonical, make_vote, read_vote
from app.ballots.states import Choice
from tests.unit.ballots.samples import MISSING, QUESTIONS, election, node, page_election, secret

VOTER = "voter-one"
PRIME = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
Vote = dict[str, Any]
Forgery = Callable[[Vote], Vote | str | None]


def honest(voter: str = VOTER, choice: Choice = Choice.APPROVE) -> Vote:
    vote: Vote = json.loads(make_vote(election(), voter, dict.fromkeys(QUESTIONS, choice)))
    return vote


def dishonest(values: list[int]) -> Vote:
    """Make a vote of any values as a cheat does: every proof with the code of an honest voter."""
    vote, found = honest(), election()
    secrets = [draw() for _ in values]
    ciphers = [
        Cipher(GENERATOR * one, found.key * one + GENERATOR * value if value else found.key * one)
        for one, value in zip(secrets, values, strict=True)
    ]
    points = tuple(one for cipher in ciphers for one in (cipher.alpha, cipher.beta))
    claim = Claim((found.fingerprint, VOTER, QUESTIONS[0]), found.key, points)
    proofs = [
        prove_bit(claim.at(place), min(max(value, 0), 1), one)
        for place, (value, one) in enumerate(zip(values, secrets, strict=True))
    ]
    vote["answers"][0] = {
        "choices": [one.texts for one in ciphers],
        "proofs": proofs,
        "question": QUESTIONS[0],
        "sum": prove_one(claim, sum(secrets) % ORDER),
    }
    return vote


def first(vote: Vote) -> dict[str, Any]:
    answer: dict[str, Any] = vote["answers"][0]
    return answer


def _split(vote: Vote) -> None:
    proof = first(vote)["proofs"][0]
    proof[0], proof[2] = scalar_text(scalar(proof[0]) + 1), scalar_text(scalar(proof[2]) - 1)


def _unbalanced(vote: Vote) -> None:
    first(vote)["proofs"][0][0] = scalar_text(scalar(first(vote)["proofs"][0][0]) + 1)


def _response(vote: Vote) -> None:
    first(vote)["proofs"][1][3] = scalar_text(scalar(first(vote)["proofs"][1][3]) + 1)


def _swapped_questions(vote: Vote) -> None:
    one, other = vote["answers"]
    one["question"], other["question"] = other["question"], one["question"]
    vote["answers"] = [other, one]


def _reordered_questions(vote: Vote) -> None:
    vote["answers"].reverse()


def _reordered_choices(vote: Vote) -> None:
    for part in ("choices", "proofs"):
        first(vote)[part][0], first(vote)[part][1] = first(vote)[part][1], first(vote)[part][0]


def _off_curve(vote: Vote) -> None:
    x = next(x for x in range(1, 99) if pow(x**3 - 3 * x + B, (PRIME - 1) // 2, PRIME) == PRIME - 1)
    first(vote)["choices"][0][0] = f"02{x:064x}"


B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


def _identity(vote: Vote) -> None:
    first(vote)["choices"][0][0] = "00"


def _x_above_the_prime(vote: Vote) -> None:
    first(vote)["choices"][0][0] = f"02{PRIME + 5:064x}"


def _scalar_out_of_range(vote: Vote) -> None:
    proof = first(vote)["proofs"][0]
    proof[1] = f"{ORDER:064x}"


def _duplicated(vote: Vote) -> None:
    vote["answers"].append(copy.deepcopy(first(vote)))


def _dropped(vote: Vote) -> None:
    vote["answers"].pop()


def _stripped_proof(vote: Vote) -> None:
    del first(vote)["sum"]


def _emptied_proofs(vote: Vote) -> None:
    first(vote)["proofs"] = []


def _fewer_choices(vote: Vote) -> None:
    first(vote)["choices"].pop()


def _extra_field(vote: Vote) -> None:
    vote["note"] = "approve"


def _another_ballot(vote: Vote) -> None:
    vote["ballot"] = "c" * 26


def _rerandomised(vote: Vote) -> None:
    blind = draw()
    alpha, beta = (point(one) for one in first(vote)["choices"][0])
    first(vote)["choices"][0] = [(alpha + GENERATOR * blind).text, (beta + election().key * blind).text]


def _negated(vote: Vote) -> None:
    alpha, beta = first(vote)["choices"][0]
    first(vote)["choices"][0] = [("02" if one[:2] == "03" else "03") + one[2:] for one in (alpha, beta)]


def _proof_of_another_choice(vote: Vote) -> None:
    first(vote)["proofs"][0] = first(vote)["proofs"][1]


def _sum_of_another_question(vote: Vote) -> None:
    first(vote)["sum"] = vote["answers"][1]["sum"]


def _ciphertext_of_another_question(vote: Vote) -> None:
    first(vote)["choices"], first(vote)["proofs"] = vote["answers"][1]["choices"], vote["answers"][1]["proofs"]


def _weak_hash(vote: Vote) -> None:
    """Prove with a challenge over the commitments alone, without the statement (weak Fiat-Shamir)."""
    nonce, found = draw(), election()
    asked = challenge("one", (), [GENERATOR * nonce, found.key * nonce])
    first(vote)["sum"] = [scalar_text(asked), scalar_text(nonce)]


def _unmasked(vote: Vote) -> None:
    """Encrypt with randomness that the sum cancels, so that the first point of the sum is the identity."""
    secrets = [5, 7, ORDER - 12]
    made = [encrypt(election().key, value, one) for value, one in zip((1, 0, 0), secrets, strict=True)]
    points = tuple(one for cipher in made for one in (cipher.alpha, cipher.beta))
    claim = Claim((election().fingerprint, VOTER, QUESTIONS[0]), election().key, points)
    answer = first(vote)
    answer["choices"] = [one.texts for one in made]
    answer["proofs"] = [
        prove_bit(claim.at(place), value, one)
        for place, (value, one) in enumerate(zip((1, 0, 0), secrets, strict=True))
    ]


def _wrong_types(vote: Vote) -> None:
    first(vote)["proofs"][0][0] = 7


def _version(vote: Vote) -> None:
    vote["version"] = 2


def _changed(change: Callable[[Vote], None]) -> Callable[[], str]:
    def forge() -> str:
        vote = honest()
        change(vote)
        return canonical(vote)

    return forge


FORGERIES: dict[str, tuple[Callable[[], str], str]] = {
    "challenges split otherwise": (_changed(_split), "bit_proof"),
    "challenges that do not add up": (_changed(_unbalanced), "bit_proof"),
    "a changed response": (_changed(_response), "bit_proof"),
    "replay under another voter": (lambda: canonical({**honest("voter-two"), "voter": VOTER}), "bit_proof"),
    "another voter's ballot as it is": (lambda: canonical(honest("voter-two")), "voter"),
    "swapped questions": (_changed(_swapped_questions), "bit_proof"),
    "reordered questions": (_changed(_reordered_questions), "questions"),
    "reordered choices": (_changed(_reordered_choices), "bit_proof"),
    "a point off the curve": (_changed(_off_curve), "off_curve"),
    "the identity as a point": (_changed(_identity), "encoding"),
    "a coordinate above the prime": (_changed(_x_above_the_prime), "encoding"),
    "a scalar out of range": (_changed(_scalar_out_of_range), "range"),
    "two yes at once": (lambda: canonical(dishonest([1, 1, 0])), "sum_proof"),
    "no choice at all": (lambda: canonical(dishonest([0, 0, 0])), "sum_proof"),
    "a vote of two": (lambda: canonical(dishonest([2, 0, 0])), "bit_proof"),
    "a vote of two against minus one": (lambda: canonical(dishonest([2, ORDER - 1, 0])), "bit_proof"),
    "a negative vote": (lambda: canonical(dishonest([ORDER - 1, 1, 1])), "bit_proof"),
    "an answer twice": (_changed(_duplicated), "questions"),
    "an answer left out": (_changed(_dropped), "questions"),
    "a stripped proof": (_changed(_stripped_proof), "shape"),
    "no proofs": (_changed(_emptied_proofs), "shape"),
    "a choice less": (_changed(_fewer_choices), "shape"),
    "a field more": (_changed(_extra_field), "shape"),
    "another version": (_changed(_version), "shape"),
    "a number for a scalar": (_changed(_wrong_types), "encoding"),
    "another ballot": (_changed(_another_ballot), "ballot"),
    "a ciphertext made new": (_changed(_rerandomised), "bit_proof"),
    "a ciphertext turned round": (_changed(_negated), "bit_proof"),
    "the proof of another choice": (_changed(_proof_of_another_choice), "bit_proof"),
    "the sum of another question": (_changed(_sum_of_another_question), "sum_proof"),
    "ciphertexts of another question": (_changed(_ciphertext_of_another_question), "bit_proof"),
    "a challenge without its statement": (_changed(_weak_hash), "sum_proof"),
    "randomness that cancels out": (_changed(_unmasked), "identity"),
    "blanks in the text": (lambda: json.dumps(honest(), sort_keys=True), "spelling"),
    "capital letters": (lambda: _capitals(canonical(honest())), "encoding"),
    "a key twice": (lambda: canonical(honest()).replace('{"answers"', '{"version":1,"answers"'), "spelling"),
    "no JSON": (lambda: canonical(honest())[:-1], "shape"),
    "a list": (lambda: "[]", "shape"),
}


def _capitals(text: str) -> str:
    start = text.index('"02') if '"02' in text else text.index('"03')
    return text[:start] + text[start : start + 68].upper() + text[start + 68 :]


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_vote_is_refused_by_the_server(name: str) -> None:
    forge, reason = FORGERIES[name]

    with pytest.raises(RefusedError) as refused:
        read_vote(election(), VOTER, QUESTIONS, forge())

    assert refused.value.code == reason


@pytest.mark.skipif(MISSING, reason="needs node and the packages of package.json")
def test_every_forgery_is_refused_by_the_browsers_side_for_the_same_reason() -> None:
    cases = [{"voter": VOTER, "questions": QUESTIONS, "text": forge()} for forge, _reason in FORGERIES.values()]
    good = [{"voter": VOTER, "questions": QUESTIONS, "text": canonical(honest(choice=choice))} for choice in CHOICES]

    answers = node("votes", election=page_election(), cases=[*good, *cases])

    assert answers[: len(good)] == [None] * len(good)
    told = dict(zip(FORGERIES, answers[len(good) :], strict=True))
    assert told == {name: reason for name, (_forge, reason) in FORGERIES.items()}


@pytest.mark.skipif(MISSING, reason="needs node and the packages of package.json")
@pytest.mark.parametrize("choice", CHOICES)
def test_the_server_accepts_what_the_browser_encrypts_and_it_holds_the_choice(choice: Choice) -> None:
    text = node("vote", election=page_election(), voter=VOTER, answers=[[one, choice.value] for one in QUESTIONS])

    vote = read_vote(election(), VOTER, QUESTIONS, text)

    for ciphers in vote.ciphers.values():
        opened = [cipher.beta - cipher.alpha * secret() for cipher in ciphers]
        assert [one.identity for one in opened] == [one is not choice for one in CHOICES]
        assert GENERATOR in opened


def test_votes_are_of_one_size_whatever_they_say_and_never_the_same_twice() -> None:
    made = [make_vote(election(), VOTER, dict.fromkeys(QUESTIONS, choice)) for choice in (*CHOICES, *CHOICES)]

    assert len({len(one) for one in made}) == 1
    assert len(set(made)) == len(made)


def test_nothing_too_long_is_looked_at() -> None:
    with pytest.raises(RefusedError, match="shape"):
        read_vote(election(), VOTER, QUESTIONS, "[" * (LONGEST + 1))
    with pytest.raises(RefusedError, match="shape"):
        read_vote(election(), VOTER, QUESTIONS, "[" * LONGEST)


@pytest.mark.parametrize("odd", [{"answers": {}}, {"answers": [1, 2]}, {"answers": None}])
def test_a_vote_of_another_shape_is_refused_not_broken(odd: dict[str, object]) -> None:
    with pytest.raises(RefusedError):
        read_vote(election(), VOTER, QUESTIONS, canonical({**honest(), **odd}))
