"""Ports behind which suites answer: how many files one more process of the app's costs."""

from __future__ import annotations

from checker.app_under_test.ports import Ports


def test_one_more_process_opens_the_ports_behind_which_somebody_answers() -> None:
    ports = Ports(as_needed=False)
    ports.open()
    try:
        assert ports.in_use == []
        first, second = ports.claim(), ports.claim()
        assert ports.in_use == [first.number, second.number]
        first.close()
        assert ports.in_use == [second.number]
    finally:
        ports.close()
    assert ports.in_use == []
