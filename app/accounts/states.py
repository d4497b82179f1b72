"""Closed lists of the accounts room."""

from enum import StrEnum


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


WITHOUT_SECOND_FACTOR = frozenset({Role.TRAINEE, Role.EMPLOYER})
"""Every other role is staff and signs in with a second factor."""


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
    EXAM_BODY = "exam_body"
    CERTIFICATION_BODY = "certification_body"


class IdentityKind(StrEnum):
    """Documents that prove who a person is."""

    RESIDENT_ID = "resident_id"
    PASSPORT = "passport"
    HK_MACAO_PERMIT = "hk_macao_permit"
    TAIWAN_PERMIT = "taiwan_permit"
