"""A document as a tree whose every node knows its file, line and column, so that nodes of two files can stand in one."""

from dataclasses import dataclass
from typing import Any

from dmcli.yamlfile import Document, Path

Place = tuple[int, int]


@dataclass(slots=True)
class Placed:
    """One node. `value` is a scalar, a list of nodes or a mapping to nodes; `text_at` is where a scalar's own text begins."""

    value: Any
    file: str
    at: Place
    text_at: Place | None = None

    @property
    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: inner.plain for key, inner in self.value.items()}
        return [inner.plain for inner in self.value] if isinstance(self.value, list) else self.value


def tree_of(document: Document, where: Path = ()) -> Placed:
    """The tree below a path of a document; nodes without a place of their own take that of what holds them."""
    data = document.data
    for part in where:
        data = data[part]
    return _tree(document, data, where, (1, 1))


def _tree(document: Document, data: Any, where: Path, above: Place) -> Placed:
    at = document.places.get(where, above)
    value = data
    if isinstance(data, dict):
        value = {key: _tree(document, inner, (*where, key), at) for key, inner in data.items()}
    elif isinstance(data, list):
        value = [_tree(document, inner, (*where, index), at) for index, inner in enumerate(data)]
    file = document.file_of(where) if document.files else document.path
    return Placed(value, file, at, document.places.get((*where, "=")))


def document_of(tree: Placed) -> Document:
    """The tree as a document again; `files` names the nodes that come from another file than its root does."""
    document = Document(tree.file, tree.plain, {}, [], files={})
    _place(document, tree, ())
    return document


def _place(document: Document, node: Placed, where: Path) -> None:
    document.places[where] = node.at
    if node.text_at is not None:
        document.places[(*where, "=")] = node.text_at
    if node.file != document.path:
        document.files[where] = document.files[(*where, "=")] = node.file
    if isinstance(node.value, dict):
        for key, inner in node.value.items():
            _place(document, inner, (*where, key))
    elif isinstance(node.value, list):
        for index, inner in enumerate(node.value):
            _place(document, inner, (*where, index))
