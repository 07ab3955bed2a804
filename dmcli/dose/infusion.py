"""Rate steps, volume and shortest time of an infusion, from the rates the knowledge gives."""

from decimal import Decimal

from dmcli.assess.assess import Assessment
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.regimens import Infusion
from dmcli.result.events import InfusionItem


def infusion_of(patient: Assessment, infusion: Infusion, grams: Decimal) -> InfusionItem | None:
    """Volume, rate steps in mL/h and the shortest time for one infusion of `grams`; None without a weight."""
    weight = patient.facts.values.get(patient.knowledge.algorithm.body["kg"])
    if not isinstance(weight, (int, float)):
        return None
    rates = infusion.reduced_rates if patient.value(infusion.reduced_when) is True else infusion.rates
    strength = Decimal(str(infusion.grams_per_ml))
    volume = grams / strength
    hourly = [Decimal(str(r)) * Decimal(str(weight)) * 60 for r in rates]
    return InfusionItem(
        float(volume.quantize(Decimal(1))),
        float(strength * 100),
        tuple(float(h.quantize(Decimal(1))) for h in hourly),
        infusion.step_minutes,
        shortest_minutes(volume, hourly, infusion.step_minutes),
    )


def infusion_lines(knowledge: Knowledge, given: InfusionItem) -> tuple[str, ...]:
    """The sentences for one infusion: volume, rate steps, shortest time."""
    hours, minutes = divmod(given.shortest_minutes, 60)
    return (
        knowledge.say("infusion_volume", volume=f"{given.volume_ml:g}", strength=f"{given.strength_percent:g}"),
        knowledge.say("infusion_rates", steps=", ".join(f"{r:g}" for r in given.rates_ml_h), minutes=given.step_minutes),
        knowledge.say("infusion_time", hours=hours, minutes=f"{minutes:02d}"),
    )


def infusion_details(patient: Assessment, infusion: Infusion, given: InfusionItem) -> tuple[str, ...]:
    """The sentences for one infusion, with what the rates rest on and the risks that are not stated."""
    reduced, k = patient.find(infusion.reduced_when), patient.knowledge
    lines = [*infusion_lines(k, given), infusion.reduced_text if reduced.value is True else infusion.text]
    if reduced.value is None:
        lines.append(k.say("infusion_risk_open", facts=", ".join(k.fact_name(f) for f in sorted(reduced.missing))))
    return tuple(lines)


def shortest_minutes(volume: Decimal, hourly: list[Decimal], step_minutes: int) -> int:
    """Minutes to give `volume` mL when each rate (mL/h) but the last is held for `step_minutes`."""
    left, minutes = volume, Decimal(0)
    for rate in hourly[:-1]:
        given = min(left, rate * step_minutes / 60)
        minutes += given / rate * 60
        left -= given
    minutes += left / hourly[-1] * 60
    return int(minutes.to_integral_value(rounding="ROUND_CEILING"))
