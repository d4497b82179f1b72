"""What the room hears from below: the vote decided or called off, the publicity ended; and the result made public."""

from app.assessment.titles import queries, services
from app.assessment.titles.services.rounds import RESULT
from app.cases.declared import province_of
from app.cases.services.publicity import Announcement, open_publicity
from app.core.events import Event
from app.core.room import Subscriber
from app.evidence.queries.uses import users_told


def count_votes(event: Event) -> None:
    """Take over the result of a ballot that this room called."""
    found = queries.round_of_ballot(event.subject_code)
    if found is not None:
        services.count_votes(found, event.data["questions"], at=event.at)


def vote_again(event: Event) -> None:
    """Let another ballot be called after one was called off."""
    found = queries.round_of_ballot(event.subject_code)
    if found is not None:
        services.vote_again(found, at=event.at)


def announce(event: Event) -> None:
    """Make a passed result public for as long as the rules of the region demand."""
    one = queries.by_code(event.subject_code)
    _pack, scheme = queries.scheme_of(one.round)
    open_publicity(
        RESULT,
        queries.subject(one),
        Announcement(
            # zh: a public notice stands in both languages
            title_zh=f"{one.round.name_zh}评审结果公示",
            title_en=f"Publicity of a result of {one.round.name_en}",
            body_zh=f"经{one.round.committee.name_zh}评审并以无记名投票表决，下列人员通过{scheme.series_zh}"
            f"{scheme.title_zh}职称评审。现予公示，公示期内接受异议和线索。",
            body_en=f"The {one.round.committee.name_en} reviewed the application and approved the title of "
            f"{scheme.title_en} by secret ballot. Objections and leads are heard in the period.",
            url=f"/titles/rounds/{one.round.code}",
            names=(one.person.name,),
        ),
        region_code=one.region_code,
        authority_region=province_of(one.region_code),
        decided_by_id=one.checked_by_id,
        by=None,
        at=event.at,
    )


def end_publicity(event: Event) -> None:
    """Clear or stop a result when its publicity has passed without open objection."""
    if (event.data["kind"], event.data["subject_type"]) == (RESULT, queries.TYPE):
        one = queries.by_code(event.data["subject_code"])
        services.clear_or_stop(one, upheld=int(event.data["upheld"]), at=event.at)


def stop_without(event: Event) -> None:
    """Stop the results that rest on a record which was withdrawn."""
    for one in queries.by_codes(relying(event)):
        services.stop_without(one, evidence=event.subject_code, at=event.at)


def relying(event: Event) -> list[str]:
    """Return the codes of the applications that a withdrawn or replaced record was used in, each once."""
    return users_told(event.data, queries.TYPE)


SUBSCRIBERS = (
    Subscriber("evidence.withdrawn", "titles.stop_without", stop_without, now=True),
    Subscriber("ballots.decided", "titles.count_votes", count_votes, now=True),
    Subscriber("ballots.called_off", "titles.vote_again", vote_again, now=True),
    Subscriber("titles.passed", "titles.announce", announce),
    Subscriber("cases.publicity_ended", "titles.end_publicity", end_publicity, now=True),
)
