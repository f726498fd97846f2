from app.reports import Report, describe


class Client:
    def show(self) -> None:
        describe(Report())
