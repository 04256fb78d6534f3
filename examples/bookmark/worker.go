package main

import (
	"context"
	"encoding/json"
	"log"
	"net/url"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	amqp "github.com/rabbitmq/amqp091-go"
)

// work takes jobs until it is told to stop; a lost queue host is left for the next one.
func work(ctx context.Context, settings *watched) error {
	kept, err := openStore(settings.now().Store)
	if err != nil {
		return err
	}
	log.Printf("worker %s (%s) on %s", version, variant, settings.now().Node)
	for ctx.Err() == nil {
		if err := takeJobs(ctx, settings, kept); err != nil {
			log.Printf("queue: %v", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	return nil
}

// fill takes what the queue delivered while it was not ours from a peer: a host that joins late, or was away for so long
// that its queue is gone.
func fill(kept *store, peers []string) {
	for _, peer := range peers {
		if err := kept.copyFrom(peer); err == nil {
			log.Printf("copied the bookmarks of %s", peer)
			return
		}
	}
}

func takeJobs(ctx context.Context, settings *watched, kept *store) error {
	connection, channel, err := dialQueue(settings.now().Queues)
	if err != nil {
		return err
	}
	// The other side may be gone, and nobody waits for its farewell.
	defer func() { go connection.Close() }()
	name := exchange + "." + settings.now().Node
	// A quorum queue is on several queue hosts, and outlives one of them.
	if _, err := channel.QueueDeclare(name, true, false, false, false, amqp.Table{"x-queue-type": "quorum"}); err != nil {
		return err
	}
	if err := channel.QueueBind(name, "", exchange, false, nil); err != nil {
		return err
	}
	// From here on nothing is missed.
	fill(kept, settings.now().Peers)
	if err := channel.Qos(16, 0, false); err != nil {
		return err
	}
	jobs, err := channel.Consume(name, "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	return takeEach(ctx, jobs, settings, kept)
}

func takeEach(ctx context.Context, jobs <-chan amqp.Delivery, settings *watched, kept *store) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case job, open := <-jobs:
			if !open {
				return amqp.ErrClosed
			}
			if err := do(job, settings.now().cache, kept); err != nil {
				return err
			}
		}
	}
}

func do(job amqp.Delivery, cache *memcache.Client, kept *store) error {
	var b Bookmark
	if err := json.Unmarshal(job.Body, &b); err != nil {
		log.Printf("job dropped: %v", err)
		return job.Nack(false, false)
	}
	if address, err := url.Parse(b.URL); err == nil {
		b.Host = address.Host
	}
	if err := kept.add(b); err != nil {
		return err
	}
	if err := cache.Delete(pageKey); err != nil && err != memcache.ErrCacheMiss {
		log.Printf("cache: %v", err)
	}
	return job.Ack(false)
}
