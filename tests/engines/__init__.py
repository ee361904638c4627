"""The engines that tests run on: Apache Kafka, and a server that speaks MongoDB's protocol.

| module | what it starts                          | needs         | keeps its data    |
| kafka  | Apache Kafka, one node or three         | Java, `fetch` | in its folder     |
| mongo  | mongo-java-server, in MongoDB's place   | Java, `fetch` | memory, or a file |

They listen on loopback only and have no password: they serve the tests of one machine.
"""
