"""Which answers are so alike that one look serves for all of them? By their words, on this machine.

Each text is a vector of its words, rare ones weighing more (TF-IDF). The two nearest groups become one, again
and again, as long as every two texts of a group have `LEAST_ALIKE` in common (complete linkage: with average
linkage a class whose answers share phrases became one group). The result depends on the texts alone, not on
their order.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from importlib.util import find_spec

# The cosine that any two texts of a group have at least.
LEAST_ALIKE = 0.25
# Of a text; the rest would cost time and tell nothing more.
LONGEST = 20_000  # characters
# The memory that is needed grows with the square of it.
MOST = 3_000  # texts
# A word, or a sign of a script that is written without spaces.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")

WITHOUT = (
    "The answers are in one group, as scikit-learn is not installed: `pip install -c constraints.txt "
    "scikit-learn` puts those together that are alike."
)
TOO_MANY = f"The answers are in one group: more than {MOST:,} different ones cannot be compared."


def group(texts: Iterable[str]) -> tuple[list[list[str]], str]:
    """Texts that are alike, together: the largest group first; and a sentence if they could not be compared.

    Parameters
    ----------
    texts : iterable of str
        One that is there several times counts as often for the size of its group, and is there once.
    """
    times: dict[str, int] = defaultdict(int)
    for text in texts:
        times[text] += 1
    different = sorted(times, key=lambda text: (words(text), text))
    if len(different) < 2:
        return [different] * bool(different), ""
    if find_spec("sklearn") is None:
        return [different], WITHOUT
    if len(different) > MOST:
        return [different], TOO_MANY
    groups: dict[int, list[str]] = defaultdict(list)
    for text, label in zip(different, _labels(different), strict=True):
        groups[label].append(text)
    ordered = sorted(groups.values(), key=lambda each: (-sum(times[text] for text in each), words(each[0])))
    return ordered, ""


def words(text: str) -> list[str]:
    """The words of a text, without regard to case and to the form of its letters."""
    return _WORD.findall(unicodedata.normalize("NFKC", text[:LONGEST]).casefold())


def _labels(texts: list[str]) -> list[int]:
    # Here, as it takes a second, and no other command needs it.
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.feature_extraction.text import TfidfVectorizer

    # Without words, a text is like those that have the same signs.
    tokens = [words(text) or [text.strip()[:100] or "∅"] for text in texts]
    vectors = TfidfVectorizer(analyzer=lambda number: tokens[number], sublinear_tf=True).fit_transform(
        range(len(texts))
    )
    distances = 1.0 - (vectors @ vectors.T).toarray()
    # So that rounding does not make the order of the nearest depend on where a text stands.
    distances = distances.round(9).clip(0.0)
    clustering = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="complete", distance_threshold=1.0 - LEAST_ALIKE
    )
    return [int(label) for label in clustering.fit_predict(distances)]
