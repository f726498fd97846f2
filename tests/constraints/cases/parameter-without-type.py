from uuid import UUID

from fastapi import APIRouter, FastAPI, HTTPException

app = FastAPI()
router = APIRouter()
KNOWN = {"saw", "drill"}


@router.get("/tasks/{task_id}")
async def task(
    task_id,  # expect: parameter-without-type
    only: bool = False,
) -> dict[str, str]:
    return await queue.status(task_id, only)


@app.get("/tools/{name}")
def tool(name) -> str:  # silent: it is one of those that are known
    if name not in KNOWN:
        raise HTTPException(404)
    return name


@app.get("/typed/{tool_id}")
def typed(tool_id: UUID) -> str:  # silent
    return str(tool_id)


@app.get("/unused/{name}")
def unused(name) -> str:  # silent: nobody reads it
    return "same"


@app.get("/plain/{name}")
def plain(name: str, shelf=None) -> str:  # silent: a text, and no part of the path
    return name + str(shelf)


app.include_router(router)


@app.get("/jobs/{job_id}")
def job(job_id) -> str:  # expect: parameter-without-type
    result = AsyncResult(job_id, app=celery)
    return "done" if result.status == "SUCCESS" else "open"
