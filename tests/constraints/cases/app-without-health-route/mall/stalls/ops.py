from fastapi import APIRouter

router = APIRouter(prefix="/ops")


@router.get("/healthz")
async def read_state() -> str:
    return "ok"
