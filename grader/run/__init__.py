"""Grading that fails closed: nbgrader's preprocessors, hardened, and the command that grades a class.

``nbgrader_config.py`` puts the preprocessors of this package in the place of nbgrader's own, so that
nbgrader's commands and formgrader grade in the same way as ``course grade``.

What the preprocessors alone do not stop: under nbgrader's own commands a student's code runs in the kernel in
which the checks run, as the user who grades. Code written to cheat can replace ``assert``'s helpers, read
files or imitate a check that finished. ``course grade`` keeps the two apart (``examined``, with the packages
``grader.examiner`` and ``grader.sandbox``).
"""
