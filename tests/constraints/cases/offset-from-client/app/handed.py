"""Functions that are handed to what pages, and called under a parameter's name."""

from fastapi import APIRouter
from sqlalchemy.orm import Session

router = APIRouter()


def all_tools(size: int | None = None, offset: int = 0):
    return Session().query(object).limit(size).offset(offset).all()


def shelf_of(db: Session):
    def read(size: int, first: int):
        return db.query(object).limit(size).offset(first).all()

    return read


def of_year(size: int, year: int):
    return Session().query(object).filter(object == year).limit(size).all()


def page_of(read_page, page: int, size: int):
    return read_page(size, (page - 1) * size)


def year_of(read_year, year: int, size: int):
    return read_year(size, year)


@router.get("/handed")
def handed(page: int = 1, size: int = 20):  # expect: offset-from-client
    return page_of(all_tools, page, size)


@router.get("/handed/made")
def handed_made(db: Session, page: int = 1, size: int = 20):  # expect: offset-from-client
    return page_of(shelf_of(db), page=page, size=size)


@router.get("/handed/year")
def handed_year(page: int = 2026, size: int = 20):  # silent: the function that it hands over passes over no rows
    return year_of(of_year, page, size)
