"""Every field of an item comes back out of each kind of file, or the report of the export names it."""

import pytest

from app.items.rules import files
from app.items.rules.content import Defaults, ItemContent
from app.items.rules.holds import BESIDE, fields_of
from app.items.rules.reasons import FIELD_LABELS, Reason
from app.items.states import WRITTEN_KINDS, FileKind
from tests.unit.items.fields import fields_within, items_by_field, said_by
from tests.unit.items.samples import FIGURE, PICTURE

pytestmark = pytest.mark.one_database

ITEMS = items_by_field()
UNREACHED = {
    "body.parts.body.files.sha256",
    "body.parts.body.files.name",
    "body.parts.body.files.media_type",
}
"""A case keeps the files of all its texts itself."""


def of(path: str) -> str:
    """Return the name by which a report calls the field of a path."""
    names = path.removeprefix("body.").split(".")
    return {"options": "option"}.get(names[0], names[0])


def unlike(item: ItemContent) -> Defaults:
    """Return what stands in for what a file does not say: nothing of it is what the item says."""
    return Defaults("policy" if item.module == "general" else "general", "understand", "0.9")


def differing(before: ItemContent, after: ItemContent) -> set[str]:
    """Return the fields in which two items differ, as reports call them."""
    return {of(path) for path, _said in set(said_by(before)) ^ set(said_by(after))}


def about(reason: Reason) -> set[str]:
    named = fields_of(reason)
    assert str(reason).strip()
    return named


@pytest.mark.parametrize("kind", WRITTEN_KINDS)
@pytest.mark.parametrize("name", ITEMS)
def test_a_field_comes_back_or_is_named(name: str, kind: FileKind) -> None:
    field, item = ITEMS[name]
    written = files.export([item], kind, {FIGURE.sha256: PICTURE}.__getitem__)
    if item.code not in written.codes:
        ((code, reason),) = written.left_out
        assert code == item.code
        assert {field, "type", "parts"} & about(reason), "named by its field, or with its type or sub-items"
        return
    named = {one for code, reason in written.lessened for one in about(reason) if code == item.code}
    found = files.read(written.data, kind, unlike(item))
    assert [str(one.reason) for one in found.failures] == []
    (back,) = found.items
    assert differing(item, back) - named == set(), "lost and not named"
    assert field not in named or field in differing(item, back), "named, and yet not lost"
    if item.body.files and "files" not in named:
        assert {digest: one.data for digest, one in found.files.items()} == {FIGURE.sha256: PICTURE}
    assert back.without == (), "what we write ourselves is read whole"


def test_no_field_of_an_item_is_forgotten_here() -> None:
    tried = {path for _field, item in ITEMS.values() for path, _said in said_by(item)}
    assert fields_within() - tried - UNREACHED == set()


def test_what_a_file_goes_without_has_a_name_in_reports() -> None:
    assert {f"field:{name}" for name in BESIDE} <= set(FIELD_LABELS)
