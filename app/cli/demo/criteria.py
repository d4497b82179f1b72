"""Rules of regions in the demo, most on recognition: samples, a draft of a province, and a replay of a year."""

from collections.abc import Callable

from sqlalchemy import select

from app.accounts import services as accounts
from app.accounts.actors import actor_of
from app.accounts.states import NATION, IdentityKind, Role
from app.cli.demo.people import identity_number
from app.cli.demo.rules import FOLDER
from app.cli.demo.step import MADE_AT, ROLES_FROM, Demo, acting_as
from app.core import clock
from app.core.access import Actor
from app.core.db import session, unit_of_work
from app.rulebook import queries, rules, services
from app.rulebook.models import RulePack
from app.rulebook.queries import edits
from app.rulebook.rules import PackFile
from app.rulebook.services import starts

# zh: names of officials, and of a draft as a province would write it
OFFICIALS = {
    "110000": (("郝北辰", "Hao Beichen"), ("佟西山", "Tong Xishan")),
    "130000": (("冀中平", "Ji Zhongping"), ("燕赵歌", "Yan Zhaoge")),
    "420000": (("荆楚生", "Jing Chusheng"), ("江汉涛", "Jiang Hantao")),
    "370000": (("齐鸣岳", "Qi Mingyue"), ("海东来", "Hai Donglai")),
    "370100": (("历城远", "Li Chengyuan"), ("章丘白", "Zhang Qiubai")),
    "440000": (("岭海平", "Ling Haiping"), ("穗禾生", "Sui Hesheng")),
}
FIRST_SERIAL = 961
SHANDONG = "370000"
HEBEI = "criteria-hebei-full-senior-sample.toml"
TO_SHANDONG = (
    ("criteria-hebei-full-senior", "criteria-shandong-full-senior"),
    ('region = "130000"', f'region = "{SHANDONG}"'),
    ("starts_on = 2025-01-01", "starts_on = 2027-01-01"),
    ("河北省正高级（技术转移）认定条件（样例）", "山东省正高级（技术转移）认定条件（草稿）"),
    ("full senior in technology transfer, Hebei (sample)", "full senior in technology transfer, Shandong (draft)"),
    ("由河北省主管部门设定", "由山东省主管部门设定"),
    ("To be set by the authority of Hebei", "To be set by the authority of Shandong"),
)
AWARD = "award-junior-sample.toml"
BEGUN, NATIONAL_CHECKS = "evidence-checks-shandong", "evidence-checks-sample.1"
NEXT_AWARD = (
    ("starts_on = 2025-01-01", "starts_on = 2027-01-01"),
    ("valid_years = 5", "valid_years = 3"),
    ("result_counts_months = 24", "result_counts_months = 12"),
)


def load(demo: Demo) -> int:
    """Publish the regional samples, draft those of the coming year, and ask for a replay; once."""
    del demo
    return _publish_regional() + _draft(HEBEI, TO_SHANDONG, "province") + _draft_award() + _begin()


def _publish_regional() -> int:
    made = 0
    with unit_of_work():
        known = set(session.scalars(select(RulePack.series)))
        for path in sorted(FOLDER.glob("*.toml")):
            text = path.read_text("utf-8")
            given = rules.read(text)
            if given.region != NATION and given.code not in known:
                made += publish(text, given)
    return made


def publish(text: str, given: PackFile) -> int:
    """Load a pack of a region, and let two of its regulators propose and publish it."""
    first, second = _officials(given.region)
    pack = services.load_draft(text, by=first, at=MADE_AT)
    services.propose(pack, by=first, at=MADE_AT)
    services.publish(pack, by=second, at=MADE_AT)
    return 1


def _officials(region: str) -> list[Actor]:
    """Return two regulators of a region who have no sign-in of their own."""
    start = FIRST_SERIAL + 2 * list(OFFICIALS).index(region)
    found = []
    for place, (name, latin) in enumerate(OFFICIALS[region]):
        person = accounts.add_person(
            name=name,
            name_latin=latin,
            identity_kind=IdentityKind.RESIDENT_ID,
            identity_number=identity_number(start + place),
            phone=f"198{start + place:08d}",
            at=MADE_AT,
        )
        membership = accounts.grant_role(
            person, Role.REGULATOR, region_code=region, starts_on=ROLES_FROM, by=None, at=MADE_AT
        )
        found.append(actor_of(person, membership))
    return found


def _changed(name: str, changes: tuple[tuple[str, str], ...]) -> str:
    text = (FOLDER / name).read_text("utf-8")
    for before, after in changes:
        text = text.replace(before, after)
    return text


def _draft(name: str, changes: tuple[tuple[str, str], ...], sign_in: str) -> int:
    text = _changed(name, changes)
    return _once(text, lambda: services.load_draft(text, by=acting_as(sign_in), at=clock.now()))


def _draft_award() -> int:
    """Draft shorter validities for the coming year, and ask what they would have decided."""
    text = _changed(AWARD, NEXT_AWARD)

    def make() -> None:
        pack = services.load_draft(text, by=acting_as("nation"), at=clock.now())
        services.ask_for_replay(pack, year=2026, by=acting_as("nation"), at=clock.now())

    return _once(text, make, revision=2)


def _begin() -> int:
    """Let the province begin checks of its own with the nation's values, and leave them unfinished."""
    with unit_of_work():
        province = acting_as("province")
        if edits.begun_as(BEGUN, province) is not None:
            return 0
        copied = queries.by_code(NATIONAL_CHECKS)
        starts.begin(queries.kind(copied.kind), BEGUN, copied=copied, by=province, at=clock.now())
        return 1


def _once(text: str, make: Callable[[], object], revision: int = 1) -> int:
    with unit_of_work():
        code = f"{rules.read(text).code}.{revision}"
        if session.scalar(select(RulePack.id).where(RulePack.code == code)) is not None:
            return 0
        make()
    return 1
