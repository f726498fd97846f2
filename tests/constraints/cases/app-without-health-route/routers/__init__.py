from fastapi import APIRouter

orders = APIRouter(prefix="/orders")


@orders.get("/{order_id}/status")
async def read_status(order_id: int) -> str:
    return "sent"


@orders.get("/{order_id}/health")
async def read_health(order_id: int) -> str:
    return "well"
