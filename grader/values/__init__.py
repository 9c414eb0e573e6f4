"""What both sides of the examiner's wall agree on: values as plain data, frames on a stream.

It is mounted into the sandbox with ``grader.student``, so it imports nothing of the project but its
own modules (by relative imports).
"""
