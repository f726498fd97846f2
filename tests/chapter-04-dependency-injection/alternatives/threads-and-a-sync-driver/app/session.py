"""The database session of a request."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, HTTPException
from sqlalchemy import orm
from sqlalchemy.exc import IntegrityError

from app.dependencies import Sessions


def get_session(sessions: Sessions) -> Iterator[orm.Session]:
    """Committed before the reply is sent."""
    session = sessions()
    try:
        yield session
        session.commit()
    except IntegrityError as error:
        session.rollback()
        raise HTTPException(409, "This would contradict what is in the books.") from error
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()


Session = Annotated[orm.Session, Depends(get_session, scope="function")]
