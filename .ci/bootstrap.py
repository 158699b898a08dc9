"""Builds `.venv` from the pinned requirements on a machine that has only Python 3.11 and make. Standard library only.

Nothing happens when the requirements are those of last time. Arguments are a command to run afterwards. Package indexes
come from the environment or pip's own configuration at run time and are handed to uv, which does not read the latter;
none is named in this repository.
"""

from __future__ import annotations

import configparser
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from shutil import which

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
REQUIREMENTS = ROOT / "requirements-dev.txt"
STAMP = VENV / ".plangate-stamp"
OLDEST = (3, 11)
FROM_PIP = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}
WHEEL_OF_PIP = re.compile(r'href="([^"]+/pip-(\d+)\.(\d+)(?:\.(\d+))?-py3-none-any\.whl[^"]*)"')
HOW_TO_HELP = """\
This Python can make a virtual environment but not fill it: it has neither ensurepip nor pip, no uv is on the PATH,
and no package index is configured. Any one of these is enough, then run the same command again:
  - install your system's packages for venv or pip (on Debian and Ubuntu: python3-venv or python3-pip);
  - install uv;
  - set PIP_INDEX_URL to your package index."""


def pip_settings() -> dict[str, str]:
    """What pip would use: its configuration files, the later ones winning, then PIP_* variables."""
    home = Path.home()
    files = [
        *(Path(folder) / "pip" / "pip.conf" for folder in os.environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")),
        Path("/etc/pip.conf"),
        home / ".pip" / "pip.conf",
        home / "Library" / "Application Support" / "pip" / "pip.conf",
        Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf",
        Path(sys.prefix) / "pip.conf",
        Path(os.environ.get("PIP_CONFIG_FILE", "/dev/null")),
    ]
    parser = configparser.RawConfigParser()
    parser.read(files)
    found: dict[str, str] = {}
    for name in FROM_PIP:
        for section in ("global", "install"):
            found[name] = parser.get(section, name, fallback=found.get(name, ""))
        found[name] = os.environ.get(f"PIP_{name.replace('-', '_').upper()}", found[name])
    return {name: " ".join(value.split()) for name, value in found.items() if value.strip()}


def environment(settings: dict[str, str]) -> dict[str, str]:
    """Our environment with pip's indexes in uv's words; what is already said to uv wins."""
    ours = {**os.environ, "VIRTUAL_ENV": str(VENV), "UV_PYTHON_DOWNLOADS": "never"}
    for name, variable in FROM_PIP.items():
        value = settings.get(name)
        if value:
            ours.setdefault(variable, value.replace(" ", ",") if variable == "UV_FIND_LINKS" else value)
    # Every file is pinned by hash, so the order of the indexes is convenience and not trust.
    ours.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return ours


def fingerprint() -> str:
    """Where the environment is and what fills it: changes when it has to be filled again."""
    digest = hashlib.sha256()
    for file in (REQUIREMENTS, ROOT / "pyproject.toml", Path(__file__)):
        digest.update(file.read_bytes())
    return f"{VENV}\n{digest.hexdigest()}"


def moved() -> bool:
    """Whether the checkout was copied or moved: programs in `.venv` name their interpreter by its full path."""
    return STAMP.exists() and STAMP.read_text().split("\n")[0] != str(VENV)


def run(*command: str | Path, env: dict[str, str]) -> None:
    """Run a program, or stop with its status."""
    done = subprocess.run([str(part) for part in command], env=env, cwd=ROOT, check=False)  # noqa: S603  (our own words)
    if done.returncode:
        sys.exit(f"plangate: `{' '.join(str(part) for part in command)}` failed")


def works(*command: str | Path) -> bool:
    """Whether a program starts and ends well."""
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, check=False)  # noqa: S603  (our own words)
    except OSError:
        return False
    return done.returncode == 0


def make_venv(env: dict[str, str]) -> None:
    """Make `.venv`; without pip where the system's Python comes without ensurepip."""
    if not moved() and works(PYTHON, "-c", f"import sys; sys.exit(sys.version_info < {OLDEST})"):
        return
    bare = [] if find_spec("ensurepip") else ["--without-pip"]
    run(sys.executable, "-m", "venv", "--clear", *bare, VENV, env=env)


def pinned(name: str) -> str:
    """The lines of one package in the requirements: its version and hashes."""
    block = re.search(rf"^{name}==.*(?:\n[ ]+--hash.*)+", REQUIREMENTS.read_text(), re.MULTILINE)
    if not block:
        sys.exit(f"plangate: {REQUIREMENTS.name} does not pin {name}")
    return f"{block[0].rstrip(chr(92)).rstrip()}\n"


def newest_pip(index: str, folder: Path) -> Path:
    """The newest wheel of pip that an index has, checked against the hash in its link."""
    page = f"{index.rstrip('/')}/pip/"
    with urllib.request.urlopen(page, timeout=60) as answer:  # noqa: S310  (the index that the user configured)
        links = WHEEL_OF_PIP.findall(answer.read().decode())
    if not links:
        sys.exit("plangate: the configured package index does not list pip")
    link = max(links, key=lambda found: tuple(int(part or 0) for part in found[1:]))[0].replace("&amp;", "&")
    address, _, digest = urllib.parse.urljoin(page, link).partition("#sha256=")
    with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310  (as above)
        content = answer.read()
    if digest and hashlib.sha256(content).hexdigest() != digest:
        sys.exit("plangate: the wheel of pip is not the one that the index announced")
    wheel = folder / Path(urllib.parse.urlparse(address).path).name
    wheel.write_bytes(content)
    return wheel


def pip_command(settings: dict[str, str], folder: Path) -> list[str | Path]:
    """A pip that installs into `.venv`: its own, this Python's, or one fetched from the configured index."""
    if works(PYTHON, "-m", "pip", "--version"):
        return [PYTHON, "-m", "pip"]
    if works(sys.executable, "-m", "pip", "--python", PYTHON, "--version"):
        return [sys.executable, "-m", "pip", "--python", PYTHON]
    if "index-url" not in settings:
        sys.exit(HOW_TO_HELP)
    return [PYTHON, newest_pip(settings["index-url"], folder) / "pip"]


def get_uv(settings: dict[str, str], env: dict[str, str]) -> None:
    """Put the pinned uv into `.venv`."""
    wanted = pinned("uv")
    version = wanted.split("==")[1].split()[0]
    if UV.exists() and works(PYTHON, "-c", f"import importlib.metadata as m; assert m.version('uv') == '{version}'"):
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "uv.txt").write_text(wanted)
        outside = which("uv")
        if outside and not find_spec("pip") and not find_spec("ensurepip"):
            run(outside, "pip", "install", "-q", "--require-hashes", "-r", folder / "uv.txt", env=env)
            return
        pip = pip_command(settings, folder)
        run(*pip, "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", folder / "uv.txt", env=env)


def fill() -> None:
    """Make `.venv` what the requirements say, or say why not."""
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    print("plangate: building .venv from the pinned requirements", file=sys.stderr)  # noqa: T201  (its only user interface)
    settings = pip_settings()
    env = environment(settings)
    make_venv(env)
    get_uv(settings, env)
    run(UV, "pip", "sync", "-q", "--require-hashes", REQUIREMENTS, env=env)
    run(UV, "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--editable", ROOT, env=env)
    STAMP.write_text(wanted)


def main() -> None:
    """Fill `.venv`, then run the command that was given, with the indexes of this machine."""
    if sys.version_info < OLDEST:
        sys.exit(f"plangate: Python {'.'.join(map(str, OLDEST))} or newer is needed; `make PYTHON=…` names another one")
    fill()
    if sys.argv[1:]:
        run(*sys.argv[1:], env=environment(pip_settings()))


if __name__ == "__main__":
    main()
