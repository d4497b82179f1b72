"""What people type into forms and addresses: every place where the code reads a text, and what is done with it."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select

from app.accounts.models import Membership, Organisation, Person
from app.accounts.queries import account_by_name
from app.accounts.rules.credit_code import check_character
from app.accounts.services import open_field
from app.accounts.states import Role
from app.assessment.credit.models import CreditRating, CreditRecord
from app.assessment.exams.models import Attempt, ConductRecord, Paper, Registration, RegistrationRevocation, Result
from app.assessment.titles.models import TitleApplication, TitleWithdrawal
from app.cases.models import Case
from app.cases.states import CaseState
from app.core.columns import new_code
from app.core.db import session
from app.courses.models import Cohort
from app.credentials.models import Certificate
from app.evidence.models import Evidence
from app.evidence.states import Kind
from app.items.models import Item, ItemBank

APP = Path(__file__).parents[2] / "app"
CHOSEN = frozenset(
    {
        "BooleanField",
        "DateField",
        "DateTimeLocalField",
        "DecimalField",
        "IntegerField",
        "MultiCheckboxField",
        "PasswordField",
        "RadioField",
        "SelectField",
        "SelectMultipleField",
    }
)
"""Fields that take no text: a choice among what is offered, a figure, a day, a password."""

READS = frozenset({"get", "getlist"})
SENT = frozenset({"args", "files", "form", "values"})
BODY = frozenset({"data", "get_data", "get_json", "json", "stream"})
"""How a view reads what is sent as no form: a JSON object, a table."""

TABLES = frozenset({"columns_of", "found_columns", "load_workbook"})
"""How a table that is sent is read, once for each kind of table."""


class _Finder(ast.NodeVisitor):
    """Finds in a module the fields that take a text, and what views read from an address or form by its name."""

    def __init__(self, module: str) -> None:
        self.module, self.inside, self.name, self.found = module, list[str](), "", set[str]()
        self.given = {f"request.{sent}" for sent in SENT}

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._enter(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._enter(node)

    def _enter(self, node: ast.ClassDef | ast.FunctionDef) -> None:
        self.inside.append(node.name)
        self.generic_visit(node)
        self.inside.pop()

    def visit_Assign(self, node: ast.Assign) -> None:
        target = node.targets[0]
        self.name = target.id if isinstance(target, ast.Name) else ""
        if ast.unparse(node.value) in self.given:
            self.given.add(self.name)
        self.generic_visit(node)
        self.name = ""

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr in BODY and ast.unparse(node.value) == "request":
            self.found.add(f"{self.module}@body")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func
        if isinstance(called, ast.Name) and called.id.endswith("Field") and _takes_text(called.id, node):
            self.found.add(".".join(one for one in (self.module, *self.inside, self.name) if one))
        if ast.unparse(called).rpartition(".")[2] in TABLES or ast.unparse(called) == "csv.reader":
            self.found.add(f"{self.module}@table")
        if isinstance(called, ast.Attribute) and called.attr in READS and node.args:
            figure = any(one.arg == "type" and ast.unparse(one.value) == "int" for one in node.keywords)
            if ast.unparse(called.value) in self.given and not figure:
                key = node.args[0]
                name = str(key.value) if isinstance(key, ast.Constant) else ast.unparse(key)
                self.found.add(f"{self.module}?{name}")
        self.generic_visit(node)


def _takes_text(name: str, node: ast.Call) -> bool:
    """Tell whether a field takes what is typed: also a choice that takes what it did not offer."""
    unchecked = any(one.arg == "validate_choice" and ast.unparse(one.value) == "False" for one in node.keywords)
    return name not in {"Field", *CHOSEN} or unchecked


def places() -> set[str]:
    """Return every place where a text is read: `module.Form.field`, or `module?name` for what a view reads itself."""
    found = set[str]()
    for path in APP.rglob("*.py"):
        text = path.read_text("utf-8")
        if any(word in text for word in ("wtforms", "request.", "csv.reader", *TABLES)):
            finder = _Finder(".".join(path.relative_to(APP).with_suffix("").parts))
            finder.visit(ast.parse(text))
            found |= finder.found
    return found


Pairs = Callable[[], list[tuple[str, str]]]
Data = Mapping[str, Any]
Sending = Callable[[str, Data], Data]
"""What is sent for a typed text and what the other region has of its own, as the test client takes it."""

NOBODY, PROGRAM = "", "program"


@dataclass(frozen=True)
class Typing:
    """A place where a record is named by typing: who types, where, and what.

    `by` is a role of another region, a program of its organisation, a sign-in of the demo, or nobody at all; `typed`
    gives pairs of a record that is not theirs and of one that is not there; `rest` fills the other fields of a form
    that is sent, `sent` makes what is sent otherwise, and `says` are words of the answer by which it was looked for.
    """

    places: tuple[str, ...]
    by: Role | str
    path: str
    name: str
    typed: Pairs
    rest: Data | None = None
    sent: Sending | None = None
    says: str = ""


def known() -> Person:
    """Return somebody who signs in, known by code, mail address, telephone and identity number."""
    account = account_by_name("trainee@demo.example")
    assert account
    return account.person


NOT_THERE = ("nobody@demo.example", "13700000001", "370102190012319986")


def keys() -> list[tuple[str, str]]:
    found = [open_field(known(), f"person.{kind}") or "" for kind in ("email", "phone", "identity")]
    return list(zip(found, NOT_THERE, strict=True))


def people() -> list[tuple[str, str]]:
    return [(known().code, new_code()), *keys()]


def names() -> list[tuple[str, str]]:
    return [(known().name, "欧阳无此人"), people()[0]]


def bodies() -> list[tuple[str, str]]:
    """Return a body by its short name, by its name and by its number."""
    found = session.scalars(select(Organisation).where(Organisation.slug == "qilu")).one()
    return [
        (found.slug, "no-such-body"),
        (found.name_zh, "查无此机构"),
        (found.credit_code or "", "91370100MA3XXXXXXX"),
    ]


def slugs() -> list[tuple[str, str]]:
    return bodies()[:1]


def of(query: Select[Any], none: str = "") -> Pairs:
    """Return pairs of the first that a query finds, and of what nobody has."""

    def pairs() -> list[tuple[str, str]]:
        found = session.scalars(query.limit(1)).one()
        return [(str(found), none or new_code())]

    return pairs


def certificates_of_others() -> list[tuple[str, str]]:
    return of(select(Certificate.code).where(Certificate.person_id != known().id))()


def contracts_of_others() -> list[tuple[str, str]]:
    return of(select(Evidence.series).where(Evidence.kind == Kind.CONTRACT, Evidence.person_id != known().id))()


TICKETS = of(select(Registration.code).where(Registration.withdrawn_at.is_(None)))
NUMBERS = of(select(Certificate.number).where(Certificate.number.is_not(None)), "JJ-0000-000000")
CASES = of(select(Case.code).where(Case.state == CaseState.DECIDED))
REASON = "核实后办理，材料齐全。"
BAD = {"account": "无此人", "password": "wrong-Passw0rd-2026"}
RECORD = {
    "polarity": "negative", "gravity": "ordinary", "conduct": REASON, "result": REASON, "deciding_body": REASON,
    "basis": REASON, "effective_on": "2026-03-02",
}  # fmt: skip
INCIDENT = {"kind": "technical", "happened_at": "2026-03-02T09:00", "room": "", "description": REASON, "action": REASON}
RESTRICTION = {"kinds": ["courses.open_cohort"], "starts_on": "2026-03-02", "reason": REASON}
NEW_BODY = {
    "kind": "employer", "slug": "shudi-new", "name_zh": "蜀地新材料公司", "name_en": "Shudi New Materials",
    "credit_code": "91370100MA3C4D5E6" + check_character("91370100MA3C4D5E6"), "region_code": "510100",
}  # fmt: skip
ROLE = {"role": "marker", "region_code": "510100", "starts_on": "2026-03-02", "reason": REASON}


def _staff() -> list[tuple[str, str]]:
    query = select(Person.code).join(Membership, Membership.person_id == Person.id)
    found = session.scalars(query.where(Membership.role == Role.MARKER).limit(1)).one()
    return [(f"{found}-2026", f"{new_code()}-2026")]


ABOUT: Mapping[str, tuple[Role, Pairs]] = {
    "cases.impartiality": (Role.MARKER, _staff),
    "credentials.appeal": (Role.TRAINEE, of(select(Certificate.code).where(Certificate.person_id.is_not(None)))),
    "credit.objection": (Role.TRAINEE, of(select(CreditRecord.code))),
    "credit.review": (Role.TRAINEE, of(select(CreditRating.code))),
    "exams.conduct": (Role.EXAMINER, of(select(ConductRecord.code))),
    "exams.recheck": (Role.TRAINEE, of(select(Attempt.code).join(Result, Result.attempt_id == Attempt.id))),
    "exams.revocation": (Role.TRAINEE, of(select(RegistrationRevocation.code))),
    "titles.appeal": (Role.TRAINEE, of(select(TitleWithdrawal.code))),
    "titles.recheck": (Role.TRAINEE, of(select(TitleApplication.code).where(TitleApplication.decided_at.is_not(None)))),
}
"""What each kind of case is raised about by its own people only."""

PUBLIC_CASES = frozenset({"bases.appeal", "cases.complaint", "cases.lead", "cases.objection"})
"""Cases about bases, bodies and notices, which everybody may read."""


def _asks(kind: str) -> Typing:
    by, typed = ABOUT[kind]
    return Typing(("cases.views.mine?about",), by, f"/cases/new?kind={kind}", "about", typed)


TYPED: tuple[Typing, ...] = (
    # whom: by code, mail address, telephone or identity number
    Typing(("accounts.forms.FindPersonForm.who",), Role.SECADMIN, "/security/people", "who", people),
    Typing(("accounts.forms.SignInForm.name",), NOBODY, "/sign-in", "name", keys, {"password": BAD["password"]}),
    Typing(("accounts.forms.AskResetForm.name",), NOBODY, "/reset", "name", lambda: keys()[:1], {"way": "mail"}),
    Typing(
        ("accounts.rights_forms.ClaimForm.identity_number", "accounts.rights_forms.ClaimForm.name"),
        NOBODY, "/claim", "identity_number", lambda: keys()[2:],
        {"name": "欧阳无此人", "identity_kind": "resident_id"},
    ),
    Typing(
        ("cases.forms._add_rows.known_by",), Role.MARKER, "/cases/new?kind=cases.impartiality&about={declares}",
        "known_by_1", people, {"facts": REASON, "act": "draft", "kind_1": "kinship", "name_1": "欧阳无此人"},
    ),
    Typing(
        ("cases.forms._add_rows.name",), Role.MARKER, "/cases/new?kind=cases.impartiality&about={declares}",
        "name_1", bodies, {"facts": REASON, "act": "draft", "kind_1": "kinship"},
    ),
    Typing(
        ("evidence.views.audits?officer",), "credit@demo.example", "{sample}/assign", "officer",
        lambda: people()[:1], {},
    ),
    # which body, by its short name
    Typing(
        ("accounts.forms.RoleOrderForm.organisation",), Role.SECADMIN, "/security/people/{person}/roles",
        "organisation", slugs, ROLE,
    ),
    Typing(
        ("accounts.organisation_forms.CorrectionForm.part_of",), Role.REGULATOR, "/organisations/new", "part_of", slugs,
        NEW_BODY,
    ),
    Typing(
        ("cases.forms.RestrictionForm.whom",), Role.REGULATOR, "/restrictions/new", "whom", slugs,
        {**RESTRICTION, "determination": "川科认〔2026〕3号"},
    ),
    # which record, by its code or number
    Typing(("cases.forms.RestrictionForm.determination",), Role.REGULATOR, "/restrictions/new", "determination",
           CASES, {**RESTRICTION, "whom": "{body}"}),
    Typing(("cases.forms.FollowForm.code",), NOBODY, "/cases/follow", "code", CASES, {"secret": "guessed"}),
    Typing(("assessment.credit.forms.EntryForm.evidence",), Role.CREDIT, "/credit/records/new", "evidence",
           of(select(Evidence.code).where(Evidence.state == "checked").order_by(Evidence.id.desc())),
           {**RECORD, "number": "{registered}", "file": "{file}"}),
    Typing(("assessment.credit.views.records?corrects",), Role.CREDIT, "/credit/records/new", "corrects",
           of(select(CreditRecord.code))),
    Typing(("assessment.exams.forms.papers.EnemyForm.one",), Role.EXAMINER, "/exams/enemies/{bank}", "one",
           of(select(Item.code)), {"other": "no-such-item", "reason": REASON}),
    Typing(("assessment.exams.forms.papers.EnemyForm.other",), Role.EXAMINER, "/exams/enemies/{bank}", "other",
           of(select(Item.code)), {"one": "{item}", "reason": REASON}),
    Typing(("assessment.exams.forms.administration.TicketForm.ticket",), Role.INVIGILATOR,
           "/exams/sessions/{session}/door", "ticket", TICKETS),
    Typing(("assessment.exams.forms.administration.IncidentForm.ticket",), Role.INVIGILATOR,
           "/exams/sessions/{session}/incidents/new", "ticket", TICKETS, INCIDENT),
    Typing(("assessment.exams.views.incidents?ticket",), Role.INVIGILATOR, "/exams/sessions/{session}/incidents/new",
           "ticket", TICKETS),
    Typing(("assessment.exams.views.extra_time?ticket",), Role.EXAMINER, "/exams/sessions/{session}/extra-time/new",
           "ticket", TICKETS),
    Typing(("assessment.exams.views.pausing?ticket",), Role.INVIGILATOR, "/exams/sessions/{session}/pauses",
           "ticket", TICKETS),
    Typing(("assessment.exams.forms.tickets.TicketForm.ticket",), NOBODY, "/sit/ticket", "ticket", TICKETS, {}),
    Typing(("assessment.exams.views.ticket_door?secret",), NOBODY, "/sit/ticket", "secret", TICKETS),
    Typing(("assessment.exams.views.papers?bank",), Role.EXAMINER, "/exams/blueprints/new", "bank",
           of(select(ItemBank.code).order_by(ItemBank.id), "NO-BANK")),
    Typing(("assessment.exams.views.item_use?bank",), Role.EXAMINER, "/exams/use", "bank",
           of(select(ItemBank.code).order_by(ItemBank.id), "NO-BANK")),
    Typing(("assessment.exams.views.sessions?paper",), Role.EXAMINER, "/exams/sessions/new", "paper",
           of(select(Paper.code))),
    Typing(("credentials.views.holder?certificate",), Role.TRAINEE, "/my/shares/new", "certificate",
           of(select(Certificate.code).where(Certificate.person_id.is_not(None)))),
    Typing(("credentials.forms.holder.ShareForm.certificates",), "trainee@demo.example", "/my/shares", "certificates",
           certificates_of_others, {"fields": ["name"], "label": "外地", "days": "30", "number": "0" * 26},
           says="暂无证书"),
    Typing(("assessment.exams.forms.administration.PauseForm.tickets",), Role.INVIGILATOR,
           "/exams/sessions/{session}/pauses", "tickets", TICKETS, {"reason": REASON}, says="没有可以暂停的考生"),
    Typing(("assessment.exams.forms.administration.ResumeForm.tickets",), Role.INVIGILATOR,
           "/exams/sessions/{session}/pauses/resume", "tickets", TICKETS, {}, says="没有可以暂停的考生"),
    Typing(("evidence.forms.LinkForm.contract",), "trainee@demo.example", "{paper}/link", "contract",
           contracts_of_others, {}, says="请选择一份已申报的合同"),
    Typing(("evidence.views.entering?CONTRACT",), "trainee@demo.example", "/evidence/new/invoice", "contract",
           contracts_of_others),
    *(_asks(kind) for kind in ABOUT),
    # what narrows a list of one's own scope
    Typing(("accounts.forms.PeopleFilter.name",), Role.SECADMIN, "/people", "name", names),
    Typing(("accounts.forms.TrailFilter.who",), Role.AUDITOR, "/audit/events", "who", lambda: people()[:1]),
    Typing(("accounts.forms.TrailFilter.subject",), Role.AUDITOR, "/audit/events", "subject",
           lambda: people()[:1] + CASES()),
    Typing(("accounts.organisation_forms.OrganisationFilter.text",), Role.REGULATOR, "/organisations", "text", bodies),
    Typing(("assessment.credit.forms.DeskForm.text", "assessment.credit.views.records?text"), Role.CREDIT,
           "/credit/records", "text", names),
    Typing(("assessment.exams.forms.administration.BoardForm.text",), Role.INVIGILATOR,
           "/exams/sessions/{session}/board", "text", lambda: names() + TICKETS()),
    Typing(("cases.forms.DeskForm.text", "cases.views.handling?text"), Role.REGULATOR, "/cases/desk", "text",
           lambda: CASES() + bodies()),
    Typing(("courses.forms.CohortFilter.text", "courses.views.cohorts?text"), Role.BASE, "/cohorts", "text",
           of(select(Cohort.name), "查无此班")),
    Typing(("credentials.forms.changes.IssuedForm.text", "credentials.forms.records.FilterForm.text"), Role.ISSUER,
           "/issuing/certificates", "text", lambda: names() + NUMBERS()),
    Typing(("desk.forms.LooksFilter.name",), Role.TRAINEE, "/me/looks", "name", names),
    Typing(("desk.views.search?q",), Role.BASE, "/search", "q", lambda: people() + CASES()),
    Typing(("evidence.forms.SearchForm.text", "evidence.views.lists?text"), Role.CREDIT, "/evidence/queue", "text",
           lambda: names() + of(select(Evidence.title), "查无此项")()),
    Typing(("items.forms.records.FilterForm.text",), Role.AUTHOR, "/items/{bank}", "text", of(select(Item.code))),
    Typing(("panels.forms.pools.PoolFilterForm.text", "panels.views.pools?text"), Role.SECRETARY, "/pools/{pool}",
           "text", names),
)  # fmt: skip
"""Every place where a record is named by typing and where nothing may be learned by it."""

TOLD: Mapping[str, str] = {
    # the register, the certificates and the boards are public: whoever has the number is told
    **dict.fromkeys(
        (
            "api.verify?name", "api.verify?q", "api.verify?text", "api.views?text",
            "assessment.certification.forms.SearchForm.text", "assessment.credit.forms.PublicForm.text",
            "assessment.credit.views.public?text", "assessment.titles.forms.SearchForm.text",
            "bases.forms.FilterForm.text", "cases.forms.BoardForm.text", "cases.forms.BodyForm.name",
            "credentials.forms.lists.SheetForm.text", "credentials.forms.verify.VerifyForm.name",
            "credentials.forms.verify.VerifyForm.q", "credentials.forms.verify.VerifyForm.text",
            "ballots.views.bulletins?hash", "performance.forms.FilterForm.text", "performance.views?name",
            "rulebook.forms.LineageForm.region",
        ),
        "a public register, board or verification, which answers everybody",
    ),
    "assessment.credit.forms.EntryForm.number": "the register is public, and a record is about conduct in the "
    "officer's region, wherever the technology manager was certified",
    **dict.fromkeys(
        ("accounts.rights_forms.MergeForm.gone", "accounts.rights_forms.MergeForm.kept"),
        "people belong to no region, and two administrators join the records of anybody",
    ),
    **dict.fromkeys(
        (
            "accounts.organisation_forms.MemberForm.identity_number", "accounts.organisation_forms.MemberForm.name",
            "panels.forms.pools.NominationForm.number", "panels.forms.pools.NominationForm.name",
        ),
        "a person stands in the records once: a known number is told apart by whether the name fits it, and by no more",
    ),
    **dict.fromkeys(
        (
            "accounts.contact_forms.PersonForm.email", "accounts.contact_forms.PersonForm.identity_number",
            "accounts.contact_forms.PersonForm.phone",
        ),
        "an address or document belongs to one person; whose it is is not told",
    ),
    "accounts.organisation_forms.MemberForm.email": "a mail address belongs to one person; whose it is is not told",
    **dict.fromkeys(
        ("accounts.organisation_forms.CorrectionForm.credit_code", "accounts.organisation_forms.OrganisationForm.slug"),
        "a body is registered once: its number and short name are public, and a taken one is refused",
    ),
    "items.forms.records.BankForm.code": "a bank's code stands in its address and is given once; nothing else of the "
    "bank is told",
    "accounts.forms.RoleOrderForm.region_code": "regions are public",
    "rulebook.forms.StartForm.code": "a pack's code is given once in the nation, and packs are public once published",
}  # fmt: skip
"""Where the answer may differ between what exists and what does not, and why."""

SECRETS: frozenset[str] = frozenset(
    {
        "accounts.contact_forms.ProofForm.code",
        "accounts.forms.CodeForm.code", "accounts.forms.ConfirmWithCodeForm.code",
        "accounts.forms.InvitationForm.last_four", "accounts.forms.PasskeyForm.credential",
        "accounts.forms.RecoveryCodeForm.code", "accounts.forms.ResetCodeForm.code",
        "assessment.credit.forms.CycleForm.token", "assessment.credit.forms.EntryForm.token",
        "cases.forms.AnswerForm.code", "cases.forms.AnswerForm.secret", "cases.forms.AnswerForm.token",
        "cases.forms.CaseForm.token", "cases.forms.FollowForm.secret", "cases.forms.FurtherForm.code",
        "cases.forms.FurtherForm.secret", "cases.forms.SupplyForm.token", "credentials.forms.holder.ShareForm.number",
        "credentials.forms.lists.CheckForm.number", "credentials.forms.records.ApproveForm.digest",
        "credentials.views.templates?seen",
        "panels.forms.draws.CommitmentForm.commitment", "panels.forms.draws.SecretForm.secret",
    }
)  # fmt: skip
"""What proves something about whoever types it, or was given to them alone: compared with their own, never found."""

OFFERED: frozenset[str] = frozenset(
    {
        "assessment.exams.forms.answers.StopForm.person", "assessment.exams.forms.comments.WordsForm.number",
        "assessment.exams.views.board?room", "assessment.exams.views.comments?place",
        "assessment.exams.views.corrections?script", "assessment.exams.views.incidents?room",
        "assessment.exams.views.statistics?run", "ballots.views.votes?for",
        "courses.forms.TraineeFilter.text", "credentials.views.changes?code", "desk.views.notices?wanted",
        "items.forms.writing.ClearForm.first", "items.forms.writing.ClearForm.second",
        "items.forms.writing.WrittenForm.number", "items.views.items?item", "items.views.reviews?first",
        "items.views.reviews?second",
    }
)  # fmt: skip
"""Names of what the page itself lists: looked for among the records of the address, never beyond them."""
