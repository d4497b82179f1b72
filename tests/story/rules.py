"""Chapter 1: a rule pack becomes law by two people."""

import re

from tests.story.people import flask
from tests.story.state import CONTENT, FIRST_DAY, Journey


def the_clock_is_set_to_the_first_day(story: Journey) -> str:
    """Let the story begin in the past, so that it ends before now."""
    flask("clock", "set", FIRST_DAY.isoformat())
    return FIRST_DAY.isoformat(" ")


def a_regulator_proposes_a_syllabus(story: Journey) -> str:
    """Upload the syllabus pack as a draft and propose it."""
    nation = story.people.as_role("nation")
    text = (CONTENT / "rules" / "syllabus-junior-sample.toml").read_text("utf-8")
    draft = story.folder / "syllabus.toml"
    draft.write_text(re.sub(r"^starts_on = .*$", "starts_on = 2026-09-01", text, flags=re.MULTILINE), "utf-8")
    page = nation.submit(nation.get("/rules/new"), "/rules/new", {"file": draft})
    story.pack = page.url.rsplit("/", 1)[-1]
    nation.submit(page, "/propose")
    return story.pack


def the_same_regulator_cannot_confirm_it(story: Journey) -> str:
    """Refuse the confirmation by the person who proposed."""
    nation = story.people.as_role("nation")
    page = nation.get(f"/rules/{story.pack}")
    token = page.tree.xpath("//input[@name='csrf_token']/@value")[0]
    nation.post(f"/rules/{story.pack}/publish", {"csrf_token": str(token)}, expect=403)
    return "403"


def a_second_regulator_publishes_it(story: Journey) -> str:
    """Publish by a second person, found in the inbox."""
    second = story.people.as_role("nation2")
    page = second.get(second.get("/inbox").link(f"/rules/{story.pack}"))
    second.submit(page, "/publish")
    return story.pack
