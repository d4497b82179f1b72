"""The minutes of a meeting on paper, in a Song face: experts present, subjects, opinions, votes, recusals."""

# zh: minutes stand in Chinese, whoever prints them

from pathlib import Path

from flask import render_template

from app.ballots.queries import represented_at
from app.panels.models.meetings import Meeting
from app.panels.queries import meetings as queries
from app.web import pdf

STYLE = Path(__file__).parent / "templates" / "panels" / "minutes.css"
WORDS = {
    "title": "评审委员会会议纪要",
    "draft": "草稿，未经签字",
    "committee": "评审委员会",
    "time": "会议时间",
    "place": "会议地点",
    "attendance": "出席情况",
    "attended": "应到{members}人，法定{quorum}人，出席{present}人：",
    "closed": "会议不公开举行。",
    "proxies": "委托投票",
    "proxy": "{voter}委托{proxy}投票",
    "items": "评审事项",
    "opinion": "评议意见",
    "result": "表决结果",
    "no_result": "未作表决",
    "recused": "回避",
    "nobody": "无",
    "counts": "同意{yes}票，反对{no}票，弃权{abstain}票，出席{present}人，其中可表决{free}人，{outcome}。",
    "passed": "通过",
    "failed": "未通过",
    "chair": "主任委员签字",
    "in_place": "委员签字（主任委员须回避部分评审事项，由出席会议且无须回避的委员签署）",
    "seal": "评审委员会（盖章）",
    "code": "会议代码",
    "comma": "、",
}


def minutes_pdf(meeting: Meeting, *, draft: bool) -> bytes:
    """Draw the minutes; raises PdfUnavailableError where the machine cannot."""
    return pdf.render_pdf(minutes_html(meeting, draft=draft), css=STYLE.read_text("utf-8"))


def minutes_html(meeting: Meeting, *, draft: bool) -> str:
    """Return the minutes as one self-contained page."""
    attended = queries.attended(meeting)
    signatory = queries.signatory(meeting, {one.id for one in attended})
    names: dict[int, list[str]] = {}
    for one, about in queries.recusals(meeting):
        names.setdefault(about.id, []).append(one.person.name)
    return render_template(
        "panels/minutes.html",
        meeting=meeting,
        words=WORDS,
        draft=draft,
        experts=attended,
        attended=WORDS["attended"].format(members=meeting.members, quorum=meeting.quorum, present=len(attended)),
        items=[
            {"item": item, "recused": names.get(item.id, []), "result": _result(item.result)}
            for item in queries.all_items(meeting.id)
        ],
        proxies=[WORDS["proxy"].format(voter=voter, proxy=proxy) for voter, proxy in represented_at(meeting.code)],
        signed_as=WORDS["in_place" if signatory and not signatory.chair else "chair"],
        signatory=signatory.expert.person.name if signatory else "",
    )


def _result(result: dict[str, object] | None) -> str:
    if result is None:
        return WORDS["no_result"]
    outcome = WORDS["passed"] if result.get("passed") else WORDS["failed"]
    counts = {key: result.get(key, 0) for key in ("yes", "no", "abstain", "present")}
    free = result.get("free", counts["present"])
    return WORDS["counts"].format(**counts, free=free, outcome=outcome)
