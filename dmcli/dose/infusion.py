"""Rate steps, volume and shortest time of an infusion, from the rates the knowledge gives."""

from decimal import Decimal

from dmcli.assess.assess import Assessment
from dmcli.dose.wording import figure
from dmcli.knowledge.regimens import Infusion


def infusion_details(patient: Assessment, infusion: Infusion, grams: Decimal) -> tuple[str, ...]:
    """Volume, rate steps in mL/h and the shortest time for one infusion of `grams`."""
    weight = patient.facts.values.get(patient.knowledge.algorithm.body["kg"])
    if not isinstance(weight, (int, float)):
        return ()
    reduced = patient.find(infusion.reduced_when)
    slow = reduced.value is True
    rates = infusion.reduced_rates if slow else infusion.rates
    volume = grams / Decimal(str(infusion.grams_per_ml))
    hourly = [Decimal(str(r)) * Decimal(str(weight)) * 60 for r in rates]
    minutes = shortest_minutes(volume, hourly, infusion.step_minutes)
    k = patient.knowledge
    steps = ", ".join(figure(h.quantize(Decimal(1))) for h in hourly)
    text = k.say("infusion_rates", steps=steps, minutes=infusion.step_minutes)
    lines = [
        k.say(
            "infusion_volume",
            volume=figure(volume.quantize(Decimal(1))),
            strength=figure(Decimal(str(infusion.grams_per_ml)) * 100),
        ),
        text,
        k.say("infusion_time", hours=minutes // 60, minutes=f"{minutes % 60:02d}"),
        infusion.reduced_text if slow else infusion.text,
    ]
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
