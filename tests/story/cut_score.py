"""Chapter 3, before the paper is signed: drawn judges estimate the draft, and two examiners decide the cut score."""

import re

from tests.story.browser import Page, StoryError
from tests.story.drawing import account_of, draw, seated
from tests.story.state import Journey

POOL, SEATS, ROUNDS = "山东", 3, 2
PANEL = "初级考试2026年第三次合格标准评定专家组"
PANEL_CUT = "专家组合格线"
MIDDLE = 66
"""Per cent of barely competent candidates whom the judges expect to know an item, on the whole."""
REASON = "两轮评定后专家意见趋于一致，采用专家组合格线。"


def judges_are_drawn_for_the_cut_score(story: Journey) -> str:
    """Plan a study of the draft, whose items nobody has sealed yet; the pool's office and witnesses draw its judges."""
    examiner, office = story.people.as_role("examiner"), story.people.as_role("secretary")
    page = examiner.get(f"/exams/blueprints/{story.blueprint}/standard")
    pools = [one.get("value") for one in page.tree.xpath("//select[@name='pool']/option") if POOL in one.text_content()]
    fields = {"paper": story.paper, "past": "", "pool": str(pools[0]), "field": "", "seats": str(SEATS)}
    story.study = examiner.submit(page, "/standard", fields).url.rsplit("/", 1)[-1]
    listed = office.get("/panels").tree.xpath("//main//a[contains(@href, '/panels/')]")
    panel = next(one.get("href").rsplit("/", 1)[-1] for one in listed if PANEL in one.text_content())
    seed = draw(story, panel)
    story.judges = seated(story, panel)
    if len(story.judges) != SEATS:
        raise StoryError(f"{len(story.judges)} judges are seated, not {SEATS}")
    return f"{', '.join(story.judges)} by seed {seed[:12]}"


def the_judges_estimate_in_two_rounds(story: Journey) -> str:
    """Let each judge estimate every place blind, and once more with the means of the panel before them."""
    examiner = story.people.as_role("examiner")
    address = f"/exams/standards/{story.study}"
    page = examiner.get(address)
    for number in range(1, ROUNDS + 1):
        examiner.submit(page, "/open")
        for place, judge in enumerate(story.judges):
            own = story.people.as_account(account_of(judge))
            sheet = own.get(f"{address}/estimates")
            own.submit(sheet, "/estimates", _estimates(sheet, lean=(place - 1) * 6 // number))
        page = examiner.submit(examiner.get(address), "/close")
    return f"{_panel_cut(page)} points"


def _estimates(sheet: Page, *, lean: int) -> dict[str, str]:
    """Estimate each place: items differ, and so do judges, less so in a later round."""
    places = [name for name in sheet.form("/estimates").fields if name.startswith("place-")]
    if not places:
        raise StoryError(f"{sheet.url} asks for no estimates")
    return {name: str(MIDDLE + lean + count % 5 - 2) for count, name in enumerate(places)}


def _panel_cut(page: Page) -> str:
    """Return the cut score of the panel in the last round that is shown."""
    found = re.findall(rf"{PANEL_CUT} (\d+\.\d+)", page.words)
    if not found:
        raise StoryError(f"no cut score of the panel is shown: {page.words[:500]}")
    return str(found[-1])


def two_examiners_decide_the_cut_score(story: Journey) -> str:
    """Propose what the panel found; a second examiner, who finds it in the inbox, decides: the blueprint has it."""
    examiner, second = story.people.as_role("examiner"), story.people.as_role("examiner2")
    page = examiner.get(f"/exams/standards/{story.study}")
    cut = _panel_cut(page)
    page = examiner.submit(page, "/propose", {"cut": cut, "reason": REASON})
    if any((form.action or "").endswith("/decide") for form in page.tree.forms):
        raise StoryError("the person who proposed is offered the decision")
    page = second.submit(second.get(second.get("/inbox").link(f"/standards/{story.study}")), "/decide")
    if cut.rstrip("0").rstrip(".") not in page.words:
        raise StoryError(f"the blueprint does not hold {cut}: {page.words[:500]}")
    story.blueprint = page.url.rsplit("/", 1)[-1]
    return f"{cut} points"
