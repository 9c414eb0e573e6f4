"""nbgrader's configuration of this course: grading that fails closed.

nbgrader's own commands, formgrader, JupyterLab's Validate button and `course grade` all read it. Every line
says what nbgrader 0.9.6 does without it.
"""

from pathlib import Path

import course_utils

c = get_config()  # noqa: F821  (traitlets puts it here)

# --- Where things are
# ------------------------------------------------------------------------------------------

# Without a root nbgrader takes the folder in which it happens to be started. The gradebook is
# <root>/gradebook.db.
c.CourseDirectory.root = str(Path(__file__).resolve().parent)

# Without it formgrader and the gradebook work, but nbgrader's exchange does not.
c.CourseDirectory.course_id = "matrix-factorization"

# nbgrader copies every file beside a notebook: a lesson script, which holds all solutions, to the students; a
# student's numpy.py to where it is imported in place of NumPy; a student's grading.json over our notes of the
# same name, and those to the student's feedback. (The first four are nbgrader's own defaults.)
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
    "*.py",
    "*.so",
    "*.pyd",
    "grading.json",
]

# --- Making a submission whole
# ---------------------------------------------------------------------------------

c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    # A renamed, emptied or outdated metadata entry fails the submission; a deleted one goes unnoticed.
    "grader.steps.restore_cells.RestoreMetadata",
    # A cell that was copied or split, as happens in every class, aborts the whole batch.
    "grader.steps.restore_cells.KeepOneOfEach",
    "nbgrader.preprocessors.OverwriteKernelspec",
    # A deleted test cell goes ungraded; restored by nbgrader, it may run before the work that it checks, or
    # not at all (KeyError).
    "grader.steps.restore_cells.RestoreCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Off by default: a deleted test cell keeps the score of the submission before.
c.OverwriteCells.add_missing_cells = True

# --- Running and scoring it
# ------------------------------------------------------------------------------------

c.Autograde.autograde_preprocessors = [
    # A test cell that did not run has no output, and no output is full marks: run it with a proof of its end.
    "grader.steps.execute.GradedExecute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    # Formgrader runs the scripts of a student's output and Markdown, with the rights of whoever grades.
    "grader.steps.sanitize_outputs.SanitizeOutputs",
    # NaN, negative numbers, strings and np.float64 are full marks, more than the maximum aborts the
    # submission, and a warning on stderr is a failure.
    "grader.steps.save_scores.SaveScores",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# A cell tagged skip-execution is not run, and Validate calls that a success. When graded, no tag does this.
c.GradedExecute.skip_cells_with_tag = "__never__"
# Validate runs sweeps on real data, too, and takes a minute for an answer that students want at once. (The
# tag on a test cell deceives nobody but the student: grading takes the tags of the unit's cells away.)
c.Execute.skip_cells_with_tag = "slow"

# Seconds for one cell, and for a notebook in all: there is no total by default, so that ten endless loops
# take five minutes and a loop that cannot be interrupted fails the submission. Every notebook runs in under a
# minute.
c.Execute.timeout = 60
c.GradedExecute.total_timeout = 300

# What students' code may read besides the Python environment: what notebooks import, and its data. `course
# grade` shows it nothing else of the course.
COURSE_UTILS = Path(course_utils.__file__).parent
c.GradedExecute.visible_paths = [str(COURSE_UTILS), str(COURSE_UTILS.parent / "data")]

# A kernel that is asked politely takes 1.8 s to go; nothing in it is needed any more.
c.Execute.shutdown_kernel = "immediate"

# --- Feedback
# --------------------------------------------------------------------------------------------------

c.GenerateFeedback.preprocessors = [
    # The page prints the source of the hidden checks, in the cells and in tracebacks.
    "grader.feedback.hide.HideHiddenChecks",
    # Written answers that nobody has read yet show as 0 points; what is on stderr looks like a failure.
    "grader.feedback.hide.ShowGrades",
]

# The page runs whatever scripts a student's output or Markdown holds, and loads others from the internet.
c.GenerateFeedback.exporter_class = "grader.feedback.page.FeedbackExporter"

# All other files of the submission are put beside the page, HTML files among them.
c.GenerateFeedback.post_convert_hook = "grader.feedback.hide.keep_pages_only"
