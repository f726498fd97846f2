from fastapi import APIRouter, HTTPException
from shop_shared import ShopError, ToolMissing

router = APIRouter()


@router.get("/tools/{tool_id}")
async def read_tool(tool_id: int) -> int:
    if tool_id < 0:
        raise ShopError("negative")
    if tool_id == 1:
        raise ShopError("one")
    if tool_id == 2:
        raise ToolMissing("two", 404)
    if tool_id == 3:
        raise ToolMissing("three", 404)
    if tool_id == 4:
        raise HTTPException(404, "no such tool")  # expect: http-exception-beside-own-errors
    if 4 < tool_id < 12:
        raise make_problem(tool_id)
    return tool_id


def make_problem(tool_id: int) -> ShopError:
    return {
        5: ToolMissing("five"),
        6: ToolMissing("six"),
        7: ToolMissing("seven"),
        8: ToolMissing("eight"),
        9: ToolMissing("nine"),
        10: ToolMissing("ten"),
    }[tool_id]
