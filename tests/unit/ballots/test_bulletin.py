"""A bulletin is recomputed by two implementations and a command; whatever is changed in it, both notice."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.ballots.commands import group
from app.ballots.rules.bulletin import verify
from app.ballots.rules.group import GENERATOR, RefusedError
from app.ballots.rules.tally import counts, list_digest, open_product, opening_context, product
from app.ballots.rules.votes import make_vote, read_vote
from app.ballots.states import Choice
from tests.unit.ballots.samples import MISSING, QUESTIONS, election, made, node, whole

YES, NO = Choice.APPROVE, Choice.OBJECT
Bulletin = dict[str, Any]


@pytest.fixture(scope="module", name="good")
def _good() -> Bulletin:
    return whole(YES, YES, NO)


def _replaced_vote(one: Bulletin) -> None:
    entry = one["votes"][0]
    text = make_vote(election(), entry["voter"], dict.fromkeys(QUESTIONS, NO))
    entry.update(vote=text, hash=read_vote(election(), entry["voter"], QUESTIONS, text).hash)
    one["votes"].sort(key=lambda row: row["hash"])


def _replaced_with_new_list(one: Bulletin) -> None:
    _replaced_vote(one)
    one["list"] = list_digest(row["hash"] for row in one["votes"])


def _stuffed(one: Bulletin) -> None:
    one["votes"].append({**one["votes"][0], "voter": "v9"})


def _counted_twice(one: Bulletin) -> None:
    one["votes"].append(one["votes"][0])


def _stolen_opening(one: Bulletin) -> None:
    one["openings"][1] = {**one["openings"][0], "index": 2}


def _opened_with_another_key(one: Bulletin) -> None:
    found = election()
    votes = [read_vote(found, row["voter"], QUESTIONS, row["vote"]) for row in one["votes"]]
    context = opening_context(found.fingerprint, 2, one["list"])
    one["openings"][1] = {"index": 2, **open_product(context, 7, GENERATOR * 7, product(votes, QUESTIONS))}


CHANGES: dict[str, tuple[Callable[[Bulletin], object], str, str]] = {
    "another format": (lambda one: one.update(format="x"), "keys", "format"),
    "a key that the trustees did not make": (
        lambda one: one["manifest"].update(key=(GENERATOR * 9).text),
        "keys",
        "manifest",
    ),
    "a trustee exchanged for another": (lambda one: one["trustees"].reverse(), "keys", "key_proof"),
    "a share not confirmed": (
        lambda one: one["trustees"][0].update(confirm_proof=one["trustees"][1]["confirm_proof"]),
        "keys",
        "key_proof",
    ),
    "a trustee missing": (lambda one: one["trustees"].pop(), "keys", "manifest"),
    "no trustees": (lambda one: one.pop("trustees"), "keys", "shape"),
    "a vote replaced": (_replaced_vote, "list", "list"),
    "a vote replaced and the list with it": (_replaced_with_new_list, "openings", "equality_proof"),
    "a vote left out": (lambda one: one["votes"].pop(), "list", "list"),
    "a vote of a stranger": (_stuffed, "votes", "voter"),
    "a proxy who is no voter": (lambda one: one["voters"][0].update(proxy="v9"), "votes", "proxy"),
    "a voter who is their own proxy": (lambda one: one["voters"][0].update(proxy="v0"), "votes", "proxy"),
    "a vote counted twice": (_counted_twice, "votes", "voter"),
    "another hash": (lambda one: one["votes"][0].update(hash="0" * 64), "votes", "hash"),
    "the list in another order": (lambda one: one["votes"].reverse(), "list", "list"),
    "a question not opened": (lambda one: one["opened"].pop(), "openings", "shape"),
    "a question opened that nobody asked": (lambda one: one["opened"].append("q9"), "list", "list"),
    "one opening only": (lambda one: one["openings"].pop(), "counts", "threshold"),
    "one opening told twice": (_stolen_opening, "openings", "equality_proof"),
    "the same trustee twice": (lambda one: one["openings"].append(one["openings"][0]), "openings", "trustee"),
    "a trustee that is none": (lambda one: one["openings"][0].update(index=4), "openings", "trustee"),
    "an opening with another key": (_opened_with_another_key, "openings", "equality_proof"),
    "a count changed": (lambda one: one["results"]["q1"].update(approve=3), "counts", "results"),
    "a result left out": (lambda one: one["results"].pop("q2"), "counts", "results"),
}


def changed(good: Bulletin, name: str) -> Bulletin:
    one = copy.deepcopy(good)
    one["results"] = {question: dict(found) for question, found in one["results"].items()}
    CHANGES[name][0](one)
    return one


def test_a_good_bulletin_holds(good: Bulletin) -> None:
    assert [(one.name, one.passed) for one in verify(good)] == [
        ("keys", True),
        ("votes", True),
        ("list", True),
        ("openings", True),
        ("counts", True),
    ]


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_bulletin_does_not_hold(good: Bulletin, name: str) -> None:
    last = verify(changed(good, name))[-1]

    assert (last.name, last.passed, last.detail) == (CHANGES[name][1], False, CHANGES[name][2])


@pytest.mark.skipif(MISSING, reason="needs node and the packages of package.json")
def test_the_browser_notices_every_change_too(good: Bulletin) -> None:
    answers = node("bulletins", bulletins=[good, *(changed(good, name) for name in CHANGES)])

    assert answers[0] is None
    told = {name: (one["name"], one["passed"]) for name, one in zip(CHANGES, answers[1:], strict=True)}
    assert told == {name: (where, False) for name, (_change, where, _reason) in CHANGES.items()}


def test_before_the_tally_only_keys_votes_and_list_are_there_to_check(good: Bulletin) -> None:
    running = {**good, "results": None, "openings": []}

    assert [one.name for one in verify(running) if one.passed] == ["keys", "votes", "list"]


def test_the_last_vote_of_a_voter_counts() -> None:
    one = whole(YES, YES, NO)
    text = make_vote(election(), "v2", dict.fromkeys(QUESTIONS, YES))
    hashed = read_vote(election(), "v2", QUESTIONS, text).hash
    one["votes"].append({"hash": hashed, "sequence": 2, "voter": "v2", "vote": text})
    one["votes"].sort(key=lambda row: row["hash"])
    one["list"] = list_digest(row["hash"] for row in one["votes"])
    latest = [row for row in one["votes"] if row["voter"] != "v2" or row["sequence"] == 2]
    summed = product([read_vote(election(), row["voter"], QUESTIONS, row["vote"]) for row in latest], QUESTIONS)
    _public, found, shares = made()
    one["openings"] = [
        {
            "index": place,
            **open_product(
                opening_context(found.fingerprint, place, one["list"]), shares[place], GENERATOR * shares[place], summed
            ),
        }
        for place in (3, 2)
    ]
    one["results"] = {question: {"approve": 3, "object": 0, "abstain": 0} for question in QUESTIONS}

    assert all(check.passed for check in verify(one))
    if not MISSING:
        assert node("bulletin", bulletin=one)["valid"] is True


def test_a_count_that_is_not_found_is_an_error_not_a_guess() -> None:
    votes = [read_vote(election(), "v", QUESTIONS, make_vote(election(), "v", dict.fromkeys(QUESTIONS, YES)))]
    summed = product(votes, QUESTIONS)
    wrong = [GENERATOR for _ in range(6)]

    with pytest.raises(RefusedError, match="count"):
        counts(summed, {1: wrong, 2: wrong}, 1)


def test_the_command_verifies_a_file_and_says_what_fails(app: Flask, good: Bulletin, tmp_path: Path) -> None:
    file, false, odd = tmp_path / "b.json", tmp_path / "f.json", tmp_path / "o.json"
    file.write_text(json.dumps(good))
    false.write_text(json.dumps(changed(good, "a count changed")))
    run = app.test_cli_runner().invoke

    told = run(group, ["verify", str(file), "--json"])
    assert (told.exit_code, told.exception, told.stderr) == (0, None, "")
    assert json.loads(told.stdout)["valid"] is True
    said = run(group, ["verify", str(false)])
    assert (said.exit_code, "FAIL  counts: results" in said.stdout) == (1, True)
    for text in ("{", "[]", "7"):
        odd.write_text(text)
        assert run(group, ["verify", str(odd)]).exit_code == 1
    odd.write_text("{}")
    assert run(group, ["verify", str(odd)]).exit_code == 1
    assert run(group, ["verify", str(tmp_path / "none.json")]).exit_code == 2
