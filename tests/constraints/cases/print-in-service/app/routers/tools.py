from fastapi import APIRouter

router = APIRouter()
print("about tools, not a tool")  # expect: print-in-service


def sharpen() -> None:
    print("sharpening")  # expect: print-in-service
