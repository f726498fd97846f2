"""Task sheets: the starter's `README.md`, built from chapter.toml so that no acceptance sentence stands twice."""

from __future__ import annotations

from collections.abc import Iterator

from markdown.extensions.toc import slugify

from checker.book import Chapter, TaskSpec

_ACCEPTED = "Every core task passed, no hard constraint violated, and no graded metric missed: then the chapter is done."


def build_sheet(chapter: Chapter) -> str:
    """The Markdown of a chapter's task sheet, the same bytes every time."""
    return "\n\n".join(_blocks(chapter)) + "\n"


def _blocks(chapter: Chapter) -> Iterator[str]:
    file = chapter.file
    yield f"# Chapter {chapter.number}: {chapter.title}"
    yield f"<!-- Built from chapters/{chapter.name}/chapter.toml by `check dev build`; change it there. -->"
    yield file.summary
    yield "Afterwards you can:"
    yield "\n".join(f"- {goal}" for goal in file.goals)
    core = [task for task in chapter.tasks if not task.stretch]
    stretch = [task for task in chapter.tasks if task.stretch]
    time = f"The [lesson]({lesson_link(chapter)}) takes {chapter.minutes} minutes, "
    time += f"the {len(core)} {'tasks' if len(core) > 1 else 'task'} about {_hours(core)}"
    yield time + (f", the stretch {_hours(stretch)} more." if stretch else ".")
    yield "## How to work"
    yield _commands(chapter)
    yield (
        "Change what stands between `# region` and `# endregion`; each task has its `TODO` there. "
        f"The app stays `{file.app.target}`. How you write it is yours to choose: the checker asks over HTTP for "
        "what this sheet says and for nothing else."
    )
    if file.app.env:
        yield "The checker starts your app with these environment variables:"
        yield "\n".join(["| variable | value |", "|---|---|", *_rows(file.app.env)])
    yield "## What counts"
    yield f"{_ACCEPTED} Graded here: {_graded(chapter)}; `check explain H1` says what one of them asks."
    for task in chapter.tasks:
        yield from _task(chapter, task)


def _commands(chapter: Chapter) -> str:
    first = chapter.tasks[0].id
    lines = [
        (f"cd exercises/{chapter.name}", ""),
        ("fastapi dev", "try it at http://127.0.0.1:8000/docs"),
        (f"check {chapter.short}", "grades this folder"),
        (f"check {chapter.short} --task {first}", "one task alone"),
        (f"check hint {chapter.short}", "one step more each time you ask"),
    ]
    width = max(len(command) for command, _ in lines[1:])
    text = "\n".join(f"{command:<{width}}  # {comment}" if comment else command for command, comment in lines)
    return f"```bash\n{text}\n```"


def _graded(chapter: Chapter) -> str:
    grades = chapter.file.grades
    hard = [one for one in grades.constraints if one.startswith("H")]
    soft = [one for one in grades.constraints if one.startswith("S")]
    parts = [
        f"{kind} {', '.join(sorted(ids))}"
        for kind, ids in (
            ("hard constraints", hard),
            ("soft constraints", soft),
            ("metrics", grades.metrics),
        )
        if ids
    ]
    return "; ".join(parts)


def _rows(variables: dict[str, str]) -> Iterator[str]:
    for name, value in variables.items():
        yield f"| `{name}` | `{value}` |" if value else f"| `{name}` | empty |"


def _task(chapter: Chapter, task: TaskSpec) -> Iterator[str]:
    star = "★ " if task.stretch else ""
    yield f"## {star}{task.id} {task.title}"
    kind = "stretch, " if task.stretch else ""
    yield f"*{kind}{task.minutes} minutes, {task.points:g} points*"
    yield "\n".join(f"> {line}".rstrip() for line in task.acceptance.strip().splitlines())
    if details := task.details.strip():
        yield details
    own = task.docs.startswith("https://fastapi.tiangolo.com/")
    docs = f"[{'FastAPI’s page' if own else 'the documentation'}]({task.docs})"
    lesson = f"[{lesson_heading(chapter, task.lesson)}]({lesson_link(chapter)}#{task.lesson})"
    yield f"Read {lesson} and {docs}. Stuck: `check hint {chapter.short} {task.id}`."


def _hours(tasks: list[TaskSpec]) -> str:
    minutes = sum(task.minutes for task in tasks)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} minutes"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def lesson_link(chapter: Chapter) -> str:
    """The lesson's place, as seen from the starter's folder."""
    return f"../../chapters/{chapter.name}/lesson.md"


def lesson_heading(chapter: Chapter, anchor: str) -> str:
    """The heading that an anchor of the lesson leads to, or words for it where no section has that anchor."""
    headings = (section.heading for section in chapter.file.section)
    return next((heading for heading in headings if anchor_of(heading) == anchor), "the lesson")


def anchor_of(heading: str) -> str:
    """The anchor that the site gives a heading written in Markdown."""
    return str(slugify(heading.replace("`", ""), "-"))
