"""What a packaging tool wrote."""


def read_version(verbose: bool) -> str:
    if verbose:
        print("no tags")  # silent: nobody's own code
    return "1.0"
