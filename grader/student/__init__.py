"""The part of the grader that runs in the student's process, beside the student's code.

It is mounted into the sandbox with ``grader.values``, and imports nothing else of the project (by relative
imports). Nothing here decides about points, and nothing here is trusted: the examiner, in another process,
takes what comes from this side as data.
"""
