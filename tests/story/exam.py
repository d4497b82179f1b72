"""Chapter 3: items, a paper, a session, the sitting, marking and release."""

import re

from app.items.rules import gift
from tests.story.answers import keyed, sheet_answers, sheet_choices
from tests.story.browser import Browser, Fields, Page, StoryError
from tests.story.people import flask, wait_for
from tests.story.state import BANK, CELLS, CONTENT, EXAM_DAY, NEW_BANK, NEW_ITEMS, PASSWORD, PER_CELL, Journey, Trainee


def the_author_imports_items(story: Journey) -> str:
    """Import a bank that is new here, sixty items in GIFT; a second import of the file changes nothing."""
    path = story.folder / "items.gift"
    path.write_text(gift.write(list(keyed(CONTENT / "items").values())[:NEW_ITEMS]), "utf-8")
    named = ("--name-zh", "初级考试补充题库", "--name-en", "Further items of the junior level")
    flask("items", "create-bank", NEW_BANK, "--organisation", "exam-centre", *named)
    first, again = (flask("items", "import", str(path), "--bank", NEW_BANK) for _ in range(2))
    told = [(report["imported"], report["skipped"], report["failed"], report["notes"]) for report in (first, again)]
    if told != [(NEW_ITEMS, 0, [], []), (0, NEW_ITEMS, [], [])]:
        raise StoryError(f"the imports say otherwise: {told}")
    return f"{first['imported']} imported, {first['skipped']} known"


def an_examiner_drafts_a_blueprint(story: Journey) -> str:
    """Draft the grid with a cut score for now, and assemble a paper for the judges to read."""
    examiner = story.people.as_role("examiner")
    page = examiner.get(f"/exams/blueprints/new?bank={BANK}")
    count = PER_CELL * len(CELLS)
    fields: Fields = {
        "name_zh": "初级考试2026年第三次",
        "name_en": "Junior exam, third of 2026",
        "level": "junior",
        "points_per_item": "2",
        "minutes": "90",
        "difficulty_target": "0.60",
        "cut_score": str(round(count * 2 * 0.6)),
        **{f"cell-{module}-{level}": str(PER_CELL) for module, level in CELLS},
    }
    page = examiner.submit(page, "/blueprints/new", fields)
    story.blueprint = page.url.rsplit("/", 1)[-1]
    story.paper = examiner.submit(page, "/assemble").url.rsplit("/", 1)[-1]
    return f"{count} items"


def an_examiner_signs_a_paper_with_that_cut_score(story: Journey) -> str:
    """Assemble a paper of the blueprint whose cut score is decided, and sign it first."""
    examiner = story.people.as_role("examiner")
    page = examiner.submit(examiner.get(f"/exams/blueprints/{story.blueprint}"), "/assemble")
    story.paper = page.url.rsplit("/", 1)[-1]
    examiner.submit(page, "/sign")
    return story.paper


def a_second_examiner_freezes_the_paper(story: Journey) -> str:
    """Freeze by a second examiner, found in the inbox."""
    second = story.people.as_role("examiner2")
    second.submit(second.get(second.get("/inbox").link(f"/papers/{story.paper}")), "/freeze")
    return story.paper


def an_examiner_opens_a_session(story: Journey) -> str:
    """Plan a session on the frozen paper."""
    examiner = story.people.as_role("examiner")
    page = examiner.get("/exams/sessions/new")
    papers = page.form("/sessions/new").xpath(".//select[@name='paper']/option/@value")
    fields: Fields = {
        "name_zh": "2026年9月初级考试",
        "name_en": "Junior exam of September 2026",
        "paper": story.paper if story.paper in papers else str(papers[-1]),
        "region": "100000",
        "opens_at": f"{EXAM_DAY}T09:00",
        "closes_at": f"{EXAM_DAY}T11:30",
        "minutes": "90",
    }
    page = examiner.submit(page, "/sessions/new", fields)
    story.session = page.url.rsplit("/", 1)[-1]
    return story.session


def candidates_are_registered_with_reasons(story: Journey) -> str:
    """Register everyone who may sit."""
    examiner = story.people.as_role("examiner")
    address = f"/exams/sessions/{story.session}/candidates"
    if story.trainees[0].name not in _all_pages(examiner, address):
        raise StoryError(f"{story.trainees[0].name} is no candidate")
    examiner.submit(examiner.get(address), "/register")
    table = _all_pages(examiner, f"/exams/sessions/{story.session}/registered")
    missing = [trainee.name for trainee in story.trainees if trainee.name not in table]
    if missing:
        raise StoryError(f"not registered: {missing}: {table[:400]}")
    return "registered"


def _all_pages(browser: Browser, address: str) -> str:
    """Return the words of every page of a list."""
    page = browser.get(address)
    words = page.words
    while following := page.tree.xpath("//a[@rel='next']/@href"):
        page = browser.get(str(following[0]))
        words += page.words
    return words


def every_paper_is_prepared(story: Journey) -> str:
    """Prepare every candidate's paper before the window."""
    examiner = story.people.as_role("examiner")
    address = f"/exams/sessions/{story.session}"
    examiner.submit(examiner.get(address), "/prepare")
    wait_for("the preparation", lambda: _has_form(examiner, address, "/prepare") is False)
    return "prepared"


def _has_form(browser: Browser, address: str, action: str) -> bool:
    page = browser.get(address)
    return any((form.action or "").endswith(action) for form in page.tree.forms)


def candidates_start_on_the_day(story: Journey) -> str:
    """Start when the window opens."""
    flask("clock", "set", f"{EXAM_DAY}T09:01:00")
    for trainee in story.trainees:
        address = str(wait_for("the paper", lambda own=trainee.own: _sheets(own))[0])
        trainee.attempt = address.rsplit("/", 1)[-1]
        trainee.own.submit(trainee.own.get(address), "/start")
    return f"{len(story.trainees)} started"


def _sheets(own: Browser) -> list[str]:
    """Return the addresses at which a candidate may start; a paper shows there once it is prepared."""
    return [url for url in own.get("/exams/mine").tree.xpath("//main//a/@href") if "/sit/" in url]


def _sheet(trainee: Trainee) -> Page:
    return trainee.own.get(f"/sit/{trainee.attempt}")


def _token(sheet: Page) -> str:
    return str(sheet.tree.xpath("//input[@name='csrf_token']/@value")[0])


def _send(
    story: Journey, trainee: Trainee, act: str, body: dict[str, object], expect: int = 200, token: str = ""
) -> Page:
    """Send what the page's script sends, with the token of the page; a fresh one is opened where none is given."""
    address = f"/sit/{trainee.attempt}/{act}"
    body = {"page": f"story-page-{trainee.attempt[:8]}", **body}
    headers = {"X-CSRFToken": token or _token(_sheet(trainee))}
    return trainee.own.post_json(address, body, headers=headers, expect=expect)


def answers_are_saved_as_they_are_given(story: Journey) -> str:
    """Save one answer at a time, as the page's script does."""
    story.keys = keyed(CONTENT / "items")
    saved = 0
    for trainee in story.trainees:
        _send(story, trainee, "hold", {})
        sheet = _sheet(trainee)
        token = _token(sheet)
        for position, choice in sheet_answers(sheet, story.keys).items():
            answer = {"position": position, "sequence": 1, "response": {"choice": choice}, "review": False}
            told = _send(story, trainee, "save", {"answers": [answer]}, token=token).json()
            saved += told["saved"] is not None
    return f"{saved} answers"


def a_repeated_save_is_taken_once(story: Journey) -> str:
    """Send an answer again under the same number: nothing changes."""
    trainee = story.trainees[0]
    before = sheet_choices(_sheet(trainee))
    again = {"position": 1, "sequence": 1, "response": {"choice": ["A", "B"]}, "review": False}
    _send(story, trainee, "save", {"answers": [again]})
    if sheet_choices(_sheet(trainee)) != before:
        raise StoryError("a repeated save changed an answer")
    return "unchanged"


def another_machine_shows_the_last_state(story: Journey) -> str:
    """Sign in elsewhere and see the last acknowledged answers."""
    trainee = story.trainees[0]
    elsewhere = story.people.sign_in(trainee.number, PASSWORD)
    if sheet_choices(elsewhere.get(f"/sit/{trainee.attempt}")) != sheet_choices(_sheet(trainee)):
        raise StoryError("another machine shows other answers")
    return "the same"


def candidates_hand_in(story: Journey) -> str:
    """Hand in, twice: the second says the same."""
    for trainee in story.trainees:
        first = _send(story, trainee, "submit", {}).json()
        if not first.get("submitted"):
            raise StoryError(f"not handed in: {first}")
    return f"{len(story.trainees)} handed in"


def the_sittings_are_marked(story: Journey) -> str:
    """Let the window close, collect what is left, and mark."""
    flask("clock", "set", f"{EXAM_DAY}T12:00:00")
    examiner = story.people.as_role("examiner")
    address = f"/exams/sessions/{story.session}"
    if _has_form(examiner, address, "/collect"):
        examiner.submit(examiner.get(address), "/collect")
    examiner.submit(examiner.get(address), "/mark")
    wait_for("the marking", lambda: _has_form(examiner, address, "/propose"))
    return "marked"


def one_examiner_proposes_the_release(story: Journey) -> str:
    """Propose, and see that the same person cannot confirm."""
    examiner = story.people.as_role("examiner")
    examiner.submit(examiner.get(f"/exams/sessions/{story.session}"), "/propose")
    if _has_form(examiner, f"/exams/sessions/{story.session}", "/release"):
        raise StoryError("the person who proposed is offered the release")
    return "proposed"


def another_examiner_releases(story: Journey) -> str:
    """Release by a second examiner, found in the inbox."""
    second = story.people.as_role("examiner2")
    second.submit(second.get(second.get("/inbox").link(f"/sessions/{story.session}")), "/release")
    return "released"


def candidates_read_their_results(story: Journey) -> str:
    """See the score, the cut score and the modules."""
    scores = []
    for trainee in story.trainees:
        page = trainee.own.get(f"/exams/mine/{trainee.attempt}")
        found = re.search(r"(\d+(?:\.\d+)?)", page.words)
        scores.append(found.group() if found else "?")
    return "results read"
