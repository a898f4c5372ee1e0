"""JSON Schemas of the records, and what they say about a document that does not fit. The types decide; they explain."""

from attestations.schema.explaining import explain, format_checker
from attestations.schema.making import DIALECT, FORMS, schema_of

__all__ = ["DIALECT", "FORMS", "explain", "format_checker", "schema_of"]
