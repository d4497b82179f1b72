"""Pages of holders, of keys, of lists and of what is decided about a name or a title, and what their acts show."""

from collections.abc import Callable

from playwright.sync_api import FilePayload, Page, expect

from tests.browser.chromium import faults
from tests.browser.demo_site import GRADUATE, DemoSite

STRANGER = ""
PAGES: dict[str, tuple[str, str]] = {
    "my certificate": (GRADUATE, "/my/certificates/{held}"),
    "my share links": (GRADUATE, "/my/shares"),
    "my share link with views": (GRADUATE, "/my/shares/{share}"),
    "my share link that ended": (GRADUATE, "/my/shares/{share_ended}"),
    "new share link": (GRADUATE, "/my/shares/new"),
    "shared page that is gone": (STRANGER, "/s/nothing"),
    "lists of an employer": ("employer", "/employer/checks"),
    "list to check": ("employer", "/employer/checks/new"),
    "list checked": ("employer", "/employer/checks/{check}"),
    "list checked, one answer": ("employer", "/employer/checks/{check}?answer=not_found"),
    "list of anyone": (STRANGER, "/verify/list"),
    "result sheet of anyone": (STRANGER, "/verify/sheet"),
    "title to withdraw": ("province", "/titles/applications/{title_confirmed}/withdrawal"),
    "withdrawal of a title that was rejected": ("province", "/titles/withdrawals/{withdrawal}"),
    "certificates of a cohort": ("base", "/cohorts/{spring}/certificates"),
    "my verified name": (GRADUATE, "/me/name"),
    "corrections of names": ("secadmin", "/people/names"),
    "keys of programs": ("employer", "/organisations/quancheng/keys"),
    "no keys of programs": ("base", "/organisations/qilu/keys"),
    "key in use": ("employer", "/organisations/quancheng/keys/{access_key}"),
    "key revoked": ("employer", "/organisations/quancheng/keys/{access_key_revoked}"),
    "new key": ("employer", "/organisations/quancheng/keys/new"),
    "rosters of people": ("secadmin", "/people/rosters"),
    "roster of people that waits": ("secadmin", "/people/rosters/{roster_waiting}"),
    "roster of people, problems": ("secadmin", "/people/rosters/{roster_waiting}?show=bad"),
    "roster of people taken over": ("secadmin", "/people/rosters/{roster_done}"),
    "name to correct": ("secadmin", "/people/names/{name_correction}"),
}
ERRORS = {"shared page that is gone": 404}


def _shared_page(page: Page, site: DemoSite) -> None:
    page.goto(f"{site.url}/my/shares/new")
    page.fill("[name=label]", "axe")
    page.locator("main form button[type=submit]").first.click()
    address = page.locator("[data-copy-source]").first.inner_text()
    assert faults(page) == []
    page.goto(site.url + address[address.index("/s/") :])
    expect(page.locator(".status-good").first).to_be_visible()


def _printed(page: Page, site: DemoSite) -> None:
    page.goto(f"{site.url}/my/certificates/{site.codes['held']}")
    page.evaluate("window.print = () => { document.body.dataset.printed = 'yes' }")
    page.locator("[data-print]").click()
    expect(page.locator("body[data-printed=yes]")).to_be_visible()
    expect(page.locator(".paper-only")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".paper-only")).to_be_visible()
    expect(page.locator(".screen-only")).to_be_hidden()
    expect(page.locator("[data-print]")).to_be_hidden()
    page.emulate_media(media="screen")


def _list_of_anyone(page: Page, site: DemoSite) -> None:
    page.goto(f"{site.url}/verify/list")
    text = f"number,name\n{site.codes['number']},\nJJC3720260000000,X\n,Y\n"
    _send(page, {"name": "list.csv", "mimeType": "text/csv", "buffer": text.encode()})
    expect(page.locator(".status-good").first).to_be_visible()


def _result_sheet(page: Page, site: DemoSite) -> None:
    page.goto(f"{site.url}/employer/checks/{site.codes['check']}")
    sheet = page.request.get(f"{site.url}/employer/checks/{site.codes['check']}.xlsx").body()
    page.goto(f"{site.url}/verify/sheet")
    _send(page, {"name": "sheet.xlsx", "mimeType": "application/octet-stream", "buffer": sheet})
    expect(page.locator(".alert-good")).to_be_visible()


def _send(page: Page, file: FilePayload) -> None:
    page.set_input_files("input[type=file]", files=[file])
    with page.expect_navigation():
        page.locator("main form[enctype] button[type=submit]").first.click()


ACTS: list[tuple[str, Callable[[Page, DemoSite], None]]] = [
    (GRADUATE, _shared_page),
    (GRADUATE, _printed),
    (STRANGER, _list_of_anyone),
    ("employer", _result_sheet),
]
