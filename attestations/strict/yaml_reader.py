"""YAML with one reading only: one document of mappings, sequences and scalars, and nothing else of YAML (threat B5)."""

from attestations.strict.document import Document
from attestations.strict.limits import CONFIGURATION, Limits
from attestations.strict.text import decode_utf8, hidden_character, hidden_error, location


def read_yaml(raw: bytes, name: str, limits: Limits = CONFIGURATION) -> Document:
    """Return the document that `raw` is.

    Raises InputError: PARSE-YAML, PARSE-DUPKEY, LIMIT, INJECT (the last in comments as well: people review those).
    """
    from attestations.strict.yaml_composer import compose  # PyYAML costs 40 ms to import

    text = decode_utf8(raw, name, "PARSE-YAML", limits.max_bytes).replace("\r\n", "\n")
    if hidden := hidden_character(text):
        raise hidden_error(hidden[0], location(name, text, hidden.start()))
    value, marks = compose(text, name, limits)
    return Document(name=name, raw=raw, value=value, find_marks=lambda: marks)
