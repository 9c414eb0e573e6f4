"""How is a class graded? Submissions become tasks, workers grade them, one process stores the results."""
