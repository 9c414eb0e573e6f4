"""Which one-step changes of right work do the checks let through? Mutants that a machine makes.

``python -m tests.mutation`` changes every reference solution and every alternative of tests/mutants/ in one
place (a constant, a comparison, an operator, a dropped statement, …), and asks the checks of the exercise.
A mutant that passes them all has survived: either it is the same function, and ``equivalent.diff`` says why,
or a law is missing in the checks.

Why not cosmic-ray or mutmut? Both change a module on disk and run a command, mostly pytest, on each change.
What is on trial here is one function, and the checks are functions of it: they are called with the mutant in
its place, as tests/solutions/test_proofs.py calls them. That takes milliseconds, where a fresh process that
imports PyTorch takes seconds: for some ten thousand mutants, minutes and not a day. Nor do both tools drop
statements, swap arguments or leave out keyword arguments, which are the mistakes that students make.

- ``edits`` makes the mutants of a source, ``trial`` lets the checks judge one, ``record`` keeps the verdicts;
- ``survey`` does so for an exercise, and the command prints what it finds.
"""
