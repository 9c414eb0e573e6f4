"""What does a late penalty become when points change after the steps of grading?

nbgrader's step asks the course's policy with the points that stand at that time. A mark that an earlier
answer was given is taken away later, and one that this answer was given before comes back.
"""

from __future__ import annotations

from collections.abc import Iterable

from nbformat.v4 import new_notebook
from nbgrader.converters import Autograde
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.utils.importstring import import_item


def assign_penalties(converter: Autograde, unit: str, student: str, notebooks: Iterable[str]) -> None:
    """Let the course's policy for what is late decide once more, after points have changed.

    Parameters
    ----------
    converter : Autograde
        Its steps hold the policy, if the course has one.
    unit, student : str
        Whose submission.
    notebooks : iterable of str
        The names of its notebooks.
    """
    for step in converter.autograde_preprocessors:
        kind = import_item(step) if isinstance(step, str) else step
        if isinstance(kind, type) and issubclass(kind, AssignLatePenalties):
            for notebook in notebooks:
                of = {"notebook": notebook, "assignment": unit, "student": student}
                resources = {"nbgrader": of | {"db_url": converter.coursedir.db_url}}
                kind(parent=converter).preprocess(new_notebook(), resources)
