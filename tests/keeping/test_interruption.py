"""Killed at any point, or with a full disk at any point: old or new, never half, and nothing of the learner's gone.

`kill_points.py` does the work, in a process of its own, because it forks.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

# Each command with the least number of places at which it is stopped.
KILLED = {
    "init": 30,
    "update": 40,
    "update --take": 20,
    "reset": 20,
    "restore chapter": 12,
    "restore files": 16,
    "hint": 4,
    "report": 3,
}
# `reset` makes room in the same way as `restore`.
FULL = ["update", "restore files", "hint", "report"]


def run(scratch: Path, mode: str, scenario: str) -> dict[str, object]:
    driver = Path(__file__).with_name("kill_points.py")
    finished = subprocess.run(
        [sys.executable, str(driver), str(scratch), mode, scenario],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        cwd=driver.parents[2],
    )
    assert finished.returncode == 0, finished.stderr
    found: dict[str, object] = json.loads(finished.stdout)
    return found


if sys.platform != "win32":

    @pytest.mark.parametrize(("scenario", "points"), KILLED.items(), ids=KILLED)
    def test_killed_before_any_change_of_the_disk_it_is_old_or_new(
        tmp_path: Path, scenario: str, points: int
    ) -> None:
        found = run(tmp_path, "kill", scenario)
        assert found["wrong"] == []
        assert int(str(found["points"])) >= points

    @pytest.mark.parametrize("scenario", FULL)
    def test_with_a_disk_that_fills_up_at_any_point_it_is_old_or_new(tmp_path: Path, scenario: str) -> None:
        found = run(tmp_path, "full", scenario)
        assert found["wrong"] == []
        assert int(str(found["points"])) >= KILLED[scenario]
