"""Chapter 4: the award, the certificate, verification by ours and by others, revocation."""

import json
import re
import subprocess
from urllib.parse import quote

from tests.story.browser import Browser, Page, StoryError
from tests.story.people import ROOT, flask, wait_for
from tests.story.state import Journey


def the_examiner_cannot_award(story: Journey) -> str:
    """Keep who examined from deciding."""
    story.people.as_role("examiner").get("/awards", expect=403)
    return "403"


def a_certifier_awards_the_levels(story: Journey) -> str:
    """Award each candidate who passed."""
    certifier = story.people.as_role("certifier")
    count = len(story.trainees)

    def proposed() -> list[str]:
        page = certifier.get("/awards?state=proposed")
        if any(trainee.name not in page.words for trainee in story.trainees):
            return []
        found = {str(url) for url in page.tree.xpath("//main//a/@href") if re.search(r"/awards/\w{26}$", url)}
        return sorted(found)

    for address in wait_for("the proposals", proposed):
        page = certifier.get(address)
        if any(trainee.name in page.words for trainee in story.trainees):
            certifier.submit(page, "/award")
    return f"{count} awarded"


def the_issuer_prepares_a_batch(story: Journey) -> str:
    """Gather what waits into a batch; it is linted before anyone signs."""
    issuer = story.people.as_role("issuer")
    page = wait_for("the requests", lambda: _batch_form(issuer))
    page = issuer.submit(page, "/issuing/batches", {"kind": "capability"})
    story.batch = page.url.rsplit("/", 1)[-1]
    return story.batch


def _batch_form(issuer: Browser) -> Page | None:
    page = issuer.get("/issuing")
    offered = any((form.action or "").endswith("/issuing/batches") for form in page.tree.forms)
    return page if offered else None


def a_second_issuer_approves_it(story: Journey) -> str:
    """Approve by a second person; then the certificates are signed, rendered and published."""
    second = story.people.as_role("issuer2")
    address = f"/issuing/batches/{story.batch}"
    page = wait_for("the lint", lambda: _approvable(second, address))
    second.submit(page, "/approve")
    wait_for("the publication", lambda: _published(story), seconds=120)
    return f"{len(story.credentials)} published"


def _approvable(second: Browser, address: str) -> Page | None:
    page = second.get(address)
    return page if any((form.action or "").endswith("/approve") for form in page.tree.forms) else None


def _published(story: Journey) -> bool:
    found = []
    for trainee in story.trainees:
        page = trainee.own.get("/my/certificates")
        found += [
            str(url) for url in page.tree.xpath("//main//a/@href") if re.search(r"/my/certificates/\w{26}$", url)
        ][:1]
    story.credentials = [url.rsplit("/", 1)[-1] for url in found]
    return len(found) == len(story.trainees)


def the_holder_downloads_the_certificate(story: Journey) -> str:
    """Download the credential and its PDF."""
    trainee, code = story.trainees[0], story.credentials[0]
    credential = trainee.own.get(f"/credentials/{code}.json", accept="application/vc")
    (story.folder / "credential.json").write_bytes(credential.body)
    pdf = trainee.own.get(f"/credentials/{code}.pdf", accept="application/pdf")
    if not pdf.body.startswith(b"%PDF"):
        raise StoryError("the certificate is no PDF")
    (story.folder / "certificate.pdf").write_bytes(pdf.body)
    jwt = trainee.own.get(f"/credentials/{code}.jwt", accept="application/vc+jwt")
    (story.folder / "credential.jwt").write_bytes(jwt.body)
    badge = trainee.own.get(f"/credentials/{code}.png", accept="image/png")
    (story.folder / "badge.png").write_bytes(badge.body)
    return f"{len(credential.body)} bytes JSON, {len(pdf.body)} bytes PDF"


def anyone_verifies_it(story: Journey) -> str:
    """Verify on the page by number and by file, and by the API."""
    stranger = story.people.stranger()
    stranger.get(f"/verify?q={story.credentials[0]}")
    for name in ("credential.json", "certificate.pdf"):
        answer = stranger.upload("/api/v1/verify", story.folder / name).json()
        if not answer["valid"]:
            raise StoryError(f"{name} is not valid: {answer['checks']}")
    return "valid"


def an_edited_certificate_fails(story: Journey) -> str:
    """Change one character: verification says no."""
    text = (story.folder / "credential.json").read_text("utf-8")
    edited = story.folder / "edited.json"
    edited.write_text(text.replace(story.trainees[0].name, story.trainees[0].name[::-1] + "二"), "utf-8")
    answer = story.people.stranger().upload("/api/v1/verify", edited).json()
    edited.unlink()
    if answer["valid"]:
        raise StoryError("an edited certificate passes")
    return ", ".join(check["name"] for check in answer["checks"] if check["result"] == "fail")


def an_independent_program_verifies_it(story: Journey) -> str:
    """Verify with @digitalbazaar/vc, which knows nothing of our code."""
    return independent(story, "credential.json", expect=True)


def a_certificate_is_revoked(story: Journey) -> str:
    """Revoke another certificate with a reason."""
    issuer = story.people.as_role("issuer")
    page = issuer.get(f"/issuing/certificates/{story.credentials[1]}")
    issuer.submit(page, "/revoke", {"reason": "issued_in_error", "note": "名册误登，已核实。"})
    return "issued_in_error"


def verification_says_so(story: Journey) -> str:
    """Say revoked on the page, in the API and to the independent program."""
    stranger = story.people.stranger()
    code = story.credentials[1]
    revoked = stranger.get(f"/credentials/{code}.json", accept="application/vc")
    (story.folder / "revoked.json").write_bytes(revoked.body)

    def told() -> bool:
        answer = stranger.upload("/api/v1/verify", story.folder / "revoked.json").json()
        return any(check["name"] == "revocation" and check["result"] == "fail" for check in answer["checks"])

    wait_for("the revocation", told)
    status = revoked.json()["credentialStatus"]["statusListCredential"]
    listed = stranger.get("/" + status.split("/", 3)[3], accept="application/vc")
    (story.folder / "status-list.json").write_bytes(listed.body)
    return independent(story, "revoked.json", expect=False)


FORMS = (
    ("credential.json", 0),
    ("certificate.pdf", 0),
    ("credential.jwt", 0),
    ("badge.png", 0),
    ("revoked.json", 1),
)
"""What is checked with the trust bundle alone, and how the command ends."""


def a_trust_bundle_is_enough_without_network(story: Journey) -> str:
    """Check the good and the revoked certificate with nothing but the trust bundle, in every form at hand."""
    bundle = story.folder / "trust-bundle.zip"
    flask("credentials", "trust", str(bundle))
    said = []
    for name, expect in FORMS:
        words = ("credentials", "verify", str(story.folder / name), "--offline", "--trust", str(bundle))
        answer = flask(*words, expect=expect)
        said.append(f"{name} {'valid' if answer['valid'] else 'not valid'}")
    return ", ".join(said)


def the_public_log_proves_the_issue(story: Journey) -> str:
    """Take the proof that the certificate was issued, as anyone can, and check it without network."""
    address = f"/credentials/{story.credentials[0]}.tlog-proof"
    proof = story.people.stranger().get(address, accept="text/plain")
    path, bundle = story.folder / "log-proof.txt", story.folder / "trust-bundle.zip"
    path.write_bytes(proof.body)
    words = ("credentials", "verify", str(story.folder / "credential.json"), "--offline", "--trust", str(bundle))
    told = {one["name"]: one["result"] for one in flask(*words, "--log-proof", str(path))["checks"]}
    if told["log"] != "pass":
        raise StoryError(f"the proof of the public log is {told['log']} without network")
    return proof.body.decode().splitlines()[0]


def a_holder_agrees_to_publish_the_name(story: Journey) -> str:
    """Find the name masked on the register, then agree on one's own page that it is shown."""
    holder = story.trainees[1]
    if holder.name in story.people.stranger().get(f"/register?text={quote(holder.name)}").words:
        raise StoryError("the register names somebody who did not agree")
    page = holder.own.get("/me/rights")
    holder.own.submit(page, "/me/rights/consents/accounts.publish_name/give")
    return holder.name


def the_register_says_so(story: Journey) -> str:
    """Show the withdrawn level in the public register."""
    page = story.people.stranger().get(f"/register?text={quote(story.trainees[1].name)}")
    if story.trainees[1].name not in page.words:
        raise StoryError(f"the register does not know {story.trainees[1].name}")
    return "withdrawn"


def the_clock_goes_back_to_real_time(story: Journey) -> str:
    """End before now."""
    flask("clock", "reset")
    return "real time"


def independent(story: Journey, name: str, *, expect: bool) -> str:
    """Run @digitalbazaar/vc on a file of the story, with the signer's document and the status list."""
    did = story.people.stranger().get("/.well-known/did.json", accept="application/json")
    (story.folder / "did.json").write_bytes(did.body)
    credential = json.loads((story.folder / name).read_text("utf-8"))
    issuer = credential["issuer"]["id"]
    if did.json()["id"] != issuer:
        slug = issuer.rsplit(":", 1)[-1]
        did = story.people.stranger().get(f"/issuers/{slug}/did.json", accept="application/json")
        (story.folder / "did.json").write_bytes(did.body)
    if not (story.folder / "status-list.json").exists():
        address = credential["credentialStatus"]["statusListCredential"].split("/", 3)[3]
        listed = story.people.stranger().get(f"/{address}", accept="application/vc")
        (story.folder / "status-list.json").write_bytes(listed.body)
    files = [str(story.folder / one) for one in (name, "did.json", "status-list.json")]
    done = subprocess.run(
        ["node", "tests/node/verify.mjs", *files], cwd=ROOT, capture_output=True, text=True, check=False
    )
    answer = json.loads(done.stdout)
    if (done.returncode == 0) is not expect:
        raise StoryError(f"@digitalbazaar/vc says {answer} of {name}")
    return json.dumps(answer)
