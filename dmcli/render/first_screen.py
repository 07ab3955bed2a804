"""The default answer of `dmcli plan`: one screen that a clinician can act on. It leaves out what explains, never what decides."""

from typing import TYPE_CHECKING

from dmcli.render.first_screen_before import before_block, cautions_block, instead_block, questions_block
from dmcli.render.first_screen_dates import dates_block, limits_block
from dmcli.render.first_screen_doses import give_block, today_block, why_block
from dmcli.render.first_screen_end import calcinosis_block, end_block, meanwhile_block
from dmcli.render.first_screen_paper import Block, Row, Screen, lines_of
from dmcli.render.first_screen_patient import patient_line
from dmcli.render.first_screen_title import title
from dmcli.render.first_screen_urgent import urgent_block
from dmcli.render.first_screen_voice import Voice

if TYPE_CHECKING:
    from dmcli.knowledge.model import Knowledge
    from dmcli.result.plan import Plan

_MOST_LINES = 40
_AIRY_LINES = 30
_ANSWER_LINES = 12
# From everything that helps to what decides alone.
_DEPTHS = (2, 1, 0, -1, -2)


def render(plan: "Plan", knowledge: "Knowledge", *, width: int, color: bool, **_options: object) -> str:
    """The screen with as much of the reasons as fits into 40 lines, ending in a newline."""
    lines: list[str] = []
    for depth in _DEPTHS:
        screen = first_screen(plan, knowledge, depth)
        lines = lines_of(screen, width, True, color)
        if len(lines) > _AIRY_LINES:
            lines = lines_of(screen, width, False, color)
        if len(lines) <= _MOST_LINES and _answered(screen, lines):
            break
    return "\n".join([*lines, ""])


def _answered(screen: Screen, lines: list[str]) -> bool:
    """Whether the answer begins within the first lines, after the patient and what is urgent."""
    label = next((block.label for block in screen.blocks if block.label), "")
    return any(label in line for line in lines[1:_ANSWER_LINES])


def first_screen(plan: "Plan", knowledge: "Knowledge", depth: int) -> Screen:
    """The blocks in the order in which they are acted on; one that this patient does not need is absent."""
    voice = Voice(plan, knowledge, depth)
    blocks = (
        Block("", (Row(patient_line(voice)),)),
        urgent_block(voice),
        give_block(voice),
        today_block(voice),
        why_block(voice),
        questions_block(voice),
        before_block(voice),
        cautions_block(voice),
        dates_block(voice),
        limits_block(voice),
        instead_block(voice),
        meanwhile_block(voice),
        calcinosis_block(voice),
        end_block(voice),
    )
    aside = voice.say("as_of", day=voice.day(plan.as_of))
    return Screen(title(voice), aside, tuple(block for block in blocks if block.rows))
