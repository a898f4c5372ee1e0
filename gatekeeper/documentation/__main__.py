"""`python -m gatekeeper.documentation [FOLDER]` writes the pages that are made from the code; FOLDER is docs/."""

import sys
from pathlib import Path

from gatekeeper.documentation import write

write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
