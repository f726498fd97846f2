def work() -> None:
    print("working")  # silent: the app does not import it
