"""What the accounts room gives to the house."""

from flask import Flask

from app.accounts.access import GRANTS, Permission
from app.accounts.jobs import EXPORT, RIGHTS, ROSTERS, SWEEP
from app.accounts.letters import SUBSCRIBERS
from app.accounts.personal_data import CONSENTS, PERSONAL_DATA, UNTOLD
from app.accounts.services import merging
from app.accounts.start import refuse_demo
from app.accounts.states import CLAIM, ERASURE, MERGE, NAME, ORDER
from app.accounts.views import bp, current
from app.core.room import NavItem, Room
from app.core.text import _l
from app.web.navigation import offer_account_link


def _start(app: Flask) -> None:
    current.init_app(app)
    refuse_demo(app)
    offer_account_link(app, NavItem(_l("My account"), "accounts.me", None, "user"))
    offer_account_link(app, NavItem(_l("My data and rights"), "accounts.own_rights", None, "user"))
    offer_account_link(app, NavItem(_l("My roles"), "accounts.roles", None, "user-circle"))


GROUP = _l("People and bodies")
room = Room(
    name="accounts",
    blueprints=(bp,),
    navigation=(
        NavItem(_l("People and roles"), "accounts.people", Permission.PEOPLE_VIEW, "user", 80, GROUP),
        NavItem(_l("Orders by two"), "accounts.orders_list", Permission.ROLES_MANAGE, "shield-lock", 81, GROUP),
        NavItem(_l("Event trail"), "accounts.event_trail", Permission.EVENTS_READ, "history", 82, GROUP),
        NavItem(_l("System"), "accounts.system_page", Permission.SYSTEM_VIEW, "settings", 83, GROUP),
        NavItem(_l("Requests for erasure"), "accounts.erasures", Permission.ERASURE_DECIDE, "user", 83, GROUP),
        NavItem(_l("Records of one person"), "accounts.merges", Permission.MERGE, "users", 84, GROUP),
        NavItem(_l("Claims"), "accounts.claims", Permission.CLAIMS, "user", 85, GROUP),
        NavItem(_l("Corrections of names"), "accounts.names", Permission.NAMES, "pencil", 84, GROUP),
        NavItem(_l("Organisations"), "accounts.organisations", Permission.ORGANISATIONS_VIEW, "building", 81, GROUP),
        NavItem(_l("My organisation"), "accounts.own_organisation", Permission.MEMBERS, "building", 82, GROUP),
    ),
    grants=GRANTS,
    events={
        "accounts.roster_staged": _l("Roster of people checked: %(good)s good rows, %(bad)s with problems"),
        "accounts.roster_committed": _l("Roster of people taken over: %(persons)s added"),
        "accounts.roster_discarded": _l("Roster of people discarded"),
        "accounts.person_added": _l("Person added"),
        "accounts.name_corrected": _l("Verified name corrected"),
        "accounts.contact_asked": _l("Another telephone number or mail address asked for"),
        "accounts.contact_changed": _l("Telephone number or mail address changed"),
        "accounts.contact_corrected": _l("Telephone number or mail address corrected by an officer"),
        "accounts.document_corrected": _l("Identity document corrected"),
        "accounts.document_added": _l("Further identity document added"),
        "accounts.account_added": _l("Account made"),
        "accounts.password_changed": _l("Password changed"),
        "accounts.language_chosen": _l("Language chosen"),
        "accounts.second_factor_set": _l("Second factor set up"),
        "accounts.organisation_added": _l("Organisation added"),
        "accounts.regions_loaded": _l("Regions loaded: %(added)s added, %(renamed)s renamed"),
        "accounts.region_renamed": _l("Region renamed"),
        "accounts.consent_given": _l("Consent given"),
        "accounts.consent_withdrawn": _l("Consent withdrawn"),
        "accounts.export_requested": _l("Copy of the own data asked for"),
        "accounts.export_downloaded": _l("Copy of the own data downloaded"),
        "accounts.erasure_requested": _l("Erasure asked for"),
        "accounts.erasure_withdrawn": _l("Request for erasure withdrawn"),
        "accounts.erasure_refused": _l("Erasure refused"),
        "accounts.erasure_limited": _l("Erased but for what the law keeps"),
        "accounts.person_erased": _l("Personal data erased"),
        "accounts.merge_proposed": _l("Joining with another record proposed"),
        "accounts.merge_declined": _l("Joining with another record declined"),
        "accounts.people_merged": _l("Joined with another record"),
        "accounts.name_asked": _l("Correction of the name asked for"),
        "accounts.name_withdrawn": _l("Request to correct the name withdrawn"),
        "accounts.name_refused": _l("Correction of the name refused"),
        "accounts.name_decided": _l("Correction of the name decided"),
        "accounts.claim_made": _l("Record claimed"),
        "accounts.claim_accepted": _l("Claim accepted"),
        "accounts.claim_refused": _l("Claim refused"),
        "accounts.organisation_corrected": _l("Organisation corrected"),
        "accounts.organisation_closed": _l("Organisation closed"),
        "accounts.role_granted": _l("Role given"),
        "accounts.role_ended": _l("Role ended"),
        "accounts.role_switched": _l("Role switched"),
        "accounts.session_started": _l("Signed in"),
        "accounts.session_ended": _l("Session ended"),
        "accounts.person_invited": _l("Invitation sent"),
        "accounts.sessions_ended": _l("Sessions ended"),
        "accounts.session_confirmed": _l("Shown again who it is"),
        "accounts.second_factor_removed": _l("Authenticator app removed"),
        "accounts.recovery_codes_made": _l("Recovery codes made"),
        "accounts.recovery_code_used": _l("Recovery code used"),
        "accounts.passkey_added": _l("Passkey added"),
        "accounts.passkey_renamed": _l("Passkey renamed"),
        "accounts.passkey_removed": _l("Passkey removed"),
        "accounts.passkey_suspect": _l("Passkey refused: its counter went back"),
        "accounts.order_asked": _l("Order asked for"),
        "accounts.order_carried_out": _l("Order carried out"),
        "accounts.order_refused": _l("Order refused"),
        "accounts.order_withdrawn": _l("Order withdrawn"),
        "accounts.second_factor_reset": _l("Second factor reset"),
        "accounts.events_exported": _l("Event trail exported"),
        "accounts.job_retried": _l("Failed job started again"),
        "accounts.key_made": _l("Key for a program made"),
        "accounts.key_used": _l("Key for a program used"),
        "accounts.key_revoked": _l("Key for a program revoked"),
        "accounts.reset_asked": _l("Password reset asked for"),
        "accounts.password_reset": _l("Password reset"),
    },
    subscribers=SUBSCRIBERS,
    lifecycles=(ERASURE, MERGE, CLAIM, NAME, ORDER),
    jobs=(EXPORT, *ROSTERS),
    personal_data=PERSONAL_DATA,
    untold=UNTOLD,
    consents=CONSENTS,
    merges={
        "account.person_id": merging.keep_one_account,
        "invitation.person_id": merging.end_links,
        "data_export.person_id": merging.end_links,
        "consent.person_id": merging.keep_one_consent,
        "passkey.person_id": merging.keep_own_factors,
        "recovery_code.person_id": merging.keep_own_factors,
        "past_password.person_id": merging.keep_own_factors,
        "password_reset.person_id": merging.drop_resets,
        "person_document.person_id": merging.documents_anew,
        "contact_change.person_id": merging.drop_contacts,
        "security_order.person_id": merging.one_order,
        "sign_in_session.person_id": merging.drop_addresses,
        "erasure.person_id": merging.one_erasure,
        "claim.person_id": merging.one_claim,
        "name_correction.person_id": merging.one_correction,
    },
    periodic=(SWEEP, RIGHTS),
    start=_start,
)
