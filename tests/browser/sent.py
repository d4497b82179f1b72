"""What is sent in tables, files and JSON objects: which texts stand in them, and those of them that name a record."""

import io
from collections.abc import Iterable, Mapping

from pydantic import BaseModel
from sqlalchemy import select

from app.accounts.rules import roster_file
from app.accounts.states import Role
from app.api.shapes import EvidenceEntry, StaffEvidenceEntry
from app.assessment.exams.forms.client import SentSignal, SentSignals
from app.assessment.exams.forms.sitting import SentAnswer, SentSaves
from app.assessment.exams.rules.blueprint_file import BlueprintFile
from app.ballots.forms import SentVote
from app.core.columns import new_code
from app.credentials.models import Certificate
from app.credentials.rules import change_file, lists
from app.evidence.rules import tables
from app.evidence.rules.fields import FIELDS
from app.items.models import Item, ItemBank
from app.panels.rules import roster
from tests.browser.typed import NOT_THERE, PROGRAM, Data, Pairs, Sending, Typing, keys, known, of


def _columns(where: str, names: Iterable[str]) -> frozenset[str]:
    return frozenset(f"{where}#{name}" for name in names)


def _fields(where: str, *models: type[BaseModel]) -> frozenset[str]:
    return _columns(where, (name for model in models for name in model.model_fields))


PEOPLE = _columns("roster of people", roster_file.HEADINGS)
EXPERTS = _columns("list of experts", roster.HEADINGS)
CHANGES = _columns("list of changes", change_file.HEADINGS)
CHECKS = _columns("list to check", lists.HEADINGS)
RECORDS = _columns("record", {field.name for fields in FIELDS.values() for field in fields})
OF_PEOPLE = _columns("records of people", tables.OWN_HEADINGS)
BLUEPRINT = _fields("blueprint", BlueprintFile)

EXPANDED: Mapping[str, frozenset[str]] = {
    "accounts.forms.RosterForm.file": PEOPLE,
    "accounts.rules.roster_file@table": PEOPLE,
    "api.evidence@body": _fields("record by program", EvidenceEntry, StaffEvidenceEntry) | RECORDS,
    "assessment.exams.forms.papers.FileForm.file": BLUEPRINT,
    "assessment.exams.views.reading@body": _fields("sitting", SentSaves, SentAnswer, SentSignals, SentSignal),
    "ballots.views.votes@body": _fields("vote", SentVote),
    "core.tables@table": frozenset(),  # how tables are read, whatever is in them
    "credentials.forms.changes.ChangeFileForm.file": CHANGES,
    "credentials.forms.lists.CheckForm.file": CHECKS,
    "credentials.forms.lists.ListForm.file": CHECKS,
    "credentials.rules.change_file@table": CHANGES,
    "credentials.rules.lists@table": CHECKS,
    "evidence.forms.ImportForm.file": OF_PEOPLE | RECORDS,
    "evidence.forms._input": RECORDS,
    "evidence.forms.record_form": RECORDS,
    "evidence.rules.tables@table": OF_PEOPLE | RECORDS,
    "panels.forms.pools.ImportForm.file": EXPERTS,
    "panels.rules.roster@table": EXPERTS,
}
"""The columns of a table, the fields of an object: each of them is a place of its own, wherever it is sent."""


def expanded(places: Iterable[str]) -> set[str]:
    """Return places with what stands in each table and object instead of the table and object itself."""
    return {one for place in places for one in EXPANDED.get(place, {place})}


def _file(name: str, text: str, **rest: object) -> Sending:
    """Send a file beside other fields; `{typed}`, what the other region has of its own and `{anew}` stand in its text.

    What stands for `{anew}` is another each time, since a file that was sent before is known again.
    """

    def sending(typed: str, own: Data) -> Data:
        return {"data": {**rest, "file": (io.BytesIO(text.format(**own, typed=typed, anew=new_code()).encode()), name)}}

    return sending


def _json(**fields: object) -> Sending:
    """Send a JSON object that was not sent before; `{typed}` stands for what is typed."""

    def sending(typed: str, own: Data) -> Data:
        del own
        said = {name: one.format(typed=typed) if isinstance(one, str) else one for name, one in fields.items()}
        return {"headers": {"Idempotency-Key": new_code()}, "json": said}

    return sending


def documents() -> list[tuple[str, str]]:
    return keys()[2:]


def names() -> list[tuple[str, str]]:
    return [(known().name, "欧阳无此人")]


ITEMS: Pairs = of(select(Item.code))
BANKS: Pairs = of(select(ItemBank.code).order_by(ItemBank.id), "NO-BANK")
CERTIFICATES: Pairs = of(select(Certificate.code).where(Certificate.person_id.is_not(None)))
ISSUED: Pairs = of(select(Certificate.number).where(Certificate.number.is_not(None)), "JJ-0000-000000")
ASKS = """
bank = "{bank}"
name_zh = "外地"
name_en = "Elsewhere"
level = "junior"
minutes = 60
difficulty_target = 0.6
cut_score = "6"
enemies = [["{one}", "{other}"]]
[cells.policy]
recall = 10
"""
ENTERED = {"kind": "contract", "fields": {"number": "2026370102000001"}}
IMPORTED = "姓名,证件号码,备注\n{name},{document},{anew}\n"


def _import(name: str, document: str) -> Sending:
    return _file("records.csv", IMPORTED.format(name=name, document=document, anew="{anew}"), kind="contract")


def _blueprint(**said: str) -> Sending:
    given = {"bank": "{bank}", "one": "{item}", "other": "no-such-item"} | said
    return _file("blueprint.toml", ASKS.format(**given))


def _changed(act: str, reason: str) -> Typing:
    rows = _file("list.csv", f"编号,原因\n{{typed}},{reason}\n", act=act, reason="")
    return Typing(("list of changes#reference",), Role.ISSUER, "/issuing/changes/file?act=" + act, "编号",
                  lambda: ISSUED() + CERTIFICATES(), sent=rows, says="没有以该编号或链接签发过证书")  # fmt: skip


SENT: tuple[Typing, ...] = (
    Typing(("records of people#person_document",), Role.BASE, "/evidence/organisation/import", "证件号码", documents,
           sent=_import("欧阳无此人", "{typed}"), says="本单位没有持此证件的人员"),
    Typing(("records of people#person_name",), Role.BASE, "/evidence/organisation/import", "姓名", names,
           sent=_import("{typed}", "{known}"), says="本单位没有持此证件的人员"),
    Typing(("record by program#person_document",), PROGRAM, "/api/v1/organisation/evidence", "person_document",
           documents, sent=_json(**ENTERED, person_name="欧阳无此人", person_document="{typed}"),
           says='"field":"person_document"'),
    Typing(("record by program#person_name",), PROGRAM, "/api/v1/organisation/evidence", "person_name", names,
           sent=_json(**ENTERED, person_name="{typed}", person_document=NOT_THERE[-1]),
           says='"field":"person_document"'),
    _changed("revoke", "签发有误"),
    _changed("suspend", "正在调查"),
    Typing(("blueprint#bank",), Role.EXAMINER, "/exams/blueprints/file", "bank", BANKS,
           sent=_blueprint(bank="{typed}"), says="没有这个题库"),
    Typing(("blueprint#enemies",), Role.EXAMINER, "/exams/blueprints/file", "enemies", ITEMS,
           sent=_blueprint(other="{typed}"), says="题库中没有"),
)  # fmt: skip
"""Texts in tables, files and objects that name a record: nobody learns by them whether it is there."""

_CODES = "a person stands in the records once: a known number is told apart by whether the name fits it, and by no more"
_CONTACT = "a telephone and a mail address belong to one person; whose they are is not told"
TOLD_SENT: Mapping[str, str] = {
    **dict.fromkeys(
        ("list of experts#name", "list of experts#number", "roster of people#name", "roster of people#number"), _CODES
    ),
    **dict.fromkeys(("roster of people#email", "roster of people#phone"), _CONTACT),
    **dict.fromkeys(
        (*CHECKS, "api.lists?file", "api.lists@body", "api.verify?file", "api.verify@body",
         "credentials.forms.lists.SheetForm.file", "credentials.forms.verify.VerifyForm.file"),
        "the verification of certificates, which answers everybody",
    ),
    **dict.fromkeys(
        ("record#number", "record#reference", "record#invoice_code"),
        "a contract is shared out once and a paper serves once: whoever declares the number is told what is left",
    ),
    "evidence.forms.AttachForm.file": "the same paper may stand under one record only: whoever holds it is told",
    "rulebook.forms.UploadForm.file": "a pack's code is given once in the nation, and packs are public once published",
    "accounts.rules.regions@table": "regions are public",
}  # fmt: skip
"""Where the answer to what is sent may differ between what exists and what does not, and why."""

OFFERED_SENT: Mapping[str, str] = {
    "evidence.forms.AskForm.party": "a party that the record of the address names",
    "items.forms.records.UploadForm.file": "items of the bank of the address, looked for in it alone",
    "items.rules.delimited@table": "items of the bank of the address, looked for in it alone",
    "items.rules.xlsx@table": "items of the bank of the address, looked for in it alone",
    "sitting#page": "the page itself: compared with the one that the session of the sitting has open",
    "vote#voter": "whom the actor may vote for in the ballot of the address",
}
"""Names of what the address itself lists: looked for among its records, never beyond them."""

SECRET_SENT: Mapping[str, str] = {
    "api.once@body": "compared by its digest with what was sent under the same key before",
    "ballots.views.keys@body": "what the browser of a trustee made for the ballot of the address, with proofs",
    "credentials.tables@table": "compared with the signature that the same sheet bears",
    "vote#vote": "an encrypted vote, checked by its proofs",
}
"""What is compared with itself or with what its sender was given."""

_NAMED = {"record by program#person_document", "record by program#person_name", "blueprint#bank", "blueprint#enemies"}
PLAIN_SENT: Mapping[str, str] = {
    **dict.fromkeys(
        (RECORDS | EXPERTS | PEOPLE | _fields("record by program", EvidenceEntry, StaffEvidenceEntry) | BLUEPRINT)
        - TOLD_SENT.keys()
        - _NAMED,
        "a text, a figure, a day or a word of a list, kept as it is in the record that is entered",
    ),
    **dict.fromkeys(
        _fields("sitting", SentSaves, SentAnswer, SentSignals, SentSignal) - OFFERED_SENT.keys(),
        "an answer or a happening of one's own sitting",
    ),
    "list of changes#reason": "a word of the list of reasons",
    "performance.rules.tables@table": "figures that a command reads",
    "assessment.exams.rules.psychometrics.files@table": "figures that a command reads",
    "rulebook.rules.holidays@table": "days",
}
"""What names no record of anybody."""
