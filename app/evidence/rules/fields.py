"""What each kind of evidence says: the one table that forms, imports, the API and the record page read."""

from dataclasses import dataclass
from enum import StrEnum

from app.core.errors import Text
from app.core.text import _l
from app.evidence.states import Kind


class FieldType(StrEnum):
    """How a field is written and read."""

    TEXT = "text"
    NUMBER = "number"
    CREDIT_CODE = "credit_code"
    DAY = "day"
    MONEY = "money"
    PERCENT = "percent"
    HOURS = "hours"
    CHOICE = "choice"


class Column(StrEnum):
    """Columns of the record that a field fills beside `details`."""

    TITLE = "title"
    NUMBER = "number"
    DAY = "happened_on"
    AMOUNT = "amount"
    SHARE = "share"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind; `column` is where its value is kept for search and sums."""

    name: str
    label: Text
    type: FieldType = FieldType.TEXT
    needed: bool = True
    column: Column | None = None
    hint: Text = ""
    choices: tuple[tuple[str, Text], ...] = ()
    headings: tuple[str, ...] = ()


T, C = FieldType, Column
YUAN = _l("In yuan, exactly as on the paper")
CONTRACT_TYPES = (
    ("development", _l("Technology development")),
    ("transfer", _l("Transfer of technology")),
    ("licence", _l("Technology licence")),
    ("consulting", _l("Technology consulting")),
    ("service", _l("Technology service")),
)
"""The five kinds of technology contract of the Civil Code, articles 851 to 887."""
SERVICE_TYPES = (
    ("matching", _l("Supply-demand matching")),
    ("consulting", _l("Technical consulting")),
    ("evaluation", _l("Technology evaluation")),
    ("ip", _l("Operation of intellectual property")),
    ("other", _l("Another service")),
)
"""The four duties that the 14th Five-Year plan for the technology-element market names, and others."""
WORK_TYPES = (
    ("paper", _l("Published paper")),
    ("report", _l("Report")),
    ("book", _l("Book")),
    ("representative", _l("Representative work")),
)
OPERATIONS = (
    ("transfer", _l("Transfer of the patent")),
    ("licence", _l("Licence of the patent")),
    ("pledge", _l("Pledge")),
    ("contribution", _l("Contribution to capital")),
)
AWARD_LEVELS = (
    ("national", _l("National level")),
    ("provincial", _l("Provincial level")),
    ("city", _l("City level")),
    ("other", _l("Another level")),
)
ROLES = (
    ("lead", _l("Lead technology manager")),
    ("joint", _l("Joint technology manager")),
)

# zh: the headings that Chinese offices write above these columns
CONTRACT_NUMBER = Field(
    "number",
    _l("Registered contract number"),
    T.NUMBER,
    column=C.NUMBER,
    hint=_l("As on the contract registration certificate"),
    headings=("合同登记编号", "登记编号", "合同编号"),
)
FIELDS: dict[Kind, tuple[Field, ...]] = {
    Kind.CONTRACT: (
        Field("title", _l("Name of the contract"), column=C.TITLE, headings=("合同名称", "项目名称")),
        CONTRACT_NUMBER,
        Field("type", _l("Type of contract"), T.CHOICE, choices=CONTRACT_TYPES, headings=("合同类型", "合同类别")),
        Field("seller_name", _l("Provider of the technology"), headings=("卖方", "技术提供方", "卖方名称")),
        Field("seller_code", _l("Credit code of the provider"), T.CREDIT_CODE, headings=("卖方统一社会信用代码",)),
        Field("buyer_name", _l("Receiver of the technology"), headings=("买方", "技术受让方", "买方名称")),
        Field("buyer_code", _l("Credit code of the receiver"), T.CREDIT_CODE, headings=("买方统一社会信用代码",)),
        Field(
            "agent_name",
            _l("Intermediary"),
            needed=False,
            hint=_l("The third party of a three-party contract"),
            headings=("中介方", "中介方名称"),
        ),
        Field(
            "agent_code",
            _l("Credit code of the intermediary"),
            T.CREDIT_CODE,
            needed=False,
            headings=("中介方统一社会信用代码",),
        ),
        Field("amount", _l("Contract amount"), T.MONEY, column=C.AMOUNT, hint=YUAN, headings=("合同金额", "合同额")),
        Field(
            "technology_amount", _l("Technology amount"), T.MONEY, hint=YUAN, headings=("技术交易额", "技术交易金额")
        ),
        Field("signed_on", _l("Signed on"), T.DAY, column=C.DAY, headings=("签订日期", "签约日期")),
        Field("ends_on", _l("Term ends on"), T.DAY, needed=False, headings=("合同期限", "截止日期")),
        Field("role", _l("Role of the technology manager"), T.CHOICE, choices=ROLES, headings=("角色", "承担角色")),
        Field(
            "share",
            _l("Share of the technology manager"),
            T.PERCENT,
            column=C.SHARE,
            hint=_l("In per cent; the shares of all managers of one contract are at most 100"),
            headings=("贡献比例", "份额"),
        ),
    ),
    Kind.REGISTRATION: (
        CONTRACT_NUMBER,
        Field("office", _l("Registration office"), column=C.TITLE, headings=("登记机构", "合同登记机构")),
        Field("registered_on", _l("Contract registered on"), T.DAY, column=C.DAY, headings=("登记日期",)),
        Field("amount", _l("Contract amount"), T.MONEY, column=C.AMOUNT, hint=YUAN, headings=("合同金额", "合同额")),
    ),
    Kind.INVOICE: (
        Field("number", _l("Invoice number"), T.NUMBER, column=C.NUMBER, headings=("发票号码", "发票号")),
        Field(
            "invoice_code",
            _l("Invoice code"),
            T.NUMBER,
            needed=False,
            hint=_l("Empty for a fully digital invoice of twenty digits"),
            headings=("发票代码",),
        ),
        Field("buyer_name", _l("Buyer"), headings=("购买方", "购方名称")),
        Field("seller_name", _l("Seller"), column=C.TITLE, headings=("销售方", "销方名称")),
        Field("amount", _l("Amount with tax"), T.MONEY, column=C.AMOUNT, hint=YUAN, headings=("价税合计", "发票金额")),
        Field("issued_on", _l("Issued on"), T.DAY, column=C.DAY, headings=("开票日期",)),
    ),
    Kind.RECEIPT: (
        Field("reference", _l("Reference of the receipt"), T.NUMBER, column=C.NUMBER, headings=("回单编号", "流水号")),
        Field("payer_name", _l("Payer"), headings=("付款人", "付款方")),
        Field("payee_name", _l("Payee"), column=C.TITLE, headings=("收款人", "收款方")),
        Field("amount", _l("Amount"), T.MONEY, column=C.AMOUNT, hint=YUAN, headings=("金额", "到账金额")),
        Field("paid_on", _l("Paid on"), T.DAY, column=C.DAY, headings=("交易日期", "付款日期")),
        Field(
            "invoice_number",
            _l("Number of the invoice it pays"),
            T.NUMBER,
            needed=False,
            hint=_l(
                "Where a deal has several invoices; of a receipt that names none the invoice is found by parties "
                "and amounts"
            ),
            headings=("对应发票号码", "发票号码"),
        ),
    ),
    Kind.SERVICE: (
        Field("title", _l("What the service was"), column=C.TITLE, headings=("服务内容", "服务名称")),
        Field("type", _l("Type of service"), T.CHOICE, choices=SERVICE_TYPES, headings=("服务类型",)),
        Field("client_name", _l("Client"), headings=("服务对象", "委托方")),
        Field("client_code", _l("Credit code of the client"), T.CREDIT_CODE, needed=False, headings=("信用代码",)),
        Field("started_on", _l("Began on"), T.DAY, needed=False, headings=("开始日期",)),
        Field("ended_on", _l("Service completed on"), T.DAY, column=C.DAY, headings=("完成日期", "结束日期")),
    ),
    Kind.WORK: (
        Field("title", _l("Title of the work"), column=C.TITLE, headings=("成果名称", "题目")),
        Field("type", _l("Type of work"), T.CHOICE, choices=WORK_TYPES, headings=("成果类型",)),
        Field("place", _l("Published in or adopted by"), headings=("发表刊物", "采纳单位")),
        Field(
            "number",
            _l("DOI, ISBN or document number"),
            T.NUMBER,
            needed=False,
            column=C.NUMBER,
            headings=("刊号", "文号"),
        ),
        Field("published_on", _l("Published on"), T.DAY, column=C.DAY, headings=("发表日期", "采纳日期")),
    ),
    Kind.PATENT: (
        Field("title", _l("Name of the patent"), column=C.TITLE, headings=("专利名称",)),
        Field(
            "number",
            _l("Patent number"),
            T.NUMBER,
            column=C.NUMBER,
            hint=_l("With its check digit, such as 202310012345.6"),
            headings=("专利号", "专利申请号"),
        ),
        Field("operation", _l("Kind of operation"), T.CHOICE, choices=OPERATIONS, headings=("运营方式",)),
        Field("operated_on", _l("Operated on"), T.DAY, column=C.DAY, headings=("运营日期", "生效日期")),
        Field("amount", _l("Amount"), T.MONEY, needed=False, column=C.AMOUNT, hint=YUAN, headings=("金额",)),
    ),
    Kind.AWARD: (
        Field("title", _l("Name of the award"), column=C.TITLE, headings=("奖项名称",)),
        Field("body", _l("Awarding body"), headings=("授奖单位", "颁发单位")),
        Field("level", _l("Level of the award"), T.CHOICE, choices=AWARD_LEVELS, headings=("奖项级别",)),
        Field("number", _l("Certificate number"), T.NUMBER, needed=False, column=C.NUMBER, headings=("证书编号",)),
        Field("awarded_on", _l("Awarded on"), T.DAY, column=C.DAY, headings=("获奖日期", "授奖日期")),
    ),
    Kind.TRAINING: (
        Field("title", _l("Subject taught"), column=C.TITLE, headings=("授课内容", "课程名称")),
        Field("cohort", _l("Cohort"), headings=("班次", "培训班")),
        Field("organiser", _l("Organiser"), headings=("主办单位",)),
        Field("hours", _l("Class hours"), T.HOURS, column=C.HOURS, headings=("学时", "课时")),
        Field("given_on", _l("Given on"), T.DAY, column=C.DAY, headings=("授课日期",)),
    ),
}


def field_for(kind: Kind, column: Column) -> Field | None:
    """Return the field of a kind that fills a column, None where none does."""
    return next((field for field in FIELDS[kind] if field.column is column), None)


def names(kind: Kind) -> tuple[str, ...]:
    """Return the names of a kind's fields in the order of its form."""
    return tuple(field.name for field in FIELDS[kind])
