"""What a named specialist has to agree to before a running therapy goes on."""

from dmcli.assess.assess import Assessment, left_to_prescriber
from dmcli.assess.checked import Checked
from dmcli.knowledge.statements import Statement


def signed(patient: Assessment, therapy: str, staying: tuple[str, ...]) -> tuple[Statement, ...]:
    """Cautions and pairs of a running therapy that ask for a specialist's agreement; each pair once, at the therapy
    that stands first."""
    if (
        left_to_prescriber(therapy, patient.knowledge)
        or therapy not in patient.history.therapies_running
        or therapy not in staying
    ):
        return ()
    found: list[Statement] = [f.rule for f in patient.safety[therapy].cautions if _weighs(f)]
    order = list(staying)
    for pair, other in patient.safety[therapy].pairs:
        first = other not in order or order.index(therapy) < order.index(other)
        if pair.effect == "sign_off" and first and (other in order or other not in patient.knowledge.therapies):
            found.append(pair)
    return tuple(dict.fromkeys(found))


def _weighs(fired: Checked) -> bool:
    return fired.finding.value is True and (fired.rule.sign_off or fired.rule.severity == "severe")
