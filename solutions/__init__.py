"""Reference solutions, one module a unit: written once, shown to students as stubs."""

import course_utils  # noqa: F401  (as in the notebooks, BLAS then has one thread)
