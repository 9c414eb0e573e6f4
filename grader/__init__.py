"""Safe grading of any nbgrader course: what comes in, how it runs, what goes out."""
