"""The words of the page that checks a QR code on the device: both languages at once, since it switches offline."""

from babel import Locale

from app.core.columns import JsonObject
from app.core.errors import Text
from app.core.text import _l, in_language
from app.credentials.wording import CHECKS, KINDS, RESULTS, SENTENCES
from app.rulebook.terms import LEVEL_NAMES

LOCALES = {"zh": "zh_CN", "en": "en"}
SAYINGS: dict[str, Text] = {
    "site": _l("Jijing"),
    "site_sub": _l("Technology manager certification"),
    "title": _l("Check a QR code"),
    "lead": _l(
        "The code is checked on this device, also without network. Nothing of it is sent anywhere and nothing is kept."
    ),
    "no_script": _l("This page checks the code on your own device and needs JavaScript for it."),
    "no_script_way": _l("Without JavaScript, check the certificate by its number, link or file instead."),
    "by_file": _l("Check by number, link or file"),
    "checking": _l("The code is being checked."),
    "waiting_title": _l("Scan the QR code of a certificate"),
    "waiting": _l("With the camera of your phone: it opens this page and shows the answer. Or paste its text below."),
    "valid_title": _l("This certificate is valid"),
    "valid": _l("Compare the entries below with the paper or file in front of you: they are what was certified."),
    "failed_title": _l("This certificate is not valid"),
    "failed": _l("Do not rely on it. The checks below say why."),
    "undecided_title": _l("It cannot be decided whether this certificate is valid"),
    "undecided": _l("Nothing failed, but a check that must pass could not be made. Connect to the network and retry."),
    "asked": _l("Status lists and keys: as of %(on)s, %(age)s."),
    "never_asked": _l("Status lists and keys: none on this device yet. Open this page once with network."),
    "unreachable": _l("The server cannot be reached now; they are refreshed when it can."),
    "age_day": _l("%(count)s days ago"),
    "age_hour": _l("%(count)s hours ago"),
    "age_minute": _l("%(count)s minutes ago"),
    "refresh": _l("Refresh"),
    "kept": _l("From now on this page also opens without network on this device."),
    "not_kept": _l("This connection is not secure, so the page cannot be kept for use without network."),
    "entries": _l("What was signed"),
    "checks": _l("Checks made now"),
    "holder": _l("Holder"),
    "kind": _l("Certificate"),
    "level": _l("Level"),
    "says": _l("What it says"),
    "number": _l("Unified number"),
    "hours": _l("Class hours"),
    "issuer": _l("Issuing body"),
    "unknown_issuer": _l("Not known here"),
    "valid_from": _l("Valid from"),
    "valid_until": _l("Valid until"),
    "no_end": _l("No end"),
    "full": _l("Open the certificate as issued"),
    "full_note": _l("Online it shows every entry, the history and the files."),
    "more": _l("Check another code"),
    "text": _l("Text of the QR code"),
    "text_hint": _l("What another scanner read: the whole address, or its digits. It stays on this device."),
    "check": _l("Check"),
    "photo": _l("Photo of the QR code"),
    "photo_hint": _l("It is read on this device and not sent."),
    "photo_empty": _l("No QR code is found in this picture. Take it closer and with more light."),
    "photo_busy": _l("The picture is being read."),
    "photo_unreadable": _l("This is no picture that this browser can open. Take a photo or screenshot as JPEG or PNG."),
    "photo_large": _l(
        "The picture is too large to be read here: at most 32 MB and 64 million pixels. Take a smaller photo or a "
        "screenshot."
    ),
    "camera_start": _l("Scan with the camera"),
    "camera_stop": _l("Stop the camera"),
    "camera_hint": _l("Hold the code before the camera; the answer appears by itself. No picture leaves this device."),
    "camera_refused": _l(
        "The browser was not allowed to use the camera. Allow it in the settings of this page, or choose a photo."
    ),
    "camera_none": _l("This device has no camera that can be used. Choose a photo, or paste the text."),
    "camera_fails": _l("The camera does not start; another program may be using it. Choose a photo instead."),
    "curve_missing": _l(
        "This browser is too old to check the signature of a QR code. Open this page in a newer one, or check the "
        "certificate by its number."
    ),
    "reader_missing": _l("The reader of codes is not on this device yet. Connect to the network once and try again."),
    "bundle_title": _l("For offices without network"),
    "bundle": _l("Every key and status list in one signed file, with a guide to checking certificates years from now."),
    "bundle_get": _l("Trust bundle (ZIP)"),
}  # fmt: skip
CODES = (
    "qr-good", "qr-not-ours", "qr-too-long", "qr-damaged", "qr-not-cose", "qr-header", "qr-algorithm", "qr-claims",
    "qr-version", "shape-good", "signature-good", "signature-wrong", "issuer-unknown", "key-unknown", "key-newer",
    "key-revoked", "controller-is-another", "issuer-ours", "scope-covered",
    "scope-none", "scope-kind", "scope-level", "scope-not-begun", "scope-ended", "issuer-closed",
    "issuer-distrusted", "authority-offline",
    "not-yet-valid",
    "within-validity", "valid-without-end", "expired", "no-status-list", "revoked-by-list", "not-revoked-by-list",
    "no-suspension-list", "suspended-by-list", "not-suspended-by-list", "status-list-of-another", "status-list-old",
    "status-index-outside", "log-offline", "earlier-check",
)  # fmt: skip
"""Every finding that the script of the page can have."""


def page_words() -> dict[str, JsonObject]:
    """Return by language its name and all that the page says: own words, checks, results, findings, kinds, levels."""
    tables: dict[str, dict[str, Text]] = {
        "say": SAYINGS,
        "checks": {name: CHECKS[name] for name in CHECKS},
        "results": {result: words for result, (words, _tone) in RESULTS.items()},
        "codes": {code: SENTENCES[code] for code in CODES},
        "kinds": KINDS,
        "levels": LEVEL_NAMES,
    }
    return {
        language: {
            "name": Locale.parse(locale).get_language_name(locale) or language,
        }
        | {name: {str(key): in_language(text, locale) for key, text in table.items()} for name, table in tables.items()}
        for language, locale in LOCALES.items()
    }
