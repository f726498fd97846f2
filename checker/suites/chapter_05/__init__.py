"""The hidden suite of chapter 5, Security and authentication."""
