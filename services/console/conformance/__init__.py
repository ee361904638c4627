"""Whether a consumer keeps to the published contract, whatever language it is written in.

The consumer is a command that tells what it does. A harness plays it what may happen in the topics
and compares what it tells with what is true.
"""
