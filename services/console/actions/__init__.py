"""What can be done with Seedwire: plain functions of the store and of Kafka.

Nothing here knows a terminal, a command line or HTTP, so that `cli` and a web face can both call
it. Actions raise `SeedwireError`s; what an error means for an exit code is the caller's business.
"""
