"""Who may what."""

# region 5.6
from fastapi import HTTPException, Security, params, status
from fastapi.security import SecurityScopes

from app.callers import CurrentCaller


def needs(*scopes: str) -> params.Security:
    """A guard for routers and path operations: whoever comes must hold these scopes."""
    guard: params.Security = Security(check_scopes, scopes=scopes)
    return guard


async def check_scopes(needed: SecurityScopes, caller: CurrentCaller) -> None:
    """What counts is what the token was made for, and what the member still holds."""
    held = caller.granted.intersection(caller.member.scopes)
    if missing := [scope for scope in needed.scopes if scope not in held]:
        named = " ".join(missing)
        raise HTTPException(
            status.HTTP_403_FORBIDDEN,
            f"This needs the scope `{named}`.",
            headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{named}"'},
        )


# endregion
