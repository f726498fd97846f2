"""The constraints against labelled lines of real code: recall and false alarms, per constraint and per repository.

    python -m benchmarks.labels --labels labels.jsonl --scorer score.py --trees FOLDER

`labels.jsonl` and `score.py` are a labelled set and its scorer, which are no part of this project; FOLDER holds a checkout of
each repository under `OWNER+NAME`, at the labels' commit. Only the static part is judged.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.results import say, say_table, write
from checker.constraints import findings_of, judge_constraints
from checker.source import read_project


def findings(tree: Path) -> list[dict[str, Any]]:
    """What the static rules find in one tree, in the scorer's form."""
    results = judge_constraints(read_project(tree), None, graded=())
    return [
        {"path": one.path, "line": one.line, "constraint": one.constraint, "rule": one.rule}
        for one in findings_of(results)
    ]


def load_scorer(path: Path) -> ModuleType:
    """The scorer as a module."""
    spec = importlib.util.spec_from_file_location("label_scorer", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"`{path}` is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} % ({part}/{whole})" if whole else "-"


def main() -> int:
    """Judge, score, print; 0 where every constraint with labels has 90 % recall and at most 3 % false alarms."""
    parser = argparse.ArgumentParser(description="The constraints against labelled lines of real code.")
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--scorer", type=Path, required=True)
    parser.add_argument(
        "--trees", type=Path, required=True, help="folder with one checkout for each repository"
    )
    parser.add_argument("--kind", help="only labels of this kind, as `indirect`")
    parser.add_argument("--show", action="store_true", help="list what was missed and what was wrong")
    parser.add_argument("--output", type=Path, help="write every number to this JSON file")
    options = parser.parse_args()
    scorer = load_scorer(options.scorer)
    labels = [one for one in scorer.load_labels(options.labels) if options.kind in (None, one.kind)]
    indexes: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        for repository in sorted({label.repo for label in labels}):
            file = Path(scratch) / "findings.json"
            file.write_text(
                json.dumps(findings(options.trees / repository.replace("/", "+"))), encoding="utf-8"
            )
            indexes[repository] = scorer.load_findings(file)
    whole = scorer.score(labels, indexes, 0)
    say_table(
        ["constraint", "recall", "wrong on ok"],
        [
            [name, _share(t.found, t.violations), _share(t.false_hits, t.oks)]
            for name, t in whole.items()
            if t.violations or t.oks
        ],
    )
    say()
    rows = []
    for repository, index in indexes.items():
        tallies = scorer.score(labels, {repository: index}, 0).values()
        rows.append([
            repository,
            _share(sum(t.found for t in tallies), sum(t.violations for t in tallies)),
            _share(sum(t.false_hits for t in tallies), sum(t.oks for t in tallies)),
        ])  # fmt: skip
    say_table(["repository", "recall", "wrong on ok"], rows)
    if options.show:
        for tally in whole.values():
            for word, some in (("missed", tally.missed), ("wrong", tally.wrong)):
                for label in some:
                    say(
                        f"{word}  {label.constraint}  {label.kind}  {label.repo}  {label.path}:{label.line_start}"
                    )
    numbers = {
        name: {"found": t.found, "violations": t.violations, "wrong": t.false_hits, "ok": t.oks}
        for name, t in whole.items()
    }
    write(options.output, {"constraints": numbers})
    enough = all(t.found >= 0.9 * t.violations and t.false_hits <= 0.03 * t.oks for t in whole.values())
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
