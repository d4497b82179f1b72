"""Chapter 6: a title, from evidence over drawn experts, a committee and a secret ballot into the register."""

from datetime import date

from tests.story.browser import Browser, Page, StoryError
from tests.story.drawing import account_of, draw, seated
from tests.story.people import flask
from tests.story.state import Journey

APPLY_UNTIL, CALLED_ON, MEETING_DAY = date(2026, 9, 18), date(2026, 9, 20), date(2026, 9, 21)
COMMITTEE = ("许正阳", "程砚石", "罗一鸣", "唐远山", "赵崇文")
"""The chair first; the last one has no part in the meeting."""
CHAIR, MEMBER, KEEPER, KEEPER2 = "chair", "expert", "expert2", "expert3"
TRUSTEES = (CHAIR, KEEPER, KEEPER2)
CONTRACT = {
    "title": "高精度减速器关键技术转让",
    "type": "transfer",
    "seller_name": "齐州材料研究院",
    "seller_code": "91370102MADEM00014",
    "buyer_name": "历城智造有限公司",
    "buyer_code": "91370102MADEM00027",
    "amount": "3000000.00",
    "technology_amount": "2600000.00",
    "signed_on": "2026-06-10",
    "role": "lead",
    "share": "60",
    "act": "declare",
}
STATED = {
    "fact_stated_degree": "master",
    "fact_stated_degree_on": "2021-06-30",
    "fact_stated_appraisals_passed": "true",
    "fact_stated_civil_servant": "false",
    "fact_stated_retired": "false",
}


def the_office_forms_a_committee(story: Journey) -> str:
    """Prepare a committee of five from the pool; another person files it."""
    office = story.people.as_role("secretary")
    page = office.get("/committees/new")
    fields = {
        "name_zh": "山东省技术经纪专业中级评审委员会",
        "name_en": "Shandong intermediate committee, technology brokerage",
        "series": "工程系列",
        "composition": "specialty",
        "level": "intermediate",
    }
    page = office.submit(page, "/committees/new", fields)
    chosen = {name: _option(page, "members", name) for name in COMMITTEE}
    page = office.submit(page, "/members", {"members": list(chosen.values()), "chair": chosen[COMMITTEE[0]]})
    story.committee = page.url.rsplit("/", 1)[-1]
    filer = story.people.as_role("province")
    page = filer.get(f"/committees/{story.committee}")
    filer.submit(page, "/file", {"starts_on": "2026-09-01", "ends_on": "2029-08-31"})
    return story.committee


def _option(page: Page, field: str, words: str) -> str:
    """Return the value of a box or an option whose label begins with words."""
    for box in page.tree.xpath(f"//input[@name='{field}']"):
        label = page.tree.xpath(f"//label[@for='{box.get('id')}']")
        if label and label[0].text_content().strip().startswith(words):
            return str(box.get("value"))
    for option in page.tree.xpath(f"//select[@name='{field}']/option"):
        if option.text_content().strip().startswith(words):
            return str(option.get("value"))
    raise StoryError(f"{page.url} offers no {field} {words}")


def a_round_is_opened_by_two_people(story: Journey) -> str:
    """Propose a round under the published scheme; the authority confirms it."""
    office = story.people.as_role("secretary")
    page = office.get("/titles/rounds/new")
    fields = {
        "scheme": _option(page, "scheme", "山东省工程系列"),
        "committee": story.committee,
        "name_zh": "2026年度秋季中级职称评审",
        "name_en": "Intermediate titles of autumn 2026",
        "apply_until": APPLY_UNTIL.isoformat(),
    }
    page = office.submit(page, "/titles/rounds/new", fields)
    story.round = page.url.rsplit("/", 1)[-1]
    authority = story.people.as_role("province")
    authority.submit(authority.get(f"/titles/rounds/{story.round}"), "/confirm")
    return story.round


def _applicants(story: Journey) -> list[Browser]:
    return [story.trainees[0].own, story.trainees[2].own]


def applicants_enter_a_contract_that_an_officer_checks(story: Journey) -> str:
    """Enter a contract once in the ledger; an officer of the region checks it."""
    checked = []
    officer = story.people.as_role("credit")
    for place, own in enumerate(_applicants(story)):
        fields = {**CONTRACT, "number": f"202637010200090{place}"}
        page = own.submit(own.get("/evidence/new/contract"), "/evidence/new/contract", fields)
        code = page.url.rsplit("/", 1)[-1]
        officer.submit(officer.get(f"/evidence/{code}"), "/check", {"check-note": "原件已核对。"})
        checked.append(code)
    story.contracts = checked
    return ", ".join(checked)


def applications_rest_on_that_evidence(story: Journey) -> str:
    """Declare what only the applicant knows, pick the contract, send; the office checks and accepts."""
    office = story.people.as_role("secretary")
    for own, contract in zip(_applicants(story), story.contracts, strict=True):
        page = own.submit(own.get(f"/titles/rounds/{story.round}"), "/applications")
        page = own.submit(page, "/edit", {**STATED, "evidence": [contract]})
        page = own.submit(page, "/submit")
        code = page.url.rsplit("/", 1)[-1]
        office.submit(office.get(f"/titles/applications/{code}"), "/accept")
        story.applications.append(code)
        used = own.get(f"/evidence/{contract}").words
        if "2026年度秋季中级职称评审" not in used and code not in used:
            raise StoryError(f"the record does not say where it is used: {used[-400:]}")
    return ", ".join(story.applications)


def experts_are_drawn_before_witnesses(story: Journey) -> str:
    """Plan a panel for the applications and draw it: everyone commits, the population is published, all reveal."""
    office = story.people.as_role("secretary")
    page = office.get("/panels/new")
    cases = [f"title_application:{code}" for code in story.applications]
    names = {"name_zh": "秋季评审专家组", "name_en": "Autumn panel of experts"}
    page = office.submit(page, "/panels/new", {**names, "cases": cases, "seats": "3"})
    story.panel = page.url.rsplit("/", 1)[-1]
    return f"seed {draw(story, story.panel)[:12]}"


def a_drawn_expert_steps_back_and_sees_nothing_more(story: Journey) -> str:
    """Declare conflicts: the next substitute takes the seat, and cases and panel are no longer there."""
    before = seated(story, story.panel)
    browser = story.people.as_account(account_of(before[0]))
    address = f"/panels/{story.panel}"
    cases = {str(url) for url in browser.get(address).tree.xpath("//main//a/@href") if "/cases/" in url}
    for case in cases:
        browser.submit(browser.get(case), "/declare", {"reason": "与申报人有合作项目。"})
        browser.get(case, expect=404)
    browser.get(address, expect=404)
    after = seated(story, story.panel)
    if before[0] in after or len(after) != len(before):
        raise StoryError(f"seated before {before}, after {after}")
    return f"{before[0]} -> {next(name for name in after if name not in before)}"


def the_committee_is_called(story: Journey) -> str:
    """After the last day, call the meeting with the accepted applications as its agenda."""
    flask("clock", "set", f"{CALLED_ON}T09:00")
    office = story.people.as_role("secretary")
    fields = {"place": "济南市历下区科技大厦五楼", "starts_at": f"{MEETING_DAY}T09:00"}
    page = office.submit(office.get(f"/titles/rounds/{story.round}"), "/meeting", fields)
    story.meeting = page.url.rsplit("/", 1)[-1]
    return story.meeting


def a_member_is_recused_from_one_case(story: Journey) -> str:
    """Recuse a member from one application: to them it does not exist, by page or by search."""
    office, member = story.people.as_role("secretary"), story.people.as_role(MEMBER)
    second = story.applications[1]
    member.get(f"/titles/applications/{second}")
    page = office.get(f"/meetings/{story.meeting}")
    item = _item(page, story.trainees[2].name)
    page = office.get(item)
    fields = {"recuse-member": _option(page, "recuse-member", COMMITTEE[1]), "recuse-reason": "与申报人同一单位。"}
    office.submit(page, "/recuse", fields)
    member.get(f"/titles/applications/{second}", expect=404)
    member.get(item, expect=404)
    if story.trainees[2].name in member.get(f"/titles/rounds/{story.round}").words:
        raise StoryError("the recused member still reads the name")
    return "404"


def _item(page: Page, name: str) -> str:
    links = [one for one in page.tree.xpath("//main//a") if "/items/" in one.get("href")]
    found = [one.get("href") for one in links if name in one.text_content()]
    if not found:
        raise StoryError(f"the agenda does not name {name}: {page.words[:400]}")
    return str(found[0])


def the_meeting_opens_with_its_quorum(story: Journey) -> str:
    """Let four of five members sign in by their own hand, then open; opinions are written down."""
    flask("clock", "set", f"{MEETING_DAY}T09:00")
    office = story.people.as_role("secretary")
    address = f"/meetings/{story.meeting}"
    for role in (CHAIR, MEMBER, KEEPER):
        browser = story.people.as_role(role)
        browser.submit(browser.get(address), "/attendance/enter")
    short = office.get(address)
    if any((form.action or "").endswith("/steps/open") for form in short.tree.forms):
        token = str(short.tree.xpath("//input[@name='csrf_token']/@value")[0])
        office.post(f"{address}/steps/open", {"csrf_token": token}, expect=409)
    last = story.people.as_role(KEEPER2)
    last.submit(last.get(address), "/attendance/enter")
    page = office.submit(office.get(address), "/steps/open")
    for trainee in (story.trainees[0], story.trainees[2]):
        item = _item(page, trainee.name)
        office.submit(office.get(item), "/opinion", {"opinion": "材料齐全，业绩经核验属实。"})
    return "4 of 5"


def the_ballot_is_called(story: Journey) -> str:
    """Call the secret ballot; the chair and two members will keep the key."""
    office = story.people.as_role("secretary")
    page = office.get(f"/titles/rounds/{story.round}")
    fields = {"first": _option(page, "first", COMMITTEE[2]), "second": _option(page, "second", COMMITTEE[3])}
    page = office.submit(page, "/ballot", fields)
    story.ballot = page.link("/ballots/").rsplit("/", 1)[-1]
    return story.ballot
