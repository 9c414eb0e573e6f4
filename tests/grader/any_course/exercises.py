# ruff: noqa: E501  (one line for each answer and test reads best)
"""Exercises and test cells as instructors write them, each with a right and a wrong answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Exercise:
    """A solution cell and a test cell of one point.

    Attributes
    ----------
    name : str
        Grade id of the solution cell; that of the test cell is ``test_<name>``.
    right, wrong : str
        Answers.
    test : str
        The test cell.
    points : float
        Of the test cell.
    """

    name: str
    right: str
    wrong: str
    test: str
    points: float = 1


HELPERS = '''\
"""Beside the notebook: for students and for test cells."""
import numpy as np


def assert_close(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-9)


def mean(values):
    return sum(values) / len(values)
'''
CSV = "city,people\nA,3\nB,5\nC,4\n"

BASICS_GIVEN = """\
%matplotlib inline
import numpy as np
import matplotlib.pyplot as plt
from helpers import assert_close, mean
basket = []
visits = 0"""

BASICS = [
    Exercise("magics", "%time a_number = 6 * 7", "%time a_number = 41", "assert a_number == 42"),
    Exercise(
        "shell", "!echo hello\nline = 'hello'", "!echo hello\nline = 'bye'", "%time assert line == 'hello'"
    ),
    Exercise("timed", "%%time\nspeed = 3", "%%time\nspeed = 4", "%%time\nassert speed == 3"),
    Exercise(
        "raises",
        "def root(x):\n    if x < 0: raise ValueError('negative')\n    return x ** 0.5",
        "def root(x):\n    return x ** 0.5",
        "from unittest import TestCase\nassert_raises = TestCase().assertRaises\nassert_raises(ValueError, root, -1)\n"
        "with assert_raises(ValueError):\n    root(-2)\nTestCase().assertAlmostEqual(root(4), 2)",
    ),
    Exercise(
        "prints",
        "def greet(name):\n    print('Hello', name)",
        "def greet(name):\n    print('Bye', name)",
        "import io\nfrom contextlib import redirect_stdout\nout = io.StringIO()\nwith redirect_stdout(out):\n"
        "    greet('Ada')\nassert out.getvalue().strip() == 'Hello Ada'\nprint('all is well')",
    ),
    Exercise(
        "captured",
        "def shout(word):\n    print(word.upper())",
        "def shout(word):\n    print(word)",
        "from IPython.utils.capture import capture_output\nwith capture_output() as said:\n    shout('hey')\n"
        "assert said.stdout == 'HEY\\n'",
    ),
    Exercise(
        "replaced_stdout",
        "def count(n):\n    for i in range(n):\n        print(i)",
        "def count(n):\n    for i in range(n + 1):\n        print(i)",
        "import io, sys\nkept, sys.stdout = sys.stdout, io.StringIO()\ntry:\n    count(2)\n"
        "    text = sys.stdout.getvalue()\nfinally:\n    sys.stdout = kept\nassert text.split() == ['0', '1']",
    ),
    Exercise(
        "asks",
        "def ask():\n    return int(input('How many? ')) + 1",
        "def ask():\n    return int(input('How many? '))",
        "from unittest.mock import patch\nwith patch('builtins.input', return_value='4'):\n    assert ask() == 5",
    ),
    Exercise(
        "asks_twice",
        "def total():\n    return int(input()) + int(input())",
        "def total():\n    return int(input()) * int(input())",
        "answers = iter(['4', '5'])\ninput = lambda prompt='': next(answers)\nassert total() == 9\ndel input",
    ),
    Exercise(
        "source",
        "def power(x, n):\n    result = 1\n    for _ in range(n):\n        result *= x\n    return result",
        "def power(x, n):\n    return x ** n",
        "import inspect\ncode = inspect.getsource(power)\nassert 'for' in code and '**' not in code\n"
        "assert power(2, 5) == 32",
    ),
    Exercise(
        "signature",
        'def area(width, height=1):\n    """The area of a rectangle."""\n    return width * height',
        "def area(width, height):\n    return width * height",
        "import inspect\nassert list(inspect.signature(area).parameters) == ['width', 'height']\n"
        "assert area.__name__ == 'area' and area.__doc__ and 'area' in area.__doc__ and area(3) == 3\n"
        "assert callable(area)",
    ),
    Exercise(
        "klass",
        "class Dog:\n    kind = 'canine'\n    def __init__(self, name):\n        self.name, self.tricks = name, []\n"
        "    def learn(self, trick):\n        self.tricks.append(trick)\n        return self",
        "class Dog:\n    tricks = []\n    kind = 'canine'\n    def __init__(self, name):\n        self.name = name\n"
        "    def learn(self, trick):\n        self.tricks.append(trick)\n        return self",
        "rex, fido = Dog('Rex'), Dog('Fido')\nassert isinstance(rex, Dog) and hasattr(rex, 'tricks')\n"
        "assert not hasattr(rex, 'age') and not isinstance('Rex', Dog)\nassert Dog.kind == 'canine'\n"
        "rex.learn('sit').learn('roll')\nassert rex.tricks == ['sit', 'roll'] and fido.tricks == []",
    ),
    Exercise(
        "inherits",
        "class Shape:\n    def area(self): raise NotImplementedError\nclass Square(Shape):\n"
        "    def __init__(self, side): self.side = side\n    def area(self): return self.side ** 2",
        "class Shape: pass\nclass Square:\n    def __init__(self, side): self.side = side\n"
        "    def area(self): return self.side ** 2",
        "assert issubclass(Square, Shape) and isinstance(Square(2), Shape)\nassert Square(3).area() == 9\n"
        "try:\n    Shape().area()\nexcept NotImplementedError:\n    pass\nelse:\n    assert False",
    ),
    Exercise(
        "operators",
        "class Vector:\n    def __init__(self, x, y): self.x, self.y = x, y\n"
        "    def __add__(self, other): return Vector(self.x + other.x, self.y + other.y)\n"
        "    def __eq__(self, other): return (self.x, self.y) == (other.x, other.y)\n"
        "    def __repr__(self): return f'Vector({self.x}, {self.y})'\n    def __len__(self): return 2\n"
        "    def __getitem__(self, i): return (self.x, self.y)[i]",
        "class Vector:\n    def __init__(self, x, y): self.x, self.y = x, y\n"
        "    def __add__(self, other): return Vector(self.x, self.y)\n"
        "    def __eq__(self, other): return (self.x, self.y) == (other.x, other.y)",
        "v = Vector(1, 2) + Vector(3, 4)\nassert v == Vector(4, 6) and v != Vector(1, 1)\n"
        "assert repr(v) == str(v) == f'{v}' == 'Vector(4, 6)' and len(v) == 2 and v[1] == 6 and list(v) == [4, 6]",
    ),
    Exercise(
        "container",
        "class Stack:\n    def __init__(self): self.items = []\n    def push(self, x): self.items.append(x)\n"
        "    def pop(self): return self.items.pop()\n    def __len__(self): return len(self.items)\n"
        "    def __contains__(self, x): return x in self.items\n    def __iter__(self): return iter(self.items)\n"
        "    def __bool__(self): return bool(self.items)",
        "class Stack:\n    def __init__(self): self.items = []\n    def push(self, x): self.items.append(x)\n"
        "    def pop(self): return self.items.pop(0)\n    def __len__(self): return len(self.items)",
        "s = Stack()\nassert len(s) == 0\nfor x in 'abc':\n    s.push(x)\nassert 'a' in s and 'z' not in s\n"
        "assert list(s) == ['a', 'b', 'c'] and s.pop() == 'c' and sorted(s) == ['a', 'b']\n"
        "try:\n    Stack().pop()\nexcept IndexError:\n    pass",
    ),
    Exercise(
        "own_error",
        "class TooCold(Exception):\n    pass\ndef heat(t):\n    if t < -273: raise TooCold('brr')\n    return t",
        "class TooCold(Exception):\n    pass\ndef heat(t):\n    return t",
        "try:\n    heat(-300)\nexcept Exception as error:\n    assert type(error).__name__ == 'TooCold' and 'brr' in str(error)\n"
        "else:\n    raise AssertionError('no error')",
    ),
    Exercise(
        "closures",
        "def adder(n):\n    return lambda x: x + n",
        "def adder(n):\n    return lambda x: x - n",
        "add = adder(3)\nassert callable(add) and add(4) == 7\nassert [f(1) for f in map(adder, [1, 2])] == [2, 3]",
    ),
    Exercise(
        "decorator",
        "def twice(f):\n    def wrapper(x):\n        return f(f(x))\n    return wrapper",
        "def twice(f):\n    return f",
        "@twice\ndef increment(x):\n    return x + 1\nassert increment(1) == 3",
    ),
    Exercise(
        "generator",
        "def evens():\n    n = 0\n    while True:\n        yield n\n        n += 2",
        "def evens():\n    n = 1\n    while True:\n        yield n\n        n += 2",
        "from itertools import islice\nnumbers = evens()\nassert next(numbers) == 0 and next(numbers) == 2\n"
        "assert list(islice(numbers, 3)) == [4, 6, 8]",
    ),
    Exercise(
        "finite_generator",
        "def countdown(n):\n    while n:\n        yield n\n        n -= 1",
        "def countdown(n):\n    return list(range(n))",
        "import types\nassert isinstance(countdown(2), types.GeneratorType)\nassert list(countdown(3)) == [3, 2, 1]",
    ),
    Exercise(
        "cached",
        "from functools import lru_cache\n@lru_cache\ndef fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)",
        "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)",
        "fib.cache_clear()\nassert fib(60) == 1548008755920 and fib.cache_info().currsize == 61",
    ),
    Exercise(
        "global_list",
        "def add_to_basket(x):\n    basket.append(x)",
        "def add_to_basket(x):\n    return basket + [x]",
        "basket.clear()\nadd_to_basket('egg')\nadd_to_basket('salt')\nassert basket == ['egg', 'salt']",
    ),
    Exercise(
        "global_counter",
        "def visit():\n    global visits\n    visits += 1",
        "def visit():\n    visits = 1",
        "before = visits\nvisit()\nvisit()\nassert visits == before + 2",
    ),
    Exercise(
        "reset_counter",
        "def visit_again():\n    global visits\n    visits += 2",
        "def visit_again():\n    visits = 1",
        "visits = 0\nvisit_again()\nassert visits == 2",
    ),
    Exercise(
        "by_name",
        "planet = 'earth'\nmoons = {'earth': 1}",
        "planets = 'earth'\nmoons = {}",
        "assert 'planet' in globals() and globals()['planet'] == 'earth'\nassert isinstance(moons, dict) and moons['earth'] == 1",
    ),
    Exercise(
        "defined",
        "ready = True",
        "Ready = True",
        "try:\n    ready\nexcept NameError:\n    raise AssertionError('define ready')\nassert ready is True",
    ),
    Exercise(
        "array",
        "grid = np.arange(6).reshape(2, 3)",
        "grid = np.arange(6)",
        "np.testing.assert_array_equal(grid, [[0, 1, 2], [3, 4, 5]])\nassert grid.shape == (2, 3) and type(grid) is np.ndarray",
    ),
    Exercise(
        "helper_module",
        "def centre(xs):\n    m = mean(xs)\n    return [x - m for x in xs]",
        "def centre(xs):\n    return xs",
        "import helpers\nassert_close(centre([1, 2, 3]), [-1, 0, 1])\nassert helpers.mean([1, 3]) == 2",
    ),
    Exercise(
        "partial",
        "def half_right(x):\n    return abs(x)",
        "def half_right(x):\n    return x",
        "score = 0\nif half_right(2) == 2: score += 1\nif half_right(-2) == 2: score += 2\nscore",
        points=3,
    ),
    Exercise(
        "recursion",
        "def fact(n):\n    return 1 if n == 0 else n * fact(n - 1)",
        "def fact(n):\n    p = 1\n    for i in range(n): p *= i + 1\n    return p",
        "original, calls = fact, 0\ndef fact(n):\n    global calls\n    calls += 1\n    return original(n)\n"
        "assert fact(4) == 24 and calls > 1\nfact = original",
    ),
    Exercise(
        "shell_magic",
        "def triple(x):\n    return 3 * x",
        "def triple(x):\n    return 2 * x",
        "get_ipython().run_line_magic('precision', '3')\nassert triple(2) == 6",
    ),
    Exercise(
        "main_guard",
        "def mode():\n    return __name__",
        "def mode():\n    return 'main'",
        "assert mode() == '__main__' == __name__",
    ),
    Exercise(
        "sys_exit",
        "def leave(code):\n    raise SystemExit(code)",
        "def leave(code):\n    return code",
        "try:\n    leave(3)\nexcept SystemExit as end:\n    assert end.code == 3\nelse:\n    assert False",
    ),
    Exercise(
        "convert",
        "def convert(x, kind):\n    return kind(x)",
        "def convert(x, kind):\n    return x",
        "assert convert('3', int) == 3 and convert(2, str) == '2' and type(convert(1, float)) is float",
    ),
    Exercise(
        "named_tuple",
        "from collections import namedtuple, Counter, defaultdict\nPoint = namedtuple('Point', 'x y')\n"
        "origin = Point(0, 0)\ncounts = Counter('abca')\ndef group(words):\n    d = defaultdict(list)\n"
        "    for w in words: d[w[0]].append(w)\n    return d",
        "from collections import namedtuple, Counter, defaultdict\nPoint = namedtuple('Point', 'x y')\n"
        "origin = Point(0, 1)\ncounts = {}\ndef group(words):\n    return {}",
        "assert origin == (0, 0) and origin.x == 0 and Point(1, 2).y == 2\nassert counts['a'] == 2\n"
        "assert group(['ab', 'ac', 'b']) == {'a': ['ab', 'ac'], 'b': ['b']}",
    ),
    Exercise(
        "dates",
        "import datetime, decimal, fractions\ndef next_day(d):\n    return d + datetime.timedelta(days=1)\n"
        "def exact(a, b):\n    return fractions.Fraction(a, b)\ndef price(x):\n    return decimal.Decimal(x)",
        "import datetime\ndef next_day(d):\n    return d\ndef exact(a, b):\n    return a / b\ndef price(x):\n    return x",
        "import datetime\nfrom fractions import Fraction\nfrom decimal import Decimal\n"
        "assert next_day(datetime.date(2024, 2, 28)) == datetime.date(2024, 2, 29)\n"
        "assert exact(1, 3) == Fraction(1, 3) and price('1.10') == Decimal('1.10')",
    ),
    Exercise(
        "bytes_and_none",
        "def encode(s):\n    return s.encode()\ndef nothing():\n    pass",
        "def encode(s):\n    return s\ndef nothing():\n    return 0",
        "assert encode('a') == b'a' and nothing() is None and encode('é') == 'é'.encode()",
    ),
    Exercise(
        "dataclass",
        "from dataclasses import dataclass, field\n@dataclass\nclass Book:\n    title: str\n    pages: int = 0\n"
        "def make(title):\n    return Book(title, 10)",
        "from dataclasses import dataclass, field\n@dataclass\nclass Book:\n    title: str\n    pages: int = 0\n"
        "def make(title):\n    return Book(title)",
        "assert Book('a') == Book('a', 0) and Book('a') != Book('b')\nassert make('x').pages == 10 and isinstance(make('x'), Book)\n"
        "assert str(Book('a', 2)) == \"Book(title='a', pages=2)\"",
    ),
    Exercise(
        "sorting_key",
        "class Card:\n    def __init__(self, n): self.n = n\n    def __lt__(self, other): return self.n < other.n\n"
        "def deck(ns):\n    return [Card(n) for n in ns]",
        "class Card:\n    def __init__(self, n): self.n = n\n    def __lt__(self, other): return self.n > other.n\n"
        "def deck(ns):\n    return [Card(n) for n in ns]",
        "assert [c.n for c in sorted(deck([3, 1, 2]))] == [1, 2, 3] and Card(1) < Card(2) and max(deck([1, 5])).n == 5",
    ),
    Exercise(
        "writes_a_file",
        "def save(path, text):\n    with open(path, 'w') as f:\n        f.write(text)",
        "def save(path, text):\n    pass",
        "import os\nsave('out.txt', 'hi')\nassert os.path.exists('out.txt') and open('out.txt').read() == 'hi'",
    ),
    Exercise(
        "reads_a_file",
        "def lines(path):\n    with open(path) as f:\n        return len(f.readlines())",
        "def lines(path):\n    return 0",
        "with open('new.txt', 'w') as f:\n    f.write('a\\nb\\n')\nassert lines('new.txt') == 2 and lines('cities.csv') == 4",
    ),
]

TABLES_GIVEN = """\
import numpy as np
import pandas as pd
import matplotlib.pyplot as plt
%matplotlib inline"""

TABLES = [
    Exercise(
        "read",
        "df = pd.read_csv('cities.csv')",
        "df = pd.read_csv('cities.csv').head(2)",
        "expected = pd.read_csv('cities.csv')\npd.testing.assert_frame_equal(df, expected)\n"
        "assert df.shape == (3, 2) and list(df.columns) == ['city', 'people'] and df['people'].sum() == 12",
    ),
    Exercise(
        "largest",
        "def largest(table):\n    return table.loc[table['people'].idxmax(), 'city']",
        "def largest(table):\n    return table['city'].iloc[-1]",
        "assert largest(df) == 'B'\nassert largest(pd.DataFrame({'city': ['x', 'y'], 'people': [2, 1]})) == 'x'",
    ),
    Exercise(
        "grouped",
        "by_size = df.groupby(df['people'] > 3)['people'].mean()",
        "by_size = df.groupby(df['people'] > 3)['people'].max()",
        "assert isinstance(by_size, pd.Series) and np.isclose(by_size[True], 4.5)\nassert by_size.index.tolist() == [False, True]",
    ),
    Exercise(
        "plot",
        "fig, ax = plt.subplots()\nax.plot([1, 2, 3], [1, 4, 9])\nax.set_xlabel('n')\nax.set_title('Squares')",
        "fig, ax = plt.subplots()\nax.plot([1, 2, 3], [1, 2, 3])\nax.set_title('Lines')",
        "assert ax.get_title() == 'Squares' and ax.get_xlabel() == 'n'\nline = ax.get_lines()[0]\n"
        "assert list(line.get_ydata()) == [1, 4, 9] and len(ax.lines) == 1",
    ),
    Exercise(
        "plot_function",
        "def draw(xs):\n    figure, axes = plt.subplots()\n    axes.bar(range(len(xs)), xs)\n    return axes",
        "def draw(xs):\n    figure, axes = plt.subplots()\n    return axes",
        "axes = draw([3, 1])\nassert len(axes.patches) == 2 and axes.patches[0].get_height() == 3\nplt.close('all')",
    ),
    Exercise(
        "plot_into",
        "def draw_into(axes):\n    axes.set_title('mine')",
        "def draw_into(axes):\n    axes.set_title('yours')",
        "figure, axes = plt.subplots()\ndraw_into(axes)\nassert axes.get_title() == 'mine'\nplt.close(figure)",
    ),
    Exercise(
        "plot_shown",
        "def show(xs):\n    plt.plot(xs)\n    plt.show()",
        "def show(xs):\n    plt.show()",
        "kept, plt.show = plt.show, lambda *a, **k: None\nplt.close('all')\nshow([1, 2])\n"
        "assert len(plt.gca().lines) == 1\nplt.show = kept",
    ),
    Exercise(
        "objects",
        "words = pd.Series(['a', 'bb', None])\nmixed = pd.DataFrame({'x': [1, 'a'], 'when': pd.to_datetime(['2024-01-01', '2024-01-02'])})",
        "words = pd.Series(['a'])\nmixed = pd.DataFrame({'x': [1]})",
        "assert words.isna().sum() == 1 and words.str.len()[1] == 2\nassert mixed['when'].dt.day.tolist() == [1, 2] and mixed.x[1] == 'a'",
    ),
    Exercise(
        "autotested",
        "total_people = 12\nratio = 0.25\nnames = ['A', 'B']",
        "total_people = 11\nratio = 0.5\nnames = ['A']",
        "### HASHED AUTOTEST total_people; names\n### AUTOTEST ratio",
    ),
    Exercise(
        "autotested_function",
        "def plus(a, b):\n    return a + b",
        "def plus(a, b):\n    return a - b",
        "### BEGIN HIDDEN TESTS\n### AUTOTEST plus(2, 3)\n### END HIDDEN TESTS\n### HASHED AUTOTEST plus(1, 2)",
    ),
]
