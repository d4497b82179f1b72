"""What a browser calls itself, in two words a person knows."""

BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("QQBrowser", "QQ"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_name(agent: str | None) -> str:
    """Return such as `Chrome · Windows`; the agent's first word where neither is known."""
    written = agent or ""
    named = [next((name for mark, name in known if mark in written), None) for known in (BROWSERS, SYSTEMS)]
    return " · ".join(name for name in named if name) or written.split("/")[0][:40]
