"""``%xpu_share``: what its line says."""

from __future__ import annotations

import os
from dataclasses import dataclass

from xpubreak.magic.arguments import LineParser, split_line

_EPILOG = """\
The notebook is read as it was saved; save it before. Nothing is run, and the file itself is never changed.
Each output of a widget is checked for the picture, table or copy beside it that readers without a kernel
see; what has none is listed. The state of widgets is removed, and BokehJS kept once. What cells printed
is redacted; sources are not changed, and listed where they name a path, a host or a person.

examples:
  %xpu_share
  %xpu_share run7.ipynb -o /tmp/run7-for-review.ipynb"""


@dataclass(frozen=True)
class ShareOptions:
    """The line of ``%xpu_share``."""

    notebook: str
    output: str | None
    redact: bool = True


def share_parser() -> LineParser:
    """Options of ``%xpu_share``."""
    parser = LineParser("%xpu_share", description="Write a copy of a notebook that is ready to send.", epilog=_EPILOG)
    parser.add_argument("notebook", metavar="NOTEBOOK", nargs="?", help="what to share; default: this notebook")
    parser.add_argument(
        "-o", "--output", metavar="OUT", help="where to write it; default: NAME-shared.ipynb beside the notebook"
    )
    parser.add_argument(
        "--no-redact",
        dest="redact",
        action="store_false",
        help="keep names of people, hosts and places in what cells printed",
    )
    return parser


def parse_share(line: str) -> ShareOptions:
    """Read the line of ``%xpu_share``.

    Raises
    ------
    UsageError
        For options that do not exist, or where no notebook is named and this one's name is not known.
    HelpRequested
        For ``-h``; the help has been printed.
    """
    parser = share_parser()
    found = parser.parse_args(split_line(line))
    notebook = found.notebook or os.environ.get("JPY_SESSION_NAME", "")  # set by Jupyter's server for its kernels
    if not notebook.endswith(".ipynb") and not found.notebook:
        parser.error("which notebook this is, is not known here: name it, as in %xpu_share run7.ipynb")
    return ShareOptions(notebook, found.output, found.redact)
