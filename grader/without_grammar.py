"""For speed alone: importing this before nbformat spares an import that takes longer than all the rest.

nbformat imports jsonschema, and that a grammar of internationalised addresses. No schema of a notebook speaks
of addresses, and jsonschema does without.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
