"""Globs read as in a .gitignore."""

from __future__ import annotations

import pytest

from checker.grade.exclusion import excluder


@pytest.mark.parametrize(
    ("pattern", "path", "left_out"),
    [
        ("migrations", "app/migrations/0001.py", True),
        ("migrations", "app/migrations_old/0001.py", False),
        ("migrations/", "migrations/0001.py", True),
        ("*_pb2.py", "app/rpc/tools_pb2.py", True),
        ("*_pb2.py", "app/rpc/tools_pb2.pyc", False),
        ("app/legacy", "app/legacy/old.py", True),
        ("app/legacy", "lib/app/legacy/old.py", False),
        ("./app/legacy/", "app/legacy/old.py", True),
        ("app/*.py", "app/main.py", True),
        ("app/*.py", "app/routers/main.py", False),
        ("app/**/main.py", "app/main.py", True),
        ("app/**/main.py", "app/a/b/main.py", True),
        ("**/versions/**", "db/versions/a/b.py", True),
        ("v?.py", "app/v1.py", True),
        ("v?.py", "app/v10.py", False),
        ("v[0-9].py", "app/v1.py", True),
        ("v[!0-9].py", "app/v1.py", False),
        ("v[!0-9].py", "app/vx.py", True),
        ("a+b(c).py", "a+b(c).py", True),
        ("[", "app/[", True),
        ("app\\legacy", "app/legacy/old.py", True),
        ("/app", "app/main.py", True),
        ("/app", "lib/app/main.py", False),
    ],
)
def test_patterns(pattern: str, path: str, left_out: bool) -> None:
    assert excluder([pattern])(path) is left_out


def test_a_pattern_may_be_written_from_where_the_command_runs() -> None:
    is_excluded = excluder(["backend/app/legacy/**"], "backend/")
    assert is_excluded("app/legacy/old.py")
    assert not is_excluded("app/main.py")


def test_no_pattern_leaves_nothing_out() -> None:
    assert not excluder([])("app/main.py")
