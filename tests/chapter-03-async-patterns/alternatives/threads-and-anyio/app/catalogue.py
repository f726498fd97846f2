"""Manuals and spare parts, from the catalogue."""

import anyio
import httpx2
from fastapi import APIRouter, HTTPException, Request
from pydantic import ValidationError

from app.database import find_tool
from app.schemas import Manual, ManualOut, PartList, PartsOut, Problem, RowId
from app.workshop import workshop_of

router = APIRouter(tags=["catalogue"], responses={code: {"model": Problem} for code in (404, 502, 504)})


@router.get("/tools/{tool_id}/manual")
async def read_manual(tool_id: RowId, request: Request) -> ManualOut:
    """Where the manual of a tool is to be found."""
    workshop = workshop_of(request)
    tool = await workshop.database.ask(lambda session: find_tool(session, tool_id))
    reply: httpx2.Response | None = None
    try:
        with anyio.move_on_after(workshop.settings.catalogue_seconds):
            reply = await workshop.client.get(f"/manuals/{tool.model}")
        if reply is None:
            raise HTTPException(504, "The catalogue does not answer.")
        refuse_failures(reply)
        manual = Manual.model_validate_json(reply.content)
    except (httpx2.HTTPError, ValidationError) as error:
        raise HTTPException(502, "The catalogue fails.") from error
    return ManualOut(tool_id=tool.id, url=manual.url, pages=manual.pages)


@router.get("/tools/{tool_id}/parts")
async def read_parts(tool_id: RowId, request: Request) -> PartsOut:
    """The spare parts of a tool."""
    workshop = workshop_of(request)
    tool = await workshop.database.ask(lambda session: find_tool(session, tool_id))
    for pause in (0.12, 0.25, None):
        try:
            with anyio.fail_after(0.5):
                reply = await workshop.client.get(f"/parts/{tool.model}")
            if reply.status_code < 500:
                refuse_failures(reply)
                return PartsOut(tool_id=tool.id, parts=PartList.model_validate_json(reply.content).parts)
        except (TimeoutError, httpx2.TransportError):
            pass
        except ValidationError as error:
            raise HTTPException(502, "The catalogue talks nonsense.") from error
        if pause is not None:
            await anyio.sleep(pause)
    raise HTTPException(502, "The catalogue fails, three times in a row.")


def refuse_failures(reply: httpx2.Response) -> None:
    """Go on only with a 200."""
    if reply.status_code == 404:
        raise HTTPException(404, "The catalogue does not know this tool.")
    if reply.status_code != 200:
        raise HTTPException(502, f"The catalogue says {reply.status_code}.")
