"""Scores over time, as `scores` in `data/algorithm.yaml` states them: bands, changes that matter, responses."""

from dmcli.knowledge.codes import Degree
from dmcli.knowledge.statements import Expr, Rule
from dmcli.record import Model


class Band(Rule):
    """A severity band: the first that holds gives a value its name."""

    name: str


class ChangeRule(Rule):
    """What a change from the baseline is worth: the first that holds is said."""


class ResponseRule(Rule):
    """The response that a change since the start of a course tells: the first that holds.

    `counts_when` says when the latest score is late enough to tell it; without it, it always is.
    """

    outcome: Degree
    counts_when: Expr | None = None


class Score(Model):
    """What is said of one score. Only a score with `responses` tells the response to a course."""

    fact: str
    bands: tuple[Band, ...] = ()
    changes: tuple[ChangeRule, ...] = ()
    responses: tuple[ResponseRule, ...] = ()
