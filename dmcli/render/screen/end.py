"""The end of the first screen: calcinosis in a line, care that goes on, and what this answer rests on."""

from dmcli.render.footing import changed_by
from dmcli.render.screen.paper import Block, Row
from dmcli.render.screen.voice import Voice
from dmcli.render.wording import capital, word

_NAMED = 3


def calcinosis_block(voice: Voice) -> Block:
    """What is said of calcinosis, beside the main plan."""
    found = voice.plan.calcinosis
    if found is None:
        return Block("", ())
    names = voice.names(option.therapy for option in found.options[:_NAMED])
    text = voice.sentences(r.text for r in found.because[:1])
    status = word(voice.knowledge, "calcinosis", found.status)
    key = "calcinosis_options" if names else "calcinosis"
    told = voice.say(key, status=status, text=text, **({"names": names} if names else {}))
    return Block(voice.say("label_calcinosis"), (Row(told),))


def meanwhile_block(voice: Voice) -> Block:
    """The care of the skin while somebody else decides or results are awaited."""
    names = voice.names(option.therapy for option in voice.plan.supportive)
    if voice.plan.status not in ("refer", "safety_hold") or not names:
        return Block("", ())
    return Block(voice.say("label_meanwhile"), (Row(f"{capital(names)}."),))


def end_block(voice: Voice) -> Block:
    """The case, the knowledge with its date, how long the plan holds, and where more is."""
    plan = voice.plan
    case = voice.say("end_case", case=plan.case_id) if plan.case_id is not None else voice.say("end_no_case")
    rests = voice.say(
        "end_rests", case=case, version=plan.knowledge.version, dated=voice.knowledge.algorithm.dated, until=plan.valid_until
    )
    more = voice.say("end_more", conflicts=len(plan.conflicts), defaults=len(plan.defaults_used))
    rows = [Row(text, "", "quiet") for text in (rests, *changed_by(voice.knowledge), more)]
    return Block("", tuple(rows), "quiet")
