"""The front-end packages and the build of style sheets, scripts and icons."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from scripts.places import ROOT, digest, is_current, mark_current, run, say
from scripts.python_packages import install_node

OLDEST_NODE = 20
LOCKS = [ROOT / name for name in ("package.json", "package-lock.json", ".npmrc")]
BUILDER = ROOT / "scripts" / "build_assets.js"
OLDEST_BROWSERS = ROOT / "scripts" / "oldest_browsers.js"
TARGET = ROOT / "app" / "web" / "static" / "dist"


def install_packages() -> None:
    """Install the locked front-end packages into the ignored folder `node_modules`."""
    node = find_node()
    lock = digest(LOCKS, str(node))
    if (ROOT / "node_modules").is_dir() and is_current("npm", lock):
        return
    say("Installing front-end packages")
    run([*node.npm, "ci", "--silent"], env=node.path)
    mark_current("npm", lock)


def build() -> None:
    """Build app/web/assets/ into the ignored folder that pages are served from, when a source of it changed."""
    sources = digest([BUILDER, OLDEST_BROWSERS, *LOCKS, *_pages()])
    if (TARGET / "manifest.json").is_file() and is_current("build", sources):
        return
    say("Building style sheets, scripts and icons")
    node = find_node()
    run([node.program, BUILDER], env=node.path)
    mark_current("build", sources)


@dataclass(frozen=True)
class Node:
    """A Node and how to call its npm."""

    program: Path
    npm: tuple[Path, ...]

    @property
    def path(self) -> dict[str, str]:
        """The environment in which its own programs come first."""
        return {"PATH": f"{self.program.parent}{os.pathsep}{os.environ['PATH']}"}


def find_node() -> Node:
    """Return this machine's Node where it is new enough and has npm, else the one from the lock."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        asked = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
        found = re.match(r"v(\d+)\.", asked)
        if found and int(found.group(1)) >= OLDEST_NODE:
            return Node(Path(node), (Path(npm),))
    wheel = install_node()
    program = wheel / "bin" / "node"
    return Node(program, (program, wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))


def _pages() -> list[Path]:
    """Every file that can name a class, an icon or a style: the assets, the templates and the Python."""
    assets = [path for path in (ROOT / "app" / "web" / "assets").rglob("*") if path.is_file()]
    return assets + [path for path in (ROOT / "app").rglob("*") if path.suffix in {".html", ".py"}]
