"""nbgrader's configuration of this course: its own settings, then those that make grading fail closed."""

from pathlib import Path

try:
    import course_utils
    from grader.hardened_config import harden

    if course_utils.__file__ is None:
        raise ImportError(f"{course_utils.__path__[0]} is a part of course_utils, and hides the whole")
except ImportError as error:
    # nbgrader passes over a file that raises an error and grades without it; this ends nbgrader.
    raise SystemExit(f"{__file__}: {error}. Install this project, as `make setup` does.") from None

c = get_config()  # noqa: F821  (traitlets puts it here)

# Without it formgrader and the gradebook work, but nbgrader's exchange does not.
c.CourseDirectory.course_id = "matrix-factorization"

# nbgrader copies every file beside a notebook: a lesson script, which holds all solutions, to the students; a
# student's numpy.py to where it is imported in place of NumPy. No notebook of this course needs such a file.
c.CourseDirectory.ignore.extend(["*.py", "*.so", "*.pyd"])

# Validate runs sweeps on real data, too, and takes a minute for an answer that students want at once. (The
# tag on a test cell deceives nobody but the student: grading takes the tags of the unit's cells away.)
c.Execute.skip_cells_with_tag = "slow"

# Seconds for one cell, and for a notebook in all: there is no total by default, so that ten endless loops
# take five minutes and a loop that cannot be interrupted fails the submission. Every notebook runs in under a
# minute.
c.Execute.timeout = 60
c.GradedExecute.total_timeout = 300

# A slip in one exercise costs its own points: later exercises that use it are judged with the course's answer
# as well, where the student's failed its checks. (`course grade` alone does so.)
c.GradedExecute.follow_through = True

# What students' code may read besides the Python environment: what notebooks import, and its data. `course
# grade` shows it nothing else of the course.
COURSE_UTILS = Path(course_utils.__file__).parent
DATA = COURSE_UTILS.parent / "data"  # beside it in a clone; an installed package has none
c.GradedExecute.visible_paths = [str(path) for path in (COURSE_UTILS, DATA) if path.is_dir()]

harden(c, __file__)
