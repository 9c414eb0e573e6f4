"""How do pandas' tables and columns of numbers, truth values, dates and text travel?"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .frames import WireError
from .memory import NotPlain, is_shippable

if TYPE_CHECKING:
    from .decoder import Decoder
    from .encoder import Encoder

# Columns of text, which pandas keeps as objects or as strings of its own.
_TEXT = {"object", "str", "string"}


def encode(encoder: Encoder, value: Any, depth: int) -> dict | None:
    """The node of a table, a column or an index; None if it is another kind of value.

    Raises
    ------
    NotPlain
        If a column holds what is not plain, such as lists or categories.
    """
    if isinstance(value, pd.DataFrame):
        encoder.numbered(value)
        columns = [_values(encoder, value.iloc[:, place], depth) for place in range(value.shape[1])]
        labels = encoder.node(list(value.columns), depth + 1)
        return {"t": "pandas.frame", "v": columns, "labels": labels, "index": _index(encoder, value, depth)}
    if isinstance(value, pd.Series):
        encoder.numbered(value)
        node = {"t": "pandas.series", "v": _values(encoder, value, depth)}
        return node | {"name": encoder.node(value.name, depth + 1), "index": _index(encoder, value, depth)}
    if isinstance(value, pd.Index):
        return {"t": "pandas.index", "v": _index(encoder, value.to_series(), depth)}
    if isinstance(value, pd.Timestamp):
        return encoder.node(value.to_numpy(), depth)
    return None


def decode(decoder: Decoder, node: dict, depth: int) -> Any:
    """The value of a node of pandas'."""
    kind = node["t"]
    if kind == "pandas.index":
        return _decoded_index(decoder, node["v"], depth)
    if kind not in ("pandas.frame", "pandas.series"):
        raise WireError(f"{kind!r} is no kind of value")
    place = len(decoder.objects)
    decoder.numbered(None)
    if kind == "pandas.series":
        values = _decoded_values(decoder, node["v"], depth)
        name = decoder._value(node["name"], depth + 1)
        built = pd.Series(values, index=_decoded_index(decoder, node["index"], depth), name=name)
    else:
        columns = [_decoded_values(decoder, column, depth) for column in node["v"]]
        labels = decoder._value(node["labels"], depth + 1)
        index = _decoded_index(decoder, node["index"], depth)
        if len(labels) != len(columns) or any(len(column) != len(index) for column in columns):
            raise WireError("a table's columns, labels and rows do not go together")
        built = pd.DataFrame(dict(enumerate(columns)), index=index)
        if not all(isinstance(label, Hashable) for label in labels):
            raise WireError("a table's column has a name that is none")
        built.columns = labels
    decoder.objects[place] = built
    return built


def _values(encoder: Encoder, column: pd.Series, depth: int) -> dict:
    name = str(column.dtype)
    if isinstance(column.dtype, np.dtype) and is_shippable(column.dtype):
        return {"array": encoder.array(column.to_numpy(copy=True))}
    if name in _TEXT:
        cells = [None if cell is None or cell is pd.NA or cell != cell else cell for cell in column]
        if all(map(_is_cell, cells)):
            return {"text": name, "cells": encoder.node(cells, depth + 1)}
    raise NotPlain(f"a table with a column of dtype {name} (numbers, truth values, dates and text are fine)")


def _is_cell(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def _decoded_values(decoder: Decoder, node: dict, depth: int) -> Any:
    if "array" in node:
        return decoder.array(node["array"]).copy()
    if node["text"] not in _TEXT:
        raise WireError(f"{node['text']!r} is no dtype of text")
    cells = decoder._value(node["cells"], depth + 1)
    if not all(map(_is_cell, cells)):
        raise WireError("a column of text holds something else")
    return pd.array(cells, dtype=node["text"])


def _index(encoder: Encoder, value: Any, depth: int) -> dict:
    index = value.index
    name = encoder.node(index.name, depth + 1)
    if isinstance(index, pd.RangeIndex):
        encoder.measure.take_range(index.start, index.stop, index.step)
        return {"range": [index.start, index.stop, index.step], "name": name}
    if isinstance(index, pd.MultiIndex):
        raise NotPlain("a table with an index of several levels: call reset_index()")
    return {"values": _values(encoder, index.to_series(), depth), "name": name}


def _decoded_index(decoder: Decoder, node: dict, depth: int) -> pd.Index:
    name = decoder._value(node["name"], depth + 1)
    if "range" in node:
        decoder.measure.take_range(*node["range"])
        return pd.RangeIndex(*node["range"], name=name)
    return pd.Index(_decoded_values(decoder, node["values"], depth), name=name)
