"""Programs that metrics start by path, each in a process of its own; the checker itself never imports them."""
