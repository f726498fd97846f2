from app import tools
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from shop_shared import Problem, ShopError

app = FastAPI()
app.include_router(tools.router)


@app.exception_handler(ShopError)
async def answer_shop_error(request: Request, error: ShopError) -> JSONResponse:
    return JSONResponse(Problem(text=error.text, code=error.code).model_dump(), status_code=error.code)
