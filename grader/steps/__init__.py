"""nbgrader's preprocessors, hardened: a submission is made whole, run and scored."""
