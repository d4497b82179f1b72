"""Closed lists of the accounts room."""

from enum import StrEnum

from app.core.errors import Text
from app.core.states import Lifecycle, Move
from app.core.text import _l

NATION = "100000"
"""The GB/T 2260 code of the whole country."""


class Role(StrEnum):
    """What a person may be in the field; a membership scopes it to region, organisation, period."""

    TRAINEE = "trainee"
    BASE = "base"
    LECTURER = "lecturer"
    AUTHOR = "author"
    REVIEWER = "reviewer"
    EXAMINER = "examiner"
    INVIGILATOR = "invigilator"
    MARKER = "marker"
    ADJUDICATOR = "adjudicator"
    SECRETARY = "secretary"
    EXPERT = "expert"
    CHAIR = "chair"
    SUPERVISOR = "supervisor"
    CERTIFIER = "certifier"
    ISSUER = "issuer"
    CREDIT = "credit"
    REGULATOR = "regulator"
    EMPLOYER = "employer"
    SYSADMIN = "sysadmin"
    SECADMIN = "secadmin"
    AUDITOR = "auditor"


ROLE_LABELS: dict[Role, Text] = {
    Role.TRAINEE: _l("Trainee"),
    Role.BASE: _l("Base administrator"),
    Role.LECTURER: _l("Lecturer"),
    Role.AUTHOR: _l("Item author"),
    Role.REVIEWER: _l("Item reviewer"),
    Role.EXAMINER: _l("Examiner"),
    Role.INVIGILATOR: _l("Invigilator"),
    Role.MARKER: _l("Marker"),
    Role.ADJUDICATOR: _l("Adjudicator"),
    Role.SECRETARY: _l("Committee secretary"),
    Role.EXPERT: _l("Expert"),
    Role.CHAIR: _l("Committee chair"),
    Role.SUPERVISOR: _l("Supervisor"),
    Role.CERTIFIER: _l("Certification officer"),
    Role.ISSUER: _l("Certificate issuer"),
    Role.CREDIT: _l("Credit officer"),
    Role.REGULATOR: _l("Regulator"),
    Role.EMPLOYER: _l("Employer"),
    Role.SYSADMIN: _l("System administrator"),
    Role.SECADMIN: _l("Security administrator"),
    Role.AUDITOR: _l("Audit administrator"),
}

WITHOUT_SECOND_FACTOR = frozenset({Role.TRAINEE, Role.EMPLOYER})
"""Every other role is staff and signs in with a second factor."""


APART = frozenset({Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR})
"""The three administrators: nobody holds two of these at a time (GB/T 22239-2019, 8.1.5.1 to 8.1.5.3)."""


SERVING = (Role.EXPERT, Role.CHAIR)
"""Roles of who serves an authority as an expert: to serve is no employment."""


class RegionLevel(StrEnum):
    """The four levels of GB/T 2260 that share the field's duties."""

    NATION = "nation"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


class OrganisationKind(StrEnum):
    """What an organisation is in the field."""

    BASE = "base"
    INSTITUTION = "institution"
    EMPLOYER = "employer"
    AUTHORITY = "authority"
    COMMITTEE_HOST = "committee_host"
    EXAM_BODY = "exam_body"
    CERTIFICATION_BODY = "certification_body"


class Kin(StrEnum):
    """How one organisation is related to another: the body above it, a part of it, another part of one whole."""

    WHOLE = "whole"
    PART = "part"
    SIBLING = "sibling"


ORGANISATION_LABELS: dict[OrganisationKind, Text] = {
    OrganisationKind.BASE: _l("Training base"),
    OrganisationKind.INSTITUTION: _l("Technology transfer institution"),
    OrganisationKind.EMPLOYER: _l("Employer"),
    OrganisationKind.AUTHORITY: _l("Authority"),
    OrganisationKind.COMMITTEE_HOST: _l("Host of a review committee"),
    OrganisationKind.EXAM_BODY: _l("Examination body"),
    OrganisationKind.CERTIFICATION_BODY: _l("Certification body"),
}


class IdentityKind(StrEnum):
    """Documents that prove who a person is."""

    RESIDENT_ID = "resident_id"
    PASSPORT = "passport"
    HK_MACAO_PERMIT = "hk_macao_permit"
    TAIWAN_PERMIT = "taiwan_permit"


IDENTITY_LABELS: dict[IdentityKind, Text] = {
    IdentityKind.RESIDENT_ID: _l("Resident identity card"),
    IdentityKind.PASSPORT: _l("Passport"),
    IdentityKind.HK_MACAO_PERMIT: _l("Mainland travel permit for Hong Kong and Macao residents"),
    IdentityKind.TAIWAN_PERMIT: _l("Mainland travel permit for Taiwan residents"),
}


class ResetWay(StrEnum):
    """By which way the secret of a password reset reaches the person."""

    MAIL = "mail"
    SMS = "sms"


class OrderKind(StrEnum):
    """What is done by two: a security administrator carries out what another, or an officer, asks."""

    GRANT_ROLE = "grant_role"
    END_ROLE = "end_role"
    RESET_FACTORS = "reset_factors"
    CORRECT_PHONE = "correct_phone"
    CORRECT_EMAIL = "correct_email"
    CORRECT_DOCUMENT = "correct_document"
    ADD_DOCUMENT = "add_document"


ORDER_LABELS: dict[OrderKind, Text] = {
    OrderKind.GRANT_ROLE: _l("Give a role"),
    OrderKind.END_ROLE: _l("End a role"),
    OrderKind.RESET_FACTORS: _l("Reset the second factor"),
    OrderKind.CORRECT_PHONE: _l("Correct the telephone number"),
    OrderKind.CORRECT_EMAIL: _l("Correct the mail address"),
    OrderKind.CORRECT_DOCUMENT: _l("Correct the document"),
    OrderKind.ADD_DOCUMENT: _l("Add a further document"),
}


CORRECTIONS = frozenset(
    {OrderKind.CORRECT_PHONE, OrderKind.CORRECT_EMAIL, OrderKind.CORRECT_DOCUMENT, OrderKind.ADD_DOCUMENT}
)
"""What an officer asks for who is no security administrator, too."""


class OrderState(StrEnum):
    """Where an order is; `asked` waits for the second person."""

    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


ORDER = Lifecycle(
    "security_order",
    OrderState.ASKED,
    (
        Move("carry_out", frozenset({OrderState.ASKED}), OrderState.DONE, "accounts.roles_manage", _l("Carry out")),
        Move("refuse", frozenset({OrderState.ASKED}), OrderState.REFUSED, "accounts.roles_manage", _l("Refuse")),
        Move("withdraw", frozenset({OrderState.ASKED}), OrderState.WITHDRAWN, None, _l("Take back")),
    ),
)


class ErasureState(StrEnum):
    """Where a request for erasure is; `limited` keeps what the law keeps until it need not."""

    REQUESTED = "requested"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    LIMITED = "limited"
    DONE = "done"


class NameState(StrEnum):
    """Where a request to correct a verified name is."""

    REQUESTED = "requested"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    CORRECTED = "corrected"


class MergeState(StrEnum):
    """Where a proposal to join two records of one person is."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


class ClaimState(StrEnum):
    """Where a claim to a record is."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"


ERASURE = Lifecycle[ErasureState](
    "erasure",
    ErasureState.REQUESTED,
    (
        Move("withdraw", frozenset({ErasureState.REQUESTED}), ErasureState.WITHDRAWN, None, _l("Withdraw the request")),
        Move(
            "refuse",
            frozenset({ErasureState.REQUESTED}),
            ErasureState.REFUSED,
            "accounts.erasure_decide",
            _l("Refuse the erasure"),
        ),
        Move(
            "limit",
            frozenset({ErasureState.REQUESTED}),
            ErasureState.LIMITED,
            "accounts.erasure_decide",
            _l("Erase what need not be kept"),
        ),
        Move(
            "erase",
            frozenset({ErasureState.REQUESTED, ErasureState.LIMITED}),
            ErasureState.DONE,
            "accounts.erasure_decide",
            _l("Erase the data"),
        ),
    ),
)

NAME = Lifecycle[NameState](
    "name_correction",
    NameState.REQUESTED,
    (
        Move("withdraw", frozenset({NameState.REQUESTED}), NameState.WITHDRAWN, None, _l("Withdraw the request")),
        Move(
            "refuse",
            frozenset({NameState.REQUESTED}),
            NameState.REFUSED,
            "accounts.names",
            _l("Refuse the correction"),
        ),
        Move(
            "correct",
            frozenset({NameState.REQUESTED}),
            NameState.CORRECTED,
            "accounts.names",
            _l("Correct the name"),
        ),
    ),
)

MERGE = Lifecycle[MergeState](
    "person_merge",
    MergeState.PROPOSED,
    (
        Move(
            "confirm",
            frozenset({MergeState.PROPOSED}),
            MergeState.CONFIRMED,
            "accounts.merge",
            _l("Join the two records"),
        ),
        Move(
            "decline",
            frozenset({MergeState.PROPOSED}),
            MergeState.DECLINED,
            "accounts.merge",
            _l("Keep them apart"),
        ),
    ),
)

CLAIM = Lifecycle[ClaimState](
    "claim",
    ClaimState.OPEN,
    (
        Move(
            "accept",
            frozenset({ClaimState.OPEN}),
            ClaimState.ACCEPTED,
            "accounts.claims",
            _l("Accept and make the link"),
        ),
        Move("refuse", frozenset({ClaimState.OPEN}), ClaimState.REFUSED, "accounts.claims", _l("Refuse the claim")),
    ),
)
