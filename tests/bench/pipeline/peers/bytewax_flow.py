"""The transport in Bytewax: `python bytewax_flow.py KAFKA`."""

import sys

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSinkMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.testing import run_main


def build(kafka: str) -> Dataflow:
    flow = Dataflow("bench")
    source = kop.input("in", flow, brokers=[kafka], topics=["seeds"])
    out = op.map("forward", source.oks, lambda m: KafkaSinkMessage(key=m.key, value=m.value))
    kop.output("out", out, brokers=[kafka], topic="articles.ingested")
    return flow


run_main(build(sys.argv[1]))
