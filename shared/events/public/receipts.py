"""What the topic `seeds.receipts` says of a drop."""

from typing import Literal, TypeAlias

from pydantic import Field

from shared.events.public.block import PublicBlock

ReceiptStatus: TypeAlias = (
    Literal["accepted", "updated", "unchanged", "duplicate", "outdated", "rejected"] | str
)


class SeedRecord(PublicBlock):
    """Where the dropped record is."""

    topic: str = Field(description="The topic of the record.")
    partition: int = Field(description="Its partition.")
    offset: int = Field(description="Its offset.")


class Fault(PublicBlock):
    """What is wrong with a seed, or looks wrong."""

    field: str = Field(description="Path of the field; `file` for the seed as a whole, or empty.")
    line: int | None = Field(None, description="The line of the seed, if there is one.")
    message: str = Field(description="What was expected and what was found, in a sentence.")


class SeedReceipt(PublicBlock):
    """The data of `seed.receipt`: what became of one drop."""

    seed: SeedRecord = Field(description="The record that this answers: it alone names the drop.")
    path: str | None = Field(
        None, description="The record's header `path`, cut to 4,096 characters, if it had one."
    )
    status: ReceiptStatus = Field(description="What became of the drop.")
    article_id: str | None = Field(
        None, description="The article that the drop belongs to; absent if it was rejected."
    )
    errors: list[Fault] = Field(description="Why it was rejected.")
    warnings: list[Fault] = Field(description="What looks wrong although it was not rejected.")
