from fastapi import APIRouter

router = APIRouter(prefix="/bread")


@router.get("")
async def read_all() -> list[int]:
    return []


@router.post("")
async def add(number: int) -> int:
    return number
