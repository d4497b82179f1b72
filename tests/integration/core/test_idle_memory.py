"""An application that waits holds none of the libraries that weigh most; a web worker holds what requests need."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from app.settings import ROOT
from tests.conftest import FIELD_KEY

pytestmark = pytest.mark.one_database

HEAVY = {
    *("PIL", "alembic", "fontTools", "lxml", "mako", "numpy", "openpyxl", "pygments", "pyhanko"),
    *("pyhanko_certvalidator", "pyld", "pypdf", "pypinyin", "scipy", "weasyprint", "zxcvbn", "zxingcpp"),
}
NEVER_OF_A_REQUEST = {"alembic", "mako", "pygments", "pypinyin"}
PROGRAM = """
import json, sys
import wsgi
idle = sorted(sys.modules)
assert wsgi.served() is wsgi.app
print(json.dumps([idle, sorted(sys.modules), wsgi.OF_REQUESTS]))
"""


def test_an_idle_application_holds_no_heavy_library_and_a_web_worker_what_requests_need(tmp_path: Path) -> None:
    environment = {
        **os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/jijing.db", "SECRET_KEY": "demo-for-tests",
        "FIELD_KEYS": FIELD_KEY, "KEY_STORE": f"{tmp_path}/keys", "DEMO": "1",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    idle, served, of_requests = (set(names) for names in json.loads(done.stdout.splitlines()[-1]))

    assert {name for name in HEAVY if find_spec(name) is None} == set()
    assert {"app.credentials.confined", "app.items.rules.qti", "app.accounts.rules.guessing"} <= idle
    assert idle & HEAVY == set()
    assert of_requests <= served
    assert {"PIL", "lxml", "openpyxl", "pyld", "zxcvbn"} <= served
    assert served & NEVER_OF_A_REQUEST == set()
