"""The config key of Safe Exam Browser, on files that it saved itself and the rules of its documentation."""

import base64
import json
import plistlib
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from app.assessment.exams.rules import seb

VECTORS = json.loads((Path(__file__).parent / "seb_vectors.json").read_text("utf-8"))["vectors"]
SALT = b"0" * 32
START, QUIT = "https://exam.example/sit/seb/abc", "https://exam.example/sit/seb/quit"


def as_property(value: Any) -> Any:  # noqa: ANN401 - any value a property list holds
    """Turn the vector's JSON back into what a property list holds."""
    if isinstance(value, dict) and set(value) == {"base64"}:
        return base64.b64decode(value["base64"])
    if isinstance(value, dict):
        return {key: as_property(one) for key, one in value.items()}
    return [as_property(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_the_key_of_a_file_is_the_one_that_safe_exam_browser_computed(vector: dict[str, Any]) -> None:
    assert seb.config_key(as_property(vector["settings"])) == vector["config_key"]


# The cases of the documentation's "Summary Config Key Generation", as Moodle's property_list_test.php has them.
@pytest.mark.parametrize(
    ("settings", "written"),
    [
        ({"date": datetime(1940, 10, 9, 22, 13, 56, tzinfo=UTC)}, '{"date":"1940-10-09T22:13:56+00:00"}'),
        ({"data": b"blahblah"}, '{"data":"YmxhaGJsYWg="}'),
        ({"string": "hello wörld"}, '{"string":"hello wörld"}'),
        ({"string": "ws:\\localhost"}, '{"string":"ws:\\localhost"}'),
        ({"bool": True, "array": []}, '{"array":[],"bool":true}'),
        ({"bool": True, "emptydict": {}}, '{"bool":true}'),
        ({"testKey": "v", "allowWLAN": "2", "allowWlan": "3"}, '{"allowWlan":"3","allowWLAN":"2","testKey":"v"}'),
        ({"url": "http://test.com"}, '{"url":"http://test.com"}'),
        ({"list": [{"banana": False, "apple": 1}]}, '{"list":[{"apple":1,"banana":false}]}'),
        ({"originatorVersion": "SEB_Win_2.1.1"}, "{}"),
    ],
)
def test_settings_are_written_as_the_documentation_says(settings: dict[str, Any], written: str) -> None:
    assert seb.seb_json(settings) == written


def test_the_file_holds_the_settings_whose_key_is_known() -> None:
    settings = seb.settings_of(start_url=START, quit_url=QUIT, salt=SALT, quit_password="leave")

    read = plistlib.loads(seb.seb_file(settings))

    assert seb.config_key(read) == seb.config_key(settings)
    assert read["startURL"] == START
    assert read["quitURL"] == QUIT
    assert read["sendBrowserExamKey"] is True
    assert read["allowQuit"] is True
    assert read["hashedQuitPassword"] == sha256(b"leave").hexdigest()


def test_without_a_password_there_is_no_way_out_but_the_end() -> None:
    settings = seb.settings_of(start_url=START, quit_url=QUIT, salt=SALT)

    assert settings["allowQuit"] is False
    assert settings["hashedQuitPassword"] == ""


def test_two_sessions_never_share_a_key() -> None:
    one, other = (seb.settings_of(start_url=START, quit_url=QUIT, salt=salt) for salt in (SALT, b"1" * 32))

    assert seb.config_key(one) != seb.config_key(other)


def test_a_request_is_matched_by_its_own_address_without_the_fragment() -> None:
    key = "a" * 64
    url = "https://exam.example/sit/abc"
    carried = sha256(f"{url}{key}".encode()).hexdigest()

    assert seb.request_hash(f"{url}#q3", key) == carried
    assert seb.matches(carried.upper(), urls=("http://inside/sit/abc", url), key=key)
    assert not seb.matches(carried, urls=(f"{url}/save",), key=key)
    assert not seb.matches(carried, urls=(url,), key="b" * 64)
    assert not seb.matches(key, urls=(url,), key=key)
    assert not seb.matches(None, urls=(url,), key=key)
