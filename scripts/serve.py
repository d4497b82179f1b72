"""Starts the product: schema, demo data once, web and jobs; runs until Ctrl-C."""

import argparse
import textwrap
import time
import tomllib

from scripts import installation
from scripts.places import ROOT, say, stop
from scripts.processes import Installation, on_stop_signals, refuse_taken_port

WELCOME = """
  Jijing is ready:  {url}
{named}
  Sign in as        <role>@demo.example, password demo-Passw0rd-2026
  Second factor     from the TOTP seed JBSWY3DPEHPK3PXP, for staff roles
  Roles             {roles}

  Ctrl-C stops it.
"""
PEOPLE = ROOT / "content" / "demo" / "people.toml"
NAMED = """
  Certificates name {address}, the address at which this demo was loaded.
"""
COLUMNS = 64
INDENT = " " * 20


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
        here = Installation(arguments.host, arguments.port)
        installation.load_demo(here.url)
        here.settings = {"PUBLIC_URL": installation.setting("PUBLIC_URL", here.url)}
        with here as running:
            say(_welcome(running.url, running.settings["PUBLIC_URL"]))
            while running.ended() is None:
                time.sleep(0.5)
            stop(f"{running.ended()}.")
    except KeyboardInterrupt:
        say("\nStopped.")


def _welcome(url: str, address: str) -> str:
    if installation.setting("DEMO") in {"", "0", "false"}:
        return f"\n  Jijing is ready:  {url}\n\n  Ctrl-C stops it.\n"
    roles = ", ".join(person["sign_in"] for person in tomllib.loads(PEOPLE.read_text("utf-8"))["people"])
    return WELCOME.format(
        url=url,
        named=NAMED.format(address=address) if address != url else "",
        roles=textwrap.fill(roles, COLUMNS, break_on_hyphens=False).replace("\n", f"\n{INDENT}"),
    )


if __name__ == "__main__":
    main()
