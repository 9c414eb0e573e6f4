"""``course doctor`` tells what is there, what is missing and how to get it."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course import cli, doctor
from course.doctor import examine_machine, protection
from course.findings import Finding, Level
from grader.run.prefork import start_method
from grader.sandbox import BubblewrapSandbox, UnisolatedSandbox, view
from tests.grader.sandbox.conftest import ROOT
from tests.needs import SANDBOX


@SANDBOX.mark
def test_a_machine_with_bubblewrap_is_tried():
    findings = {finding.name: finding for finding in examine_machine(ROOT)}
    missing = {each for each in findings.values() if each.level is Level.MISSING}
    assert missing == set(), "`course doctor` is not content with a machine that has everything"
    assert findings["trial"].level is Level.OK
    assert findings["bubblewrap"].sentence.startswith("bubblewrap ")
    assert "workers" in findings["cores"].sentence
    assert protection(list(findings.values()))["protects"] == BubblewrapSandbox.protects


@SANDBOX.mark
def test_the_trial_finds_a_hole():
    finding = doctor._trial(ROOT, [ROOT / "solutions"], warm=False)
    assert finding.level is Level.MISSING
    assert f"it sees {ROOT / 'solutions'}" in finding.sentence


def test_without_bubblewrap_it_says_what_to_install_and_what_is_left_open(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    findings = examine_machine(ROOT)
    missing = {finding.name: finding.sentence for finding in findings if finding.level is Level.MISSING}
    assert "apt-get install bubblewrap" in missing["bubblewrap"]
    assert "apt-get install bubblewrap" in missing["trial"]
    assert protection(findings)["leaves_open"] == UnisolatedSandbox.leaves_open


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_jobs_cannot_read_is_named(monkeypatch, tmp_path, kind):
    closed = tmp_path / "environment"
    closed.mkdir() if kind == "folder" else closed.touch()
    monkeypatch.setattr("os.getuid", lambda: 0)
    monkeypatch.setattr(view, "environment_paths", lambda: [])
    monkeypatch.setattr(view, "STUDENT_SIDE", ())
    closed.chmod(0o755 if kind == "folder" else 0o644)
    assert [finding.level for finding in doctor._readable([closed])] == [Level.OK]
    closed.chmod(0o751 if kind == "folder" else 0o640)
    (finding,) = doctor._readable([closed])
    assert finding == Finding(
        "environment",
        Level.MISSING,
        f"Jobs do not run as root and cannot read {closed}: chmod -R o+rX {closed}.",
    )


@pytest.mark.parametrize("module", ["json", "no_such_module"])
def test_a_missing_module_is_named_with_its_remedy(module):
    finding = doctor._module("It", module, Level.WARN, "for nothing")
    assert finding.level is (Level.OK if module == "json" else Level.WARN)
    assert ("pip install" in finding.sentence) == (module != "json")


def test_what_is_in_a_folder_closed_to_others_is_shown_all_the_same(tmp_path):
    closed = tmp_path / "closed"
    (closed / "below" / "deep").mkdir(parents=True)
    closed.chmod(0o700)
    (topmost,) = view.closed_folders([closed / "below" / "deep"])
    assert closed.is_relative_to(topmost)
    assert view.closed_folders([Path("/usr/bin")]) == []
    words = " ".join(view.bind_arguments([closed / "below" / "deep"]))
    assert f"--perms 0755 --dir {closed} " in words
    assert words.endswith(f"--ro-bind {closed}/below/deep {closed}/below/deep")


def test_what_other_users_can_read_is_named_with_the_remedy():
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        for name, mode in {"gradebook.db": 0o644, "grades-01.csv": 0o644, "grading.log": 0o600}.items():
            (root / name).write_text("")
            (root / name).chmod(mode)
        (root / "source").mkdir()
        (root / "source").chmod(0o755)
        finding = doctor._open_to_others(root)
        assert finding.level is Level.WARN and "source, gradebook.db, grades-01.csv: in " in finding.sentence
        command = finding.sentence.split("`")[1]
        assert os.system(f"cd {root} && {command}") == 0
        assert doctor._open_to_others(root).level is Level.OK


@pytest.mark.parametrize("version", [(3, 11, 0, "final", 0), (3, 11, 1, "final", 0), (3, 14, 0, "final", 0)])
def test_a_python_with_an_open_fork_server_is_named_and_does_without_it(monkeypatch, version):
    """CVE-2022-42919: any user of the machine could have it run code."""
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("sys.version_info", version)
    finding, is_open = doctor._python(), version < (3, 11, 1)
    assert finding.level is (Level.WARN if is_open else Level.OK)
    assert ("CVE-2022-42919" in finding.sentence) is is_open
    assert start_method() == ("spawn" if is_open else "forkserver")


def test_json(monkeypatch):
    found = [Finding("trial", Level.MISSING, "None: do this.")]
    monkeypatch.setattr(doctor, "examine_machine", lambda root: found)
    done = CliRunner().invoke(cli.app, ["doctor", "--json"])
    said = json.loads(done.stdout)
    assert done.exit_code == 1 and said["findings"] == [
        {"name": "trial", "level": "missing", "sentence": "None: do this."}
    ]
    assert said["leaves_open"] == list(UnisolatedSandbox.leaves_open) and "protects" in said
