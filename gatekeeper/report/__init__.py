"""Reports show a decision in the form that its reader is used to. They decide nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from attestations.errors import InputError
from gatekeeper.report import (
    dotenv,
    github,
    gitlab_codequality,
    html_page,
    json_document,
    junit,
    markdown,
    sarif,
    text,
)
from gatekeeper.report.model import Approval, Report
from gatekeeper.report.output import remove_older, write

__all__ = [
    "FORMATS",
    "Approval",
    "Report",
    "parse_report_option",
    "remove_older",
    "render",
    "render_error",
    "write",
]


@dataclass(frozen=True, kw_only=True)
class Format:
    """One form of a report: of a decision, and of the reason why there is none."""

    render: Callable[[Report], str]
    render_error: Callable[[InputError, int], str]


FORMATS = MappingProxyType(
    {
        "text": Format(render=text.render, render_error=text.render_error),
        "json": Format(render=json_document.render, render_error=json_document.render_error),
        "markdown": Format(render=markdown.render, render_error=markdown.render_error),
        "github": Format(render=github.render, render_error=github.render_error),
        "junit": Format(render=junit.render, render_error=junit.render_error),
        "sarif": Format(render=sarif.render, render_error=sarif.render_error),
        "gitlab-codequality": Format(render=gitlab_codequality.render, render_error=gitlab_codequality.render_error),
        "dotenv": Format(render=dotenv.render, render_error=dotenv.render_error),
        "html": Format(render=html_page.render, render_error=html_page.render_error),
    }
)


def render(format_name: str, report: Report, *, colour: bool = False) -> str:
    """Return the report in one of FORMATS. `colour` paints the text form, for terminals that want it."""
    made = FORMATS[format_name].render(report)
    return text.painted(made) if colour and format_name == "text" else made


def render_error(format_name: str, error: InputError, *, exit_code: int = 2) -> str:
    """Return in one of FORMATS why nothing was decided: the same forms, so that no reader sees an old success."""
    return FORMATS[format_name].render_error(error, exit_code)


def parse_report_option(option: str) -> tuple[str, Path | None]:
    """Return format and path of `FORMAT[=PATH]`, the path None where the report goes to standard output.

    Raises InputError (USAGE) for a format that is not in FORMATS and for a path that is no file name.
    """
    name, equals, path = option.partition("=")
    if name not in FORMATS:
        raise _usage(f"report format {name!a:.60}", f"one of {', '.join(FORMATS)}")
    if equals and path in ("", "-"):
        raise _usage(f"no file name after {name}=", f"--report {name}=FILE, or --report {name} for standard output")
    return name, Path(path) if equals else None


def _usage(found: str, wanted: str) -> InputError:
    return InputError("USAGE", found=found, wanted=wanted, fix="gatekeeper evaluate --help")
