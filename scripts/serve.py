"""Starts the product: schema, demo data once, web and jobs; runs until Ctrl-C."""

import argparse
import time

from scripts import installation
from scripts.places import say, stop
from scripts.processes import Installation, on_stop_signals, refuse_taken_port

WELCOME = """
  Jijing is ready:  {url}

  Sign in as        <role>@demo.example, password demo-Passw0rd-2026
  Second factor     from the TOTP seed JBSWY3DPEHPK3PXP, for everyone but trainees and the public
  Roles             {roles}

  Ctrl-C stops it.
"""
ROLES = (
    "trainee", "base", "lecturer", "author", "reviewer", "examiner", "examiner2", "invigilator",
    "certifier", "issuer", "issuer2", "nation", "nation2", "province", "city", "county",
    "sysadmin", "secadmin", "auditor",
)  # fmt: skip


def main() -> None:
    """Serve until Ctrl-C, SIGTERM or the end of a process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()
    on_stop_signals()
    refuse_taken_port(arguments.host, arguments.port)
    try:
        installation.migrate()
        installation.load_demo()
        with Installation(arguments.host, arguments.port) as running:
            say(_welcome(running.url))
            while running.ended() is None:
                time.sleep(0.5)
            stop(f"{running.ended()}.")
    except KeyboardInterrupt:
        say("\nStopped.")


def _welcome(url: str) -> str:
    if installation.setting("DEMO") in {"", "0", "false"}:
        return f"\n  Jijing is ready:  {url}\n\n  Ctrl-C stops it.\n"
    return WELCOME.format(url=url, roles=", ".join(ROLES))


if __name__ == "__main__":
    main()
