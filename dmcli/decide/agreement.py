"""What a named specialist has to agree to before a running therapy goes on."""

from dmcli.assess.assess import Assessment, left_to_prescriber
from dmcli.knowledge.statements import Statement
from dmcli.knowledge.therapies import Caution


def signed(patient: Assessment, therapy: str, staying: tuple[str, ...]) -> tuple[Statement, ...]:
    """Cautions and pairs of a running therapy that ask for a specialist's agreement; each pair once, at the therapy
    that stands first."""
    if (
        left_to_prescriber(therapy, patient.knowledge)
        or therapy not in patient.history.therapies_running
        or therapy not in staying
    ):
        return ()
    found: list[Statement] = [c.rule for c in patient.safety[therapy].weighing if _weighs(c.rule)]
    order = list(staying)
    for pair, other in patient.safety[therapy].to_confirm:
        if other in order and order.index(therapy) < order.index(other):
            found.append(pair)
    return tuple(dict.fromkeys(found))


def _weighs(rule: Caution) -> bool:
    return rule.sign_off or rule.severity == "severe"
