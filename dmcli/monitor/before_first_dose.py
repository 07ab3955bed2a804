"""What is to be known or done before the first dose: missing facts that decide safety, tests, talks, sign-off."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.dose.regimen import ChosenRegimen
from dmcli.knowledge.algorithm import Overlap
from dmcli.knowledge.catalogue import Test
from dmcli.knowledge.files import Catalogue
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import Statement
from dmcli.knowledge.therapies import Before, Caution
from dmcli.record import made_once
from dmcli.result.actions import Said
from dmcli.result.monitoring import BeforeKind, BeforeStarting
from dmcli.result.reasons import Reason, reason, sources_of

# Kinds of test that are ordered; what an examination or a question settles is asked.
_ORDERED = ("blood", "urine", "imaging")


class _Entry:
    """One thing to settle: the first says what and how, later ones add their reasons."""

    def __init__(self, ident: str, kind: BeforeKind, what: str, fact: str | None, says: tuple[Said, ...]) -> None:
        self.ident, self.kind, self.what, self.fact, self.says = ident, kind, what, fact, says
        self.reasons: dict[Reason, None] = {}
        self.blocks = False

    def item(self) -> BeforeStarting:
        reasons = tuple(self.reasons)
        return BeforeStarting(
            self.kind, self.ident, self.what, self.fact, reasons, sources_of(reasons), reasons[0].level, self.blocks, self.says
        )


class _Collector:
    """Groups reasons by the fact they are about, so that one test is asked for once."""

    def __init__(self, patient: Assessment) -> None:
        self.patient = patient
        self.entries: dict[str, _Entry] = {}

    def add(
        self, kind: BeforeKind, key: str, what: str, fact: str | None, because: Reason, blocks: bool, says: tuple[Said, ...] = ()
    ) -> None:
        entry = self.entries.get(key)
        if entry is None:
            entry = self.entries[key] = _Entry(key, kind, what, fact, says)
        entry.reasons[because] = None
        entry.blocks = entry.blocks or blocks

    def ask(self, facts: Iterable[str], because: Reason, blocks: bool) -> None:
        """Each fact, with how it is found out."""
        wanted, known = frozenset(facts), self.patient.knowledge.facts
        if not wanted:
            return
        for fact in sorted(f for f in wanted if f not in known or known[f].settled_by not in wanted):
            kind: BeforeKind = "order" if _is_ordered(self.patient, fact) else "ask"
            # The first says how; later ones add their reasons.
            what = how_to_settle(self.patient, fact) if fact not in self.entries else self.entries[fact].what
            self.add(kind, fact, what, fact, because, blocks)

    def sign_off(self, statement: Statement) -> None:
        """What a named specialist has to agree to."""
        text = self.patient.knowledge.say("sign_off", text=statement.text)
        self.add("confirm", statement.id, text, None, reason(statement), True, ("reason",))

    def items(self) -> tuple[BeforeStarting, ...]:
        return tuple(
            sorted((entry.item() for entry in self.entries.values()), key=lambda item: (item.kind != "known", not item.blocks))
        )


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


def before_starting(
    patient: Assessment, therapy: str | None, chosen: ChosenRegimen | None, stopping: dict[str, Overlap]
) -> tuple[BeforeStarting, ...]:
    """What the first dose of a therapy waits for or asks for, blocking items first; what is `stopping` when it starts is
    no partner of it unless the prescriber agrees.

    A test whose facts are all known is left out: it is on file. Without a therapy there is nothing.
    """
    if therapy is None:
        return ()
    collected = _Collector(patient)
    _known(patient, therapy, collected)
    _confirmed(patient, collected)
    _safety_facts(patient, therapy, collected)
    _sign_offs(patient, therapy, stopping, collected)
    _untold(patient, therapy, collected)
    _perhaps_running(patient, therapy, collected)
    _access(patient, therapy, collected)
    _interval(patient, therapy, collected)
    if chosen is not None:
        _variants(patient, chosen, collected)
        _caps(chosen, collected)
        _body(patient, chosen, collected)
    _tests(patient, therapy, collected)
    return collected.items()


def _known(patient: Assessment, therapy: str, collected: _Collector) -> None:
    """What is on record and has to be in order, or dealt with, before there is a first dose."""
    for obstacle in patient.obstacles_to(therapy):
        collected.add("known", obstacle.rule.id, obstacle.rule.text, None, reason(obstacle.rule), True, ("reason",))


def _confirmed(patient: Assessment, collected: _Collector) -> None:
    """That the patient is an adult, and that the skin is active, is confirmed where nobody states it."""
    roles, statements = patient.knowledge.algorithm.roles, patient.knowledge.algorithm.statements
    for fact, key in ((roles.age, "confirm_adult"), (roles.active, "confirm_activity")):
        if fact not in patient.facts.values:
            said = statements[key]
            collected.add("ask", fact, said.text, fact, reason(said), True, ("reason",))


def _safety_facts(patient: Assessment, therapy: str, collected: _Collector) -> None:
    """Missing facts that could exclude the therapy, or speak against it so much that they are to be known."""
    safety = patient.safety[therapy]
    for checked in (*safety.contraindications, *(c for c in safety.cautions if c.rule.unknown == "require")):
        if not checked.open:
            continue
        rule, missing = checked.rule, checked.missing
        if isinstance(rule, Caution) and rule.ask is not None:
            collected.add("ask", rule.id, rule.ask, min(missing), reason(rule), True)
        else:
            collected.ask(missing, reason(rule), rule.unknown != "note")


def _sign_offs(patient: Assessment, therapy: str, stopping: dict[str, Overlap], collected: _Collector) -> None:
    """Cautions and partners that a named specialist has to agree to; not a caution in whose place the first dose waits."""
    safety, interval = patient.safety[therapy], patient.knowledge.therapies[therapy].interval
    waited = interval.settled_by if interval is not None else None
    for rule in (c.rule for c in safety.weighing if c.rule.sign_off and not c.rule.settle and c.rule.id != waited):
        collected.sign_off(rule)
    for pair, partner in safety.to_confirm:
        if partner not in stopping:
            collected.sign_off(pair)
    for rule in stopping.values():
        collected.add("confirm", rule.id, rule.text, None, reason(rule), False, ("reason",))


def _perhaps_running(patient: Assessment, therapy: str, collected: _Collector) -> None:
    """Whether what is taken as past still runs, where it matters beside the therapy: it blocks only what would be excluded."""
    perhaps = {c.therapy for c in patient.case.courses if c.perhaps_running} - {*patient.running, therapy}
    if not perhaps:
        return
    for pair, others in patient.knowledge.about[therapy].pairs:
        fields = [f"treatments.{other}.running" for other in perhaps & others]
        collected.ask(fields, reason(pair), pair.effect == "excludes")
    for overlap in patient.knowledge.algorithm.overlaps:
        if therapy in overlap.starting and overlap.running in perhaps and overlap.action != "continue":
            collected.ask((f"treatments.{overlap.running}.running",), reason(overlap), False)


def _untold(patient: Assessment, therapy: str, collected: _Collector) -> None:
    """How it went with what was given before in the same line or an earlier one: the response where nobody states it, and
    when the disease came back where that is assumed."""
    history, because = patient.history, reason(patient.knowledge.algorithm.statements["unjudged"])
    for line in patient.knowledge.algorithm.lines:
        given = [t for t in line.members if t in history.by_therapy]
        untold = [t for t in given if history.verdict(t) == "unknown" and t not in patient.running]
        collected.ask([f"treatments.{t}.outcome" for t in untold], because, True)
        for judged in [j for t in given if (j := history.last(t)) is not None]:
            if judged.rule is not None and judged.rule.assumes is not None:
                collected.ask((f"treatments.{judged.course.therapy}.{judged.rule.assumes}",), reason(judged.rule), False)
        if therapy in line.members:
            return


def _access(patient: Assessment, therapy: str, collected: _Collector) -> None:
    """Missing facts that decide whether the therapy can be given at all."""
    for checked in patient.safety[therapy].feasibility:
        if checked.open:
            collected.ask(checked.missing, reason(checked.rule), False)


def _interval(patient: Assessment, therapy: str, collected: _Collector) -> None:
    """What the first dose is put off for, where the day it is counted from is not stated."""
    interval = patient.knowledge.therapies[therapy].interval
    if interval is None or interval.settled_by in patient.case.confirmed or interval.fact in patient.facts.days:
        return
    if patient.value(interval.when) is True:
        collected.add("confirm", interval.id, interval.text, None, reason(interval), False, ("reason",))


def _variants(patient: Assessment, chosen: ChosenRegimen, collected: _Collector) -> None:
    """Missing facts that would ask for another dosing."""
    said = patient.knowledge.algorithm.statements["dose_variant_open"].text
    for variant in chosen.open_variants:
        because = reason(variant.rule, said.format(variant=variant.rule.name))
        collected.ask(variant.missing, because, variant.rule.unknown == "require")


def _caps(chosen: ChosenRegimen, collected: _Collector) -> None:
    """Missing facts that would cap the dose."""
    for cap in chosen.open_caps:
        collected.ask(cap.missing, reason(cap.rule), True)


def _body(patient: Assessment, chosen: ChosenRegimen, collected: _Collector) -> None:
    """The size of the body where a dose is computed from it."""
    for step in chosen.regimen.steps:
        per = step.dose.unit.partition("/")[2] if step.dose else ""
        body = patient.knowledge.algorithm.body.get(per)
        if body and body not in patient.facts.values:
            text, sources = patient.knowledge.texts["dose_needs_body"], step.sources or chosen.regimen.sources
            because = Reason(text, sources, chosen.regimen.level, step.id)
            collected.ask(patient.facts.behind.get(body, frozenset((body,))), because, True)


def open_before(patient: Assessment, therapy: str) -> list[Before]:
    """What is to be done before the first dose and is not on file yet."""
    return [prior.item for prior in _open(patient, therapy)]


class _Prior(NamedTuple):
    """Something to do before a first dose, with the facts that its tests settle, those of them that need a day, and whether
    these tests are ordered."""

    item: Before
    facts: frozenset[str]
    dated: frozenset[str]
    kind: BeforeKind
    tests: str


def _priors(therapy: str, knowledge: Knowledge) -> tuple[_Prior, ...]:
    return tuple(_prior(item, [knowledge.catalogue.tests[t] for t in item.tests]) for item in knowledge.therapies[therapy].before)


def _prior(item: Before, tests: list[Test]) -> _Prior:
    facts = frozenset(fact for test in tests for fact in test.settles)
    dated = frozenset(fact for test in tests if test.dated for fact in test.settles)
    kind: BeforeKind = "order" if any(test.kind in _ORDERED for test in tests) else "ask"
    return _Prior(item, facts, dated, kind, ", ".join(test.name for test in tests))


def _open(patient: Assessment, therapy: str) -> Iterator[_Prior]:
    """What is not on file: some fact its tests settle is unknown, only follows from others, or has no day where the result
    needs one."""
    k, facts = patient.knowledge, patient.facts
    values, days, derived = facts.values.keys(), facts.days.keys(), facts.derived.keys()
    for prior in k.of_therapy("before", therapy, lambda: _priors(therapy, k)):
        if prior.item.when is not None and patient.value(prior.item.when) is False:
            continue
        on_file = prior.facts <= values and derived.isdisjoint(prior.facts) and prior.dated <= days
        if not (prior.facts and on_file):
            yield prior


def _tests(patient: Assessment, therapy: str, collected: _Collector) -> None:
    entries, values = collected.entries, patient.facts.values
    for item, facts, _, kind, tests in _open(patient, therapy):
        asked = [fact for fact in facts if fact in entries]
        if asked and all(fact in entries or fact in values for fact in facts):
            collected.ask(asked, reason(item), item.blocks)
        elif item.tests:
            collected.add(kind, item.id, tests, None, reason(item), item.blocks)
        elif item.id not in patient.case.confirmed:
            collected.add("confirm", item.id, item.text, None, reason(item), item.blocks, ("reason",))


def _is_ordered(patient: Assessment, fact: str) -> bool:
    """Whether a fact is found out by a test that is ordered, and not by asking."""
    catalogue, facts = patient.knowledge.catalogue, patient.knowledge.facts
    if fact in facts and facts[fact].asked:
        return False
    return fact in made_once(catalogue, "ordered", lambda: _ordered(catalogue))


def _ordered(catalogue: Catalogue) -> frozenset[str]:
    return frozenset([fact for test in catalogue.tests.values() if test.kind in _ORDERED for fact in (*test.settles, *test.also)])
