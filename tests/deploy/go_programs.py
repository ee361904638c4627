"""Programs in Go that are built from their source, which Go's module proxy has.

Nothing else brings them where container registries and release pages cannot be reached. They are
built as dependencies of a module that is made for it: a module that replaces others in its go.mod
cannot be installed by its version.
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.command_runner import run_command

GO: Final = "go 1.24"
STAGED: Final = re.compile(r"^\s*(\S+) => \./staging/", re.MULTILINE)
"""Modules that Kubernetes keeps in its own tree, and also publishes with a version of their own."""


@dataclass(frozen=True)
class GoModule:
    """A module at a version.

    *staged_version* is that of the modules it keeps in its own tree. *added* are files, by their
    path, that its makers generate before they build.
    """

    path: str
    version: str
    staged_version: str = ""
    added: Mapping[str, str] = field(default_factory=dict)

    def download(self) -> dict[str, Any]:
        """Fetch the source; returns what Go says of it."""
        command = ["go", "mod", "download", "-json", f"{self.path}@{self.version}"]
        return dict(json.loads(run_command(command)))

    def build(self, package: str, target: Path) -> None:
        """Build *package* of the module as *target*, unless that is there."""
        if target.exists():
            return
        say(f"building {target.name} {self.version} (minutes of CPU)")
        folder = target.with_name(f"{target.name}.part")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "go.mod").write_text("\n".join(self._list_lines(folder)) + "\n")
        environment = {"GOFLAGS": "-mod=mod", "CGO_ENABLED": "0"}
        command = ["go", "build", "-trimpath", "-ldflags=-s -w", "-o", "built"]
        run_command([*command, f"{self.path}/{package}"], cwd=folder, environment=environment)
        (folder / "built").rename(target)
        shutil.rmtree(folder)

    def _list_lines(self, folder: Path) -> list[str]:
        """The go.mod of a module in *folder* that requires this one."""
        source = self.download()
        staged = STAGED.findall(Path(source["GoMod"]).read_text())
        lines = ["module seedwire-build", "", GO, "", f"require {self.path} {self.version}"]
        lines += [f"replace {name} => {name} {self.staged_version}" for name in staged]
        if self.added:
            self._copy_source(Path(source["Dir"]), folder / "source")
            lines.append(f"replace {self.path} => ./source")
        return lines

    def _copy_source(self, source: Path, target: Path) -> None:
        """The source with the added files; Go's own copy of it cannot be written."""
        shutil.copytree(source, target, copy_function=shutil.copyfile)
        for folder, _, _ in os.walk(target):
            Path(folder).chmod(0o755)
        for name, text in self.added.items():
            (target / name).write_text(text)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
