"""Which knowledge an answer was made from, as it stands on every answer."""

from dmcli.knowledge.model import Knowledge
from dmcli.result.caveats import KnowledgeId, UsedOverrides


def knowledge_id(knowledge: Knowledge) -> KnowledgeId:
    """Version and hash of the knowledge, and of the clinic's file that changed it."""
    made = knowledge.overrides
    used = UsedOverrides(made.file, made.sha256, made.base, made.entries) if made is not None else None
    return KnowledgeId(knowledge.version, knowledge.sha256, used)
