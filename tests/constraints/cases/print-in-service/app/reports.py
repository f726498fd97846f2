"""Imported by the service, but written for the command."""


class Report:
    def show(self) -> None:
        print("| a | b |")  # silent: only the command shows reports
        self._foot()

    def _foot(self) -> None:
        print("| - | - |")  # silent

    def count(self) -> int:
        print("counted")  # expect: print-in-service
        return 2


def only_for_tests() -> None:
    print("nothing calls it")  # expect: print-in-service
