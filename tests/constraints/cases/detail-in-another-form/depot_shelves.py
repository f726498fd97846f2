"""Routes of which only the mounted app answers the errors."""

from fastapi import APIRouter, HTTPException

router = APIRouter()


@router.delete("/shelves/{number}")
async def delete(number: int) -> int:
    if number == 1:
        raise HTTPException(400, {"message": "not empty", "detail": number})  # silent: the handler takes it apart
    return number
