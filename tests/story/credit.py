"""Chapter 8: a credit record of two officers, the grade that follows, and an objection that an authority upholds."""

import re
from datetime import date
from pathlib import Path

from tests.story.browser import Fields, Page, StoryError
from tests.story.people import flask
from tests.story.state import Journey

RATED_ON, KNOWN_BEFORE = date(2026, 10, 12), date(2026, 10, 8)
CONDUCT = "技术合同登记信息填报不实"
ENTRY = {
    "polarity": "negative",
    "gravity": "ordinary",
    "conduct": CONDUCT,
    "result": "认定为一般失信行为，责令改正。",
    "deciding_body": "山东省科学技术厅",
    "basis": "鲁科诚〔2026〕18号",
    "effective_on": "2026-10-09",
}
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"


def paper(folder: Path, name: str) -> Path:
    """Write a small PDF to send along."""
    path = folder / name
    path.write_bytes(PDF)
    return path


def an_officer_enters_a_credit_record(story: Journey) -> str:
    """Enter a determination about a manager of the register that rests on their contract; one officer is not enough."""
    officer = story.people.as_role("credit")
    story.number = _register_number(story)
    rests_on = {"number": story.number, "evidence": story.contracts[1]}
    fields: Fields = {**ENTRY, **rests_on, "file": paper(story.folder, "decision.pdf")}
    page = officer.submit(officer.get("/credit/records/new"), "/records/new", fields)
    story.record = page.url.rsplit("/", 1)[-1]
    token = str(page.tree.xpath("//input[@name='csrf_token']/@value")[0])
    officer.post(f"/credit/records/{story.record}/confirm", {"csrf_token": token}, expect=403)
    return story.record


def _register_number(story: Journey) -> str:
    """Return the unified number of the third trainee, as their own certificate shows it."""
    words = story.trainees[2].own.get(f"/credentials/{story.credentials[2]}").words
    found = re.search(r"JJ[A-Z]\d{12}[0-9A-Z]", words)
    if found is None:
        raise StoryError(f"the certificate shows no number: {words[:400]}")
    return found.group()


def a_second_officer_confirms_it(story: Journey) -> str:
    """Confirm by a second officer; the person reads it among their own records."""
    second = story.people.as_role("credit2")
    second.submit(second.get(f"/credit/records/{story.record}"), "/confirm")
    if CONDUCT not in story.trainees[2].own.get("/credit/mine").words:
        raise StoryError("the person does not read the record")
    story.trainees[0].own.get(f"/credit/records/{story.record}", expect=404)
    return "confirmed"


def the_grade_is_computed_as_known_that_day(story: Journey) -> str:
    """Rate the person by command; the same day as known before the record gives another score."""
    rate = ("credit", "rate", story.number, "--on", RATED_ON.isoformat())
    now, before = flask(*rate), flask(*rate, "--known", KNOWN_BEFORE.isoformat())
    if now["score"] == before["score"]:
        raise StoryError(f"the record changes nothing: {now}")
    return f"{before['score']} -> {now['score']}"


def the_person_objects(story: Journey) -> str:
    """Object to the record: it is marked as disputed at once, and neither officer may decide."""
    own = story.trainees[2].own
    page = own.get(own.get(f"/credit/records/{story.record}").link("/cases/new"))
    page = own.submit(page, "/cases/new", {"facts": "登记信息由合作方填报，本人已书面更正，附更正函。"})
    story.objection = page.url.rsplit("/", 1)[-1]
    return story.objection


def the_authority_upholds_the_objection(story: Journey) -> str:
    """Accept and uphold it with reasons: the record is withdrawn in the decision's own transaction."""
    authority = story.people.as_role("province")
    address = f"/cases/{story.objection}"
    authority.submit(authority.get(address), "/accept")
    fields = {"outcome": "upheld", "reason": "经查，填报由合作方完成且已更正，原认定事实不清。"}
    authority.submit(authority.get(f"{address}/decide"), "/decide", fields)
    page: Page = story.trainees[2].own.get("/credit/mine")
    if CONDUCT in page.words and not any(word in page.words for word in ("已撤销", "撤回", "撤销")):
        raise StoryError(f"the record still stands: {page.words[:500]}")
    return "withdrawn"
