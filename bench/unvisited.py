"""Why the walk through the demo does not see a route, for each route that it cannot see."""

REASONS: dict[str, str] = {
    "web.set_language": "changes the language of every page after it, and only leads back",
    "web.set_theme": "changes the look of every page after it, and only leads back",
}
