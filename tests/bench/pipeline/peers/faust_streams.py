"""The transport in Faust: `python faust_streams.py KAFKA`."""

import sys
import tempfile

import faust


def build(kafka: str) -> faust.App:
    app = faust.App(
        "bench.faust",
        broker=f"kafka://{kafka}",
        value_serializer="raw",
        key_serializer="raw",
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        datadir=tempfile.mkdtemp(),
        web_enabled=False,
    )
    source = app.topic("seeds", value_serializer="raw", key_serializer="raw")
    target = app.topic("articles.ingested", value_serializer="raw", key_serializer="raw")

    @app.agent(source)
    async def forward(stream: faust.Stream) -> None:
        async for key, value in stream.items():
            await target.send(key=key, value=value)

    return app


if __name__ == "__main__":
    kafka = sys.argv.pop()
    sys.argv += ["worker", "--loglevel=warn", "--without-web"]
    build(kafka).main()
