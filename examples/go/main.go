// Keeps a copy of what Seedwire publishes, and prints every change as a line of JSON.
//
//	SEEDWIRE_KAFKA=localhost:9092 go run .
//
// It continues where it stopped, from checkpoint.json in the current folder. Replace tell by what
// you do with an article, and save the checkpoint with your copy, in one transaction.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	logTopic   = "published.log"
	stateTopic = "published.state"
	file       = "checkpoint.json"
	published  = "io.seedwire.article.published.v1"
	updated    = "io.seedwire.article.updated.v1"
	retracted  = "io.seedwire.article.retracted.v1"
	tombstone  = "io.seedwire.article.removed.v1"
)

var tombstoneID = regexp.MustCompile(`(?s)^(.+)\.(\d+)\.tombstone$`)

// Copy is what is known. Without Offsets a snapshot comes first.
type Copy struct {
	Cluster string           `json:"cluster"`
	Offsets map[int32]int64  `json:"offsets"` // where to continue in each partition of the log
	Shown   map[string]int64 `json:"shown"`   // revisions by id
	// The highest revision of everything, also of what is no longer shown, because a late repeat
	// must not bring it back.
	Seen map[string]int64 `json:"seen"`
}

// Change is what a record says of an article.
type Change struct {
	Op       string `json:"op"`
	ID       string `json:"id"`
	Revision int64  `json:"revision"`
}

func tell(value any) {
	line, _ := json.Marshal(value)
	fmt.Println(string(line))
}

func load() *Copy {
	known := &Copy{Shown: map[string]int64{}, Seen: map[string]int64{}}
	if saved, err := os.ReadFile(file); err == nil {
		if err := json.Unmarshal(saved, known); err != nil {
			log.Fatal(err)
		}
	}
	return known
}

// save writes beside the file and moves it over, so that a crash leaves the old or the new one.
func (c *Copy) save() {
	saved, _ := json.Marshal(c)
	if err := os.WriteFile(file+".new", saved, 0o644); err != nil {
		log.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		log.Fatal(err)
	}
}

// read returns nil for junk and for types that came later.
func read(record *kgo.Record) *Change {
	headers := map[string]string{}
	for _, header := range record.Headers {
		headers[header.Key] = string(header.Value)
	}
	key, kind := string(record.Key), headers["ce_type"]
	if record.Value == nil {
		match := tombstoneID.FindStringSubmatch(headers["ce_id"])
		if kind != tombstone || match == nil || match[1] != key {
			return nil
		}
		revision, err := strconv.ParseInt(match[2], 10, 64)
		if err != nil {
			return nil
		}
		return &Change{"remove", key, revision}
	}
	if kind != published && kind != updated && kind != retracted {
		return nil
	}
	var data struct {
		ID       string `json:"id"`
		Revision int64  `json:"revision"`
	}
	if json.Unmarshal(record.Value, &data) != nil || data.ID != key || data.Revision < 1 {
		return nil
	}
	if kind == retracted {
		return &Change{"remove", key, data.Revision}
	}
	return &Change{"upsert", key, data.Revision}
}

// apply takes a change down unless it is a repeat. It returns whether a revision was missed.
func (c *Copy) apply(change *Change) bool {
	known := c.Seen[change.ID]
	if change.Revision <= known {
		return false
	}
	c.Seen[change.ID] = change.Revision
	if change.Op == "upsert" {
		c.Shown[change.ID] = change.Revision
	} else {
		delete(c.Shown, change.ID)
	}
	tell(change)
	return known > 0 && change.Revision > known+1
}

// open reads one topic from these offsets on, without a consumer group.
func open(topic string, offsets map[int32]int64) *kgo.Client {
	from := map[int32]kgo.Offset{}
	for partition, offset := range offsets {
		from[partition] = kgo.NewOffset().At(offset)
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(os.Getenv("SEEDWIRE_KAFKA"), ",")...),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()),
		kgo.FetchMaxWait(200*time.Millisecond),
	)
	if err != nil {
		log.Fatal(err)
	}
	return client
}

func offsetsOf(listed kadm.ListedOffsets, topic string) map[int32]int64 {
	offsets := map[int32]int64{}
	for partition, offset := range listed[topic] {
		offsets[partition] = offset.Offset
	}
	return offsets
}

func findOffsets(ctx context.Context, admin *kadm.Client, topic string) (starts, ends map[int32]int64, err error) {
	first, err := admin.ListStartOffsets(ctx, topic)
	if err != nil {
		return nil, nil, err
	}
	last, err := admin.ListEndOffsets(ctx, topic)
	return offsetsOf(first, topic), offsetsOf(last, topic), err
}

// findCluster asks for the cluster's id; a cluster that is created again has another.
func findCluster(ctx context.Context, client *kgo.Client) (string, error) {
	request := kmsg.NewPtrMetadataRequest()
	request.Topics = []kmsg.MetadataRequestTopic{}
	response, err := request.RequestWith(ctx, client)
	if err != nil {
		return "", err
	}
	return *response.ClusterID, nil
}

// snapshot reads the state up to its ends; what is shown and not in it has ended.
func (c *Copy) snapshot(ctx context.Context, admin *kadm.Client) error {
	_, logEnds, err := findOffsets(ctx, admin, logTopic)
	if err != nil {
		return err
	}
	position, stateEnds, err := findOffsets(ctx, admin, stateTopic)
	if err != nil {
		return err
	}
	client := open(stateTopic, position)
	defer client.Close()
	inSnapshot := map[string]bool{}
	for behind(position, stateEnds) {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		fetches.EachRecord(func(record *kgo.Record) {
			if change := read(record); change != nil {
				inSnapshot[change.ID] = true
				c.apply(change)
			}
			position[record.Partition] = record.Offset + 1
		})
	}
	for id, revision := range c.Shown {
		if !inSnapshot[id] {
			delete(c.Shown, id)
			tell(Change{"remove", id, revision})
		}
	}
	c.Offsets = logEnds
	c.save()
	return nil
}

func behind(position, ends map[int32]int64) bool {
	for partition, end := range ends {
		if position[partition] < end {
			return true
		}
	}
	return false
}

// follow reads the log until records were missed or Kafka is another one.
func (c *Copy) follow(ctx context.Context) error {
	client := open(logTopic, c.Offsets)
	defer client.Close()
	checked := time.Now()
	for ctx.Err() == nil {
		waiting, cancel := context.WithTimeout(ctx, time.Second)
		fetches := client.PollRecords(waiting, 1000)
		cancel()
		for _, failed := range fetches.Errors() {
			if !errors.Is(failed.Err, context.DeadlineExceeded) && ctx.Err() == nil {
				return failed.Err // such as: what is to be read next was deleted
			}
		}
		records := fetches.Records()
		for _, record := range records {
			change := read(record)
			if change != nil && c.apply(change) {
				c.Offsets = nil // a revision was missed
				return nil
			}
			c.Offsets[record.Partition] = record.Offset + 1
		}
		if len(records) > 0 {
			c.save()
		}
		if time.Since(checked) > 3*time.Second {
			if cluster, err := findCluster(ctx, client); err == nil && cluster != c.Cluster {
				return nil
			}
			checked = time.Now()
		}
	}
	return nil
}

// run looks at where the copy stands, takes a snapshot if one is needed, and follows the log.
func (c *Copy) run(ctx context.Context, client *kgo.Client) error {
	cluster, err := findCluster(ctx, client)
	if err != nil {
		return err
	}
	admin := kadm.NewClient(client)
	starts, ends, err := findOffsets(ctx, admin, logTopic)
	if err != nil {
		return err
	}
	if c.Cluster != "" && cluster != c.Cluster {
		// A new cluster gets the latest revision of everything first, and counts anew. So its log
		// tells all, as long as it is whole; what is shown stays until it does.
		c.Seen, c.Offsets = map[string]int64{}, starts
		for _, start := range starts {
			if start > 0 {
				c.Offsets = nil
			}
		}
	}
	c.Cluster = cluster
	for partition := range ends {
		offset := c.Offsets[partition]
		if offset < starts[partition] || offset > ends[partition] {
			c.Offsets = nil // records were deleted before they were read
		}
	}
	if len(c.Offsets) == 0 {
		if err := c.snapshot(ctx, admin); err != nil {
			return err
		}
	}
	return c.follow(ctx)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(os.Getenv("SEEDWIRE_KAFKA"), ",")...))
	if err != nil {
		log.Fatal(err)
	}
	known := load()
	for ctx.Err() == nil {
		if err := known.run(ctx, client); err != nil && ctx.Err() == nil {
			log.Print(err)
			time.Sleep(time.Second)
		}
	}
	tell(map[string]any{"final": known.Shown})
}
