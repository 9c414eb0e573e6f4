"""What stops a submission before it is graded?"""

from __future__ import annotations


class UnfitSubmission(Exception):
    """A submission that cannot be graded; the message names it, says why and what to do."""
