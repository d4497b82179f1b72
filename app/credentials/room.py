"""What the credentials room gives to the house."""

from app.cases.kinds import RestrictionKind
from app.core.room import NavItem, Room, Subscriber
from app.core.text import _l
from app.credentials import wording_renewals
from app.credentials.access import GRANTS, Permission
from app.credentials.appeals import KIND as APPEAL_KIND
from app.credentials.bundling import BUNDLE
from app.credentials.checking import CHECKS
from app.credentials.checking import PERIODIC as FORGETTING
from app.credentials.checking import SUBSCRIBERS as ON_CHECKED
from app.credentials.commands import group
from app.credentials.desk import NOTICES, NUMBERS, expected
from app.credentials.documents import ABOUT_PEOPLE, DOCUMENTS
from app.credentials.jobs import JOBS as ISSUING
from app.credentials.key_jobs import COMPLETE, RESIGN, REVOKE
from app.credentials.personal_data import PERSONAL_DATA, UNTOLD
from app.credentials.rules import renewal_packs
from app.credentials.seal_jobs import JOBS as ABOUT_SEALS
from app.credentials.seal_jobs import PERIODIC as OF_SEALS
from app.credentials.seal_jobs import SUBSCRIBERS as ON_SEALS
from app.credentials.services.erasing import ERASED_EVENT, destroy_papers
from app.credentials.services.linting import ISSUE, ISSUE_TO_ORGANISATION
from app.credentials.services.log import SEALER, on_batch_issued
from app.credentials.states import BATCH, BODY_ORDER, CERTIFICATE, CHANGE, DELEGATION, KEY_ORDER, TEMPLATE
from app.credentials.upkeep import JOBS, PERIODIC, SUBSCRIBERS
from app.credentials.views import bp
from app.rulebook.kinds import RuleKind

room = Room(
    name="credentials",
    blueprints=(bp,),
    navigation=(
        NavItem(_l("Issuing"), "credentials.desk", Permission.PREPARE, "certificate", 40),
        NavItem(_l("Signing keys"), "credentials.keys", Permission.KEYS, "lock", 41),
        NavItem(_l("Delegations"), "credentials.authority", Permission.DELEGATE, "rosette-discount-check", 42),
        NavItem(_l("Certificate templates"), "credentials.templates", Permission.DESIGN, "file-text", 41),
        NavItem(_l("My certificates"), "credentials.mine", Permission.HOLD, "certificate", 48),
        NavItem(
            _l("Certificates of my organisation"),
            "credentials.organisation_mine",
            Permission.HOLD_FOR_ORGANISATION,
            "certificate",
            48,
        ),
        NavItem(_l("Check lists of certificates"), "credentials.checks", Permission.CHECK, "list-check", 30),
        NavItem(_l("Check a certificate"), "credentials.verify_page", None, "rosette-discount-check", 10),
    ),
    grants=GRANTS,
    events={
        "credentials.body_opened": _l("Issuing body opened"),
        "credentials.body_order_asked": _l("Order on an issuing body asked"),
        "credentials.body_order_carried_out": _l("Order on an issuing body carried out"),
        "credentials.body_order_refused": _l("Order on an issuing body refused"),
        "credentials.body_ended": _l("The authority of the issuing body ended"),
        "credentials.key_made": _l("Signing key made"),
        "credentials.key_retired": _l("Signing key retired"),
        "credentials.key_revoked": _l("Signing key revoked"),
        "credentials.key_order_asked": _l("Order on a signing key asked"),
        "credentials.key_order_carried_out": _l("Order on a signing key carried out"),
        "credentials.key_order_refused": _l("Order on a signing key refused"),
        "credentials.seal_renewed": _l("Seal key named its own revocation list"),
        "credentials.seal_revoked": _l("An authority revoked a certificate of the seal"),
        ERASED_EVENT: _l("PDF files erased with the data of the holder"),
        "credentials.seal_completed": _l("Proof added to the seal of the PDF file"),
        "credentials.seal_timed": _l("Time-stamp added to the seal of the PDF file"),
        "credentials.seal_ending": _l("The certificate of the seal ends soon"),
        "credentials.resigned": _l("Certificate signed anew"),
        "credentials.forms_resigned": _l("Other forms of the certificate signed anew"),
        "credentials.resign_finished": _l("Everything of a revoked key signed anew"),
        "credentials.delegation_asked": _l("Delegation asked"),
        "credentials.delegation_signed": _l("Delegation signed"),
        "credentials.delegation_refused": _l("Delegation refused"),
        "credentials.delegation_ended": _l("Delegation ended"),
        "credentials.requested": _l("Certificate requested"),
        "credentials.batch_prepared": _l("Batch prepared"),
        "credentials.batch_linted": _l("Batch checked"),
        "credentials.rows_left_out": _l("Rows with faults left out"),
        "credentials.rows_kept_out": _l("%(count)s rows kept out: they are not issued as things stand, and wait"),
        "credentials.rows_closed": _l("%(count)s rows taken out: they are no longer to be certified"),
        "credentials.request_closed": _l("Request to make the certificate anew closed"),
        "credentials.batch_approved": _l("Batch approved"),
        "credentials.batch_rejected": _l("Batch rejected"),
        "credentials.batch_issued": _l("Batch issued"),
        "credentials.published": _l("Certificate issued"),
        "credentials.revoked": _l("Certificate revoked"),
        "credentials.suspended": _l("Certificate suspended"),
        "credentials.reinstated": _l("Certificate reinstated"),
        "credentials.reissue_asked": _l("Asked to make the certificate anew"),
        "credentials.renewal_asked": _l("Asked to renew the certificate"),
        "credentials.change_staged": _l("Change of certificates prepared"),
        "credentials.change_proposed": _l("Change of certificates proposed"),
        "credentials.change_approved": _l("Change of certificates approved"),
        "credentials.change_rejected": _l("Change of certificates rejected"),
        "credentials.change_discarded": _l("Change of certificates discarded"),
        "credentials.change_done": _l("Change of certificates carried out"),
        "credentials.set_aside": _l("Revocation set aside on appeal"),
        "credentials.row_taken_back": _l("A row of a request file taken back before it was issued"),
        "credentials.request_declined": _l("Declined to make the certificate anew"),
        "credentials.shared": _l("Share link made"),
        "credentials.share_revoked": _l("Share link revoked"),
        "credentials.check_started": _l("Check of a list of %(rows)s certificates started"),
        "credentials.check_finished": _l("Check of a list of %(rows)s certificates finished"),
        "credentials.check_forgotten": _l("Rows of a check deleted"),
        "credentials.withdrawn": _l("The certified fact was taken back by its office"),
        "credentials.template_loaded": _l("Shipped template put into force"),
        "credentials.template_drafted": _l("Draft of a template begun"),
        "credentials.template_changed": _l("Draft of a template changed"),
        "credentials.template_confirmed": _l("Version of a template confirmed"),
        "credentials.template_retired": _l("Version of a template replaced"),
        "credentials.template_discarded": _l("Draft of a template discarded"),
    },
    subscribers=(
        *ON_CHECKED,
        Subscriber("credentials.batch_issued", "credentials.seal_log", on_batch_issued, outside=True),
        *SUBSCRIBERS,
        *ON_SEALS,
        Subscriber(ERASED_EVENT, "credentials.destroy_papers", destroy_papers),
        *ABOUT_PEOPLE,
    ),
    documents=DOCUMENTS,
    periodic=(BUNDLE, COMPLETE, SEALER, *PERIODIC, *FORGETTING, *OF_SEALS),
    jobs=(*ISSUING, *JOBS, *CHECKS, *ABOUT_SEALS, RESIGN, REVOKE),
    todo_kinds={
        "credentials.approve_change": _l("Approve a change of %(count)s certificates"),
        "credentials.prepare": _l("Prepare the certificates that wait at %(body)s"),
        "credentials.approve": _l("Approve a batch of %(count)s certificates"),
        "credentials.seal_ends": _l("Replace the certificate of the seal of %(body)s: it ends on %(day)s"),
        "credentials.replace_seal": _l("Replace the certificate of the seal of %(body)s: it was revoked on %(day)s"),
        "credentials.key_order": _l("Decide on an order on the signing key %(algorithm)s"),
        "credentials.delegate": _l("Decide on the delegation to %(body)s"),
        "credentials.body_order": _l("Decide on an order on the issuing body %(body)s"),
        "credentials.confirm_template": _l("Confirm version %(number)s of a certificate template"),
    },
    todo_sources=(expected,),
    notices=NOTICES,
    home_numbers=NUMBERS,
    rule_kinds=(
        RuleKind(
            renewal_packs.KIND,
            _l("Renewal of certificates"),
            renewal_packs.RenewalParams,
            wording_renewals.sentences,
            renewal_packs.judge,
            renewal_packs.FACTS,
            renewal_packs.REASONS,
        ),
    ),
    lifecycles=(BATCH, BODY_ORDER, CERTIFICATE, CHANGE, DELEGATION, KEY_ORDER, TEMPLATE),
    case_kinds=(APPEAL_KIND,),
    restrictions=(
        RestrictionKind(ISSUE, _l("No certificate is issued"), "person"),
        RestrictionKind(ISSUE_TO_ORGANISATION, _l("No certificate is issued to the organisation"), "organisation"),
    ),
    commands=(group,),
    personal_data=PERSONAL_DATA,
    untold=UNTOLD,
)
