def make(folder):
    (folder / "app/deep.py").write_text("x = " + "-" * 200_000 + "1\n")
