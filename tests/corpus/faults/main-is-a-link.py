def make(folder):
    (folder / "app/main.py").unlink()
    (folder / "app/main.py").symlink_to("/etc/passwd")
