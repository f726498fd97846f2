class Paginator:
    def __init__(self, page: int = 1, size: int = 20) -> None:
        self.page = page
        self.size = size

    def apply(self, db):
        return db.query(object).limit(self.size).offset(self.page * self.size)
