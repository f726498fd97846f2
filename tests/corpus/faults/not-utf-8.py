def make(folder):
    with open(folder / "app/main.py", "ab") as file:
        file.write(b"# caf\xe9\n")
