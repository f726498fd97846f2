"""Plain data that every room shares: the report, the facts about an app, the events of a run."""
