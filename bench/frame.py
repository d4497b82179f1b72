"""Search over a million documents, and a home with ten thousand to-dos in scope, beside an empty page.

Documents are made by the product's own rules and put into its tables in bulk, in key order; requests go through the
whole application in production mode. `DOCUMENTS=100000` makes a smaller run.
"""

import os
import random
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, text

from app.accounts.states import Role
from app.core.clock import real_now
from app.core.columns import new_code
from app.core.db import db, session, unit_of_work
from app.desk.kinds import PUBLIC, Scope, in_region, of_organisation
from app.desk.models import NEVER, SearchDocument, Todo
from app.desk.rules.realms import realm
from app.desk.rules.tokens import identifier, of_document, syllables
from bench.figures import Figure, Figures
from bench.pages import EMPTY, production, timed, tokens_of

DOCUMENTS = int(os.environ.get("DOCUMENTS", "1000000"))
TODOS = 10_000
RUNS = 3
PER_KIND = 5
BATCH = 50_000
REGIONS = ("370100", "370200", "370300", "110000", "440300", "440100", "320500", "330100")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
GIVEN = "明远思齐子衿若水文渊景行清扬知微立言乐之晨曦怀瑾安然一鸣雨桐凌云守正可为长风泉生嘉宁亦真望舒承泽启秉岱宗慎信"
PLACES = ("山东", "济南", "青岛", "深圳", "苏州", "杭州", "北京", "广州", "烟台", "无锡")
SUBJECTS = ("技术转移", "成果转化", "知识产权运营", "科技金融", "概念验证", "产业研究", "科技服务", "先进制造")
LEVELS = (("初级技术经纪人", "junior technology broker"), ("中级技术经纪人", "intermediate technology broker"))
Made = tuple[str, str, str, str, tuple[str, ...], Scope, str]


def run() -> Figures:
    """Fill search and to-dos, then measure both, interleaved with the empty page."""
    chance = random.Random(20260301)
    with tempfile.TemporaryDirectory(prefix="jijing-bench-") as folder:
        app = production(Path(folder))
        clients = _clients(app)
        with app.app_context():
            typed = _fill(chance)
            _wait_for()
            size = db.session.scalar(text("SELECT count(*) FROM search_posting"))
        addresses = [f"/search?q={quote(query)}" for queries in typed.values() for query in queries]
        rounds = [_round(clients, addresses) for _run in range(RUNS)]
        by_family = [*_families(clients["sysadmin"], typed)]
    searches, homes, empties = (statistics.median(times) for times in zip(*rounds, strict=True))
    return Figures(
        {
            "search_p95_ms_1m": Figure(round(searches, 1), "ms", round(empties, 1), "an empty signed-in page"),
            "home_p95_ms_10k": Figure(round(homes, 1), "ms", round(empties, 1), "an empty signed-in page"),
        },
        [
            f"{DOCUMENTS} documents with {size} postings; {len(addresses)} queries by each of {len(clients)} people",
            f"{TODOS} open to-dos in the scope of a regulator; p95 of each run, the median of {RUNS} runs counts",
            *by_family,
        ],
    )


def _clients(app: Flask) -> dict[str, FlaskClient]:
    found: dict[str, FlaskClient] = {}
    for role, token in tokens_of(app):
        name = role.partition("@")[0]
        if name not in {"sysadmin", "regulator", "examiner", "trainee"} or name in found:
            continue
        found[name] = app.test_client()
        with found[name].session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
    return found


def _round(clients: dict[str, FlaskClient], addresses: Sequence[str]) -> tuple[float, float, float]:
    searches, homes, empties = [], [], []
    for client in clients.values():
        client.get(EMPTY)
        for address in addresses:
            searches.append(_once(client, address))
            empties.append(_once(client, EMPTY))
            homes.append(_once(clients["regulator"], "/home"))
    return _p95(searches), _p95(homes), _p95(empties)


def _once(client: FlaskClient, address: str) -> float:
    with timed() as took:
        response = client.get(address)
    assert response.status_code == 200, address  # noqa: PLR2004, S101 - a refusal would be a fast lie
    return took[0] * 1000


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _families(client: FlaskClient, typed: dict[str, list[str]]) -> Iterator[str]:
    for family, queries in typed.items():
        times = [_once(client, f"/search?q={quote(query)}") for query in queries]
        yield f"  {family:12} median {statistics.median(times):7.1f} ms, slowest {max(times):7.1f} ms"


def _fill(chance: random.Random) -> dict[str, list[str]]:
    """Put the documents into the tables and return queries by family."""
    with unit_of_work():
        first = (session.scalar(text("SELECT max(id) FROM search_document")) or 0) + 1
    postings: list[np.ndarray] = []
    picked: list[Made] = []
    for start in range(0, DOCUMENTS, BATCH):
        made = [_document(chance) for _one in range(min(BATCH, DOCUMENTS - start))]
        postings.append(_put(made, first + start))
        picked += chance.sample(made, 200)
    _put_postings(np.concatenate(postings))
    return _queries(picked, chance)


def _name(chance: random.Random) -> str:
    return chance.choice(SURNAMES) + "".join(chance.choice(GIVEN) for _one in range(chance.choice((1, 2, 2))))


def _document(chance: random.Random) -> Made:
    draw = chance.random()
    if draw < 0.78:  # noqa: PLR2004 - the register is by far the largest part
        level = chance.choice(LEVELS)
        number = f"JJ{chance.choice(REGIONS)}{chance.randrange(2019, 2027)}{chance.randrange(10**7):07d}"
        return "certification.award", _name(chance), "", " ".join(level), (number,), PUBLIC, "/register"
    region = chance.choice(REGIONS)
    if draw < 0.93:  # noqa: PLR2004 - 15 of 100 are people
        scope = in_region(region, "accounts.people_view")
        return "accounts.person", _name(chance), "", "", (), scope, "/people"
    place, subject = chance.choice(PLACES), chance.choice(SUBJECTS)
    if draw < 0.96:  # noqa: PLR2004 - 3 of 100 are cohorts
        title = f"{chance.randrange(2019, 2027)}年{place}{subject}第{chance.randrange(1, 200)}期"
        return "courses.cohort", title, "", LEVELS[0][0], (), in_region(region, "courses.oversee"), "/cohorts"
    if draw < 0.98:  # noqa: PLR2004 - 2 of 100 are bases, and as many items
        title = f"{place}{subject}培训基地{chance.randrange(10**4)}"
        return "bases.base", title, f"{subject} training base", place, (), PUBLIC, "/bases"
    stem = f"关于{place}{subject}中{_name(chance)}一案，下列说法正确的是第{chance.randrange(100)}项"
    return "items.item", stem, "", "", (f"Q{chance.randrange(10**6):06d}",), of_organisation(1, "items.view"), "/items"


def _put(made: Sequence[Made], first: int) -> np.ndarray:
    rows, places = [], []
    at = real_now()
    named: list[dict[str, Any]] = []
    for number, (kind, zh, en, words, identifiers, scope, url) in enumerate(made, start=first):
        place = realm(kind, scope.form)
        rows.append(
            {
                "id": number,
                "kind": kind,
                "subject_type": "bench",
                "subject_code": f"bench-{number}",
                "title_zh": zh,
                "title_en": en,
                "words": words,
                "identifiers": list(identifiers),
                "url": url,
                "scopes": [[place, scope.key]],
                "indexed_at": at,
            }
        )
        places += [(one, place, scope.key, number) for one in of_document(zh, en, words)]
        named += [
            {"identifier": identifier(one).encode(), "realm": place, "key": scope.key, "document_id": number}
            for one in identifiers
        ]
    with unit_of_work():
        session.execute(insert(SearchDocument), rows)
        if named:
            statement = "INSERT INTO search_identifier VALUES (:realm, :identifier, :key, :document_id)"
            session.execute(text(statement), named)
    return np.array(places, dtype=np.int64)


def _put_postings(places: np.ndarray) -> None:
    """Insert in the order of the key, as a table that is its own index likes best."""
    order = np.lexsort((places[:, 3], places[:, 2], places[:, 1], places[:, 0]))
    statement = "INSERT INTO search_posting VALUES (?, ?, ?, ?)"
    for start in range(0, len(order), 20 * BATCH):
        part = places[order[start : start + 20 * BATCH]].tolist()
        with unit_of_work():
            raw: Any = session.connection().connection.dbapi_connection
            raw.executemany(statement, part)


def _queries(picked: Sequence[Made], chance: random.Random) -> dict[str, list[str]]:
    people = [one for one in picked if one[0] in {"certification.award", "accounts.person"}]
    others = [one for one in picked if one[0] in {"bases.base", "courses.cohort", "items.item"}]
    names = [one[1] for one in chance.sample(people, min(3 * PER_KIND, len(people)))]
    titles = [one[1] for one in chance.sample(others, min(PER_KIND, len(others)))]
    numbers = [one[4][0] for one in people if one[4]][: 2 * PER_KIND]
    return {
        "name": names[:PER_KIND],
        "pinyin": [_spelt(name) for name in names[:PER_KIND]],
        "initials": ["".join(part[0] for part in syllables(name)) for name in names[PER_KIND : 2 * PER_KIND]],
        "one": [name[0] for name in names[:PER_KIND]],
        "number": [*numbers[:PER_KIND], *(number[:14] for number in numbers[PER_KIND:])],
        "title": titles,
        "common": ["技术转移", "山东 初级", "培训基地", "苏州科技金融", "junior broker"],
        "slip": [*(_slip(title[:8]) for title in titles), *(_spelt(name)[:-1] + "x" for name in names[-PER_KIND:])],
        "nothing": ["量子蘑菇", "zzyzx", "no such words at all", "JJ000000000", "龘靐"],
    }


def _spelt(name: str) -> str:
    return "".join(syllables(name))


def _slip(title: str) -> str:
    return title[: len(title) // 2] + "错" + title[len(title) // 2 + 1 :]


def _wait_for() -> None:
    """Open ten thousand to-dos across the regions of a province, for the role that reads its home."""
    chance = random.Random(7)
    at = real_now()
    regions = session.scalars(text("SELECT code FROM region")).all()
    rows = []
    for number in range(TODOS):
        due = (at.date().replace(day=1 + number % 28), NEVER)[number % 3 == 0]
        rows.append(
            {
                "code": new_code(),
                "kind": "bases.decide",
                "subject_type": "training_base",
                "subject_code": f"bench-{number}",
                "role": Role.REGULATOR.value,
                "region_code": chance.choice(regions),
                "url": "/bases",
                "label": {"base_zh": f"第{number}号培训基地", "base_en": f"Base {number}"},
                "due_on": None if due == NEVER else due,
                "sort_on": due,
                "opened_at": at,
            }
        )
    with unit_of_work():
        session.execute(insert(Todo), rows)
