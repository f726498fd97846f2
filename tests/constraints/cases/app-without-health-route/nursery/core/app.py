"""A mapping of apps that grows: nobody can tell what is in it when the loop runs."""

from fastapi import FastAPI

shed = FastAPI()  # silent: mounted below, perhaps
PARTS = {"/shed": shed}
PARTS["/garden"] = FastAPI()  # silent: mounted below, perhaps

app = FastAPI()  # silent: what was added may have a check
for prefix, part in PARTS.items():
    app.mount(prefix, part)


@app.get("/a")
async def read_a() -> int:
    return 1
