"""Chapter 5: what every room stands on: evidence, a case, search, the sealed log."""

from urllib.parse import quote

from tests.story.browser import StoryError
from tests.story.people import flask, wait_for
from tests.story.state import Journey

SERVICE = {
    "title": "高校成果转化对接服务",
    "type": "other",
    "client_name": "泉城智造科技有限公司",
    "ended_on": "2026-09-08",
    "act": "declare",
}

WITHDRAWN = "已撤销"


def a_trainee_enters_a_service(story: Journey) -> str:
    """Enter evidence once, in the ledger that every room reads."""
    own = story.trainees[0].own
    page = own.submit(own.get("/evidence/new/service"), "/evidence/new/service", SERVICE)
    story.evidence = page.url.rsplit("/", 1)[-1]
    if SERVICE["title"] not in page.words:
        raise StoryError(f"the record does not show its title: {page.words[:300]}")
    return story.evidence


def a_stranger_sees_nothing_of_it(story: Journey) -> str:
    """Answer another trainee as for a record that does not exist."""
    story.trainees[1].own.get(f"/evidence/{story.evidence}", expect=404)
    return "404"


def a_candidate_asks_for_a_recheck(story: Journey) -> str:
    """Complain of a released result; who released it may not decide."""
    trainee = story.trainees[0]
    page = trainee.own.get(f"/exams/mine/{trainee.attempt}")
    page = trainee.own.get(page.link("/cases/new"))
    page = trainee.own.submit(page, "/cases/new", {"facts": "请复查第一部分的判分。"})
    story.case = page.url.rsplit("/", 1)[-1]
    return story.case


def a_withdrawn_level_is_found_by_its_number(story: Journey) -> str:
    """Find a record of the public register by its number, from any page, and read that it was withdrawn."""
    stranger = story.people.stranger()
    page = stranger.get(f"/register?text={quote(story.trainees[1].name)}")  # who agreed to publish the name
    number = page.link("/register/").rsplit("/", 1)[-1]

    def told() -> bool:
        hits = stranger.get(f"/search?q={number}").tree.xpath("//main//li[.//a[contains(@href, '/register/')]]")
        return any(number in one.text_content() and WITHDRAWN in one.text_content() for one in hits)

    wait_for("the search", told)
    return number


def the_log_of_all_events_holds(story: Journey) -> str:
    """Seal what waits and compute the whole log anew."""
    del story
    flask("log", "seal")
    found = flask("log", "audit")
    return f"{len(found['checks'])} checks"
