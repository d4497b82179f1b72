"""An election without a database, and the browser's side of it run by node."""

import json
import secrets
import shutil
import subprocess
from functools import cache
from typing import Any

from app.ballots.rules import keys
from app.ballots.rules.bulletin import FORMAT
from app.ballots.rules.group import GENERATOR, ORDER
from app.ballots.rules.proofs import prove_key
from app.ballots.rules.tally import list_digest, open_product, opening_context, product
from app.ballots.rules.votes import Election, make_vote, read_vote
from app.ballots.states import Choice
from app.settings import ROOT

SCRIPT = ROOT / "tests" / "node" / "ballots.mjs"
NODE = shutil.which("node") or shutil.which("node", path=str(ROOT / ".venv" / "bin"))
MISSING = NODE is None or not (ROOT / "node_modules" / "@noble" / "curves").is_dir()
QUESTIONS = ("q1", "q2")
CEREMONY = keys.Ceremony("b" * 26, 1)


def node(act: str, **given: Any) -> Any:  # noqa: ANN401 - JSON both ways
    """Ask the browser's side."""
    request = json.dumps({"act": act, **given})
    done = subprocess.run(
        [str(NODE), str(SCRIPT)], input=request, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@cache
def made() -> tuple[dict[str, Any], Election, dict[int, int]]:
    """Make a key: the trustees' part of a bulletin with its manifest, the election, and the shares by place."""
    held = [keys.Secrets.of(secrets.token_bytes(32), CEREMONY, place) for place in (1, 2, 3)]
    joins = [keys.join(CEREMONY, place, one) for place, one in enumerate(held, 1)]
    exchanges = [keys.check_join(CEREMONY, place, one["exchange"], one["proof"]) for place, one in enumerate(joins, 1)]
    deals = [keys.deal(CEREMONY, place, one, exchanges) for place, one in enumerate(held, 1)]
    written = keys.manifest(
        CEREMONY, QUESTIONS, [str(one["exchange"]) for one in joins], [one["commitments"] for one in deals]
    )
    election = keys.election_of(written)
    shares = {
        place: keys.gather(CEREMONY, place, one, exchanges=exchanges, dealt=deals) for place, one in enumerate(held, 1)
    }
    trustees = [
        {
            "exchange": joins[place - 1]["exchange"],
            "exchange_proof": joins[place - 1]["proof"],
            "commitments": deals[place - 1]["commitments"],
            "deal_proof": deals[place - 1]["proof"],
            "sealed_shares": deals[place - 1]["shares"],
            "confirm_proof": prove_key(
                "confirm", keys.confirm_words(election.fingerprint, place), shares[place], GENERATOR * shares[place]
            ),
        }
        for place in (1, 2, 3)
    ]
    return {"manifest": written, "trustees": trustees}, election, shares


def election() -> Election:
    """Return the election."""
    return made()[1]


def page_election() -> dict[str, str]:
    """Return the election as a page carries it."""
    found = election()
    return {"ballot": found.ballot, "fingerprint": found.fingerprint, "key": found.key.text}


def secret() -> int:
    """Return the secret that no trustee alone has: the joined key."""
    shares = made()[2]
    return (2 * shares[1] - shares[2]) % ORDER


def whole(*choices: Choice) -> dict[str, Any]:
    """Return a bulletin on which the voters v0, v1 ... said so to both questions, opened by trustees 1 and 2."""
    public, found, shares = made()
    texts = {
        f"v{place}": make_vote(found, f"v{place}", dict.fromkeys(QUESTIONS, one)) for place, one in enumerate(choices)
    }
    votes = sorted(
        (read_vote(found, voter, QUESTIONS, text) for voter, text in texts.items()), key=lambda one: one.hash
    )
    listed, summed = list_digest(one.hash for one in votes), product(votes, QUESTIONS)
    openings = [
        {
            "index": place,
            **open_product(
                opening_context(found.fingerprint, place, listed), shares[place], GENERATOR * shares[place], summed
            ),
        }
        for place in (1, 2)
    ]
    counted = {choice.value: choices.count(choice) for choice in Choice}
    return {
        "format": FORMAT,
        **public,
        "voters": [{"pseudonym": voter, "questions": list(QUESTIONS)} for voter in texts],
        "votes": [{"hash": one.hash, "sequence": 1, "voter": one.voter, "vote": one.text} for one in votes],
        "list": listed,
        "opened": list(QUESTIONS),
        "openings": openings,
        "results": dict.fromkeys(QUESTIONS, counted),
    }
