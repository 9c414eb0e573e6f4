"""A demonstration: a class of synthetic students that hands in and is graded."""
