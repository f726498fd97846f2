from app.reports import Report


def start(options: dict[str, str]) -> None:
    report = Report()
    report.show()
    print(report.count())  # silent: a command
