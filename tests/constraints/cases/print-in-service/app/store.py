class Store:
    def take(self) -> int:
        print("behind a method")  # expect: print-in-service
        return 1

    def dump(self) -> None:
        print("left in for debugging")  # expect: print-in-service

    def __len__(self) -> int:
        print("Python asks")  # expect: print-in-service
        return 1


def take() -> int:
    print("behind a call")  # expect: print-in-service
    return Store().take()


class Never:
    def dump(self) -> None:
        print("of a class that serves nothing")  # silent


class Shelf:
    count = 1

    def count_again(self) -> None:
        print("only the jobs count")  # expect: print-in-service
