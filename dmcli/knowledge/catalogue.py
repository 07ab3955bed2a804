"""What therapies are sorted into and measured by, and the other drugs that matter to them."""

from typing import Literal

from dmcli.record import Model


class Test(Model):
    """Something that is measured or asked. It is on file when all facts it `settles` are known; `also` are
    facts that the same result may give, of which one of `stands` shows as well that it was taken; `short` is what it is
    called where room is scarce. `own_day`: its days are those of a programme, and no other test brings it forward.
    `dated`: before a first dose only a result with its day is on file."""

    id: str
    name: str
    short: str | None = None
    kind: Literal["blood", "urine", "imaging", "exam", "question"]
    settles: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    stands: tuple[str, ...] = ()
    own_day: bool = False
    dated: bool = False


class Group(Model):
    """A class of therapies, a line of the algorithm, or a group of other drugs. `sources` say who belongs to it."""

    id: str
    name: str
    synonyms: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    level: str | None = None


class Substance(Model):
    """A drug that is not in the catalogue but matters to it. `groups` are ids of substance groups; `classes` are classes
    of the catalogue it belongs to, whose pairs and rules count for it. `recorded_only`: no rule is about it; it is listed so
    that a record may name it."""

    id: str
    name: str
    synonyms: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    recorded_only: bool = False
    sources: tuple[str, ...] = ()
    level: str | None = None
