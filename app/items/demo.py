"""The demo's item banks: the files of content/items, imported and approved as users would."""

import io
import json
import struct
import zlib
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from app.accounts import queries as accounts
from app.core.access import Actor
from app.core.db import unit_of_work
from app.items import queries, services
from app.items.commands import group
from app.items.models import ItemBank
from app.items.rules import files
from app.items.rules.bodies import FileRef
from app.items.rules.content import Enclosed, Failure, ItemContent, Parsed
from app.items.rules.enclosures import digest_of, enclosed
from app.items.states import FileKind, Purpose

BANK = "JJ-JUNIOR"
# zh: the bilingual name of the demo's bank
NAME_ZH, NAME_EN = "初级技术经纪人考试题库", "Item bank of the junior level"
TYPES_BANK = "JJ-TYPES"
# zh: the bilingual name of the bank that shows every type
TYPES_NAME_ZH, TYPES_NAME_EN = "技术转移综合题型题库", "Items of technology transfer, all types"
PICTURED = "general.gift"
"""The file of a module of which an item has a chart. No such file holds one: it is drawn as the file comes in."""
FILES = ("policy.xlsx", "practice.gift", "capability.xlsx")
"""A file of each other module, as GIFT or as a table; both hold the same items."""
CHART_NAME = "chart.png"
BAR = 40
CHARTS: dict[str, tuple[str, tuple[int, ...]]] = {
    "JJ-TYP-114": ("两年销售额的柱形图：2000万元、2400万元", (80, 96)),  # zh: what the chart shows
    "JJ-GEN-016": ("柱形图：研发经费1200亿元，其中基础研究经费96亿元", (100, 8)),  # zh: what the chart shows
    "JJ-TYP-161": ("三年许可费的柱形图：100万元、120万元、180万元", (50, 60, 90)),  # zh: what the chart shows
}
"""Items with a chart: what it shows, and the heights of its bars."""
ATTACHED: dict[str, tuple[str, str]] = {
    # zh: a table that candidates may open
    "JJ-GEN-016": (
        "数据表.csv",
        "指标,金额（亿元）\r\n地区生产总值,50000\r\n研发经费,1200\r\n其中：基础研究经费,96\r\n",
    ),
}
"""Items with an attachment: its name and what it says."""


def load(folder: Path, *, organisation_id: int, author: Actor, reviewers: Sequence[Actor], at: datetime) -> int:
    """Import a file of each module into the demo's bank; return how many items came in, 0 on a second run.

    The author imports by the command, which reads the time from the clock, and on the page where an item has pictures;
    two reviewers accept what is in the bank.
    """
    with unit_of_work():
        bank = _bank(BANK, (NAME_ZH, NAME_EN), organisation_id, by=author, at=at)
        parsed = _pictured(files.read((folder / PICTURED).read_bytes(), FileKind.GIFT))
        taken = len(services.import_items(bank, parsed, by=author, at=at).imported)
    code = accounts.code_of(author.person_id)
    taken += sum(_by_command(folder / name, author=code) for name in FILES)
    _approve(BANK, reviewers, at)
    return taken


def _by_command(path: Path, *, author: str) -> int:
    words = ["import", str(path), "--bank", BANK, "--author", author, "--json"]
    with redirect_stdout(io.StringIO()) as said:
        group.main(words, prog_name="items", standalone_mode=False)
    return int(json.loads(said.getvalue())["imported"])


def load_types(folder: Path, *, organisation_id: int, author: Actor, reviewers: Sequence[Actor], at: datetime) -> int:
    """Load the items of every type into a bank of their own, some with a picture; return how many came in."""
    with unit_of_work():
        bank = _bank(TYPES_BANK, (TYPES_NAME_ZH, TYPES_NAME_EN), organisation_id, by=author, at=at)
        taken = 0
        for path in sorted(folder.glob("*.csv")):
            parsed = _pictured(files.read(path.read_bytes(), FileKind.CSV))
            taken += len(services.import_items(bank, parsed, by=author, at=at).imported)
    _approve(TYPES_BANK, reviewers, at)
    return taken


def _approve(code: str, reviewers: Sequence[Actor], at: datetime) -> None:
    for reviewer in reviewers:
        with unit_of_work():
            bank = queries.bank_by_code(code)
            services.approve(bank, queries.approvable(bank, reviewer), by=reviewer, at=at)


def _pictured(parsed: Parsed) -> Parsed:
    """Add a chart and an attachment to the items that have them; they are made here, so that no file is shipped."""
    parsed.entries[:] = [_with_files(entry, parsed) for entry in parsed.entries]
    return parsed


def _with_files(entry: ItemContent | Failure, parsed: Parsed) -> ItemContent | Failure:
    if not isinstance(entry, ItemContent) or entry.code not in CHARTS:
        return entry
    alt, heights = CHARTS[entry.code]
    shown = showing(entry, enclosed(CHART_NAME, bars(heights)), parsed, alt=alt)
    if entry.code not in ATTACHED:
        return shown
    name, text = ATTACHED[entry.code]
    return showing(shown, enclosed(name, text.encode()), parsed)


def showing(content: ItemContent, given: Enclosed, into: Parsed, *, alt: str = "") -> ItemContent:
    """Let the stem of an item show a picture, said in words for whoever cannot see it, or lead to an attachment."""
    digest = digest_of(given.data)
    into.files[digest] = given
    mark = f"![{alt}]" if alt else f"[{given.name}]"
    ref = FileRef(digest, given.name, given.media_type)
    body = replace(content.body, files=(*content.body.files, ref))
    return replace(content, stem=f"{content.stem}\n\n{mark}(stored:{digest})", body=body)


def bars(heights: Sequence[int]) -> bytes:
    """Draw a chart of grey bars, 0 to 100 high, as a PNG."""
    width, high = BAR * (2 * len(heights) + 1), 120
    rows = []
    for level in range(high, 0, -1):
        row = bytearray(b"\xff" * width)
        for place, height in enumerate(heights):
            if level <= height:
                start = BAR * (2 * place + 1)
                row[start : start + BAR] = b"\x50" * BAR
        rows.append(b"\x00" + bytes(row))
    head = struct.pack(">IIBBBBB", width, high, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def _bank(code: str, names: tuple[str, str], organisation_id: int, *, by: Actor, at: datetime) -> ItemBank:
    return queries.find_bank(code) or services.create_bank(
        code=code,
        name_zh=names[0],
        name_en=names[1],
        organisation_id=organisation_id,
        purpose=Purpose.EXAM,
        reviewers=2,
        by=by,
        at=at,
    )
