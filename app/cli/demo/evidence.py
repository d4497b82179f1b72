"""The evidence of the demo: eight people, records in every state, an import that waits, a sample audit."""

import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO

from PIL import Image, ImageDraw
from sqlalchemy import select

from app.accounts import queries as accounts
from app.accounts import services as accounts_services
from app.accounts.actors import actor_of
from app.accounts.models import Membership, Person
from app.accounts.rules.identity import check_digit
from app.accounts.services.people import open_field
from app.accounts.states import IdentityKind, Role
from app.cli.demo.step import CONTENT, MADE_AT, ROLES_FROM, Demo, acting_as
from app.core import clock
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.db import session, unit_of_work
from app.evidence import services
from app.evidence.models import Evidence
from app.evidence.queries.audits import items
from app.evidence.queries.counterparty import open_request, parties
from app.evidence.services.counterparty import letter_of
from app.evidence.states import Answer, Entry, Finding, Kind, State

FILE = CONTENT / "demo" / "evidence.toml"
EMPLOYER = "quancheng"
REGION = "370102"
PROVINCE = "370000"
FIRST_SERIAL = 801
NINE = time(9, 30)
PAPER_SIZE = (620, 877)
# zh: what officers and parties of the demo write
NOTE = "原件已核对，未关联的材料由本人现场出示。"
AUDITED = "与存档原件逐项比对，相符。"
IMPORT_NAME = "2026年上半年服务清单.csv"
IMPORT_HEAD = "姓名,证件号码,服务内容,服务类型,服务对象,完成日期\n"
IMPORT_ROWS = (("jin", "氢能装备供需对接", "供需对接", "2026-05-20"), ("ge", "轨道检测技术评价", "技术评价", "去年"))
IMPORT_CLIENT = "鲁中机电有限公司"


@dataclass
class Story:
    """What the records of the demo need of each other: people by key, contracts by key."""

    people: dict[str, Person] = field(default_factory=dict)
    contracts: dict[str, str] = field(default_factory=dict)


def load(demo: Demo) -> int:
    """Make the evidence, once."""
    del demo
    known = session.scalar(select(Evidence.id).limit(1))
    session.rollback()
    if known is not None:
        return 0
    content = tomllib.loads(FILE.read_text("utf-8"))
    story = Story(_people(content["people"]))
    for one in content["record"]:
        _record(one, story)
    _import(story)
    _audit()
    return len(content["record"])


def _people(listed: list[JsonObject]) -> dict[str, Person]:
    found = {name: session.get_one(Person, acting_as(name).person_id) for name in ("trainee", "trainee2", "trainee3")}
    with unit_of_work():
        employer = accounts.organisation(EMPLOYER)
        for place, one in enumerate(listed):
            person = accounts_services.add_person(
                name=one["name"],
                name_latin=one["latin"],
                identity_kind=IdentityKind.RESIDENT_ID,
                identity_number=_identity_number(FIRST_SERIAL + place),
                at=MADE_AT,
            )
            accounts_services.grant_role(
                person,
                Role.TRAINEE,
                region_code=REGION,
                organisation_id=employer.id,
                starts_on=ROLES_FROM,
                by=None,
                at=MADE_AT,
            )
            found[one["key"]] = person
    return found


def _identity_number(serial: int) -> str:
    first = f"37010219000102{serial:03d}"
    return first + check_digit(first)


def _actor(person: Person) -> Actor:
    query = select(Membership).where(Membership.person_id == person.id, Membership.role == Role.TRAINEE)
    return actor_of(person, session.scalars(query.order_by(Membership.id)).first())


def _record(one: JsonObject, story: Story) -> None:
    """Enter one record and bring it to the state that the story gives it."""
    person = story.people[one["of"]]
    at = datetime.combine(date.fromisoformat(one["at"]), NINE, clock.SHANGHAI)
    by = acting_as("employer") if one.get("by") == "employer" else _actor(person)
    contract = story.contracts.get(one.get("contract", ""), "")
    with unit_of_work():
        place = _place(by, person)
        typed = {**one["fields"], "contract": contract}
        made = services.save_draft(Kind(one["kind"]), typed, person=person, place=place, by=by, at=at)
        number = made.text("number") or made.text("reference") or made.code[:8]
        name = f"{made.title[:40]}.png"
        services.attach(made, scan(f"{one['kind']} {number} {one['of']}"), name=name, by=by, at=at)
    if "key" in one:
        story.contracts[one["key"]] = made.series
    if one["to"] != State.DRAFT:
        with unit_of_work():
            services.declare(made, by=by, at=at)
        _onwards(made, one, person, at)


def _place(by: Actor, person: Person) -> services.Place:
    if by.person_id == person.id:
        return services.Place(by.region_code or REGION)
    return services.Place(REGION, Entry.ORGANISATION, by.organisation_id)


def scan(text: str) -> bytes:
    """Draw a page that stands for a scan; its text makes it a file of its own."""
    page = Image.new("RGB", PAPER_SIZE, "white")
    ImageDraw.Draw(page).text((40, 60), f"Jijing demo paper\n{text}", fill="black")
    packed = BytesIO()
    page.save(packed, "PNG")
    return packed.getvalue()


def _onwards(made: Evidence, one: JsonObject, person: Person, at: datetime) -> None:
    steps = {
        "confirmed": _confirm,
        "checked": _check,
        "superseded": _supersede,
        "rejected": _reject,
        "withdrawn": _withdraw,
        "declined": _decline,
        "disputed": _dispute,
    }
    step = steps.get(one["to"])
    if step is not None:
        step(made, one, person, at + timedelta(days=1))


def _confirm(made: Evidence, one: JsonObject, person: Person, at: datetime) -> None:
    del one
    if made.accepted_at is None:
        with unit_of_work():
            services.accept(made, by=_actor(person), at=at)
    else:
        _ask(made, person, at)


def _dispute(made: Evidence, one: JsonObject, person: Person, at: datetime) -> None:
    _ask(made, person, at, reason=one["reason"])


def _ask(made: Evidence, person: Person, at: datetime, *, reason: str = "") -> None:
    """Let the counterparty answer the link that the letter would carry; with a reason it disputes."""
    said = Answer.DISPUTED if reason else Answer.CONFIRMED
    real = clock.real_now()
    with unit_of_work():
        request = services.ask(
            made, party=parties(made)[0], email="office@party.example", by=_actor(person), at=at, real=real
        )
        letter = letter_of(request, made)
    if letter is not None:
        with unit_of_work():
            asked = open_request(letter[1], real)
            services.answer(asked, said=said, reason=reason, at=at + timedelta(days=1), real=real)


def _check(made: Evidence, one: JsonObject, person: Person, at: datetime) -> None:
    if made.accepted_at is None:
        _confirm(made, one, person, at)
    with unit_of_work():
        services.check(made, note=NOTE, by=acting_as("credit"), at=at + timedelta(days=3))


def _supersede(made: Evidence, one: JsonObject, person: Person, at: datetime) -> None:
    _check(made, one, person, at)
    later = at + timedelta(days=30)
    with unit_of_work():
        draft = services.correct(made, by=_actor(person), at=later)
        draft.details = {**draft.details, **one["correction"]}
        services.declare(draft, by=_actor(person), at=later)
    _check(draft, one, person, later)


def _reject(made: Evidence, one: JsonObject, person: Person, at: datetime) -> None:
    del person
    with unit_of_work():
        services.reject(made, reason=one["reason"], by=acting_as("credit2"), at=at)


def _withdraw(made: Evidence, one: JsonObject, person: Person, at: datetime) -> None:
    with unit_of_work():
        services.withdraw(made, reason=one["reason"], by=_actor(person), at=at)


def _decline(made: Evidence, one: JsonObject, person: Person, at: datetime) -> None:
    with unit_of_work():
        services.decline(made, reason=one["reason"], by=_actor(person), at=at)


def _import(story: Story) -> None:
    """Stage a file of the employer with one good row and one that cannot be read."""
    at = datetime(2026, 6, 15, 10, 0, tzinfo=clock.SHANGHAI)
    rows = [_import_row(story.people[key], title, kind, day) for key, title, kind, day in IMPORT_ROWS]
    data = (IMPORT_HEAD + "".join(rows)).encode("utf-8-sig")
    with unit_of_work():
        services.stage_import(Kind.SERVICE, data, name=IMPORT_NAME, by=acting_as("employer"), at=at)


def _import_row(person: Person, title: str, kind: str, day: str) -> str:
    document = open_field(person, accounts.IDENTITY)
    return f"{person.name},{document},{title},{kind},{IMPORT_CLIENT},{day}\n"


def _audit() -> None:
    """Draw a sample of the province; the first record is found and confirmed, the second waits for its officer."""
    first, second = acting_as("credit"), acting_as("credit2")
    at = datetime(2026, 6, 22, 10, 0, tzinfo=clock.SHANGHAI)
    with unit_of_work():
        audit = services.draw_sample(
            region_code=PROVINCE, since=date(2025, 7, 1), until=date(2026, 6, 19), size=4, by=first, at=at
        )
        drawn = items(audit.id)
        for item in drawn[:2]:
            services.assign(audit, item, officer_id=second.person_id, by=first, at=at)
        later = at + timedelta(days=2)
        services.find(audit, drawn[0], finding=Finding.CONFORMS, note=AUDITED, by=second, at=later)
        services.confirm_finding(audit, drawn[0], by=first, at=later + timedelta(days=1))
