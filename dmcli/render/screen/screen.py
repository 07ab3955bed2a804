"""The default answer of `dmcli plan`: one screen that a clinician can act on. It leaves out what explains, never what decides."""

from collections.abc import Callable

from dmcli.knowledge.model import Knowledge
from dmcli.render.registry import View
from dmcli.render.screen.before import before_block, cautions_block, instead_block, questions_block
from dmcli.render.screen.dates import dates_block
from dmcli.render.screen.doses import give_block, today_block, why_block
from dmcli.render.screen.end import calcinosis_block, end_block, meanwhile_block
from dmcli.render.screen.limits import limits_block
from dmcli.render.screen.paper import Block, Row, Screen, lines_of
from dmcli.render.screen.patient import patient_line
from dmcli.render.screen.title import title
from dmcli.render.screen.urgent import urgent_block
from dmcli.render.screen.voice import SHORTEST, Voice
from dmcli.result.plan import Plan

# The screen at a depth of reasons.
Screens = Callable[[int], Screen]
_MOST_LINES = 40
_AIRY_LINES = 30
_ANSWER_LINES = 12
# From everything that helps to what decides alone.
_DEPTHS = range(2, SHORTEST - 1, -1)


def screens(plan: Plan, knowledge: Knowledge, _view: View) -> Screens:
    """The screen of a plan with as much of the reasons as is asked for."""
    return lambda depth: first_screen(plan, knowledge, depth)


def write_text(screens_of: Screens, view: View) -> str:
    """The screen with as much of the reasons as fits into 40 lines, ending in a newline.

    Less is told for the sake of the answer only where a therapy is given: else what is urgent is the answer.
    """
    lines: list[str] = []
    for depth in _DEPTHS:
        screen = screens_of(depth)
        lines = lines_of(screen, view.width, False, view.color)
        # An airy screen has an empty line between two blocks.
        if len(lines) + len(screen.blocks) - 1 <= _AIRY_LINES:
            lines = lines_of(screen, view.width, True, view.color)
        # At 0 what stands before the answer is as short as it gets.
        if len(lines) <= _MOST_LINES and (depth <= 0 or not screen.starts or _answered(screen, lines)):
            break
    return "\n".join([*lines, ""])


def _answered(screen: Screen, lines: list[str]) -> bool:
    """Whether the answer begins within the first lines, after the patient and what is urgent."""
    label = next((block.label for block in screen.blocks if block.label), "")
    return any(label in line for line in lines[1:_ANSWER_LINES])


def first_screen(plan: Plan, knowledge: Knowledge, depth: int) -> Screen:
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
        meanwhile_block(voice),
        instead_block(voice),
        calcinosis_block(voice),
        end_block(voice),
    )
    aside = voice.say("as_of", day=voice.day(plan.as_of))
    return Screen(title(voice), aside, tuple(block for block in blocks if block.rows), plan.next is not None)
