// Reads a topic from its beginning to the ends it has now, with @platformatic/kafka and its
// defaults. Prints KEY<TAB>VALUE for each record; the value of a tombstone is `null`.
// Usage: node platformatic.js HOST:PORT TOPIC GROUP
import { Consumer } from '@platformatic/kafka'

const [broker, topic, groupId] = process.argv.slice(2)
const consumer = new Consumer({ clientId: 'test', groupId, bootstrapBrokers: [broker] })

const missing = new Map()
for (const [partition, end] of (await consumer.listOffsets({ topics: [topic] })).get(topic).entries()) {
  if (end > 0n) missing.set(partition, end)
}
const stream = await consumer.consume({ topics: [topic], mode: 'earliest' })
for await (const { key, value, offset, partition } of stream) {
  console.log(`${key}\t${value ?? null}`)
  if (offset + 1n >= missing.get(partition)) missing.delete(partition)
  if (missing.size === 0) break
}
await consumer.close(true)
