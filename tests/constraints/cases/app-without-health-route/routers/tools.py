from fastapi import APIRouter

router = APIRouter(prefix="/tools")


@router.get("/health-records/{tool_id}")
async def read_health_record(tool_id: int) -> str:
    return "fine"
