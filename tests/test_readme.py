"""The figures and links of the README and of docs/ are those of the repository."""

from __future__ import annotations

import re
from collections.abc import Iterable

from authoring.lesson import find_units
from course_utils.checks.exercises import Exercise, units
from course_utils.checks.outcome import passed
from course_utils.evaluation.league import league_table, read_league
from tests.conftest import ROOT
from tests.mutants import load, unit_modules
from tests.verdicts import verdict

README = (ROOT / "README.md").read_text(encoding="utf-8")
RESULTS = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]


def test_the_numbers_of_mutants_and_alternatives():
    tables = [unit_modules(unit.module).mutants for unit in find_units(ROOT)]
    mutants = sum(len(table) for module in tables for table in module.MUTANTS.values())
    alternatives = sum(len(table) for module in tables for table in module.ALTERNATIVES.values())
    wanted = f"known ways to get it wrong ({mutants} of them) and other ways to get it right ({alternatives})"
    assert wanted in " ".join(README.split()), f"let the README say: {wanted}"


def test_the_lines_that_pages_quote_are_what_checks_say():
    """✗: of some known mistake. ✓: of the exercise as it is, with its points."""
    quoted = re.findall(
        r"([✓✗]) (\d+\.\d+) (\w+) · ([^`\n]+)", "\n".join(page.read_text("utf-8") for page in PAGES)
    )
    assert {sign for sign, *_ in quoted} == {"✓", "✗"}
    for sign, number, function, line in quoted:
        unit, exercise = next(
            (unit, each) for unit in units() for each in unit.exercises if each.number == number
        )
        assert function in exercise.functions, f"{number} is not {function}"
        if sign == "✓":
            known = {passed(exercise).line}
        else:
            known = set(map(" ".join, (said.split() for said in sentences(unit.module, exercise, function))))
        start = line.partition("…")[0]
        assert any(start in each for each in known), f"{number} {function}: no check says {line!r}"


def sentences(module: str, exercise: Exercise, function: str) -> Iterable[str]:
    """What the visible checks of an exercise say of its known mistakes."""
    modules = unit_modules(module)
    for mutant in modules.mutants.MUTANTS[function].values():
        wrong = load(mutant, getattr(modules.solutions, function))
        for check in exercise.checks:
            yield verdict(module, modules.checks()[check], function, wrong) or ""


def test_every_unit_is_listed():
    for unit in find_units(ROOT):
        assert f"(release/{unit.name}/{unit.slug}.ipynb)" in README


def test_links_between_pages_lead_somewhere():
    for page in PAGES:
        for target, anchor in re.findall(r"\]\(([^)#]+)#?([^)]*)\)", page.read_text(encoding="utf-8")):
            assert "://" in target or (page.parent / target).exists(), f"{page.name}: {target}"
            if anchor and "://" not in target:
                headings = re.findall(r"^#+ (.+)", (page.parent / target).read_text("utf-8"), re.MULTILINE)
                slugs = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
                assert anchor in slugs, f"{page.name}: {target}#{anchor}"


def test_the_readme_s_commands_exist():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake (\w+)`", README)) <= targets


def test_the_league_is_the_stored_one():
    runs = read_league("ml-latest-small")
    for model, row in league_table(runs[runs["by"] == "course"]).iterrows():
        assert f"| {' | '.join([model, *row])} |" in RESULTS, f"docs/results.md: quote league.csv for {model}"


def test_the_readme_s_figures_are_those_of_the_results():
    row_of = dict(re.findall(r"^\| ([^|]+) \| (.+) \|$", RESULTS, re.MULTILINE))
    quoted = re.findall(
        r"^\| (popularity|explicit ALS|WRMF|implicit ALS)\b[^|]* \| (.+) \|$", README, re.MULTILINE
    )
    assert len(quoted) == 4
    for model, figures in quoted:
        assert row_of[model].startswith(figures), f"README.md: quote docs/results.md for {model}"


def test_lines_of_pages_are_short_enough_to_read():
    """But for what cannot be wrapped: tables, and what a program printed."""
    for page in PAGES:
        prose = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        long = [line for line in prose.splitlines() if len(line) > 100 and not line.startswith("|")]
        assert not long, f"{page.name}: wrap at 100 characters: {long[0]}"
