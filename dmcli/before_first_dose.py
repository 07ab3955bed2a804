"""What is to be known or done before the first dose: missing facts that decide safety, tests, talks, sign-off."""

from typing import Literal

from dmcli.assess.assess import Assessment
from dmcli.entries import BeforeStarting, Reason, reason
from dmcli.knowledge.therapies import Before
from dmcli.regimen import ChosenRegimen

Kind = Literal["fact", "test", "sign_off", "act"]


class _Collector:
    """Groups reasons by the fact they are about, so that one test is asked for once."""

    def __init__(self, patient: Assessment) -> None:
        self.a = patient
        self.reasons: dict[str, list[Reason]] = {}
        self.blocking: set[str] = set()
        self.what: dict[str, str] = {}
        self.fact: dict[str, str | None] = {}
        self.kind: dict[str, Kind] = {}

    def add(self, kind: Kind, key: str, what: str, fact: str | None, because: Reason, blocks: bool) -> None:
        self.kind.setdefault(key, kind)
        self.what.setdefault(key, what)
        self.fact.setdefault(key, fact)
        reasons = self.reasons.setdefault(key, [])
        if because not in reasons:
            reasons.append(because)
        if blocks:
            self.blocking.add(key)

    def items(self) -> tuple[BeforeStarting, ...]:
        found = []
        for key, reasons in self.reasons.items():
            sources = tuple(dict.fromkeys(s for r in reasons for s in r.sources))
            found.append(
                BeforeStarting(
                    self.kind[key],
                    self.what[key],
                    self.fact[key],
                    tuple(reasons),
                    sources,
                    reasons[0].level,
                    key in self.blocking,
                )
            )
        return tuple(sorted(found, key=lambda b: not b.blocks))


def how_to_settle(patient: Assessment, fact: str) -> str:
    """How a missing fact is found out, in the words of the vocabulary."""
    entry = patient.knowledge.facts.get(fact)
    if entry is not None:
        return patient.knowledge.say("settle", how=entry.settle or entry.question, fact=entry.name)
    if fact == "other_drugs":
        return patient.knowledge.texts["settle_other_drugs"]
    _, therapy, field = fact.split(".", 2)
    key = f"settle_course_{field.replace('.', '_')}"
    if key in patient.knowledge.texts:
        return patient.knowledge.say(key, name=patient.knowledge.name(therapy))
    return patient.knowledge.say("settle_course", field=field, name=patient.knowledge.name(therapy))


def before_starting(patient: Assessment, therapy: str | None, chosen: ChosenRegimen | None) -> tuple[BeforeStarting, ...]:
    """What the first dose of a therapy waits for or asks for, blocking items first.

    A test whose facts are all known is left out: it is on file. Without a therapy there is nothing.
    """
    if therapy is None:
        return ()
    collected = _Collector(patient)
    known = patient.facts.values
    statements = patient.knowledge.algorithm.statements
    if "skin_active" not in known:
        collected.add(
            "fact",
            "skin_active",
            statements["confirm_activity"].text,
            "skin_active",
            reason(statements["confirm_activity"]),
            True,
        )
    safety = patient.safety[therapy]
    asked = (*safety.contraindications, *(c for c in safety.cautions if c.rule.unknown == "require"))
    for fired in asked:
        for fact in sorted(fired.finding.missing):
            collected.add("fact", fact, how_to_settle(patient, fact), fact, reason(fired.rule), fired.rule.unknown != "note")
    for fired in safety.cautions:
        if fired.finding.value is True and fired.rule.sign_off:
            collected.add(
                "sign_off",
                f"sign_off:{fired.rule.id}",
                patient.knowledge.say("sign_off", text=fired.rule.text),
                None,
                reason(fired.rule),
                True,
            )
    for pair, _ in safety.pairs:
        if pair.effect == "sign_off":
            collected.add(
                "sign_off", f"sign_off:{pair.id}", patient.knowledge.say("sign_off", text=pair.text), None, reason(pair), True
            )
    for fired in safety.feasibility:
        if fired.finding.value is None:
            for fact in sorted(fired.finding.missing):
                collected.add("fact", fact, how_to_settle(patient, fact), fact, reason(fired.rule), False)
    if chosen is not None:
        _dose_facts(patient, chosen, collected)
    _tests(patient, therapy, collected)
    return collected.items()


def _dose_facts(patient: Assessment, chosen: ChosenRegimen, collected: _Collector) -> None:
    variant_text = patient.knowledge.algorithm.statements["dose_variant_open"]
    for variant, finding, _ in chosen.open_variants:
        for fact in sorted(finding.missing):
            because = reason(variant, variant_text.text.format(variant=variant.name))
            collected.add("fact", fact, how_to_settle(patient, fact), fact, because, variant.unknown == "require")
    for cap, finding, _ in chosen.open_caps:
        for fact in sorted(finding.missing):
            collected.add("fact", fact, how_to_settle(patient, fact), fact, reason(cap), True)
    for step in chosen.regimen.steps:
        per = step.dose.unit.partition("/")[2] if step.dose else ""
        body = patient.knowledge.algorithm.body.get(per)
        if body and body not in patient.facts.values:
            for fact in sorted(patient.facts.behind.get(body, frozenset((body,)))):
                because = Reason(
                    patient.knowledge.texts["dose_needs_body"],
                    step.sources or chosen.regimen.sources,
                    chosen.regimen.level,
                    step.id,
                )
                collected.add("fact", fact, how_to_settle(patient, fact), fact, because, True)


def open_before(patient: Assessment, therapy: str) -> list[Before]:
    """What is to be done before the first dose and is not on file yet: some fact its tests settle is unknown."""
    found = []
    for item in patient.knowledge.therapies[therapy].before:
        if item.when is not None and patient.find(item.when).value is False:
            continue
        facts = [f for t in item.tests for f in patient.knowledge.regimens.tests[t].settles]
        if not facts or any(f not in patient.facts.values for f in facts):
            found.append(item)
    return found


def _tests(patient: Assessment, therapy: str, collected: _Collector) -> None:
    for item in open_before(patient, therapy):
        facts = [f for t in item.tests for f in patient.knowledge.regimens.tests[t].settles]
        asked = [f for f in facts if f in collected.what]
        if asked and all(f in collected.what or f in patient.facts.values for f in facts):
            for fact in asked:
                collected.add("fact", fact, "", fact, reason(item), item.blocks)
        else:
            what = ", ".join(patient.knowledge.name(t) for t in item.tests) or item.text
            collected.add("test" if item.tests else "act", item.id, what, None, reason(item), item.blocks)
