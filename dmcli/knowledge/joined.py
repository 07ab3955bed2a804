"""All files of the knowledge as one mapping of sections, each therapy whole, and the files again.

A clinic's own file need not know which file of the shipped knowledge holds what.
"""

from dataclasses import replace

from dmcli.errors import nearest
from dmcli.knowledge.folder import THERAPIES
from dmcli.knowledge.placed import Placed, document_of
from dmcli.knowledge.regimens import Dosing
from dmcli.knowledge.therapies import Profile
from dmcli.record import fields_of
from dmcli.yamlfile import Document

_SCHEMA = "dmcli.therapy/1"
# What a file says of itself.
_OWN = ("schema", "id")


def joined(trees: dict[str, Placed]) -> Placed:
    """The sections of all files, by file name; `therapies` holds the dosing and the profile of each."""
    sections: dict[str, Placed] = {}
    for name, tree in trees.items():
        if not _of_therapy(name):
            sections |= {key: node for key, node in tree.value.items() if key not in _OWN}
    therapies = sections["therapies"]
    for name, tree in trees.items():
        if _of_therapy(name):
            profile = {key: node for key, node in tree.value.items() if key not in _OWN}
            dosing = therapies.value.get(_ident(name), replace(tree, value={}))
            therapies.value[_ident(name)] = replace(dosing, value={**dosing.value, **profile})
    return Placed(sections, "", (1, 1))


def parted(root: Placed, trees: dict[str, Placed]) -> dict[str, Document]:
    """The files again. A therapy that is new gets a file of its own, one that is gone loses it."""
    therapies = root.value["therapies"]
    dosing = {ident: _only(entry, dosed=True) for ident, entry in therapies.value.items()}
    sections = {**root.value, "therapies": replace(therapies, value=dosing)}
    made = {}
    for name, tree in trees.items():
        if not _of_therapy(name):
            made[name] = document_of(replace(tree, value={key: sections.get(key, node) for key, node in tree.value.items()}))
    for ident, entry in therapies.value.items():
        name = f"{THERAPIES}/{ident}.yaml"
        made[name] = _profile(ident, entry, trees.get(name))
    return made


def _profile(ident: str, entry: Placed, shipped: Placed | None) -> Document:
    """The file of one therapy; what a new one says of itself stands where the therapy does."""
    profile = _only(entry, dosed=False).value
    fields = profile if isinstance(profile, dict) else {}
    own = {"schema": replace(entry, value=_SCHEMA), "id": replace(entry, value=ident)}
    if shipped is not None:
        own = {key: node for key, node in shipped.value.items() if key in _OWN}
    return document_of(replace(shipped or entry, value={**own, **fields}))


def _only(entry: Placed, dosed: bool) -> Placed:
    """The fields of a therapy that one of its two files holds; a misspelt one goes where the nearest name is."""
    if not isinstance(entry.value, dict):
        return entry
    return replace(entry, value={key: node for key, node in entry.value.items() if _is_dosing(key) == dosed})


def _is_dosing(key: str) -> bool:
    dosing, profile = list(fields_of(Dosing)), list(fields_of(Profile))
    if key in dosing or key in profile:
        return key in dosing
    return bool(nearest(key, dosing)) and not nearest(key, profile)


def _of_therapy(name: str) -> bool:
    return name.startswith(f"{THERAPIES}/")


def _ident(name: str) -> str:
    return name.removeprefix(f"{THERAPIES}/").removesuffix(".yaml")
