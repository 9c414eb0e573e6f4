"""What must a course's nbgrader_config.py set so that grading fails closed?

nbgrader's own commands, formgrader, JupyterLab's Validate button and `course grade` all read that file. It
calls ``harden``. The comments here say what nbgrader 0.9.6 does without a setting.
"""

from __future__ import annotations

import sys
from pathlib import Path

from traitlets.config import Config

from grader import nbgrader_patches
from grader.course_folder import sqlite_url

MAKE_WHOLE = (
    "nbgrader.preprocessors.ClearOutput",
    # A renamed, emptied or outdated metadata entry fails the submission; a deleted one goes unnoticed.
    "grader.steps.restore_cells.RestoreMetadata",
    # A cell that was copied or split, as happens in every class, aborts the whole batch.
    "grader.steps.restore_cells.KeepOneOfEach",
    "nbgrader.preprocessors.OverwriteKernelspec",
    # A deleted test cell goes ungraded. If nbgrader restores it, it may run before the work that it checks,
    # or not at all (KeyError).
    "grader.steps.restore_cells.RestoreCells",
    "nbgrader.preprocessors.CheckCellMetadata",
)

RUN_AND_SCORE = (
    # A test cell that did not run has no output, and no output is full marks: run it with a proof of its end.
    "grader.steps.execute.GradedExecute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    # Formgrader runs the scripts of a student's output and Markdown as the person who grades.
    "grader.steps.sanitize_outputs.SanitizeOutputs",
    # NaN, negative numbers, strings and np.float64 are full marks, more than the maximum aborts the
    # submission, and a warning on stderr is a failure.
    "grader.steps.save_scores.SaveScores",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
)

FEEDBACK = (
    # The page prints the source of the hidden checks, in the cells and in tracebacks.
    "grader.feedback.hide.HideHiddenChecks",
    # Written answers that nobody has read yet show as 0 points; what is on stderr looks like a failure.
    "grader.feedback.hide.ShowGrades",
)


def harden(c: Config, file: str) -> None:
    """Set what makes grading fail closed; every other setting of the course stays.

    Parameters
    ----------
    c : Config
        The configuration, with the course's own settings.
    file : str
        The configuration file, which lies in the course folder.
    """
    # Without a root nbgrader takes the folder in which it happens to be started. The gradebook is
    # <root>/gradebook.db.
    if "root" not in c.CourseDirectory:
        c.CourseDirectory.root = str(Path(file).resolve().parent)

    # nbgrader takes the folder's name for a part of a URL: in a%20b it opens the gradebook of "a b".
    if "db_url" not in c.CourseDirectory:
        c.CourseDirectory.db_url = sqlite_url(Path(c.CourseDirectory.root).absolute() / "gradebook.db")

    # nbgrader copies every file beside a notebook. A student's grading.json would replace our notes of the
    # same name, and those would go into the student's feedback.
    c.CourseDirectory.ignore.append("grading.json")

    # A due date in a zone that it does not know is taken for UTC. (`course` has the change in any case; here
    # it is for nbgrader's own commands, which have imported all this by now.)
    if "nbgrader.utils" in sys.modules:
        nbgrader_patches.read_times_exactly()

    c.Autograde.sanitize_preprocessors = list(MAKE_WHOLE)
    # Off by default: a deleted test cell keeps the score of the submission before.
    c.OverwriteCells.add_missing_cells = True

    c.Autograde.autograde_preprocessors = list(RUN_AND_SCORE)
    # A cell tagged skip-execution is not run, and Validate calls that a success. When graded, no tag does
    # this.
    c.GradedExecute.skip_cells_with_tag = "__never__"
    # A kernel that is asked politely takes 1.8 s to go; nothing in it is needed any more.
    c.Execute.shutdown_kernel = "immediate"

    c.GenerateFeedback.preprocessors = list(FEEDBACK)
    # The page runs whatever scripts a student's output or Markdown holds, and loads others from the internet.
    c.GenerateFeedback.exporter_class = "grader.feedback.page.FeedbackExporter"
    # All other files of the submission are put beside the page, HTML files among them.
    c.GenerateFeedback.post_convert_hook = "grader.feedback.hide.keep_pages_only"
