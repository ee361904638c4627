"""Receipts: what became of each drop."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Receipt:
    """What became of one drop. *status* is `sent` while ingest has not answered."""

    path: str
    status: str
    article_id: str | None = None
    errors: tuple[dict[str, Any], ...] = ()
    warnings: tuple[dict[str, Any], ...] = ()  # what looks wrong in a seed that was taken
    case_id: str = ""  # of a rejected seed: what `seedwire rejected show` takes

    def as_json(self) -> dict[str, Any]:
        case = {"case": self.case_id} if self.case_id else {}
        return {
            "path": self.path,
            "status": self.status,
            "articleId": self.article_id,
            "errors": list(self.errors),
            "warnings": list(self.warnings),
            **case,
        }
