// Reads a topic from its beginning to the ends it has now, with franz-go and its defaults.
// Prints KEY<TAB>VALUE for each record; the value of a tombstone is `null`.
// Usage: franz-go HOST:PORT TOPIC GROUP
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	broker, topic, group := os.Args[1], os.Args[2], os.Args[3]
	client, err := kgo.NewClient(
		kgo.SeedBrokers(broker),
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	missing := listEnds(client, topic)
	for len(missing) > 0 {
		fetches := client.PollFetches(context.Background())
		for _, failure := range fetches.Errors() {
			log.Fatal(failure.Err)
		}
		fetches.EachRecord(func(record *kgo.Record) {
			value := "null"
			if record.Value != nil {
				value = string(record.Value)
			}
			fmt.Printf("%s\t%s\n", record.Key, value)
			if record.Offset+1 >= missing[record.Partition] {
				delete(missing, record.Partition)
			}
		})
	}
}

func listEnds(client *kgo.Client, topic string) map[int32]int64 {
	ends, err := kadm.NewClient(client).ListEndOffsets(context.Background(), topic)
	if err != nil {
		log.Fatal(err)
	}
	missing := map[int32]int64{}
	ends.Each(func(end kadm.ListedOffset) {
		if end.Offset > 0 {
			missing[end.Partition] = end.Offset
		}
	})
	return missing
}
