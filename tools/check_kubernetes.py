"""`python -m tools.check_kubernetes`: whether the objects in deploy/kubernetes are what they say.

Every object is checked against the schemas of Kubernetes, in which a misspelt field is an error,
and every file that a kustomization names must exist. Where kubectl or kustomize is installed, what
is checked is built from the base and each overlay; elsewhere it is the files, and the check says
so.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import kubernetes_validate
import yaml

FOLDER: Final = Path(__file__).parents[1] / "deploy" / "kubernetes"
KUSTOMIZATION: Final = "kustomization.yaml"
VERSION: Final = "1.34"
FOREIGN: Final = ("keda.sh/v1alpha1",)
"""Kinds that an addition to Kubernetes defines."""

Object = dict[str, Any]


def list_kustomizations() -> list[Path]:
    """The folders that can be applied."""
    return sorted(file.parent for file in FOLDER.rglob(KUSTOMIZATION))


def load_objects(file: Path) -> list[Object]:
    """The objects of a file, in their order."""
    return [document for document in yaml.safe_load_all(file.read_text()) if document]


def load_files(folder: Path) -> list[Object]:
    """The objects of all files in the folder."""
    objects: list[Object] = []
    for file in sorted(folder.glob("*.yaml")):
        if file.name != KUSTOMIZATION:
            objects += load_objects(file)
    return objects


def find_faults(value: Object) -> list[str]:
    """What Kubernetes would not take of an object: no sentence, or one. It takes .2 s."""
    if value["apiVersion"] in FOREIGN:
        return []
    try:
        kubernetes_validate.validate(value, VERSION, strict=True)
    except kubernetes_validate.ValidationError as error:
        return [f"{value['kind']} {value['metadata']['name']}: {error.message}"]
    return []


def find_missing_files(folder: Path) -> list[str]:
    """What the folder's kustomization names and is not there."""
    (kustomization,) = load_objects(folder / KUSTOMIZATION)
    named = [*kustomization.get("resources", ())]
    named += [patch["path"] for patch in kustomization.get("patches", ()) if "path" in patch]
    return [f"{folder.name}: there is no {name}" for name in named if not (folder / name).exists()]


def find_builder() -> Sequence[str] | None:
    """The command that builds a kustomization; None if none is installed."""
    if shutil.which("kustomize"):
        return ("kustomize", "build")
    return ("kubectl", "kustomize") if shutil.which("kubectl") else None


def build(builder: Sequence[str], folder: Path) -> list[Object]:
    """The objects that would be applied."""
    done = subprocess.run(
        [*builder, str(folder)], capture_output=True, text=True, check=True, timeout=60
    )
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def check() -> Iterator[str]:
    """Every fault of the files, and of what is built from them."""
    builder = find_builder()
    objects: list[Object] = []
    for folder in list_kustomizations():
        yield from find_missing_files(folder)
        objects += build(builder, folder) if builder else load_files(folder)
    if builder is None:
        print("deploy/kubernetes: neither kubectl nor kustomize is here: overlays were not built")
    different = {json.dumps(value): value for value in objects}
    for value in different.values():
        yield from find_faults(value)


def main() -> int:
    faults = [*check()]
    for fault in faults:
        print(fault, file=sys.stderr)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
