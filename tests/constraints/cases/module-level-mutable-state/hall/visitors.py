"""One object for all connections."""


class Visitors:
    def __init__(self) -> None:
        self.names: list[str] = []

    def enter(self, name: str) -> None:
        self.names.append(name)


visitors = Visitors()  # expect: module-level-mutable-state
