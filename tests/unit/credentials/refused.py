"""The code under which the readers of credentials refuse what they are given."""

from collections.abc import Callable

from app.credentials.rules import canonical, jwt, sheets, status_list, tlog
from app.credentials.rules.bundle import BundleError
from app.credentials.rules.cose import CoseError
from app.credentials.rules.document import DocumentError


def code_of(work: Callable[[], object]) -> str:
    """Return the code of what is refused, or nothing where all is well."""
    try:
        work()
    except (DocumentError, CoseError, BundleError, canonical.CanonicalError, status_list.StatusListError) as error:
        return str(error.code)
    except (jwt.JwtError, sheets.SheetError, tlog.TlogError) as error:
        return str(error.code)
    return ""
