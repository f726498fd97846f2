"""Queries that a slice pages: Django's and its relatives'."""

from asgiref.sync import sync_to_async
from django.db.models import Model, QuerySet
from fastapi import APIRouter

from app.rows import Shelf

router = APIRouter()


class Loan(Model):
    member: int


class Loans:
    @staticmethod
    def of_member(member: int, start: int = 0, limit: int = 20):
        return Loan.objects.filter(member=member).order_by("id")[start : start + limit]  # expect: offset-in-query

    @staticmethod
    def all_of_member(member: int) -> QuerySet:
        return Loan.objects.filter(member=member).order_by("id")

    @staticmethod
    async def in_a_thread(member: int, start: int, limit: int):
        rows = Loan.objects.filter(member=member)
        rows = rows.order_by("id").all()
        return await sync_to_async(list)(rows[start : start + limit])  # expect: offset-in-query


@router.get("/a")
def by_adapter(member: int, offset: int = 0, limit: int = 20):
    return list(Loans.of_member(member, start=offset, limit=limit))


@router.get("/b")
async def by_page(member: int, page: int = 0):
    return await Loans.in_a_thread(member, start=page * 20, limit=20)


@router.get("/c")
def of_a_returned_query(member: int, offset: int = 0):
    rows = Loans.all_of_member(member)
    return list(rows[offset : offset + 20])  # expect: offset-in-query


@router.get("/q")
def rows_in_memory(member: int, offset: int = 0):
    rows = list(Loans.all_of_member(member))
    return rows[offset : offset + 20]  # silent: a list


@router.get("/r")
def first_rows(member: int, limit: int = 20):
    return list(Loan.objects.filter(member=member)[:limit])  # silent: from the first


@router.get("/s")
def on_a_shelf(shelf: Shelf, offset: int = 0):
    return shelf.objects[offset : offset + 20]  # silent: an attribute that happens to be called so
