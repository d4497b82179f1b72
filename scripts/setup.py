"""Everything a start or a test run needs, each step skipped while its input is unchanged."""

import argparse
from concurrent.futures import ThreadPoolExecutor

from scripts import credential_schemas, debian_packages, front_end, installation, python_packages


def main() -> None:
    """Set up for running, or with `--tests` for running every check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", action="store_true", help="with the packages that only the checks need")
    arguments = parser.parse_args()
    with ThreadPoolExecutor(1) as beside:
        # Only films and the faces of certificates are made of what Debian gives: it unpacks beside the other steps
        debian = beside.submit(debian_packages.install, tests=arguments.tests)
        python_packages.install_packages(tests=arguments.tests)
        credential_schemas.install_schema()
        front_end.install_packages()
        front_end.build()
        installation.create_demo_settings()
        installation.compile_code()
        installation.compile_translations()
        debian.result()
    installation.build_media()
    installation.build_fonts()


if __name__ == "__main__":
    main()
