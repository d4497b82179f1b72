"""What a proof file of the public log comes to, as sentences."""

from app.core.errors import Text
from app.core.text import _l

LOG_SENTENCES: dict[str, Text] = {
    "logged-by-proof": _l(
        "The proof file shows that the public log %(log)s holds the issue of exactly this certificate, as entry "
        "%(number)s of %(size)s."
    ),
    "log-key-missing": _l(
        "A proof file was given, but no key of the public log. Give a trust bundle, which carries the key."
    ),
    "log-needs-json": _l(
        "The public log names the certificate in its JSON form. Check that file, the PDF or the badge with the proof "
        "file; the form that was given cannot be compared."
    ),
    "log-proof-broken": _l(
        "The proof file is damaged or is none. Download the .tlog-proof file of the certificate again."
    ),
    "log-proof-unsigned": _l(
        "The root in the proof file is not signed by the public log that the trust bundle names, so it proves nothing."
    ),
    "log-proof-path": _l("The proof file does not lead from the certificate to the signed root of the public log."),
    "log-proof-of-another": _l(
        "The proof file is that of another certificate, or this file was changed after its issue was logged."
    ),
    "log-split": _l(
        "The proof file and the trust bundle show two different histories of the public log. Do not rely on the "
        "certificate, and report it to the authority."
    ),
}
