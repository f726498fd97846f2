from fastapi import APIRouter

router = APIRouter(prefix="/fish")


@router.get("")
async def read_all() -> list[int]:
    return []


@router.post("")
async def add(number: int) -> int:
    return number
