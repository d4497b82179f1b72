"""Safe Exam Browser: the configuration of a session, its config key, and the hash a request must carry.

Source: SEB developer documentation, "Config Key" and "File Format" (safeexambrowser.org/developer). A plain
configuration is no secret: the key shows that a browser runs with these settings, it does not prove who sits there.
"""

import base64
import json
import plistlib
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Any

ORIGINATOR = "originatorVersion"
HEADER = "X-SafeExamBrowser-ConfigKeyHash"


def settings_of(*, start_url: str, quit_url: str, salt: bytes, quit_password: str = "") -> dict[str, Any]:
    """Return the settings of a session: one window, no way out but the end, keys sent with every request.

    `quit_password` lets an invigilator leave in the middle; without one the browser ends only at `quit_url`.
    """
    return {
        "sebConfigPurpose": 0,
        "startURL": start_url,
        "quitURL": quit_url,
        "quitURLConfirm": False,
        "sendBrowserExamKey": True,
        "browserWindowWebView": 2,
        "examKeySalt": salt,
        "allowQuit": bool(quit_password),
        "hashedQuitPassword": sha256(quit_password.encode()).hexdigest() if quit_password else "",
        "browserViewMode": 1,
        "allowBrowsingBackForward": False,
        "browserWindowAllowReload": True,
        "showReloadButton": True,
        "showTime": True,
        "enablePrivateClipboard": True,
        "enablePrintScreen": False,
        "allowDownUploads": False,
        "allowSpellCheck": False,
        "allowVirtualMachine": False,
        "newBrowserWindowByLinkPolicy": 0,
        "newBrowserWindowByScriptPolicy": 0,
        "examSessionClearCookiesOnEnd": True,
        "removeBrowserProfile": False,
        "removeLocalStorage": False,
    }


def config_key(settings: Mapping[str, Any]) -> str:
    """Return the config key: SHA-256 in lower-case hexadecimal of the settings as SEB-JSON."""
    return sha256(seb_json(settings).encode()).hexdigest()


def seb_json(settings: Mapping[str, Any]) -> str:
    """Write settings as SEB does to hash them.

    Keys sorted without regard to case, no white space, nothing escaped, data as Base64, dates in ISO 8601, empty
    dictionaries and `originatorVersion` left out.
    """
    return _written({key: value for key, value in settings.items() if key != ORIGINATOR})


def _written(value: Any) -> str:  # noqa: ANN401 - any value a property list holds
    if isinstance(value, Mapping):
        kept = {key: one for key, one in value.items() if not (isinstance(one, Mapping) and not one)}
        keys = sorted(kept, key=lambda key: (key.lower(), key.swapcase()))
        return "{" + ",".join(f'"{key}":{_written(kept[key])}' for key in keys) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_written, value)) + "]"
    if isinstance(value, bytes):
        return f'"{base64.b64encode(value).decode()}"'
    if isinstance(value, datetime):
        return f'"{value.strftime("%Y-%m-%dT%H:%M:%S")}+00:00"'
    return f'"{value}"' if isinstance(value, str) else json.dumps(value)


def seb_file(settings: Mapping[str, Any]) -> bytes:
    """Return the configuration file: the settings as an unencrypted property list, which every version reads."""
    return plistlib.dumps(dict(settings), sort_keys=True)


def request_hash(url: str, key: str) -> str:
    """Return what a request to an absolute URL must carry: SHA-256 of the URL without its fragment, then the key."""
    return sha256((url.split("#", maxsplit=1)[0] + key).encode()).hexdigest()


def matches(sent: str | None, *, urls: tuple[str, ...], key: str) -> bool:
    """Tell whether a request came from a browser with this configuration, by any of the addresses it may have used."""
    given = (sent or "").lower().encode()
    return any(compare_digest(given, request_hash(url, key).encode()) for url in urls)
