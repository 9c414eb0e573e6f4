"""Attacks on the grader, and accidents of honest students: what each may get, and what it leaves.

An attack is a fragment of a notebook. It bounds itself (at most 200 processes, 8 GiB, one minute,
127.0.0.1), so that a hole in the sandbox shows as a failed test and harms no machine.
"""
