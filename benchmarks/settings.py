"""The settings of all models in one file, settings.toml, each with the command that found it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

SETTINGS_FILE = Path(__file__).with_name("settings.toml")
HEADER = """\
# How each model is set in `python -m benchmarks.league`. Written by the commands in `found_by`: they look at
# the training part of one split alone, and `validation` is what they found on ratings held out from it.
"""
# What a table holds besides the setting itself.
NOTES = ("found_by", "validation")


def read_setting(data: str, model: str, file: Path = SETTINGS_FILE) -> dict:
    """Setting of a model for a data set: the keyword arguments of its function.

    Parameters
    ----------
    data : str
        Name of the data set.
    model : str
        Name of the model in the league.
    file : path
        Where the settings are.

    Returns
    -------
    dict
        Empty for a model that has nothing to set.

    Raises
    ------
    LookupError
        If the file does not have it; the message says how to find it.
    """
    tables = _tables(file).get(data, {})
    if model not in tables:
        raise LookupError(
            f"{file} has no setting of {model!r} for {data}: "
            f'run `python -m benchmarks.search "{model}" --data {data} --write`.'
        )
    return {key: value for key, value in tables[model].items() if key not in NOTES}


def write_setting(
    data: str, model: str, setting: dict, found_by: str, validation: str, file: Path = SETTINGS_FILE
):
    """Put a setting into the file, in the place of the one that it had.

    Parameters
    ----------
    data, model : str
        Name of the data set and of the model.
    setting : dict
        Numbers, words, true or false.
    found_by, validation : str
        The command that found it, and what it reached there.
    file : path
        Where the settings are.
    """
    tables = _tables(file) if file.exists() else {}
    tables.setdefault(data, {})[model] = setting | {"found_by": found_by, "validation": validation}
    lines = [HEADER]
    for name in sorted(tables):
        for one in sorted(tables[name]):
            lines.append(f"[{json.dumps(name)}.{json.dumps(one)}]")
            # A JSON number, string, true or false is one in TOML, too.
            lines += [f"{key} = {json.dumps(value)}" for key, value in tables[name][one].items()]
            lines.append("")
    file.write_text("\n".join(lines), encoding="utf-8")


def _tables(file: Path) -> dict:
    return tomllib.loads(file.read_text(encoding="utf-8"))
