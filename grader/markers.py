"""Which words mark a line or a cell in the source of a notebook?

Those who write notebooks and those who grade them import it; it imports nothing, and takes no time.
"""

from __future__ import annotations

# nbgrader's own delimiters.
BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
# Given cells with this tag are left out while a submission is graded.
SLOW_TAG = "slow"
# Shorter lines of a hidden check ("else:", "continue") are in everybody's programs and give nothing away.
TELLING_LENGTH = 12
