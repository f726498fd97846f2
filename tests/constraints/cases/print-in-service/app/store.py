class Store:
    def take(self) -> int:
        print("behind a method")  # expect: print-in-service
        return 1


def take() -> int:
    print("behind a call")  # expect: print-in-service
    return Store().take()
