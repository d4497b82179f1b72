"""The only reader of the environment."""

import base64
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
DEMO_MARK = "demo-"
KEY_BYTES = 32
MAIL_WAYS = frozenset({"smtp", "smtps", "file", "memory"})
SMS_WAYS = frozenset({"https", "file", "memory"})
OWN_MACHINE = ("http://localhost:", "http://127.0.0.1:")


class UnsafeSettingsError(Exception):
    """Production was asked to start with settings that only a demo may have."""


class Settings(BaseSettings):
    """All settings, from environment variables, `.env` or the demo's own file; lists are separated by commas."""

    model_config = SettingsConfigDict(env_file=(ROOT / "instance" / "demo.env", ROOT / ".env"), extra="ignore")

    database_url: str = f"sqlite:///{ROOT}/instance/jijing.db"
    redis_url: str | None = None
    queue_path: str = f"{ROOT}/instance/jobs.db"
    secret_key: SecretStr = SecretStr("")
    field_keys: SecretStr = SecretStr("")
    index_keys: SecretStr = SecretStr("")
    key_store: str = f"{ROOT}/instance/keys"
    key_pin: SecretStr | None = None
    public_url: str = "http://localhost:8000"
    trusted_proxies: int = Field(default=0, ge=0, le=9)
    issuer_did: str | None = None
    tsa_url: str | None = None
    revocation_urls: str = ""
    seal_warning_days: int = Field(default=60, ge=1, le=730)
    store_url: str = f"file:{ROOT}/instance/files"
    mail_url: SecretStr | None = None
    sms_url: SecretStr | None = None
    check_rows_days: int = Field(default=180, ge=1, le=1826)
    trust_days: int = Field(default=30, ge=1, le=366)
    password_profile: Literal["asvs", "mlps"] = "asvs"  # noqa: S105 - the code of a profile
    demo: bool = False
    testing: bool = False
    failpoint: str = ""

    @field_validator("mail_url", "sms_url", "key_pin", "tsa_url", mode="before")
    @classmethod
    def _unset_where_empty(cls, value: object) -> object:
        return value or None

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @property
    def settable_clock(self) -> bool:
        """Domain time may be moved in demo and tests only."""
        return self.demo or self.testing

    @cached_property
    def field_key_list(self) -> tuple[bytes, ...]:
        """Keys of 32 bytes for personal fields; the first one writes, all read."""
        return tuple(_decode_key(part) for part in _parts(self.field_keys))

    @property
    def revocation_url_list(self) -> tuple[str, ...]:
        """Beginnings of the addresses that may be asked whether a certificate of a seal is revoked; none: nobody is."""
        return tuple(part.strip() for part in self.revocation_urls.split(",") if part.strip())

    @cached_property
    def index_key_list(self) -> tuple[bytes, ...]:
        """Keys of blind indexes; derived from the field keys where none are given."""
        given = tuple(_decode_key(part) for part in _parts(self.index_keys))
        return given or tuple(_derive(key) for key in self.field_key_list)

    def refuse_unsafe(self) -> None:
        """Refuse a production start with a missing key or a demo key.

        Raises UnsafeSettingsError naming the setting to change.
        """
        if not self.secret_key.get_secret_value():
            msg = "SECRET_KEY is missing: set it to a random string of at least 32 characters."
            raise UnsafeSettingsError(msg)
        if not self.field_key_list:
            msg = "FIELD_KEYS is missing: set it to one or more base64 keys of 32 bytes."
            raise UnsafeSettingsError(msg)
        if not self.settable_clock and self.secret_key.get_secret_value().startswith(DEMO_MARK):
            msg = "SECRET_KEY is a demo key: production needs its own."
            raise UnsafeSettingsError(msg)
        if not self.settable_clock and self.failpoint:
            msg = "FAILPOINT makes processes die and is for tests and benchmarks only: remove it."
            raise UnsafeSettingsError(msg)
        self._refuse_unknown_ways()

    def _refuse_unknown_ways(self) -> None:
        """Refuse a transport that nobody could send by; the message never shows the URL, which holds a password."""
        if self.mail_url and urlsplit(self.mail_url.get_secret_value()).scheme not in MAIL_WAYS:
            msg = "MAIL_URL must begin with smtp:, smtps:, file: or memory:."
            raise UnsafeSettingsError(msg)
        sms = self.sms_url.get_secret_value() if self.sms_url else ""
        if sms and urlsplit(sms).scheme not in SMS_WAYS and not sms.startswith(OWN_MACHINE):
            msg = "SMS_URL must begin with https:, file: or memory:."
            raise UnsafeSettingsError(msg)


def _parts(secret: SecretStr) -> list[str]:
    return [part.strip() for part in secret.get_secret_value().split(",") if part.strip()]


def _decode_key(text: str) -> bytes:
    key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(key) != KEY_BYTES:
        msg = "Each key must be 32 bytes in base64."
        raise UnsafeSettingsError(msg)
    return key


def _derive(key: bytes) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=b"jijing blind index").derive(key)
