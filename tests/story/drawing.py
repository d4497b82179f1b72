"""Experts of the demo's pool, drawn as any room has them drawn: by an office and its witnesses."""

import re
import tomllib
from functools import cache

from app.cli.demo.panels import FIRST_SERIAL
from app.cli.demo.people import identity_number
from tests.story.browser import Page
from tests.story.state import CONTENT, Journey

WITNESSES = ("secretary", "supervisor", "province")


def draw(story: Journey, panel: str) -> str:
    """Let office and witnesses commit, the office publish, all reveal; return the seed of the draw."""
    office, address = story.people.as_role("secretary"), f"/panels/{panel}"
    hidden = {}
    for role in WITNESSES:
        browser = story.people.as_role(role)
        page = browser.get(address)
        hidden[role], public = _offered(page)
        browser.submit(page, "/commit", {"commitment": public})
    office.submit(office.get(address), "/publish")
    for role in WITNESSES:
        browser = story.people.as_role(role)
        page = browser.submit(browser.get(address), "/reveal", {"secret": hidden[role]})
    return str(office.get(f"{address}/draw.json", accept="application/json").json()["seed"])


def _offered(page: Page) -> tuple[str, str]:
    """Return the secret that the page proposes and its commitment."""
    codes = [one.text_content().strip() for one in page.tree.xpath("//main//dd")]
    secret = next(one for one in codes if re.fullmatch(r"[0-9a-f]{32}", one))
    return secret, next(one for one in codes if re.fullmatch(r"[0-9a-f]{64}", one))


@cache
def _pool() -> dict[str, str]:
    """Return by name how each expert of the pool signs in."""
    listed = tomllib.loads((CONTENT / "demo" / "experts.toml").read_text("utf-8"))
    people = tomllib.loads((CONTENT / "demo" / "people.toml").read_text("utf-8"))["people"]
    names = {one["sign_in"]: one["name"] for one in people}
    known = {names[one["sign_in"]]: f"{one['sign_in']}@demo.example" for one in listed["signed_in"]}
    others = {one["name"]: identity_number(FIRST_SERIAL + place) for place, one in enumerate(listed["experts"])}
    return {**others, **known}


def account_of(name: str) -> str:
    """Return how an expert of the pool signs in."""
    return _pool()[name]


def seated(story: Journey, panel: str) -> list[str]:
    """Return the names of the experts who have a seat on a panel, as the office reads them."""
    page = story.people.as_role("secretary").get(f"/panels/{panel}")
    rows = [row.text_content() for row in page.tree.xpath("//main//tr[.//*[contains(@class, 'status-good')]]")]
    return [name for name in _pool() if any(name in row for row in rows)]
