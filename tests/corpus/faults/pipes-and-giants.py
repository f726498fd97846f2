import os
import socket


def make(folder):
    os.mkfifo(folder / "app/pipe.py")
    os.mkfifo(folder / "tests/test_pipe.py")
    (folder / "circle").symlink_to(folder)
    with open(folder / "giant.bin", "wb") as file:
        file.truncate(2**40)
    with socket.socket(socket.AF_UNIX) as one:
        os.chdir("/")
        one.bind(str(folder / "app.sock"))
