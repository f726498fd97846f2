from threading import Thread

worker = Thread(target=print)

if __name__ == "__main__":
    worker.start()  # silent: a script that serves nothing
