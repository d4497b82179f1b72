"""Other keys of personal fields, as after an entry in FIELD_KEYS; what was read of them before is forgotten."""

import pytest
from pydantic import SecretStr

from app.core.config import settings
from app.settings import Settings

NEW = "bmV3IGtleSBuZXcga2V5IG5ldyBrZXkgbmV3IGtleSE="


def with_keys(monkeypatch: pytest.MonkeyPatch, *keys: str) -> None:
    """Let FIELD_KEYS be these; the keys of blind indexes are derived from them."""
    given = {"field_keys": SecretStr(",".join(keys)), "index_keys": SecretStr("")}
    changed: Settings = settings().model_copy(update=given)
    for kept in ("field_key_list", "index_key_list"):
        changed.__dict__.pop(kept, None)
    monkeypatch.setattr("app.core.crypto.settings", lambda: changed)
