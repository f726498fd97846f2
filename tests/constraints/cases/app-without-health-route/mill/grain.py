from fastapi import APIRouter, FastAPI

app = FastAPI()  # silent: a left-over; all that it serves, the other app serves
router = APIRouter()


@router.get("/grain")
async def grain() -> int:
    return 1


app.include_router(router)
