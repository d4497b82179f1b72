"""Chapter 7: the secret ballot, with what browsers do done in Python, and the title that follows."""

import json
import secrets
from datetime import date
from typing import Any
from urllib.parse import quote

from app.ballots.rules import keys
from app.ballots.rules.bulletin import verify
from app.ballots.rules.group import GENERATOR, point
from app.ballots.rules.keys import Ceremony, Secrets
from app.ballots.rules.proofs import prove_key
from app.ballots.rules.tally import open_product, opening_context, product
from app.ballots.rules.votes import Election, Vote, digest, make_vote, parse_ciphers
from app.ballots.states import Choice
from tests.story.browser import Browser, Page, StoryError
from tests.story.people import flask, wait_for
from tests.story.state import Journey
from tests.story.title import CHAIR, KEEPER, KEEPER2, MEMBER

TRUSTEES = (CHAIR, KEEPER, KEEPER2)
VOTERS = (CHAIR, KEEPER, KEEPER2, MEMBER)
OPENERS = (CHAIR, KEEPER2)
AFTER_PUBLICITY = date(2026, 10, 12)


def _data(page: Page, name: str) -> Any:  # noqa: ANN401 - what the page holds as JSON
    found = page.tree.xpath(f"//*[@data-{name}]/@data-{name}")
    if not found:
        raise StoryError(f"{page.url} holds no {name}: {page.words[:300]}")
    return json.loads(found[0])


def _post(browser: Browser, page: Page, address: str, body: object, *, expect: int = 200) -> Page:
    """Send JSON as a script of a page does."""
    token = str(page.tree.xpath("//input[@name='csrf_token']/@value")[0])
    return browser.post_json(address, body, headers={"X-CSRFToken": token}, expect=expect)


def three_trustees_make_the_key(story: Journey) -> str:
    """Let each trustee join, deal and confirm; the secrets stay with them."""
    for _step in ("join", "deal", "confirm"):
        for role in TRUSTEES:
            browser = story.people.as_role(role)
            page = browser.get(f"/ballots/{story.ballot}/key")
            data = _data(page, "key")
            sent = _made(data, story.seeds.setdefault(role, secrets.token_bytes(keys.SEED)))
            body = {"ceremony": data["ceremony"], **sent}
            _post(browser, page, f"/ballots/{story.ballot}/key/{data['step']}", body)
    return "2 of 3 open it"


def _made(data: dict[str, Any], seed: bytes) -> dict[str, Any]:
    """Make what a step asks for, from the public values of the page and one's own seed."""
    ceremony, place = Ceremony(data["ballot"], data["ceremony"]), data["place"]
    held = Secrets.of(seed, ceremony, place)
    if data["step"] == "join":
        return keys.join(ceremony, place, held)
    exchanges = [point(one) for one in data["exchanges"]]
    if data["step"] == "deal":
        return keys.deal(ceremony, place, held, exchanges)
    share = _share(data, seed)
    commitments = [one["commitments"] for one in data["dealt"]]
    written = keys.manifest(ceremony, data["questions"], data["exchanges"], commitments)
    words = keys.confirm_words(keys.election_of(written).fingerprint, place)
    return {"proof": prove_key("confirm", words, share, GENERATOR * share)}


def _share(data: dict[str, Any], seed: bytes) -> int:
    ceremony, place = Ceremony(data["ballot"], data["ceremony"]), data["place"]
    exchanges = [point(one) for one in data["exchanges"]]
    held = Secrets.of(seed, ceremony, place)
    return keys.gather(ceremony, place, held, exchanges=exchanges, dealt=data["dealt"])


def everyone_present_votes(story: Journey) -> str:
    """Encrypt each vote before it leaves the voter; who is recused is not asked about that case."""
    chair = story.people.as_role(CHAIR)
    chair.submit(chair.get(f"/ballots/{story.ballot}"), "/open", {"minutes": "60"})
    for role in VOTERS:
        browser = story.people.as_role(role)
        page = browser.get(f"/ballots/{story.ballot}/vote")
        election, voter = _data(page, "election"), str(page.tree.xpath("//*[@data-voter]/@data-voter")[0])
        asked = [str(one) for one in page.tree.xpath("//fieldset/@data-question")]
        if len(asked) != (1 if role == MEMBER else 2):
            raise StoryError(f"{role} is asked {len(asked)} questions")
        key = Election(election["ballot"], election["fingerprint"], point(election["key"]))
        said, other = (
            {"voter": voter, "vote": make_vote(key, voter, dict.fromkeys(asked, choice))}
            for choice in (Choice.APPROVE, Choice.OBJECT)
        )
        answer = _post(browser, page, f"/ballots/{story.ballot}/vote", said, expect=201).json()
        if _post(browser, page, f"/ballots/{story.ballot}/vote", said, expect=201).json() != answer:
            raise StoryError("a repeated request is answered otherwise")
        _post(browser, page, f"/ballots/{story.ballot}/vote", other, expect=409)
        if answer["hash"] not in browser.get(f"/ballots/{story.ballot}/bulletin?hash={answer['hash']}").text:
            raise StoryError(f"{role} does not find the vote on the bulletin")
    return f"{len(VOTERS)} votes"


def two_trustees_open_the_sum(story: Journey) -> str:
    """Close the vote; two of the three open their parts of the product, never a single vote."""
    chair = story.people.as_role(CHAIR)
    chair.submit(chair.get(f"/ballots/{story.ballot}"), "/close")
    for role in OPENERS:
        browser = story.people.as_role(role)
        page = browser.get(f"/ballots/{story.ballot}/key")
        data = _data(page, "key")
        sent = _opening(_bulletin(browser, story), data, story.seeds[role])
        _post(browser, page, f"/ballots/{story.ballot}/key/open", sent)
    return ", ".join(OPENERS)


def _bulletin(browser: Browser, story: Journey) -> dict[str, Any]:
    return dict(browser.get(f"/ballots/{story.ballot}/bulletin.json", accept="application/json").json())


def _opening(bulletin: dict[str, Any], data: dict[str, Any], seed: bytes) -> dict[str, Any]:
    fingerprint = keys.election_of(bulletin["manifest"]).fingerprint
    votes = [
        Vote(one["vote"], digest(one["vote"]), one["voter"], fingerprint, parse_ciphers(one["vote"]))
        for one in bulletin["votes"]
    ]
    summed = product(votes, bulletin["opened"])
    opened = {question: ciphers for question, ciphers in summed.items() if question in bulletin["opened"]}
    share = _share(data, seed)
    context = opening_context(fingerprint, data["place"], bulletin["list"])
    return open_product(context, share, GENERATOR * share, opened)


def anyone_counts_the_ballot_again(story: Journey) -> str:
    """Verify the bulletin without the server: keys, proofs, list, openings and counts."""
    checks = verify(_bulletin(story.people.as_role(CHAIR), story))
    if not all(one.passed for one in checks):
        raise StoryError(f"the bulletin does not verify: {checks}")
    return ", ".join(one.name for one in checks)


def the_chair_signs_the_minutes(story: Journey) -> str:
    """Close the meeting, sign the minutes as a file and seal them."""
    office, chair = story.people.as_role("secretary"), story.people.as_role(CHAIR)
    address = f"/meetings/{story.meeting}"
    office.submit(office.get(address), "/steps/close")
    chair.submit(chair.get(address), "/sign")
    office.submit(office.get(address), "/steps/seal")
    pdf = office.get(f"{address}/minutes.pdf", accept="application/pdf")
    return f"{len(pdf.body)} bytes PDF"


def the_results_are_public_for_five_working_days(story: Journey) -> str:
    """Find the notice on the public board with the names that the law asks for; then let the period pass."""
    stranger = story.people.stranger()

    def shown() -> bool:
        return "秋季中级职称评审" in stranger.get("/notices").words

    wait_for("the public notice", shown)
    flask("clock", "set", f"{AFTER_PUBLICITY}T09:00")
    flask("jobs", "once", "--periodic")
    return AFTER_PUBLICITY.isoformat()


def the_authority_confirms_the_title(story: Journey) -> str:
    """Confirm after the publicity, by another person than who checked; the number is in the register."""
    authority = story.people.as_role("province")
    code = story.applications[0]
    page = authority.submit(authority.get(f"/titles/applications/{code}"), "/confirm")
    stranger, holder = story.people.stranger(), story.trainees[0]
    found = f"/titles/register?text={quote(holder.name)}"
    if holder.name in stranger.get("/titles/register").words:
        raise StoryError("the register of titles names somebody who did not agree")
    holder.own.submit(holder.own.get("/me/rights"), "/me/rights/consents/titles.publish_name/give")
    number = stranger.get(found).link("/titles/register/").rsplit("/", 1)[-1]
    if number not in page.words or holder.name not in stranger.get(f"/titles/register/{number}").words:
        raise StoryError(f"the register does not hold {number}")
    return number
