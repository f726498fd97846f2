"""A package in which no command lies: what is called by its name serves."""


class Lender:
    def lend(self) -> None:
        print("lending")  # expect: print-in-service


class Never:
    def tell(self) -> None:
        print("nobody calls it")  # silent
