"""Which numbers of a "You should see" cell does an executed notebook not print above it?

The tolerance: a number in the prose is found if a number in an output above rounds to it, that is, if they
differ by half a unit of its own last digit at most. "0.19" is found in 0.1865 and not in 0.1821; "38 %" and
"38 in 100" are found in 0.3796, too. The output stands above the text and below the "You should see" before
the last one: far back, some number always fits. A whole number, and one behind an equals sign, may stand in
the code above instead (a setting, an epoch, a place).

Left out are what a run measures of the machine (numbers before a unit of time), titles in italics, code,
formulas, and the numbers of units, exercises, formulas and items.
"""

from __future__ import annotations

import re

import nbformat

# Half a unit of the last digit, and a little for numbers that were rounded twice.
HALF = 0.51
# How far back an output may be: so many "You should see" cells, this one included.
SECTIONS = 2
SEEN = re.compile(r"ou should see")
HEADING = re.compile(r"^#+ ", re.MULTILINE)
# What holds no measured number, in the order in which it is taken out.
NOT_MEASURED = [
    r"<details>.*?</details>",
    r"\$[^$]*\$",
    r"`[^`]*`",
    r"(?<!\*)\*[^*]+\*(?!\*)",
    r"\b(?:[Uu]nits?|[Ee]xercises?|[Qq]uestions?|[Ff]ormulas?|[Ss]teps?|[Dd]irections?)"
    r" \(?[\d.]+\)?(?:(?:,| and| to|–) \(?[\d.]+\)?)*",
    r"\((?:\d|\d\.\d)\)",
    r"\b[Ii]tems? \d+",
    r"\bml-\d+\w|95 % interval",
    r"[\d.,]+(?: to [\d.,]+)? ?(?:µs|ms|s|seconds?|minutes?|times as|GB)\b",
]
SHARE = re.compile(r"\s*(?:%|(?:in|of) a hundred\b)")
NUMBER = re.compile(r"(?<![\w.])[−-]?\d+(?:,\d{3})*(?:\.\d+)?(?!\w)")


def numbers_in(text: str) -> list[tuple[str, float, int]]:
    """Numbers of a text: as written, their value, and how many digits follow the point."""
    found = []
    for match in NUMBER.finditer(text):
        written = match.group()
        value = float(written.replace("−", "-").replace(",", ""))
        found.append((written, value, len(written.partition(".")[2])))
    return found


def printed(cell: nbformat.NotebookNode) -> str:
    """What an executed cell put out as text: streams and tables, no progress bars and no pictures."""
    texts = []
    for output in cell.get("outputs", []):
        text = output.get("text", "") or output.get("data", {}).get("text/plain", "")
        texts += [line for line in text.splitlines() if "it/s" not in line and "%|" not in line]
    return "\n".join(texts)


def claims_of(source: str) -> str:
    """The part of a text that says what there is to see, without what holds no measured number."""
    start = SEEN.search(source)
    if not start:
        return ""
    text = source[start.start() :]
    heading = HEADING.search(text)
    text = " ".join((text[: heading.start()] if heading else text).split())  # where a line ends says nothing
    for pattern in NOT_MEASURED:
        text = re.sub(pattern, " ", text)
    return re.sub(r"\b(in|of) 100\b", r"\1 a hundred", text)


def missing_numbers(notebook: nbformat.NotebookNode) -> list[str]:
    """A sentence for each number of the prose that no output above it holds."""
    sections: list[list[float]] = [[]]
    settings: list[float] = []
    missing = []
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            continue  # a test cell prints the number of its exercise, its points
        if cell.cell_type == "code":
            sections[-1] += [abs(value) for _, value, _ in numbers_in(printed(cell))]
            settings += [abs(value) for _, value, _ in numbers_in(cell.source.replace("_", ""))]
            continue
        claims = claims_of(cell.source)
        outputs = sum(sections[-SECTIONS:], [])
        for match in NUMBER.finditer(claims):
            ((written, value, digits),) = numbers_in(match.group())
            is_share = SHARE.match(claims, match.end()) is not None
            is_setting = (digits == 0 and not is_share) or claims[: match.start()].endswith("= ")
            known = outputs + (settings if is_setting else [])
            scales = (1, 100) if is_share else (1,)
            tolerance = HALF * 10.0**-digits
            if not any(abs(scale * each - abs(value)) <= tolerance for scale in scales for each in known):
                where = " ".join(claims[max(0, match.start() - 40) : match.end() + 25].split())
                missing.append(f"{written} in “…{where}…” is in no output above it")
        if claims:
            sections.append([])
    return missing
