"""The engines that tests run on: Apache Kafka, and a server that speaks MongoDB's protocol.

| module | what it starts                          | needs           | keeps its data    |
| kafka  | Apache Kafka, one node or three         | Java, `fetch`   | in its folder     |
| mongo  | mongo-java-server, in MongoDB's place   | Java, `fetch`   | memory, or a file |

All listen on loopback only, with no password: they are for one machine and its tests, never for others to reach.
"""
