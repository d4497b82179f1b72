"""Reads of packs as they are edited: what was typed so far, and what is wrong with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlalchemy import select

from app.core.access import Actor
from app.core.db import session
from app.core.errors import Text
from app.rulebook.kinds import RuleKind
from app.rulebook.models import PackEdit, RulePack
from app.rulebook.queries.packs import catalogue_of, kind
from app.rulebook.rules import cases, criteria
from app.rulebook.rules.editing import Typed, normal, path_of, raw_of, typed_of
from app.rulebook.rules.packs import PackFile, read, trees
from app.rulebook.rules.writing import plain, to_toml
from app.rulebook.wording import reason

FIXED = ("kind", "code", "region")
"""What an edit does not change: a series stays with its kind and its region."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A typed pack after its check: the file and parameters where they fit, what is wrong by place where not."""

    file: PackFile | None
    params: BaseModel | None
    errors: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Tell whether the pack could be saved."""
        return self.file is not None and self.params is not None and not self.errors


def edit_of(pack: RulePack, actor: Actor) -> PackEdit | None:
    """Return what the actor has typed on the way to the next revision, None where nothing was."""
    return session.scalar(select(PackEdit).where(PackEdit.pack_id == pack.id, PackEdit.person_id == actor.person_id))


def typed_pack(pack: RulePack) -> Typed:
    """Return a stored pack as text in its fields."""
    given = plain(read(pack.text))
    typed = {key: value for key, value in typed_of(given, PackFile).items() if key not in {*FIXED, "params"}}
    return {**typed, "params": typed_of(pack.params, kind(pack.kind).model)}


def check(pack: RulePack, typed: Typed) -> Checked:
    """Check a typed pack against its kind and the catalogue of facts; says each wrong field by its place."""
    found = kind(pack.kind)
    errors: dict[str, list[str]] = {}
    for place, said in _problems(pack, found, typed):
        errors.setdefault(place, []).append(str(said))
    file, _wrong = _file(pack, typed)
    params, _other = _params(found, typed)
    return Checked(file, params, errors)


def _problems(pack: RulePack, found: RuleKind, typed: Typed) -> Iterator[tuple[str, Text]]:
    catalogue = catalogue_of(found)
    file, wrong = _file(pack, typed)
    yield from wrong
    params, other = _params(found, typed)
    yield from other
    for place, tree in trees(params):
        for path, said in criteria.faults(tree, catalogue):
            yield path_of(("params", *place, *path)), said
    for place_of_case, said in cases.faults(file.cases if file else (), catalogue):
        yield path_of(("cases", place_of_case, "facts")), said


def _file(pack: RulePack, typed: Typed) -> tuple[PackFile | None, list[tuple[str, Text]]]:
    fixed = {"kind": pack.kind, "code": pack.series, "region": pack.region_code, "params": {}}
    try:
        return PackFile.model_validate({**raw_of(typed, PackFile), **fixed}), []
    except ValidationError as error:
        return None, [(path_of(one["loc"]) or "tag", reason(one)) for one in error.errors()]


def _params(found: RuleKind, typed: Typed) -> tuple[BaseModel | None, list[tuple[str, Text]]]:
    given = typed["params"]
    try:
        return found.model.model_validate(raw_of(given, found.model)), []
    except ValidationError as error:
        return None, [(f"params.{normal(one['loc'], given)}".rstrip("."), reason(one)) for one in error.errors()]


def text_of(checked: Checked) -> str:
    """Return a good pack as the file that people download and upload."""
    file, params = checked.file, checked.params
    head: dict[str, Any] = plain(file) if file else {}
    table = {**head, "params": plain(params) if params else {}}
    order = [*(name for name in PackFile.model_fields if name != "cases"), "cases"]
    return to_toml({name: table[name] for name in order if name in table})
