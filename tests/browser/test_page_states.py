"""Every page of the journey in its states: axe finds nothing, and nothing is wider than the window."""

import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Response, expect, sync_playwright

from app.cli.demo.people import PASSWORD
from tests.browser import exam_pages, holder_pages
from tests.browser.chromium import AXE, CHROMIUM, DESK, FLAGS, NEEDS, PHONE, ROOT, faults, misfits
from tests.browser.demo_site import GRADUATE, DemoSite
from tests.page_lint import lint_page

pytestmark = NEEDS

ROSTER = "姓名,证件类型,证件号码,手机,邮箱,单位\n钱一,居民身份证,123,,,\n,居民身份证,,,,\n"
STRANGER = ""
PAGES: dict[str, tuple[str, str]] = {
    "landing": (STRANGER, "/"),
    "sign-in": (STRANGER, "/sign-in"),
    "home of a trainee": ("trainee", "/home"),
    "home of a base": ("base", "/home"),
    "home of an author": ("author", "/home"),
    "home of an examiner": ("examiner", "/home"),
    "home of a certifier": ("certifier", "/home"),
    "home of an issuer": ("issuer", "/home"),
    "home of a regulator": ("nation", "/home"),
    "my account": ("base", "/me"),
    "forgotten password": (STRANGER, "/reset"),
    "reset on its way": (STRANGER, "/reset/sent"),
    "my password": ("base", "/me/password"),
    "confirm that it is me": ("base", "/confirm?next=/me"),
    "my authenticator app": ("base", "/me/security/app"),
    "my recovery codes": ("base", "/me/security/recovery"),
    "my passkeys": ("base", "/me/security/passkeys"),
    "orders by two": ("secadmin2", "/security/orders"),
    "all orders by two": ("secadmin", "/security/orders?all=yes"),
    "order for the second person": ("secadmin2", "/security/orders/{security_order}"),
    "order seen by who asked": ("secadmin", "/security/orders/{security_order}"),
    "corrections that I asked for": ("secadmin", "/people/corrections"),
    "correction that I asked for": ("secadmin", "/people/corrections/{asked_correction}"),
    "person before two administrators": ("secadmin", "/security/people/{secured}"),
    "role to end": ("secadmin", "/security/roles/{secured_role}"),
    "event trail": ("auditor", "/audit/events"),
    "event": ("auditor", "/audit/events/{event}"),
    "system": ("sysadmin", "/system"),
    "people": ("secadmin", "/people"),
    "inbox": ("nation", "/inbox"),
    "public log": (STRANGER, "/log"),
    "search": (STRANGER, "/search?q=jishu"),
    "search that finds nothing": ("secadmin", "/search?q=zzzz"),
    "search of one kind": ("author", "/search?q=%E6%8A%80%E6%9C%AF&kind=items.item"),
    "notices": (GRADUATE, "/messages"),
    "notice choices": (GRADUATE, "/messages/choices"),
    "who looked me up": (GRADUATE, "/me/looks"),
    "access log": ("auditor", "/access-log"),
    "organisations": ("nation", "/organisations"),
    "new organisation": ("nation", "/organisations/new"),
    "organisation with history": ("nation", "/organisations/quanzhou-transfer"),
    "correct an organisation": ("nation", "/organisations/quanzhou-transfer/edit"),
    "own organisation": ("base", "/organisations/qilu"),
    "how an authority is reached": ("province", "/organisations/shandong-authority/contacts"),
    "new member": ("base", "/organisations/qilu/members/new"),
    "regions": (STRANGER, "/regions"),
    "region": (STRANGER, "/regions/370000"),
    "my data and rights": ("trainee", "/me/rights"),
    "requests for erasure": ("secadmin", "/people/erasures"),
    "records of one person": ("secadmin", "/people/merges"),
    "claims": ("base", "/people/claims"),
    "claim": (STRANGER, "/claim"),
    "rules": (STRANGER, "/rules"),
    "rule pack": (STRANGER, "/rules/{pack}"),
    "new rule pack": ("nation", "/rules/new"),
    "rule pack with criteria and test cases": (STRANGER, "/rules/{criteria}"),
    "rule pack to be proposed": ("province", "/rules/{draft}"),
    "rule catalogue of facts": (STRANGER, "/rules/facts"),
    "calendar of working days": (STRANGER, "/rules/calendar"),
    "holidays to confirm": ("nation2", "/rules/holidays-sample.1"),
    "rule builder with holidays": ("nation2", "/rules/holidays-sample.1/edit"),
    "rule lineage": ("province", "/rules/lineage?kind=criteria"),
    "rule lineage of a county": (STRANGER, "/rules/lineage?kind=award&region=370102"),
    "rule difference": ("nation", "/rules/{next}/compare"),
    "rule replay": ("nation", "/rules/replays/{replay}"),
    "rule builder with a tree": ("province", "/rules/{draft}/edit"),
    "rule builder with an open line": ("province", "/rules/{draft}/edit?open=params.tree.of.3.of.0"),
    "rule builder with levels": ("nation", "/rules/{next}/edit"),
    "kinds of rules to begin": ("province", "/rules/start"),
    "rule pack to begin": ("province", "/rules/start/evidence_checks"),
    "rule builder of a first pack": ("province", "/rules/started/{pack_begun}"),
    "bases": (STRANGER, "/bases"),
    "base": (STRANGER, "/bases/qilu"),
    "base and what its regulator may decide": ("nation", "/bases/qilu"),
    "appraisal cycles": ("nation", "/performance"),
    "appraisal cycle that is finished": ("nation", "/performance/{cycle_2025}"),
    "appraisal cycle that runs": ("nation", "/performance/{cycle_2026}"),
    "appraisals of a base": ("base", "/performance"),
    "appraisal of a base": ("base", "/performance/bases/{appraisal_2025}"),
    "appraisal that begins": ("base", "/performance/bases/{appraisal_2026}"),
    "self-report": ("base", "/performance/bases/{appraisal_2026}/report"),
    "cohorts": ("base", "/cohorts"),
    "new cohort": ("base", "/cohorts/new"),
    "cohort with trainees": ("base", "/cohorts/{spring}"),
    "roster upload": ("base", "/cohorts/{present}/roster"),
    "invitations": ("base", "/cohorts/{spring}/invitations"),
    "my courses": ("trainee", "/learning"),
    "course": ("trainee", "/learning/{learning}"),
    "lesson": ("trainee", "/learning/{learning}/lessons/L01"),
    "quiz": ("trainee", "/learning/{learning}/lessons/L04/quiz"),
    "quiz result": (GRADUATE, "/learning/{trained}/lessons/L01/quiz/1"),
    "item banks": ("author", "/items"),
    "item bank": ("author", "/items/JJ-JUNIOR"),
    "item": ("author", "/items/JJ-JUNIOR/item/JJ-GEN-001"),
    "item with a key of pairs": ("author", "/items/JJ-TYPES/item/JJ-TYP-122"),
    "item of a case": ("author", "/items/JJ-TYPES/item/JJ-TYP-161"),
    "item with a rubric": ("author", "/items/JJ-TYPES/item/JJ-TYP-151"),
    "item sent back": ("author", "/items/JJ-TYPES/item/JJ-TYP-REV1"),
    "item that one reviewer accepted": ("reviewer2", "/items/JJ-TYPES/item/JJ-TYP-REV2"),
    "next version of an item": ("author", "/items/JJ-TYPES/item/JJ-TYP-REV1/edit"),
    "new item": ("author", "/items/JJ-TYPES/write?type=numeric"),
    "new case": ("author", "/items/JJ-TYPES/write?type=case"),
    "items that look alike": ("reviewer", "/items/JJ-TYPES/alike"),
    "item upload": ("author", "/items/JJ-JUNIOR/import"),
    "my awards": (GRADUATE, "/my/awards"),
    "my certificates": (GRADUATE, "/my/certificates"),
    "certificates of an organisation": ("base", "/organisation/certificates"),
    "certificate of an organisation": ("base", "/organisation/certificates/{accredited}"),
    "certificate of an organisation and what it can do": ("base", "/organisation/certificates/{accredited}/change"),
    "share links of an organisation": ("base", "/organisation/shares"),
    "new share link of an organisation": ("base", "/organisation/shares/new"),
    "awards": ("certifier", "/awards"),
    "award to decide on": ("certifier", "/awards/{proposed}"),
    "award": ("certifier", "/awards/{awarded}"),
    "register": (STRANGER, "/register"),
    "register entry": (STRANGER, "/register/{number}"),
    "issuing desk": ("issuer", "/issuing"),
    "signing keys": ("issuer", "/issuing/keys"),
    "order on a key": ("issuer2", "/issuing/keys/orders/{key_order}"),
    "delegations": ("issuer", "/issuing/authority"),
    "end of a delegation": ("issuer", "/issuing/authority/{delegation}/end"),
    "end of an issuing body": ("issuer2", "/issuing/authority/bodies/sichuan-centre/end"),
    "order on an issuing body": ("issuer2", "/issuing/authority/orders/{body_order}"),
    "batch": ("issuer", "/issuing/batches/{batch}"),
    "issued certificates": ("issuer", "/issuing/certificates"),
    "certificate templates": ("issuer", "/issuing/templates"),
    "certificate template in force": ("sysadmin", "/issuing/templates/{template}"),
    "certificate template to confirm": ("issuer", "/issuing/templates/{template_draft}"),
    "certificate template draft": ("issuer2", "/issuing/templates/{template_draft}/edit"),
    "certificate templates compared": ("issuer", "/issuing/templates/{template_draft}/compare/{template}"),
    "issued certificate": ("issuer", "/issuing/certificates/{valid}"),
    "issued certificate that is suspended": ("issuer2", "/issuing/certificates/{suspended}"),
    "issued certificate made anew": ("issuer", "/issuing/certificates/{superseded}"),
    "changes of many certificates": ("issuer", "/issuing/changes"),
    "change of many carried out": ("issuer", "/issuing/changes/{change_done}"),
    "change of many to approve": ("issuer2", "/issuing/changes/{change_proposed}?show=bad"),
    "new change of many": ("issuer", "/issuing/changes/new?act=suspend&every=1&standing=valid"),
    "list of certificates to change": ("issuer", "/issuing/changes/file?act=revoke"),
    "certificate of mine and what I can do": (GRADUATE, "/my/certificates/{graduate_certificate}/change"),
    "my evidence": ("trainee", "/evidence"),
    "kinds of evidence": ("trainee", "/evidence/new"),
    "new evidence": ("trainee", "/evidence/new/contract"),
    "evidence draft": ("trainee", "/evidence/{evidence_draft}"),
    "evidence checked": ("trainee", "/evidence/{evidence_checked}"),
    "evidence that does not match": ("credit2", "/evidence/{evidence_wrong}"),
    "evidence paper to link": ("trainee", "/evidence/{evidence_paper}/link"),
    "evidence before withdrawal": ("trainee", "/evidence/{evidence_checked}/withdraw"),
    "evidence before its counterparty": ("trainee", "/evidence/{evidence_wrong}/ask"),
    "evidence of an organisation": ("employer", "/evidence/organisation"),
    "evidence upload": ("employer", "/evidence/organisation/import"),
    "evidence import": ("employer", "/evidence/organisation/import/{evidence_import}"),
    "evidence queue": ("credit", "/evidence/queue"),
    "evidence of a region": ("province", "/evidence/region"),
    "sample audits of evidence": ("credit", "/evidence/audits"),
    "new sample audit of evidence": ("credit", "/evidence/audits/new"),
    "sample audit of evidence": ("credit2", "/evidence/audits/{audit}"),
    "verify": (STRANGER, "/verify"),
    "QR code to check on the device": (STRANGER, "/v"),
    "verified: valid": (STRANGER, "/verify?q={valid}"),
    "verified: revoked": (STRANGER, "/verify?q={revoked}"),
    "verified: another name": (STRANGER, "/verify?q={valid}&name=%E6%9D%8E%E5%9B%9B"),
    "verified: of another site": (STRANGER, "/verify?q=https://elsewhere.example/credentials/x"),
    "verified: unknown": (STRANGER, "/verify?q=JJC3720260000000"),
    "certificate": (STRANGER, "/credentials/{valid}"),
    "title rounds of an applicant": ("trainee3", "/titles/rounds"),
    "title rounds of a secretary": ("secretary", "/titles/rounds"),
    "title round to propose": ("secretary", "/titles/rounds/new"),
    "title round that is open": ("secretary", "/titles/rounds/{round_open}"),
    "title round that ended": ("secretary", "/titles/rounds/{round_decided}"),
    "title round of a chair": ("chair", "/titles/rounds/{round_decided}"),
    "title round whose application an expert is recused from": ("expert", "/titles/rounds/{round_decided}"),
    "title scores of a round": ("chair", "/titles/rounds/{round_decided}/scores"),
    "title scores of an application": ("chair", "/titles/applications/{title_confirmed}/scores"),
    "title application to check": ("secretary", "/titles/applications/{title_submitted}"),
    "title application returned": ("trainee3", "/titles/applications/{title_returned}"),
    "title application to correct": ("trainee3", "/titles/applications/{title_returned}/edit"),
    "title application confirmed": ("province", "/titles/applications/{title_confirmed}"),
    "register of titles": (STRANGER, "/titles/register"),
    "title in the register": (STRANGER, "/titles/register/{title_number}"),
    "ballots": ("expert", "/ballots"),
    "ballot decided": ("chair", "/ballots/{ballot decided}"),
    "ballot that its chair conducts": ("chair", "/ballots/{ballot open}"),
    "ballot watched by a supervisor": ("supervisor", "/ballots/{ballot open}"),
    "ballot with who attends": ("chair", "/ballots/{ballot open}/attendance"),
    "ballot where nobody may have a proxy": ("expert", "/ballots/{ballot open}/proxy"),
    "ballot that somebody absent follows": ("expert", "/ballots/{ballot with proxies}"),
    "ballot of a proxy": ("expert2", "/ballots/{ballot with proxies}"),
    "ballot to vote on for another": ("expert2", "/ballots/{ballot with proxies}/vote?for={ballot represented}"),
    "ballot with who is represented": ("chair", "/ballots/{ballot with proxies}/attendance"),
    "ballot and its proxy": ("expert", "/ballots/{ballot with proxies}/proxy"),
    "ballot whose key is made": ("chair", "/ballots/{ballot prepared}"),
    "ballot question with its verdict": ("expert", "/ballots/{ballot decided}/questions/{ballot question}"),
    "ballot to vote on": ("expert", "/ballots/{ballot open}/vote"),
    "ballot voted on": ("expert", "/ballots/{ballot decided}/vote"),
    "ballot key to make": ("expert2", "/ballots/{ballot prepared}/key"),
    "ballot key that waits": ("expert2", "/ballots/{ballot open}/key"),
    "ballot bulletin": ("chair", "/ballots/{ballot decided}/bulletin"),
    "ballot bulletin of a recused voter": ("expert", "/ballots/{ballot decided}/bulletin"),
    "expert pools": ("secretary", "/pools"),
    "expert pool": ("secretary", "/pools/{pool}"),
    "expert of a pool": ("province", "/pools/{pool}/experts/{pool_expert}"),
    "import of experts": ("secretary", "/pools/{pool}/import"),
    "nominations": ("base", "/nominations"),
    "my terms as expert": ("expert", "/my/panels"),
    "committees": ("chair", "/committees"),
    "committee": ("secretary", "/committees/{committee}"),
    "new committee": ("secretary", "/committees/new"),
    "panels": ("supervisor", "/panels"),
    "panel to commit to": ("supervisor", "/panels/{panel_planned}"),
    "drawn panel": ("secretary", "/panels/{panel_scored}"),
    "panel of an expert": ("expert", "/panels/{panel_open}"),
    "case to score": ("expert", "/panels/{panel_open}/cases/{case_open}"),
    "case with its result": ("secretary", "/panels/{panel_scored}/cases/{case_scored}"),
    "meetings": ("secretary", "/meetings"),
    "new panel": ("secretary", "/panels/new"),
    "new meeting": ("secretary", "/meetings/new"),
    "meeting": ("chair", "/meetings/{meeting}"),
    "item of a meeting": ("secretary", "/meetings/{meeting}/items/{agenda_item}"),
    "base with an inspection": ("province", "/bases/taishan"),
    "description of the API": (STRANGER, "/api/v1/docs"),
    "public notices": (STRANGER, "/notices"),
    "archive of notices": (STRANGER, "/notices?show=archive"),
    "public notice": (STRANGER, "/notices/{notice}"),
    "public notice on paper": (STRANGER, "/notices/{notice}/print"),
    "anonymous lead": (STRANGER, "/cases/new?kind=cases.lead&about={notice}"),
    "objection": ("employer", "/cases/new?kind=cases.objection&about={notice}"),
    "body to complain of": (STRANGER, "/cases/complain?name=%E5%9F%BA%E5%9C%B0"),
    "complaint without an account": (STRANGER, "/cases/new?kind=cases.complaint&about=qilu"),
    "follow a complaint": (STRANGER, "/cases/follow"),
    "my cases": ("trainee", "/cases"),
    "complain": ("trainee", "/cases/complain?name=%E5%9F%BA%E5%9C%B0"),
    "case of mine": ("trainee", "/cases/{complaint}"),
    "case file": ("trainee", "/cases/{complaint}/file"),
    "appeal": ("trainee", "/cases/{complaint}/appeal"),
    "cases to handle": ("province", "/cases/desk"),
    "objection to handle": ("province", "/cases/{objection}"),
    "decision of a case": ("nation", "/cases/{recheck}/decide"),
    "restrictions": ("nation", "/restrictions?state=all"),
    "restriction": ("nation", "/restrictions/{restriction}"),
    "new restriction": ("nation", "/restrictions/new"),
    "my credit": ("trainee", "/credit/mine"),
    "credit record of mine": ("trainee", "/credit/records/{credit_mine}"),
    "credit repair to apply for": ("trainee", "/credit/records/{credit_mine}/repair"),
    "credit rating of mine": ("trainee", "/credit/ratings/{credit_rating}"),
    "review of a credit rating": ("trainee", "/cases/new?kind=credit.review&about={credit_rating}"),
    "credit records": ("credit", "/credit/records"),
    "new credit record": ("credit", "/credit/records/new"),
    "correction of a credit record": ("credit", "/credit/records/new?corrects={credit_mine}"),
    "credit record to confirm": ("credit2", "/credit/records/{credit_entered}"),
    "credit record with an application for repair": ("credit", "/credit/records/{credit_mine}"),
    "disputed credit record": ("province", "/credit/records/{credit_serious}"),
    "credit rating before an officer": ("credit", "/credit/ratings/{credit_rating}"),
    "rating cycles": ("credit", "/credit/cycles"),
    "rating cycle": ("credit", "/credit/cycles/{credit_cycle}"),
    "published dishonest conduct": (STRANGER, "/credit/published"),
    "error 403": ("trainee", "/awards"),
    "error 404": (STRANGER, "/nowhere"),
}
PAGES |= exam_pages.PAGES | holder_pages.PAGES
OK = 200
VERIFIED = {"verified: unknown": 404, "verified: of another site": 404}
ERRORS = holder_pages.ERRORS | {"error 403": 403, "error 404": 404} | VERIFIED
DARK = (
    "landing",
    "home of a trainee",
    "cohort with trainees",
    "lesson",
    "rule builder with an open line",
    "item bank",
    "results with their chart",
    "award to decide on",
    "evidence that does not match",
    "verified: valid",
    "verified: revoked",
)


ENGLISH = [name for name in PAGES if zlib.crc32(name.encode()) % 3 == 0]
"""A third of the pages, the same ones however many come between them; what is wrong in one language alone is rare."""
AT_DESK = [name for name in PAGES if zlib.crc32(name.encode()) % 3 == 1]
"""Another third, which axe looks at a second time at a desk: the same document in another arrangement."""


@dataclass
class Tabs:
    """One tab a person and look, so that a page costs no new browser."""

    browser: Browser
    site: DemoSite
    known: dict[tuple[str, str, str], Page] = field(default_factory=dict)

    def of(self, role: str, scheme: Literal["light", "dark"] = "light", language: str = "zh-CN") -> Page:
        if (role, scheme, language) not in self.known:
            self.known[role, scheme, language] = self._open(role, scheme, language)
        return self.known[role, scheme, language]

    def _open(self, role: str, scheme: Literal["light", "dark"], language: str) -> Page:
        width, height = PHONE if scheme == "light" else DESK
        context = self.browser.new_context(
            bypass_csp=True, locale=language, color_scheme=scheme, viewport={"width": width, "height": height}
        )
        context.add_init_script(path=AXE)  # quicker than a tag for each page
        if role:
            context.add_cookies([{"name": "jijing", "value": self.site.cookie(role), "url": self.site.url}])
        return context.new_page()


@pytest.fixture(scope="module", name="tabs")
def _tabs(demo: DemoSite) -> Iterator[Tabs]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield Tabs(browser, demo)
        browser.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_perceived_by_everyone_on_a_phone_and_at_a_desk(tabs: Tabs, demo: DemoSite, name: str) -> None:
    role, path = PAGES[name]
    page = tabs.of(role)
    _resize(page, PHONE)

    answer = page.goto(demo.url + path.format(**demo.codes))

    assert answer
    assert answer.status == ERRORS.get(name, OK)
    assert _lint(answer, "zh") == []
    assert faults(page) == []
    _resize(page, DESK)
    assert (faults if name in AT_DESK else misfits)(page) == []
    _resize(page, PHONE)


def _lint(answer: Response, language: str) -> list[str]:
    """Lint a page as it was sent; a file that a browser opens is none."""
    return lint_page(answer.text(), language) if "text/html" in answer.headers["content-type"] else []


def _resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


@pytest.mark.parametrize("name", DARK)
def test_a_page_can_be_perceived_by_everyone_in_the_dark(tabs: Tabs, demo: DemoSite, name: str) -> None:
    role, path = PAGES[name]
    page = tabs.of(role, "dark")

    page.goto(demo.url + path.format(**demo.codes))

    assert faults(page) == []


@pytest.mark.parametrize("name", ENGLISH)
def test_a_page_in_english_can_be_perceived_by_everyone_on_a_phone(tabs: Tabs, demo: DemoSite, name: str) -> None:
    role, path = PAGES[name]
    page = tabs.of(role, language="en")

    answer = page.goto(demo.url + path.format(**demo.codes))

    assert answer
    assert page.locator("html").get_attribute("lang") == "en"
    assert _lint(answer, "en") == []
    assert faults(page) == []


def _roster_with_problems(page: Page, site: DemoSite) -> None:
    page.goto(f"{site.url}/cohorts/{site.codes['present']}/roster")
    _send(page, {"name": "roster.csv", "mimeType": "text/csv", "buffer": ROSTER.encode()})


def _import_preview(page: Page, site: DemoSite) -> None:
    page.goto(f"{site.url}/items/JJ-JUNIOR/import")
    text = (ROOT / "content/items/policy.gift").read_bytes()
    _send(page, {"name": "policy.gift", "mimeType": "text/plain", "buffer": text})


def _edited_certificate(page: Page, site: DemoSite) -> None:
    credential = page.request.get(f"{site.url}/credentials/{site.codes['valid']}.json").json()
    page.goto(f"{site.url}/verify")
    edited = json.dumps({**credential, "validUntil": "2099-01-01T00:00:00Z"}).encode()
    _send(page, {"name": "certificate.json", "mimeType": "application/json", "buffer": edited})
    expect(page.locator(".alert-bad")).to_be_visible()


def _form_with_errors(page: Page, site: DemoSite) -> None:
    page.goto(f"{site.url}/sign-in")
    page.fill("[name=name]", "nobody@demo.example")
    page.fill("[name=password]", "wrong")
    page.locator("main form:has([name=password]) button").click()


def _second_factor(page: Page, site: DemoSite) -> None:
    page.goto(f"{site.url}/sign-in")
    page.fill("[name=name]", "base@demo.example")
    page.fill("[name=password]", PASSWORD)
    page.locator("main form:has([name=password]) button").click()
    page.wait_for_url("**/second-factor")


def _send(page: Page, file: FilePayload) -> None:
    page.set_input_files("input[type=file]", files=[file])
    with page.expect_navigation():
        page.locator("main form[enctype] button[type=submit]").first.click()


@pytest.mark.parametrize(
    ("role", "act"),
    [
        (STRANGER, _second_factor),
        (STRANGER, _form_with_errors),
        (STRANGER, _edited_certificate),
        *holder_pages.ACTS,
        ("base", _roster_with_problems),
        ("author", _import_preview),
    ],
)
def test_what_an_act_shows_can_be_perceived_by_everyone(
    tabs: Tabs, demo: DemoSite, role: str, act: Callable[[Page, DemoSite], None]
) -> None:
    page = tabs.of(role)

    act(page, demo)

    assert faults(page) == []
