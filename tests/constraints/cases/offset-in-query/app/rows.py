class Tool:
    def __init__(self, id: int) -> None:
        self.id = id


class Shelf:
    objects: list[int]
