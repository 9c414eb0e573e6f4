"""Changes to other packages, each with its reason; imported before nbgrader is."""

import sys

# nbformat imports jsonschema, and that a grammar of internationalised addresses, which takes longer to
# prepare than all the rest. No schema of a notebook speaks of addresses, and jsonschema does without.
sys.modules.setdefault("rfc3987_syntax", None)
