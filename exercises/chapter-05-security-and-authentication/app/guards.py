"""Who may what."""

# region 5.6
# TODO(5.6): what counts is what a member holds now, and a guard that has to be remembered is forgotten: look at the
# routers of tools.py and members.py, and at what a login grants in door.py.
from fastapi import Depends, HTTPException, params, status

from app.callers import CurrentCaller


def needs(*scopes: str) -> params.Depends:
    """A guard for routers and path operations."""

    async def check_scopes(caller: CurrentCaller) -> None:
        if not caller.granted.issuperset(scopes):
            raise HTTPException(
                status.HTTP_401_UNAUTHORIZED, "You may not.", headers={"WWW-Authenticate": "Bearer"}
            )

    guard: params.Depends = Depends(check_scopes)
    return guard


# endregion
