"""Why the walk through the demo does not see a route, for each route that it cannot see."""

MESSAGE = "its address is a secret of a message, of which the database keeps a digest only"
SIGNING_IN = "is shown between the two steps of a sign-in, and the walk begins signed in"
COMPUTED = "programs compute its address from the size of the log, no answer names it"

REASONS: dict[str, str] = {
    "accounts.recovery": SIGNING_IN,
    "accounts.reset_by_link": MESSAGE,
    "accounts.second_factor": SIGNING_IN,
    "credentials.log_entries": COMPUTED,
    "credentials.log_tile": COMPUTED,
    "credentials.shared": MESSAGE,
    "evidence.answering": MESSAGE,
    "web.set_language": "changes the language of every page after it, and only leads back",
    "web.set_theme": "changes the look of every page after it, and only leads back",
}
