"""Hidden tests of chapter 4, dependency injection."""
