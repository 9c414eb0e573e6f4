"""The trusted side of grading: it runs the graded cells, and never a line of a student's.

A graded cell of the instructor's version runs in this process. The student's functions, which it checks,
stay in a process of their own (``grader.values``), and what the cell calls in their place is a
proxy that sends plain data there and takes plain data back.
"""
