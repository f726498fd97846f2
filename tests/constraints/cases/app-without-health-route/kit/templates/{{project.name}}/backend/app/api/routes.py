from fastapi import APIRouter

router = APIRouter(prefix="/users")


@router.get("/tester")
async def tester() -> dict[str, str]:
    return {"message": "The users' router works."}


@router.get("/ping", summary="Ping")
async def ping() -> dict[str, str]:
    return {"message": "Somebody was called."}
