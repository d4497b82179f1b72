"""What stands open to another scope by a rule, and which addresses are not tried: with the reason of each."""

from collections.abc import Mapping

ELSEWHERE, SAME_PROVINCE, NEXT_DOOR = "elsewhere", "same province", "next door"
REGIONS = {ELSEWHERE: "510100", SAME_PROVINCE: "370200"}
"""Chengdu, and Qingdao, which is of the province of the demo; `NEXT_DOOR` is the region of the demo's own people."""
SCOPES = (ELSEWHERE, SAME_PROVINCE, NEXT_DOOR)
ANYWHERE = frozenset(SCOPES)
OF_PEOPLE = (
    "/people/erasures/<code>",
    "/people/erasures/<code>/<decision>",
    "/people/merges/<code>",
    "/people/merges/<code>/<decision>",
    "/people/names/<code>",
    "/people/names/<code>/<decision>",
    "/people/names/<code>/paper",
)
OF_TEMPLATES = (
    "/issuing/templates/<code>",
    "/issuing/templates/<code>/compare/<other>",
    "/issuing/templates/<code>/discard",
    "/issuing/templates/<code>/drafts",
    "/issuing/templates/<code>/edit",
    "/issuing/templates/<code>/preview",
    "/issuing/templates/<code>/samples/<size>.png",
)
OPEN_TO: Mapping[str, frozenset[str]] = {
    # a round is there for everybody of its province
    "/titles/rounds/<code>": frozenset({SAME_PROVINCE, NEXT_DOOR}),
    "/titles/rounds/<code>/applications": frozenset({SAME_PROVINCE, NEXT_DOOR}),
    # the nation's cycle; its table shows one's own region only
    "/performance/<code>": ANYWHERE,
    "/performance/<code>/table.csv": ANYWHERE,
    # templates are the site's own: every issuer reads them, and a system administrator drafts them wherever they are;
    # who may change a draft is shown where templates are tested
    **dict.fromkeys(OF_TEMPLATES, ANYWHERE),
    # people belong to no region, so an administrator of security decides for all of them
    **dict.fromkeys(OF_PEOPLE, ANYWHERE),
    # the jobs of the site are run by whoever administers the system
    "/system/jobs/<code>/retry": ANYWHERE,
    # certification bodies decide on the awards of their region
    "/awards/<code>": frozenset({NEXT_DOOR}),
    "/awards/<code>/award": frozenset({NEXT_DOOR}),
    "/awards/<code>/refuse": frozenset({NEXT_DOOR}),
}
"""Addresses that stand open to another scope by the rule beside them."""
READ_BY_ALL = frozenset(
    {
        "/bases/<slug>/accredit",
        "/bases/<slug>/decide/<move>",
        "/bases/<slug>/inspection",
        "/issuing/templates/<code>/confirm",
        "/notices/<code>/revoke",
        "/performance/<code>/<act>",
        "/rules/<code>/edit",
        "/rules/<code>/propose",
        "/rules/<code>/publish",
        "/rules/<code>/replay",
        "/rules/<code>/return",
        "/rules/<code>/withdraw",
    }
)
"""Acts on records that everybody may read, so that whoever may not act is told that: 403, and nothing is asked."""
SAYS_NOTHING = frozenset({"/sit/<code>/signals"})
"""Addresses that answer 200 whatever they are sent, and write for nobody but the candidate."""
NOT_TRIED: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "/evidence/new/<kind>",
            "/evidence/organisation/new/<kind>",
            "/evidence/organisation/import/template/<kind>.xlsx",
            "/me/rights/consents/<purpose>/give",
            "/me/rights/consents/<purpose>/withdraw",
        ),
        "its argument names a kind of thing, which everybody may do for themselves",
    ),
    **dict.fromkeys(
        (
            "/exams/flags/items/<code>/files/<digest>",
            "/exams/scripts/<code>/files/<digest>",
            "/exams/similarity/pairs/<code>/files/<digest>",
            "/exams/standards/<code>/files/<digest>",
            "/learning/<code>/lessons/<lesson>/quiz/files/<digest>",
            "/sit/<code>/files/<digest>",
        ),
        "no question there has a picture in the demo; the view asks the query of the page of that code first",
    ),
}
"""Addresses with arguments that are not tried, with the reason."""
OF_NO_REGION = frozenset({"erasure", "name", "name_correction", "person_merge"})
SHOWN_TO_ALL: Mapping[str, frozenset[str]] = {
    # what is decided about people belongs to no region
    **dict.fromkeys(("/home", "/inbox", "/people/erasures", "/people/merges", "/people/names"), OF_NO_REGION),
    # the site's own
    "/issuing/templates": frozenset({"certificate_template", "name"}),
    "/system": frozenset({"job"}),
    # units nominate to the pools of their province, and everybody applies in its rounds
    "/nominations": frozenset({"expert_pool"}),
    "/titles/rounds": frozenset({"title_round"}),
    # the nation's cycle
    "/performance": frozenset({"appraisal_cycle"}),
    # public notices are found by everybody
    "/search": frozenset({"publicity"}),
    "/search/suggest": frozenset({"publicity"}),
}
"""Which kinds of records a list shows to another scope, by the rule beside it."""
