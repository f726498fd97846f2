tools: dict[str, list[int]] = {}
recent: list[str] = []
