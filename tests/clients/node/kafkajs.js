// Reads a topic from its beginning to the ends it has now, with kafkajs and its defaults.
// Prints KEY<TAB>VALUE for each record; the value of a tombstone is `null`.
// Usage: node kafkajs.js HOST:PORT TOPIC GROUP
import { Kafka, logLevel } from 'kafkajs'

const [broker, topic, groupId] = process.argv.slice(2)
const kafka = new Kafka({ clientId: 'test', brokers: [broker], logLevel: logLevel.WARN })

const admin = kafka.admin()
await admin.connect()
const missing = new Map()
for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
  if (high !== '0') missing.set(partition, BigInt(high))
}
await admin.disconnect()

const consumer = kafka.consumer({ groupId })
await consumer.connect()
await consumer.subscribe({ topics: [topic], fromBeginning: true })
await new Promise((resolve, reject) => {
  consumer.on(consumer.events.CRASH, (event) => reject(event.payload.error))
  if (missing.size === 0) resolve()
  consumer.run({
    eachMessage: async ({ partition, message }) => {
      console.log(`${message.key}\t${message.value}`)
      if (BigInt(message.offset) + 1n >= missing.get(partition)) missing.delete(partition)
      if (missing.size === 0) resolve()
    }
  })
})
await consumer.disconnect()
