"""Write what the code knows of itself into docs/: lifecycles, routes with their access, the API, what files hold."""

import base64
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from flask import Flask
from pydantic import SecretStr

from app import create_app
from app.api.description import openapi
from app.core.access import KEY, access_of
from app.settings import ROOT, Settings
from tests.unit.items import tables

DOCS = ROOT / "docs"
UNDECLARED = "–"
RULED = "none of its own: whom the rule of the room lets"


def described(app: Flask) -> dict[Path, str]:
    """Return each generated document with its text."""
    server = "http://localhost:8000"
    return {
        DOCS / "routes.md": routes(app),
        DOCS / "openapi.json": json.dumps(openapi(server), indent=2, sort_keys=True) + "\n",
        DOCS / "items.md": items((DOCS / "items.md").read_text("utf-8")),
        **lifecycles(app),
    }


def items(text: str) -> str:
    """Put the tables of what each kind of file holds of an item into the page that stands around them."""
    for name, rows in (("types by files", tables.types()), ("fields by files", tables.fields())):
        before, begin, rest = text.partition(f"<!-- {name} -->\n")
        _old, end, after = rest.partition("<!-- end -->")
        text = f"{before}{begin}{rows}{end}{after}"
    return text


def lifecycles(app: Flask) -> dict[Path, str]:
    """Draw every lifecycle that a room declares."""
    rooms = app.extensions["rooms"]
    found = [lifecycle for room in rooms for lifecycle in room.lifecycles]
    carriers: defaultdict[str, set[str]] = defaultdict(set)
    for room in rooms:
        for role, carried in room.grants.items():
            for permission in carried:
                carriers[str(permission)].add(str(role))
    return {
        DOCS / "states" / f"{one.name}.md": f"# {one.name}\n\n```mermaid\n{one.diagram()}```\n\n{_moves(one, carriers)}"
        for one in found
    }


def _moves(lifecycle: object, carriers: Mapping[str, Iterable[str]]) -> str:
    """List the moves with their permission and the roles that carry it; a move without one is for its rule to allow."""
    moves = getattr(lifecycle, "moves", {}).values()
    rows = [
        f"| {move.name} | {', '.join(sorted(move.sources))} | {move.target} | {move.permission or RULED} |"
        f" {', '.join(sorted(carriers.get(str(move.permission), ()))) or UNDECLARED} |"
        for move in moves
    ]
    return "\n".join(["| move | from | to | permission | roles that carry it |", "|---|---|---|---|---|", *rows]) + "\n"


def routes(app: Flask) -> str:
    """List every route with its methods and who may call it."""
    rows = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, sorted(one.methods or ()))):
        access = access_of(app.view_functions[rule.endpoint])
        methods = ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        who = "none declared" if access is None else access.permission or access.kind.replace("_", " ")
        who += " by a key" if access is not None and access.kind == KEY else ""
        rows.append(f"| `{rule.rule}` | {methods} | {who} |")
    head = ["# Routes and who may call them", "", "| route | methods | access |", "|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"


def main() -> int:
    """Write the documents; with `--check` only say which are not current."""
    key = base64.urlsafe_b64encode(b"k" * 32).decode()
    app = create_app(
        Settings(
            _env_file=None,
            database_url="sqlite://",
            secret_key=SecretStr("demo-describe"),
            field_keys=SecretStr(key),
            demo=True,
        )
    )
    with app.app_context():
        documents = described(app)
    stale = [path for path, text in documents.items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not current: run python -m scripts.describe")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(documents[path], "utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
