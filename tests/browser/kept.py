"""Texts that name no record: each place by itself, with what became of the text where the code was looked at."""

from collections.abc import Iterator, Mapping

_FIXED = """
    accounts.forms: ConfirmForm.next PasskeyForm.next SignInForm.next
    accounts.views.confirm: ?next
    accounts.views.people_rosters: ?rows ?show
    accounts.views.security: ?next
    accounts.views.sign_in: ?next
    api.evidence: ?changed_since ?page ?state
    assessment.certification.views: ?state
    assessment.credit.views.records: ?gravity ?state
    assessment.exams.views.board: ?outcome
    assessment.exams.views.comments: ?state
    assessment.exams.views.item_use: ?sort
    assessment.exams.views.leading: ?answer
    assessment.exams.views.paper: ?part
    assessment.exams.views.papers: ?as
    assessment.exams.views.reports: ?format
    assessment.exams.views.results: ?format
    assessment.exams.views.retired: ?fate
    assessment.exams.views.statistics: ?sort
    assessment.titles.views.withdrawals: ?move
    cases.views.board: ?show
    cases.views.handling: ?kind ?overdue ?sort ?state
    cases.views.mine: ?act ?as ?kind
    cases.views.visitors: ?act
    courses.views.cohorts: ?sort ?state
    courses.views.rosters: ?rows ?show
    credentials.views.changes: ?act ?every ?rows ?show
    credentials.views.checks: ?answer
    credentials.views.issued: ?sort
    credentials.views.issuing: ?show
    credentials.views.lists: ?as
    desk.views.notices: ?unread
    desk.views.search: ?kind
    evidence.views.entering: ?act
    evidence.views.institution: ?show
    evidence.views.lists: ?kind ?sort ?state
    items.views.imports: ?fate
    items.views.writing: ?act ?type
    panels.views.draws: ?state
    panels.views.pools: ?field ?sort ?state ?title
    performance.views: ?act
    rulebook.views.builder: ?act ?open
    rulebook.views.packs: ?kind
    web.page_context: ?sort
    web.views: ?next
    bases.forms: ApplicationForm.levels
    cases.forms: DeskForm.kind RegisterForm.kind
    credentials.forms.changes: IssuedForm.kind IssuedForm.level IssuedForm.standing
    credentials.forms.holder: ShareForm.fields
    credentials.forms.keys: DelegationForm.levels
    credentials.forms.templates: LevelForm.level
    items.forms.records: ExportForm.agreed
    items.forms.writing: WrittenForm.parts item_form
"""
_WORDS = """
    accounts.contact_forms: PersonForm.reason WithdrawForm.reason
    accounts.forms: EndOrderForm.reason ResetOrderForm.reason RoleOrderForm.reason
    accounts.organisation_forms: ClosingForm.reason
    accounts.rights_forms: AnswerForm.answer MergeForm.reasons NameForm.reason
    assessment.certification.forms: RefusalForm.reason
    assessment.credit.forms: DoubtForm.findings EntryForm.basis EntryForm.conduct EntryForm.deciding_body
            EntryForm.result ReasonForm.reason RepairDecisionForm.reason RepairForm.commitment
    assessment.exams.forms.administration: CheckForm.note ConductForm.description ExtraTimeForm.reason
            IncidentForm.action IncidentForm.description MoveForm.reason RoomReasonForm.reason
            StatementForm.statement WindowForm.reason
    assessment.exams.forms.answers: StopForm.reason
    assessment.exams.forms.comments: WordsForm.words
    assessment.exams.forms.late: ProposalForm.reason
    assessment.exams.forms.marking: RulingForm.reason
    assessment.exams.forms.papers: EnemyForm.reason
    assessment.exams.forms.parts: ReasonForm.reason
    assessment.exams.forms.revoking: RevocationForm.words
    assessment.exams.forms.standards: CutForm.reason EquatingForm.reason
    assessment.exams.forms.statistics: FlagForm.reason OpinionForm.reason
    assessment.exams.views.corrections: ?reason
    assessment.exams.views.marking: ?remark
    assessment.titles.forms: ReturnForm.reason WithdrawalDecisionForm.decision WithdrawalForm.findings _field
    ballots.forms: CallOffForm.reason
    bases.forms: DecisionForm.reason MoveForm.reason
    cases.forms: AskForm.reason CaseForm.facts DecisionForm.reason DeclarationForm.facts DeliveryForm.to_whom
            PublicReasonForm.reason
            FurtherForm.facts LiftForm.reason ReasonForm.reason
            RestrictionForm.reason SupplyForm.facts VisitorForm.contact
    courses.forms: ReasonForm.reason
    credentials.forms.changes: ChangeForm.note DeclineForm.reason ReinstateForm.reason
            SuspendForm.note
    credentials.forms.keys: BodyOrderForm.reason EndForm.reason KeyOrderForm.reason SealCertificateForm.reason
    credentials.forms.lists: CheckForm.consent CheckForm.words
    credentials.forms.records: RejectForm.reason RevokeForm.note TakeBackForm.reason
    evidence.forms: AnswerForm.reason CheckForm.note FindingForm.note ReasonForm.reason
    items.forms.records: ReasonForm.reason
    items.forms.writing: ClearForm.words CommentForm.comment RevisionForm.words
    panels.forms.draws: DeclareForm.reason ImposeForm.reason SettleForm.reason StartOverForm.reason
    panels.forms.meetings: ItemRecusalForm.reason OpinionForm.opinion
    panels.forms.pools: ReasonForm.reason
    panels.forms.scoring: CorrectionForm.reason score_form
    performance.forms: ReasonForm.reason RectificationForm.report report_form
    rulebook.forms: ReasonForm.reason
    web.gallery: SampleForm.note
"""
_GIVEN = """
    accounts.contact_forms: MailForm.email PhoneForm.phone
    accounts.forms: PasskeyForm.name PasskeyNameForm.name
    accounts.organisation_forms: ContactsForm.email ContactsForm.phone ContactsForm.postal_address
            ContactsForm.postcode CorrectionForm.name_en CorrectionForm.name_zh KeyForm.name
    accounts.rights_forms: NameForm.name NameForm.name_latin
    assessment.exams.forms.administration: RoomForm.name VenueForm.address
    assessment.exams.forms.marking: RulingForm.also RulingForm.key
    assessment.exams.forms.parts: NamedForm.name_en NamedForm.name_zh
    assessment.titles.forms: MeetingForm.place RoundForm.name_en RoundForm.name_zh
    bases.forms: ApplicationForm.address_en ApplicationForm.address_zh
    cases.forms: CorrectionForm.body_en CorrectionForm.body_zh CorrectionForm.title_en CorrectionForm.title_zh
    courses.forms: CohortForm.name
    credentials.forms.holder: ShareForm.label
    credentials.forms.keys: SealCertificateForm.crl SealCertificateForm.ocsp
    credentials.forms.templates: TemplateForm.criteria_en TemplateForm.criteria_zh TemplateForm.css
            TemplateForm.description_en TemplateForm.description_zh TemplateForm.html TemplateForm.name_en
            TemplateForm.name_zh TemplateForm.renewal_en TemplateForm.renewal_zh TemplateForm.source_en
            TemplateForm.source_zh TemplateForm.statement_en TemplateForm.statement_zh
    evidence.forms: AskForm.email
    items.forms.records: BankForm.name_en BankForm.name_zh
    items.forms.writing: _brief _long _short
    panels.forms.draws: PlanForm.name_en PlanForm.name_zh
    panels.forms.meetings: MeetingForm.name_en MeetingForm.name_zh MeetingForm.place
    panels.forms.pools: CommitteeForm.name_en CommitteeForm.name_zh CommitteeForm.series NominationForm.unit
    web.gallery: SampleFilters.q SampleForm.name
"""
_DOCUMENTS = """
    accounts.rights_forms: NameForm.file
    assessment.credit.forms: EntryForm.file RepairForm.file
    assessment.exams.forms.administration: IncidentForm.files
    cases.forms: CaseForm.files DeliveryForm.receipt SupplyForm.files
    credentials.forms.keys: SealCertificateForm.file
    items.forms.writing: _file_fields
    web.gallery: SampleForm.roster
"""


def _listed(text: str) -> Iterator[str]:
    """Yield the places of lines `module: field field`, in which `?name` is read by a view from an address or form."""
    module = ""
    for word in text.split():
        if word.endswith(":"):
            module = word[:-1]
        else:
            yield f"{module}{word}" if word.startswith("?") else f"{module}.{word}"


PLAIN: Mapping[str, str] = {
    **dict.fromkeys(_listed(_FIXED), "compared with words that the code itself lists, or a path of this site"),
    **dict.fromkeys(_listed(_WORDS), "words for people, kept under the record of the address and read there"),
    **dict.fromkeys(_listed(_GIVEN), "what a record of one's own is called or says, kept and never looked for"),
    "assessment.exams.views.corrections?f'points-{module}'": "figures",
    **dict.fromkeys(_listed(_DOCUMENTS), "a document, kept by its content under the record of the address"),
}
"""Where a text names no record of anybody, and what is done with it."""
