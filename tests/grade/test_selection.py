"""`--select` and `--ignore`: ids, letters and rule names."""

from __future__ import annotations

import pytest

from checker.constraints import all_constraints, find_constraint
from checker.errors import UsageError
from checker.grade.selection import rule_names, select


def test_nothing_said_is_everything() -> None:
    chosen = select([], [])
    assert chosen.constraints == {one.id for one in all_constraints()}
    assert chosen.rules == {name for one in all_constraints() for name in rule_names(one)}


def test_ids_letters_and_rules_add_up_and_ignore_wins() -> None:
    chosen = select(["h3", "S"], ["S5", "blocking-sleep-in-async"])
    assert "H3" in chosen.constraints
    assert "S5" not in chosen.constraints
    assert "S1" in chosen.constraints
    assert "blocking-sleep-in-async" not in chosen.rules
    assert "blocking-file-access-in-async" in chosen.rules


def test_a_rule_alone_brings_its_constraint_and_no_other_rule() -> None:
    chosen = select(["blocking-sleep-in-async"], [])
    assert chosen.constraints == {"H3"}
    assert chosen.rules == {"blocking-sleep-in-async"}


def test_rules_on_the_running_app_are_among_them() -> None:
    h3 = find_constraint("H3")
    assert h3 is not None
    assert {rule.name for rule in h3.running_rules} <= select(["H3"], []).rules


@pytest.mark.parametrize(
    ("name", "meant"), [("H33", "`H3`"), ("blocking-slep-in-async", "`blocking-sleep-in-async`")]
)
def test_unknown_names_get_close_ones(name: str, meant: str) -> None:
    with pytest.raises(UsageError) as caught:
        select([], [name])
    assert f"`--ignore` names `{name}`" in str(caught.value)
    assert meant in str(caught.value)


def test_a_name_like_no_other_gets_the_ids() -> None:
    with pytest.raises(UsageError, match=r"no rule\. Constraints are H1, H2"):
        select(["xyzzy-0000"], [])


def test_nothing_left_to_judge_is_wrong_use() -> None:
    with pytest.raises(UsageError, match="nothing to judge"):
        select([], ["H", "S"])
