"""Reading what comes from outside: strictly, with a bound on everything, and with the place of every value."""

from attestations.strict.files import digest_file, read_file
from attestations.strict.json_reader import read_json
from attestations.strict.yaml_reader import read_yaml

__all__ = ["digest_file", "read_file", "read_json", "read_yaml"]
