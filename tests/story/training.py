"""Chapter 2: a cohort, its roster, lessons, quizzes and class hours."""

import re

from tests.story.answers import keyed, quiz_fields, roster_numbers, write_roster
from tests.story.browser import Fields, StoryError
from tests.story.people import flask
from tests.story.state import CONTENT, PASSWORD, PLACES, TAKING_PART, Journey, Trainee


def the_base_plans_a_cohort(story: Journey) -> str:
    """Plan a cohort at the accredited base."""
    base = story.people.as_role("base")
    page = base.get("/cohorts/new")
    form = page.form("/cohorts/new")
    lecturers = [box.get("value") for box in form.xpath(".//input[@name='lecturers']")]
    fields: Fields = {
        "name": "2026年第三期初级班",
        "starts_on": "2026-09-07",
        "ends_on": "2026-09-30",
        "capacity": "60",
        "lecturers": lecturers[:1],
    }
    page = base.submit(page, "/cohorts/new", fields)
    story.cohort = page.url.rsplit("/", 1)[-1]
    return story.cohort


def the_base_imports_a_roster_of_forty(story: Journey) -> str:
    """Upload the xlsx roster, look at every row, take all over."""
    base = story.people.as_role("base")
    roster = write_roster(story.folder / "roster.xlsx", PLACES)
    page = base.submit(base.get(f"/cohorts/{story.cohort}/roster"), "/roster", {"file": roster})
    page = base.submit(page, "/commit")
    invited = base.get(f"/cohorts/{story.cohort}/invitations")
    slips = invited.tree.xpath("//li[contains(@class, 'slip')]")
    if len(slips) != PLACES:
        raise StoryError(f"{len(slips)} invitation slips, not {PLACES}: {invited.words[:300]}")
    numbers = roster_numbers(roster)
    for slip in slips[:TAKING_PART]:
        name = slip.xpath(".//h2")[0].text_content().strip()
        link = re.search(r"/invitation/[A-Za-z0-9_-]{32}", slip.text_content())
        if link is None:
            raise StoryError(f"the slip of {name} has no link")
        story.trainees.append(Trainee(name, numbers[name], link.group()))
    return f"{len(slips)} invited"


def the_cohort_opens(story: Journey) -> str:
    """Open the cohort."""
    base = story.people.as_role("base")
    base.submit(base.get(f"/cohorts/{story.cohort}"), "/open")
    return story.cohort


def trainees_open_their_invitations(story: Journey) -> str:
    """Set a password with the slip and sign in."""
    for trainee in story.trainees:
        browser = story.people.stranger()
        fields = {"last_four": trainee.number[-4:], "password": PASSWORD, "again": PASSWORD}
        browser.submit(browser.get(trainee.invitation), trainee.invitation, fields)
        trainee.browser = story.people.sign_in(trainee.number, PASSWORD)
    return ", ".join(trainee.name for trainee in story.trainees)


def trainees_confirm_their_enrolment(story: Journey) -> str:
    """Confirm the enrolment on one's own page."""
    for trainee in story.trainees:
        page = trainee.own.get(trainee.own.get("/learning").link("/learning/"))
        trainee.enrolment = page.url.rsplit("/", 1)[-1]
        trainee.own.submit(page, "/confirm")
    return f"{len(story.trainees)} enrolled"


def lessons(trainee: Trainee) -> list[str]:
    """Return the addresses of the lessons of a course."""
    page = trainee.own.get(f"/learning/{trainee.enrolment}")
    found = [str(url) for url in page.tree.xpath("//main//a/@href") if re.search(r"/lessons/L\d+$", url)]
    return list(dict.fromkeys(found))


def trainees_open_every_lesson(story: Journey) -> str:
    """Open each lesson, see its drawing, and read for an hour of domain time."""
    count = 0
    for trainee in story.trainees:
        for address in lessons(trainee):
            page = trainee.own.submit(trainee.own.get(address), "/open")
            if not page.tree.xpath("//article//img"):
                raise StoryError(f"{address} shows no drawing")
            count += 1
    flask("clock", "advance", "--minutes", "90")
    return f"{count} lessons read"


def trainees_pass_every_quiz(story: Journey) -> str:
    """Answer every quiz by its key; one is failed first."""
    keys = keyed(CONTENT / "courses" / "junior-foundation")
    count = 0
    for trainee in story.trainees:
        for address in lessons(trainee):
            page = trainee.own.get(f"{address}/quiz")
            if count == 0:
                trainee.own.submit(page, "/quiz", quiz_fields(page, keys, wrong=True))
                page = trainee.own.get(f"{address}/quiz")
            trainee.own.submit(page, "/quiz", quiz_fields(page, keys, wrong=False))
            count += 1
    return f"{count} quizzes passed"


def trainees_collect_their_class_hours(story: Journey) -> str:
    """See the training completed, and the base see it too."""
    for trainee in story.trainees:
        for address in lessons(trainee):
            page = trainee.own.get(address)
            if page.tree.xpath("//form[contains(@action, '/collect')]"):
                trainee.own.submit(page, "/collect")
    base = story.people.as_role("base")
    table = base.get(f"/cohorts/{story.cohort}?state=completed").words
    missing = [trainee.name for trainee in story.trainees if trainee.name not in table]
    if missing:
        raise StoryError(f"not completed: {missing}: {table[:400]}")
    return f"{len(story.trainees)} completed"
