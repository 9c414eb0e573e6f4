"""Attacks by what a function returns, changes or raises."""

# ruff: noqa: F821, F841

from __future__ import annotations

from tests.attacks.corpus import HONEST, Corpus

ANSWERS = Corpus()


@ANSWERS(gains_in_kernel=True)
def equal_to_everything():
    """Returns an object that is equal to everything."""

    class Equal:
        def __eq__(self, other):
            return True

        def __sub__(self, other):
            return 0

        __array_ufunc__ = None

    def double(values):
        return Equal()

    def twice(function, x):
        return Equal()


@ANSWERS(gains_in_kernel=True)
def array_equal_to_everything():
    """Returns an array of a class of its own."""

    class Equal(np.ndarray):
        def __eq__(self, other):
            return True

        def __bool__(self):
            return True

        def __array_function__(self, function, types, args, kwargs):
            return True

    def double(values):
        return np.zeros(np.shape(values)).view(Equal)


@ANSWERS(gains_in_kernel=True)
def number_equal_to_everything():
    """Returns a number of a class of its own."""

    class Number(float):
        def __eq__(self, other):
            return True

    def double(values):
        return Number(0)


# Honest on numbers: 3 and 3 points; the hidden check is on an array.
@ANSWERS(max_points=HONEST + 6)
def masked_array():
    """Returns masked numbers, which NumPy's comparisons leave out."""

    def double(values):
        return 2 * values if np.ndim(values) == 0 else np.ma.masked_all(values.shape)


@ANSWERS(max_points=HONEST + 3)
def remembered_examples():
    """Knows the visible examples by heart: it earns these points, and not those of hidden checks."""

    def double(values):
        return {3.0: 6.0, 1.5: 3.0}.get(float(np.ravel(values)[0]), 0.0)


@ANSWERS(gains_in_kernel=True)
def wanted_value_of_the_caller():
    """Takes what is wanted from the local names of the check that calls."""

    def double(values):
        import sys

        return sys._getframe(1).f_locals.get("wanted", 0)


@ANSWERS(max_points=HONEST + 3)
def depends_on_the_caller():
    """Is right only when the caller does not look like a hidden check."""

    def double(values):
        import inspect

        names = [frame.function for frame in inspect.stack()]
        return (
            0
            if any("random_numbers" in name for name in names) or np.ndim(values)
            else {3.0: 6.0}.get(values, 3.0)
        )


@ANSWERS(max_points=HONEST + 3)
def changes_after_the_first_calls():
    """Is right for the first three calls, and wrong afterwards."""

    calls = []

    def double(values):
        calls.append(values)
        return 2 * values if len(calls) <= 3 else 0 * values


@ANSWERS()
def changed_argument():
    """Makes all numbers of the argument 0, of which its answer is twice."""

    def double(values):
        if np.ndim(values):
            values[:] = 0
        return 0 * values


@ANSWERS()
def answer_that_is_the_argument():
    """Returns the argument's own memory and hopes that the check changes it."""

    def double(values):
        return np.asarray(values)[...]


@ANSWERS()
def not_a_number():
    """Returns NaN and infinity, which some comparisons let pass."""

    def double(values):
        return np.nan * np.ones(np.shape(values))

    def twice(function, x):
        return float("inf")


@ANSWERS()
def no_time_and_numbers_beyond_all():
    """Returns times that are none, and numbers so large, small or odd that differences say nothing."""
    import datetime
    import decimal
    import fractions
    import itertools

    answers = itertools.cycle(
        [
            *(
                np.datetime64("NaT"),
                np.timedelta64("NaT"),
                np.full(6, "NaT", "M8[s]"),
                np.full(6, "NaT", "m8"),
            ),
            *(1e308, 1e17, np.full(6, 1e17), np.full(6, -1e308), np.float16("inf"), np.longdouble("nan")),
            *(complex("nan"), np.full(6, complex(0, float("nan"))), decimal.Decimal("NaN"), 10**400),
            *(fractions.Fraction(10**400), datetime.timedelta.max, np.void(b"6"), np.bytes_(b"6"), -0.0),
        ]
    )

    def double(values):
        return next(answers)

    def rank_weight(rank):
        return next(answers)


@ANSWERS()
def kinds_that_few_know():
    """Returns arrays, tables and tensors of rare kinds, of which some stand for terabytes."""
    import itertools

    import pandas as pd
    import scipy.sparse
    import torch

    makers = [
        lambda: np.zeros(6, np.dtype("f8", metadata={"x": "y" * 10**6})),
        lambda: np.zeros(6, [("a", "f8"), ("b", "O")]),
        lambda: np.broadcast_to(0.0, (2**20, 2**20)),
        lambda: scipy.sparse.csr_array((2**40, 2**31 - 1)),
        lambda: scipy.sparse.coo_array(([6.0] * 3, ([0] * 3, [0] * 3)), shape=(6, 1)),
        lambda: torch.empty(10**10, device="meta"),
        lambda: torch.zeros(1).expand(2**40),
        lambda: torch.complex(torch.zeros(6), torch.ones(6)).conj().imag,
        lambda: pd.Series(pd.arrays.SparseArray([0.0] * 6)),
        lambda: pd.DataFrame({"a": pd.Categorical.from_codes([0] * 6, [str(n) * 99 for n in range(999)])}),
        lambda: pd.RangeIndex(2**60),
        lambda: range(2**60),
        lambda: np.ma.masked,
        lambda: pd.NA,
    ]
    order = itertools.cycle(makers)

    def double(values):
        return next(order)()

    def shuffled(n, rng):
        return next(order)()


@ANSWERS()
def function_with_a_false_face():
    """Makes up what its function says of itself: name, text, signature, what it wraps."""

    def double(values):
        return 0 * values

    double.__doc__ = "x" * 10**7
    double.__name__ = double.__module__ = "\x1b]0;x\x07" * 10_000
    double.__qualname__ = "<script>alert(1)</script>"
    double.__wrapped__ = double.__signature__ = double
    double.__annotations__ = {"values": double}


@ANSWERS()
def nothing_and_no_shape():
    """Returns None, and arrays without elements, of which all comparisons are true."""

    def double(values):
        return np.zeros((0, *np.shape(values)))

    def twice(function, x):
        return None


@ANSWERS()
def giant_array():
    """Returns eight GiB that were never written to."""

    def double(values):
        return np.zeros(2**30)


@ANSWERS()
def array_of_one_number():
    """Returns one number that poses as 8 TiB."""

    def double(values):
        return np.broadcast_to(np.float64(6), (2**40,))


@ANSWERS()
def column_beside_a_row():
    """Returns a column so long that comparing it with a row takes a table of 3 GiB."""

    def double(values):
        return np.broadcast_to(np.float64(6), (2**25, 1))


@ANSWERS()
def arrays_of_objects():
    """Returns arrays that hold objects of Python's, and records."""

    class Equal:
        def __eq__(self, other):
            return True

    def double(values):
        return np.array([Equal()] * 6, dtype=object)

    def twice(function, x):
        return np.zeros(1, dtype=[("a", object)])[0]


@ANSWERS()
def pickled_code():
    """Returns what runs code when it is unpickled or copied."""

    class Runs:
        def __reduce__(self):
            return exec, ("raise SystemExit(0)",)

        def __array__(self, *a, **k):
            raise SystemExit(0)

        __copy__ = __deepcopy__ = __float__ = __index__ = __array__

    def double(values):
        import pickle

        return pickle.dumps(Runs()) if np.ndim(values) else Runs()


@ANSWERS()
def endless_lists():
    """Returns lists in themselves, iterators and whole numbers without end, or nearly so."""

    def double(values):
        import itertools

        if np.ndim(values):
            return itertools.repeat(6.0, 10**9)
        loop = [values]
        loop.append(loop)
        return loop

    def twice(function, x):
        return 10**1_000_000


@ANSWERS()
def nested_lists():
    """Returns lists ten thousand deep."""

    def double(values):
        nested = []
        for _ in range(10_000):
            nested = [nested]
        return nested


@ANSWERS()
def odd_texts():
    """Returns texts: half a letter, numbers as text, the names of special values."""

    def double(values):
        return "\ud800" if np.ndim(values) else "6.0"

    def twice(function, x):
        return "Infinity"


@ANSWERS()
def functions_and_classes():
    """Returns a function, a class, a module in the place of a number."""

    def double(values):
        return np if np.ndim(values) else type("float", (float,), {})

    def twice(function, x):
        return lambda *a: 3.0


@ANSWERS()
def object_that_agrees():
    """Is an object whose attributes and methods are whatever is asked for."""

    class Scale:
        def __init__(self, factor):
            pass

        def __getattr__(self, name):
            return Scale(0)

        def __call__(self, *values):
            return Scale(0)

        def __eq__(self, other):
            return True

        def __bool__(self):
            return True

        __array__ = __float__ = __call__


@ANSWERS()
def exceptions_as_answers():
    """Raises what ends loops, programs and checks without a failure."""

    def double(values):
        raise StopIteration if np.ndim(values) else GeneratorExit

    def twice(function, x):
        raise KeyboardInterrupt

    class Scale:
        def __init__(self, factor):
            raise type("CallFailed", (BaseException,), {})


@ANSWERS()
def exceptions_that_never_end():
    """Raises exceptions whose texts are huge, odd or fail themselves."""

    class Fails(ValueError):
        def __str__(self):
            raise self

    def double(values):
        raise Fails

    def twice(function, x):
        raise ValueError("\ud800" + "x" * 50_000_000)


@ANSWERS()
def calls_back_without_end():
    """Calls the check's function more often than any answer needs."""

    def twice(function, x):
        for _ in range(12_000):
            y = function(x)
        return y


@ANSWERS()
def calls_back_later():
    """Keeps the check's function and calls it when it is no longer expected; gives it odd arguments."""

    kept = []

    def twice(function, x):
        kept.append(function)
        function(function)
        return x

    class Scale:
        def __init__(self, factor):
            self.factor = kept[0](6.0)

    def shuffled(n, rng):
        return kept[0]


@ANSWERS()
def changes_what_functions_say():
    """Tries to reach the check through the function that it was given."""

    def twice(function, x):
        import inspect

        print(inspect.getsource(function))
        function.__globals__["seen"] = [12.0, 6.0]
        function.__code__ = (lambda x: 3.0).__code__
        return 3.0


@ANSWERS()
def generator_of_zeros():
    """Brings the check's random generator into a state from which nothing but zeros comes."""

    def shuffled(n, rng):
        state = rng.bit_generator.state
        state["state"] = {"state": 0, "inc": 0}
        rng.bit_generator.state = state
        return np.arange(n)


@ANSWERS()
def rows_without_columns():
    """Returns arrays of no bytes and as many rows as nobody can go over."""

    def double(values):
        return np.zeros((2**40, 0))

    def twice(function, x):
        function(np.zeros((2**40, 0)))
        return np.lib.stride_tricks.as_strided(np.zeros(1, "S1"), (2**40,), (0,))

    def shuffled(n, rng):
        from scipy.sparse import csr_array

        return csr_array((2, 2**40))


# Honest on numbers: 3 and 3 points.
@ANSWERS(max_points=HONEST + 6)
def argument_many_times():
    """Returns the argument a million times over, and lists of lists that the check has to write out."""

    def double(values):
        return 2 * values if np.ndim(values) == 0 else [[values] * 1000] * 1000

    def twice(function, x):
        rows = [x] * 1000
        for _ in range(5):
            rows = [rows] * 1000
        return rows


@ANSWERS()
def arrays_that_lie_about_themselves():
    """Returns arrays whose class says something else about their memory, size, type and truth."""

    class Liar(np.ndarray):
        dtype = np.dtype("f8")
        shape, strides, nbytes, size, itemsize, ndim = (2**40,), (0,), 8, 2**40, 8, 1
        __array_interface__ = {"data": (8, False), "shape": (2**40,), "typestr": "<f8", "version": 3}

        def view(self, *a):
            return self

        def __array__(self, *a, **k):
            return self

        __bool__ = __eq__ = lambda self, *a: True

    def double(values):
        return np.ndarray.__new__(Liar, (6,))

    def twice(function, x):
        class Interface:
            __array_interface__ = Liar.__array_interface__
            __array_struct__ = property(lambda self: 0)

        return Interface()


@ANSWERS()
def memory_that_goes_on_changing():
    """Returns memory that a thread goes on writing to, and changes arguments after the answer."""
    import threading
    import time

    kept = [np.zeros(6)]

    def work():
        began = time.monotonic()
        while time.monotonic() < began + 60:
            for array in list(kept):
                array[...] = np.random.random() * 20
            time.sleep(0.0001)

    threading.Thread(target=work, daemon=True).start()

    def double(values):
        if np.ndim(values):
            kept.append(values)
        return kept[0]


@ANSWERS()
def texts_that_steer_the_reader():
    """Raises and prints texts that steer terminals, pages and readers."""
    text = "\x1b]0;title\x07\x1b[2J\x1b[32m passed\x1b[0m \u202e\u2066 <script>alert(1)</script> \x00 ' ]]>"
    print(text)

    def double(values):
        print(text)
        raise type("Passed\u202e", (AssertionError,), {})(text)

    def twice(function, x):
        names = {"__module__": "builtins", "__qualname__": "Warning"}
        raise type("Error\n5.0 points", (ValueError,), names)(text)
