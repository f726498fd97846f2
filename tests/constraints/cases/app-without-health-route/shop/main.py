from fastapi import APIRouter

from .setup import make

goods = APIRouter(prefix="/goods")


@goods.get("/")
async def list_goods() -> list[str]:
    return []


app = make(router=goods)
