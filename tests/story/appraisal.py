"""Chapter 9: the yearly appraisal of a base: self-report, local check, grade, publicity, confirmation."""

import re
from datetime import date
from pathlib import Path

from tests.story.browser import Browser, StoryError
from tests.story.credit import paper
from tests.story.people import flask, wait_for
from tests.story.state import Journey

REPORT_UNTIL, AFTER_PUBLICITY = date(2026, 10, 20), date(2026, 11, 2)
ANSWERS = {"lecturers": "12", "practice-sites": "4", "cases": "4", "deals": "300"}


def a_cycle_is_opened_by_two_authorities(story: Journey) -> str:
    """Propose the appraisal of the year; another authority that covers the province confirms it."""
    province = story.people.as_role("province")
    fields = {"year": "2026", "report_until": REPORT_UNTIL.isoformat()}
    page = province.submit(province.get("/performance"), "/performance/cycles", fields)
    story.cycle = page.url.rsplit("/", 1)[-1]
    nation = story.people.as_role("nation")
    page = nation.submit(nation.get(f"/performance/{story.cycle}"), "/confirm")
    story.appraisal = page.link("/performance/bases/").rsplit("/", 1)[-1]
    return story.cycle


def the_base_reports_about_itself(story: Journey) -> str:
    """Give a number and a paper for each indicator that the platform does not count itself."""
    base = story.people.as_role("base")
    if story.appraisal not in base.get("/performance").text:
        raise StoryError("the base does not see its appraisal")
    address = f"/performance/bases/{story.appraisal}/report"
    values: dict[str, str | list[str] | Path] = {f"value-{code}": value for code, value in ANSWERS.items()}
    files: dict[str, str | list[str] | Path] = {f"file-{code}": paper(story.folder, f"{code}.pdf") for code in ANSWERS}
    base.submit(base.get(address), "/report", {**values, **files, "act": "submit"})
    city = story.people.as_role("city")
    city.submit(city.get(f"/performance/bases/{story.appraisal}"), "/check")
    return f"{len(ANSWERS)} indicators"


def the_grade_is_computed_and_made_public(story: Journey) -> str:
    """Compute the grade from what was reported and what the platform counted; make it public."""
    province = story.people.as_role("province")
    address = f"/performance/{story.cycle}"
    province.submit(province.get(address), "/compute")
    wait_for("the computation", lambda: _offers(province, address, "/publish"))
    province.submit(province.get(address), "/publish")
    score = re.search(r"\d+\.\d+", province.get(f"/performance/bases/{story.appraisal}").words)
    if score is None:
        raise StoryError("no score is shown")
    return score.group()


def _offers(browser: Browser, address: str, action: str) -> bool:
    return any((form.action or "").endswith(action) for form in browser.get(address).tree.forms)


def a_second_authority_confirms_the_grade(story: Journey) -> str:
    """Confirm after the publicity has passed, with the reason that the base reads."""
    flask("clock", "set", f"{AFTER_PUBLICITY}T09:00")
    flask("jobs", "once", "--periodic")
    nation = story.people.as_role("nation")
    reason = "公示期满无异议，予以确认。"
    page = nation.get(f"/performance/bases/{story.appraisal}")
    nation.submit(page, "/decide/confirm", {"confirm-reason": reason})
    if reason not in story.people.as_role("base").get(f"/performance/bases/{story.appraisal}").words:
        raise StoryError("the base does not read the reason")
    return "confirmed"
