"""What the notebooks import: data sets, training, evaluation, plots; BLAS is set to one thread."""

from course_utils.blas import use_one_thread

use_one_thread()
