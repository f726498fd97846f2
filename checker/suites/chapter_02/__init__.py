"""Hidden tests of chapter 2, Pydantic models."""
