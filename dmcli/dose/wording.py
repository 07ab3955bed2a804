"""How a dose is written: figures, rhythm, and the limit of a dose."""

from collections.abc import Sequence
from decimal import Decimal

from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.regimens import Dose, DoseLimit


def figure(value: Decimal | float) -> str:
    """A number as it is read: no trailing zeros, no exponent; of a binary fraction six digits."""
    text = f"{Decimal(value if isinstance(value, Decimal) else f'{value:.6g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rhythm_text(knowledge: Knowledge, times: int, per_days: int) -> str:
    """'twice daily', 'once weekly', '3 times in 5 days'."""
    key = f"rhythm_{times}_{per_days}"
    return knowledge.texts[key] if key in knowledge.texts else knowledge.say("rhythm_other", times=times, days=per_days)


def dose_text(knowledge: Knowledge, amount: Decimal | float, unit: str, per_days: int, times: int = 1) -> str:
    """A dose given so many times within so many days: '500 mg twice daily'."""
    return f"{figure(amount)} {unit} {rhythm_text(knowledge, times, per_days)}"


def doses_text(knowledge: Knowledge, dose: Dose, amounts: Sequence[Decimal], unit: str) -> str:
    """The single administrations of a dose: '15 mg once weekly', '10 mg + 20 mg daily', '70 g' given once."""
    form = f" {dose.form}" if dose.form else ""
    if dose.per_days is None:
        return f"{figure(amounts[0])} {unit}{form}"
    if len(set(amounts)) > 1:
        return f"{' + '.join(f'{figure(amount)} {unit}' for amount in amounts)}{form} {knowledge.texts['rhythm_split']}"
    return dose_text(knowledge, amounts[0], f"{unit}{form}", dose.per_days, len(amounts))


def limit_text(knowledge: Knowledge, limit: DoseLimit) -> str:
    """'2 g a day'."""
    return f"{figure(limit.amount)} {limit.unit} {knowledge.texts[f'per_{limit.per_days}']}"
