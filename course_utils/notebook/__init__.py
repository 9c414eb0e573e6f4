"""What a notebook says about itself: is all ready, what waits for what, how far you are, how to hand in."""

from course_utils.notebook.hand_in import hand_in
from course_utils.notebook.hidden import check_all, hidden_checks
from course_utils.notebook.progress import progress
from course_utils.notebook.ready import ready
from course_utils.notebook.solution import solution

__all__ = ["check_all", "hand_in", "hidden_checks", "progress", "ready", "solution"]
