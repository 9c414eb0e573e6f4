"""Does a mutant pass the checks of its exercise, or at which of them does it die?"""

from __future__ import annotations

import faulthandler
import gc
import inspect
import os
import resource
import signal
import sys
import warnings
from collections.abc import Callable
from time import process_time

from tests.verdicts import verdict

SURVIVED, TIME_OUT, CRASH = "survived", "time-out", "crash"
# Beyond what the process has when the trial begins: enough for every check, and the machine stays usable.
MEMORY = 2 << 30
# A mutant may take longer than the reference, but not for ever; an endless loop is ended by the system.
SECONDS, TIMES = 2, 5


class Trial:
    """The checks of one exercise, the quick ones first, and what they say of its mutants.

    Parameters
    ----------
    unit, exercise : str
        Module of the unit and name of the exercise.
    checks : list of callable
        Its checks.
    reference : callable
        The reference solution: it is timed, and what it loads and compiles is there for all mutants.

    Raises
    ------
    AssertionError
        If a check rejects the reference.
    """

    def __init__(self, unit: str, exercise: str, checks: list[Callable], reference: Callable) -> None:
        self.unit, self.exercise = unit, exercise
        seconds = {}
        for check in checks * 2:  # the first time may load a package or compile something
            began = process_time()
            said = verdict(unit, check, exercise, reference)
            assert said is None, f"{check.__name__} rejects the reference: {said}"
            seconds[check] = process_time() - began
        self.checks = sorted(checks, key=seconds.__getitem__)
        self.seconds = SECONDS + TIMES * sum(seconds.values())
        gc.freeze()  # a child that collects what is here would copy the pages of it all

    def judge(self, source: str, original: Callable, first: str = "") -> str:
        """The name of the check at which a mutant dies, or SURVIVED, TIME_OUT or CRASH.

        The mutant runs in a forked process: whatever it does to arrays that checks share, to NumPy or to the
        memory ends with it.

        Parameters
        ----------
        source : str
            The mutant's source.
        original : callable
            What it is a mutant of: the other names of that module stand beside it.
        first : str
            Name of a check that is asked before all others.
        """
        checks = sorted(self.checks, key=lambda check: check.__name__ != first)
        child = os.fork()
        if child == 0:
            self._judge_and_exit(source, original, checks)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            late = os.WTERMSIG(status) in (signal.SIGVTALRM, signal.SIGALRM)
            return TIME_OUT if late else CRASH
        code = os.WEXITSTATUS(status)
        return SURVIVED if code == 0 else checks[code - 1].__name__ if code <= len(checks) else CRASH

    def _judge_and_exit(self, source: str, original: Callable, checks: list[Callable]) -> None:
        """In the child: exit with the place of the check that rejects the mutant, or with 0."""
        code = 255
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, self.seconds)
            signal.setitimer(signal.ITIMER_REAL, 20 * self.seconds)  # for one that waits
            with open("/proc/self/statm", encoding="ascii") as file:
                limit = int(file.read().split()[0]) * resource.getpagesize() + MEMORY
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
            faulthandler.disable()
            sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")
            os.dup2(sys.stdout.fileno(), 1)
            os.dup2(sys.stdout.fileno(), 2)
            warnings.simplefilter("ignore")  # a mutant may divide by zero
            code = self._first_rejection(source, original, checks)
        finally:
            os._exit(code)

    def _first_rejection(self, source: str, original: Callable, checks: list[Callable]) -> int:
        namespace = dict(vars(inspect.getmodule(original)))
        try:
            exec(compile(source, f"<mutant of {original.__name__}>", "exec"), namespace)
        except Exception:
            return 1  # a class whose body does not run
        for place, check in enumerate(checks, start=1):
            try:
                if verdict(self.unit, check, self.exercise, namespace[original.__name__]) is not None:
                    return place
            except Exception:  # it stops the check itself: no points, either
                return place
        return 0
