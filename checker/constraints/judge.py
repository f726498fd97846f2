"""From hits to findings: static and running evidence joined, flex comments applied, one outcome a constraint."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from checker.constraints.flex import flex_for
from checker.constraints.registry import all_constraints
from checker.constraints.rule import Cleared, Constraint, Context, Hit, Rule, RunningRule
from checker.models.facts import AppFacts
from checker.models.report import ConstraintOutcome, ConstraintResult, Evidence, Finding
from checker.source import Project
from checker.source.garbage import without_collector

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


@dataclass(slots=True)
class _Draft:
    """A finding in the making."""

    rule: Rule | RunningRule
    hit: Hit
    evidence: Evidence
    noted: bool = False


def judge_constraints(
    project: Project,
    facts: AppFacts | None,
    *,
    graded: Collection[str],
    only: Collection[str] | None = None,
    rules: Collection[str] | None = None,
) -> tuple[ConstraintResult, ...]:
    """Judge every constraint, or those in `only`; those outside `graded` are marked as advice.

    `rules` are the names of the rules that may speak, where not all may.

    A rule that crashes makes its own constraint's outcome `error` and nothing else.
    """
    context = Context(project=project, facts=facts)
    with without_collector():
        return tuple(
            _judge(_with_rules(constraint, rules), context, graded=constraint.id in graded)
            for constraint in all_constraints()
            if only is None or constraint.id in only
        )


def _with_rules(constraint: Constraint, wanted: Collection[str] | None) -> Constraint:
    if wanted is None:
        return constraint
    return replace(
        constraint,
        rules=[rule for rule in constraint.rules if rule.name in wanted],
        running_rules=[rule for rule in constraint.running_rules if rule.name in wanted],
    )


def _judge(constraint: Constraint, context: Context, *, graded: bool) -> ConstraintResult:
    drafts: list[_Draft] = []
    crashed: list[str] = []
    for rule in constraint.rules:
        hits = _attempt(rule.name, partial(rule.check, context), crashed)
        drafts += [
            _Draft(rule, hit, Evidence.STATIC) for hit in hits if _counts(hit, constraint, context.project)
        ]
    drafts = _distinct(drafts)
    if context.facts is not None:
        for running in constraint.running_rules:
            for said in _attempt(running.name, partial(running.check, context, context.facts), crashed):
                if isinstance(said, Cleared):
                    drafts = [d for d in drafts if not _is_cleared(d, said, context.project)]
                else:
                    _join(drafts, running, said, context.project)
    findings = [_finding(draft, constraint, context.project) for draft in drafts]
    findings.sort(key=lambda f: (f.path or "", f.line or 0, f.column or 0, f.rule))
    outcome, detail = _outcome(findings, crashed, constraint, context)
    return ConstraintResult(
        id=constraint.id,
        title=constraint.title,
        outcome=outcome,
        hard=constraint.hard,
        graded=graded,
        findings=tuple(findings),
        detail=detail,
    )


def _counts(hit: Hit, constraint: Constraint, project: Project) -> bool:
    """Whether a hit lies where the constraint looks: a file that the app never comes to is another program's."""
    module = project.module_at(hit.path) if hit.path is not None else None
    if hit.starts or module is None or constraint.looks_at == "anywhere":
        return True
    return module in project.service_modules or (
        constraint.looks_at == "service" and project.is_of_service(module)
    )


def _attempt(name: str, check: Callable[[], Iterable[_T]], crashed: list[str]) -> list[_T]:
    """What a rule says; one that crashes says nothing, and its name is noted."""
    try:
        return list(check())
    except Exception:  # noqa: BLE001 - a mistake in one rule must not cost the verdict on everything else
        _log.exception("rule %s crashed", name)
        crashed.append(name)
        return []


def _outcome(
    findings: list[Finding], crashed: list[str], constraint: Constraint, context: Context
) -> tuple[ConstraintOutcome, str]:
    if crashed:
        names = ", ".join(f"`{name}`" for name in crashed)
        return (
            ConstraintOutcome.ERROR,
            f"The checker's own rule {names} stopped with an error; this is not your fault.",
        )
    if any(finding.flexed is None for finding in findings):
        return ConstraintOutcome.FAILED, ""
    if findings:
        return ConstraintOutcome.FLEXED, ""
    applies = _attempt("applies_when", lambda: [constraint.applies(context)], crashed)
    if not applies:
        return (
            ConstraintOutcome.ERROR,
            "The checker could not tell whether this applies; this is not your fault.",
        )
    if not applies[0]:
        return ConstraintOutcome.NOT_APPLICABLE, ""
    return ConstraintOutcome.PASSED, _unread(context.project)


def _unread(project: Project) -> str:
    if not project.unreadable:
        return ""
    shown = ", ".join(f"`{u.path}`" for u in project.unreadable[:3])
    more = f" and {len(project.unreadable) - 3} more" if len(project.unreadable) > 3 else ""
    return f"Judged without {shown}{more}, which could not be read."


def _distinct(drafts: list[_Draft]) -> list[_Draft]:
    """One finding for each place and subject: the first rule that speaks of it."""
    seen: set[tuple[str | None, int | None, int | None, str]] = set()
    kept: list[_Draft] = []
    for draft in drafts:
        key = (draft.hit.path, draft.hit.line, draft.hit.column, draft.hit.key)
        if key not in seen:
            seen.add(key)
            kept.append(draft)
    return kept


def _is_cleared(draft: _Draft, said: Cleared, project: Project) -> bool:
    if draft.rule.name not in said.rules:
        return False
    if said.column is not None:
        return (draft.hit.path, draft.hit.line, draft.hit.column) == (said.path, said.line, said.column)
    return _same_place(draft.hit, said.path, said.line, project)


def _same_place(hit: Hit, path: str | None, line: int | None, project: Project) -> bool:
    if hit.path is None or hit.path != path or hit.line is None or line is None:
        return False
    if hit.line == line:
        return True
    function = project.function_at(hit.path, line)
    return function is not None and function is project.function_at(hit.path, hit.line)


def _join(drafts: list[_Draft], running: RunningRule, hit: Hit, project: Project) -> None:
    """Add what the running app showed to the finding that it confirms, or as a finding of its own."""
    candidates = [d for d in drafts if _confirms(d, running, hit, project)]
    if not candidates:
        drafts.append(_Draft(running, hit, Evidence.RUNTIME))
        return
    best = min(candidates, key=lambda d: _distance(d.hit, hit))
    if best.evidence is Evidence.STATIC:
        best.evidence = Evidence.BOTH
    if hit.note and not best.noted and best.evidence is Evidence.BOTH:
        best.hit = replace(best.hit, message=f"{best.hit.message} {hit.note}")
        best.noted = True


def _distance(one: Hit, other: Hit) -> tuple[int, int]:
    return abs((one.line or 0) - (other.line or 0)), abs((one.column or 0) - (other.column or 0))


def _confirms(draft: _Draft, running: RunningRule, hit: Hit, project: Project) -> bool:
    same_rule = draft.rule.name == running.name or draft.rule.name in running.confirms
    if not same_rule:
        return False
    if _same_place(draft.hit, hit.path, hit.line, project):
        return True
    place = f"{hit.path}:{hit.line} "
    return any(step.startswith(place) for step in draft.hit.trace)


def _finding(draft: _Draft, constraint: Constraint, project: Project) -> Finding:
    hit, rule = draft.hit, draft.rule
    flex = flex_for(constraint.id, hit, project)
    message = hit.message
    reason = None
    if flex is not None and constraint.hard:
        message += (
            f" The flex comment has no effect: {constraint.id} is a hard constraint and cannot be flexed."
        )
    elif flex is not None and not flex.reason:
        message += " The flex comment gives no reason, so it does not count; write one after `--`."
    elif flex is not None:
        reason = flex.reason
    return Finding(
        rule=rule.name,
        constraint=constraint.id,
        path=hit.path,
        line=hit.line,
        column=hit.column,
        message=message,
        help=hit.help or rule.help,
        docs=hit.docs or rule.docs,
        evidence=draft.evidence,
        flexed=reason,
        trace=hit.trace,
    )


def findings_of(results: Iterable[ConstraintResult]) -> list[Finding]:
    """All findings in the order of path and line."""
    found = [finding for result in results for finding in result.findings]
    return sorted(found, key=lambda f: (f.path or "", f.line or 0, f.constraint, f.rule))
