from sqlalchemy.orm import Session


class ToolStore:
    def __init__(self, session: Session) -> None:
        self.session = session

    def numbered(self, first: int):
        return self.session.query(object).offset(first).all()


class ShelfStore:
    def __init__(self) -> None:
        self.tools: list[int] = []

    def shelf(self, skip: int, limit: int):
        return self.tools[skip : skip + limit]


class SqlLoans:
    def __init__(self, session: Session) -> None:
        self.session = session

    def page_of_loans(self, skip: int, limit: int) -> list[int]:
        return self.session.query(int).offset(skip).limit(limit).all()
