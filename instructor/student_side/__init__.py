"""The part of the grader that runs in the student's process, beside the student's code.

It is shown to the sandbox by itself, so it imports nothing of the project but its own modules (by relative
imports). Nothing here decides about points, and nothing here is trusted: the examiner, in another process,
takes what comes from this side as data.
"""
