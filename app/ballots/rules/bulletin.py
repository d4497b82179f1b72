"""The bulletin of a ballot as one JSON document, and its verification by anyone, without the server."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.ballots.rules.group import Point, RefusedError
from app.ballots.rules.keys import Ceremony, check_deal, check_join, confirm_words, election_of, manifest, public_share
from app.ballots.rules.proofs import check_key
from app.ballots.rules.tally import check_opening, counts, list_digest, opening_context, product
from app.ballots.rules.votes import Election, Vote, read_vote

FORMAT = "jijing-ballot-bulletin-1"
Bulletin = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a verification: what was checked, whether it holds, and on what."""

    name: str
    passed: bool
    detail: str


def verify(bulletin: Bulletin) -> list[Check]:
    """Recompute a bulletin: keys, every vote, the list, the openings and the counts; stops at the first that fails.

    Before the tally is open (`results` is null) the last two are not there to be checked.
    """
    done: list[Check] = []
    closed = (_check_keys, _check_votes, _check_list)
    steps = closed if bulletin.get("results") is None else (*closed, _check_openings, _check_counts)
    found: dict[str, Any] = {}
    for step in steps:
        name = step.__name__.removeprefix("_check_")
        try:
            done.append(Check(name, passed=True, detail=step(bulletin, found)))
        except RefusedError as error:
            return [*done, Check(name, passed=False, detail=str(error.code))]
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            return [*done, Check(name, passed=False, detail="shape")]
    return done


def _check_keys(bulletin: Bulletin, found: dict[str, Any]) -> str:
    written = bulletin["manifest"]
    if bulletin["format"] != FORMAT:
        raise RefusedError("format")
    ceremony = Ceremony(str(written["ballot"]), int(written["ceremony"]))
    lines = []
    for index, trustee in enumerate(bulletin["trustees"], start=1):
        check_join(ceremony, index, trustee["exchange"], trustee["exchange_proof"])
        sent = {"proof": trustee["deal_proof"], "shares": trustee["sealed_shares"]}
        lines.append(check_deal(ceremony, index, {"commitments": trustee["commitments"], **sent}))
    exchanges = [one["exchange"] for one in bulletin["trustees"]]
    texts = [one["commitments"] for one in bulletin["trustees"]]
    if manifest(ceremony, written["questions"], exchanges, texts) != dict(written):
        raise RefusedError("manifest")
    election = election_of(written)
    for index, trustee in enumerate(bulletin["trustees"], start=1):
        words = confirm_words(election.fingerprint, index)
        check_key("confirm", words, public_share(index, lines), trustee["confirm_proof"])
    found.update(election=election, lines=lines)
    return election.fingerprint


def _check_votes(bulletin: Bulletin, found: dict[str, Any]) -> str:
    election: Election = found["election"]
    asked = {one["pseudonym"]: one["questions"] for one in bulletin["voters"]}
    for one in bulletin["voters"]:
        if one.get("proxy") is not None and one["proxy"] not in asked.keys() - {one["pseudonym"]}:
            raise RefusedError("proxy")
    last: dict[str, tuple[int, Vote]] = {}
    seen: set[tuple[str, int]] = set()
    for entry in bulletin["votes"]:
        voter, sequence = str(entry["voter"]), int(entry["sequence"])
        if voter not in asked or (voter, sequence) in seen:
            raise RefusedError("voter")
        seen.add((voter, sequence))
        vote = read_vote(election, voter, asked[voter], entry["vote"])
        if vote.hash != entry["hash"]:
            raise RefusedError("hash")
        if voter not in last or sequence > last[voter][0]:
            last[voter] = (sequence, vote)
    found["counted"] = [vote for _sequence, vote in last.values()]
    return str(len(bulletin["votes"]))


def _check_list(bulletin: Bulletin, found: dict[str, Any]) -> str:
    hashes = [str(one["hash"]) for one in bulletin["votes"]]
    if hashes != sorted(set(hashes)) or list_digest(hashes) != bulletin["list"]:
        raise RefusedError("list")
    opened = [str(one) for one in bulletin["opened"]]
    summed = product(found["counted"], bulletin["manifest"]["questions"])
    found["product"] = {question: ciphers for question, ciphers in summed.items() if question in opened}
    if list(found["product"]) != opened:
        raise RefusedError("list")
    return str(bulletin["list"])


def _check_openings(bulletin: Bulletin, found: dict[str, Any]) -> str:
    openings: dict[int, list[Point]] = {}
    for one in bulletin["openings"]:
        index = int(one["index"])
        context = opening_context(found["election"].fingerprint, index, bulletin["list"])
        held = public_share(index, found["lines"])
        if index in openings or not 1 <= index <= len(found["lines"]):
            raise RefusedError("trustee")
        openings[index] = check_opening(context, held, found["product"], one)
    found["openings"] = openings
    return ", ".join(str(index) for index in sorted(openings))


def _check_counts(bulletin: Bulletin, found: dict[str, Any]) -> str:
    if not found["product"]:
        reached: dict[str, Any] = {}
    else:
        reached = counts(found["product"], found["openings"], len(found["counted"]))
    told = {question: {str(choice): number for choice, number in one.items()} for question, one in reached.items()}
    if told != dict(bulletin["results"]):
        raise RefusedError("results")
    return str(len(told))
