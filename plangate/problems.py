"""What somebody at the command line can put right."""

from __future__ import annotations


class UserProblem(Exception):  # noqa: N818  (what is wrong is with the request, and this says what to do)
    """One sentence for the person at the keyboard; the command ends with the code 2."""
