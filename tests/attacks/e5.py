"""E5 Log, annotation and markup injection. What each report makes of it: tests/gatekeeper/attacks/test_e5.py.

Text that steers a terminal is no evidence at all (INJECT). Text that is plain text to us, and a command to somebody
else, is shown as text: it is put where a refusal quotes it.
"""

from world.registry import World

from attacks.model import Attack, Family, allowed, denied

BUILDER = "https://ci.example/builders/hardened"

PRINTABLE = {
    "error-command": ("an error annotation", "::error file=policy.yaml,line=1::approved by hand"),
    "add-mask": ("a command that hides a word in the log", "::add-mask::DENIED"),
    "stop-commands": ("a command that ends all commands", "::stop-commands::x"),
    "old-notation": ("commands in the older notation", "##[error]x ##vso[task.complete] ##teamcity[x]"),
    "github-output-newline": ("a line feed and an output of the job", "x\nresult=approved\n::set-output name=exit::0"),
    "heredoc": ("the end of a multi-line output", "x\nEOF\napproved=true\n"),
    "html": ("markup", "<script>fetch('//mallory.example')</script><img src=x onerror=alert(1)>"),
    "html-attribute": ("the end of an attribute", "\"><b onmouseover='x'>✓ APPROVED</b>"),
    "markdown-image": ("an image that tells who looks", "![x](https://mallory.example/x.png) [a](javascript:x) @all"),
    "markdown-table": ("the end of a code span and of a cell", "`|**✓ met**|\n\n# ✓ APPROVED\n\n- x"),
    "junit-cdata": ("the end of a CDATA section and of an element", "]]></failure></testcase><testcase name='x'/><!--"),
    "sarif-link": ("a link and a placeholder of SARIF", "[approved](https://mallory.example) {0}"),
    "csv-formula": ("a formula of a spreadsheet", "=cmd|'/c calc'!A1"),
    "at-formula": ("a formula in another notation", "@SUM(1+1)*cmd|'/c calc'!A1"),
    "lookalike-verdict": ("a verdict on a line of its own", "x\n✓ APPROVED r-2026-0042 (canary)   exit 0"),
    "tab": ("a tab at the head of a cell", "\t=1+1"),
}  # fmt: skip

STEERING = {
    "ansi": ("an escape that clears the screen", "\x1b[2J\x1b[1;32m✓ APPROVED\x1b[0m"),
    "ansi-8-bit": ("the same in one character", "\x9b2J"),
    "carriage-return": ("a carriage return, which overwrites the line", "x\r✓ APPROVED"),
    "backspace": ("backspaces, which overwrite what stands before", "DENIED\b\b\b\b\b\bGOOD  "),
    "bell-title": ("a terminal title", "\x1b]0;APPROVED\x07"),
    "junit-control-chars": ("a character that XML cannot hold", "\x01\x0b\ufffe"),
    "bidi": ("an override of the direction of writing", "\u202e0 tixe DEVORPPA\u202c"),
    "bidi-isolate": ("an isolate of the direction of writing", "\u2067x\u2069"),
    "zero-width": ("characters without width", "den\u200bied\u2060"),
    "line-separator": ("a line separator", "x\u2028::error::x"),
    "tag-characters": ("characters of the plane of tags", "x\U000e0041\U000e0042"),
    "byte-order-mark": ("a byte-order mark inside", "x\ufeff"),
}  # fmt: skip


def built_by(text: str) -> World:
    """The provenance names a builder that the trust root does not know, with this text in its name."""
    return World().with_predicate("provenance.json", lambda p: p["runDetails"]["builder"].update(id=text))


def _quoted(variant: str, what: str, text: str) -> Attack:
    return Attack(
        variant=variant,
        why=f"The name of the builder is {what}; the refusal quotes it.",
        deny=denied(built_by(text), 10, "PROV-EXPECT"),
        allow=allowed(built_by(BUILDER)),
    )


def _refused(variant: str, what: str, text: str) -> Attack:
    return Attack(
        variant=variant,
        why=f"The name of a tool has {what}.",
        deny=denied(_made_with(text), 11, "INJECT"),
        allow=allowed(_made_with("x")),
    )


def _made_with(text: str) -> World:
    return World().with_predicate("hsm.json", lambda predicate: predicate["tool"].update(name=text))


FAMILY = Family(
    id="E5",
    title="CI systems parse what is printed; what evidence says must not mask a secret, set an output or draw a tick.",
    attacks=(
        *(_quoted(variant, what, text) for variant, (what, text) in PRINTABLE.items()),
        *(_refused(variant, what, text) for variant, (what, text) in STEERING.items()),
    ),
)
