"""Hidden tests of chapter 1, API development."""
