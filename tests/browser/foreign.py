"""Records where they do not belong: a child under another parent, and in a form the record of somebody else."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from urllib.parse import urljoin

from lxml import html
from sqlalchemy import Select, select
from werkzeug.wrappers import Response

from app.core.db import session
from tests.browser.records import RECORDS

Values = tuple[Any, ...]
MANY = 40
WORDS = "核实后办理，材料齐全。"
CHOSEN = ("hidden", "radio", "checkbox")


def query_of(rule: str) -> Select[Any]:
    """Return how the records of an address are found: the longest beginning counts."""
    return RECORDS[max((one for one in RECORDS if rule.startswith(one)), key=len)]


def records_of(rule: str) -> tuple[list[str], list[Values]]:
    """Return the names and values of the records that stand in an address; nothing where none was found."""
    if not any(rule.startswith(one) for one in RECORDS):
        return [], []
    query = query_of(rule)
    names = [column.name for column in query.selected_columns]
    return names, [tuple(row) for row in session.execute(query.distinct())]


def misplaced(rule: str, wanted: list[str]) -> Iterator[dict[str, object]]:
    """Yield values by which an address names a child of another parent, once for each place where they could part."""
    names, rows = records_of(rule)
    order = [name for name in names if name in wanted]
    known = {tuple(row[names.index(name)] for name in order) for row in rows}
    for split in range(1, len(order)):
        parents, children = {row[:split] for row in known}, {row[split:] for row in known}
        parents |= _all_of(rule, order[0]) if split == 1 else set()
        children |= _all_of(rule, order[-1]) if split == len(order) - 1 else set()
        mixed = (parent + child for parent, child in product(sorted(parents)[:MANY], sorted(children)[:MANY]))
        strange = next((one for one in mixed if one not in known and len(set(one)) == len(one)), None)
        if strange is not None:
            yield dict(zip(order, strange, strict=True))


def _all_of(rule: str, name: str) -> set[Values]:
    """Return what stands in the column of an argument, also where no record of the address has it."""
    (column,) = (one for one in query_of(rule).selected_columns if one.name == name)
    return {(one,) for one in session.scalars(select(column))}


@dataclass
class Form:
    """A form of a page: where it goes, what stands in its fields, and which of them name records."""

    action: str
    filled: dict[str, list[str]] = field(default_factory=dict)
    offered: dict[str, set[str]] = field(default_factory=dict)

    def strange(self, tables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Yield each field that offers records with a record of the same table that it does not offer."""
        for name, offered in self.offered.items():
            kinds = {tables[one] for one in offered if one in tables}
            other = next((code for code, kind in tables.items() if kind in kinds and code not in offered), None)
            if other is not None:
                yield name, other


def forms_of(page: bytes, path: str) -> list[Form]:
    """Return the forms in the middle of a page that write."""
    found = html.fromstring(page).xpath("//main//form")
    return [_form(one, path) for one in found if (one.get("method") or "").lower() == "post"]


def _form(found: Any, path: str) -> Form:  # noqa: ANN401 - an element of lxml, which has no types
    form = Form(urljoin(path, found.get("action") or path))
    for one in found.xpath(".//input[@name] | .//textarea[@name]"):
        name, kind, value = one.get("name"), one.get("type", "text"), one.get("value") or one.text or ""
        if kind in CHOSEN:
            form.offered.setdefault(name, set()).add(value)
        if kind not in {"radio", "checkbox", "file"} or one.get("checked") is not None:
            form.filled.setdefault(name, []).append(value or (WORDS if kind == "text" else ""))
    for one in found.xpath(".//select[@name]"):
        values = [option.get("value", "") for option in one.xpath(".//option")]
        form.offered[one.get("name")] = set(values)
        form.filled[one.get("name")] = values[:1]
    return form


def refused_beside(answer: Response, name: str) -> bool:
    """Tell whether an answer refuses what stood in a field: there is no such record, or the error stands beside it."""
    if answer.status_code in {403, 404}:
        return True
    page = answer.get_data(as_text=True)
    return 400 <= answer.status_code < 500 and re.search(rf'id="{name}[^"]*-error"', page) is not None
