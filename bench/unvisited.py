"""Why the walk through the demo does not see a route, for each route that it cannot see."""

MESSAGE = "its address is a secret of a message, of which the database keeps a digest only"
SIGNING_IN = "is shown between the two steps of a sign-in, and the walk begins signed in"
COMPUTED = "programs compute its address from the size of the log, no answer names it"
SIGNED = "only signed tokens name it, which the walk does not read"
POSTED = "is where a form leads that somebody sends, or stands on such a page, and the walk sends none"
NO_PICTURE = "no question that is shown there has a picture in the demo"
NO_SAFE_BROWSER = "no exam of the demo asks for Safe Exam Browser"

REASONS: dict[str, str] = {
    "accounts.end_role_page": POSTED,
    "accounts.passkey": "a device makes a passkey, and nobody of the demo has one",
    "accounts.recovery": SIGNING_IN,
    "accounts.reset_by_link": MESSAGE,
    "accounts.second_factor": SIGNING_IN,
    "accounts.secured_correction": POSTED,
    "accounts.secured_person": POSTED,
    "api.registered": "programs fill in the number of a certificate, no answer names the address",
    "ballots.proxy": "one person of one ballot may choose a proxy, and the walk opens three ballots drawn by chance",
    "cases.appeal_form": "no decision of the demo can still be taken further by somebody who signs in",
    "cases.draft": "nobody of the demo has begun a complaint without sending it",
    "courses.quiz": "every lesson that somebody of the demo has begun has its quiz passed",
    "courses.quiz_file": NO_PICTURE,
    "courses.roster_problems": "no row of a roster of the demo has a problem",
    "credentials.issuing_request": "no row of a request file waits in the demo",
    "credentials.issuer_did_document": "programs compute its address from a did:web, no answer names it",
    "credentials.latest_endorsement": "programs ask for it by the name of an issuer, no answer names it",
    "credentials.log_entries": COMPUTED,
    "credentials.log_tile": COMPUTED,
    "credentials.shared": MESSAGE,
    "credentials.status_list_jwt": SIGNED,
    "credentials.suspension_list": "programs ask for it beside the list of what is revoked, which credentials name",
    "credentials.suspension_list_jwt": SIGNED,
    "credit.repair": "no record of who signs in has come to the day from which its repair may be asked for",
    "evidence.answering": MESSAGE,
    "evidence.asking": "a counterparty is asked by letter, and the benchmark has no server for mail",
    "exams.change": "nobody of the demo asks for a change of an exam that is frozen",
    "exams.correction": "no case of the demo corrects a score",
    "exams.expert_group": "no pair of sittings waits for a group of experts in the demo",
    "exams.flag_file": NO_PICTURE,
    "exams.incident_file": "no incident of the demo has a file",
    "exams.pair_file": NO_PICTURE,
    "exams.script": POSTED,
    "exams.script_file": NO_PICTURE,
    "exams.session_seb_file": NO_SAFE_BROWSER,
    "exams.standard_file": NO_PICTURE,
    "health.readyz": "answers 503 where no runner of jobs lives, as in the benchmark",
    "items.file": "few items of the demo have a picture, and the walk opens three items drawn by chance",
    "items.staged": "nobody uploads items in the demo",
    "panels.members": "every committee of the demo is filed, its members are chosen",
    "sitting.file": NO_PICTURE,
    "sitting.review": POSTED,
    "sitting.seb_file": NO_SAFE_BROWSER,
    "sitting.seb_start": NO_SAFE_BROWSER,
    "titles.withdrawal": "the one withdrawal of the demo was rejected, and no page leads there any more",
    "web.set_language": "changes the language of every page after it, and only leads back",
    "web.set_theme": "changes the look of every page after it, and only leads back",
}
