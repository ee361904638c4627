"""A bucket on a server that speaks S3 over a socket: moto's, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SERVER = """
import sys
import boto3
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
url = "http://%s:%d" % server.get_host_and_port()
boto3.client("s3", endpoint_url=url, region_name="us-east-1").create_bucket(Bucket="pictures")
print(url, flush=True)
sys.stdin.read()
"""


@contextmanager
def start_bucket() -> Iterator[str]:
    """Yields `s3://pictures?endpoint=http://127.0.0.1:PORT`, which accepts any AWS credentials."""
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER],
        env={**os.environ, **keys},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield f"s3://pictures?endpoint={process.stdout.readline().strip()}"
    finally:
        process.kill()
        process.communicate()
