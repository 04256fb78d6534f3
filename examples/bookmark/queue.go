package main

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

const exchange = "bookmarks"

// dialQueue connects to the first queue host that answers and declares the exchange all bookmarks go through.
func dialQueue(hosts []string) (*amqp.Connection, *amqp.Channel, error) {
	last := errors.New("no queue hosts in the settings")
	for _, url := range hosts {
		// A host that lost its power says nothing: it is known by what it doesn't say.
		connection, err := amqp.DialConfig(url, amqp.Config{Heartbeat: 5 * time.Second, Dial: amqp.DefaultDial(time.Second)})
		if err != nil {
			last = err
			continue
		}
		channel, err := connection.Channel()
		if err == nil {
			err = channel.ExchangeDeclare(exchange, amqp.ExchangeFanout, true, false, false, false, nil)
		}
		if err != nil {
			connection.Close()
			last = err
			continue
		}
		return connection, channel, nil
	}
	return nil, nil, last
}

// publisher puts jobs on the queue over one connection, made anew when it breaks.
type publisher struct {
	settings   *watched
	mu         sync.Mutex
	connection *amqp.Connection
	channel    *amqp.Channel
	confirms   chan amqp.Confirmation
	returns    chan amqp.Return
	// How many jobs were put on the channel: the tag of the last one's confirmation.
	published uint64
}

func (p *publisher) publish(ctx context.Context, b Bookmark) error {
	body, err := json.Marshal(b)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	// A connection that broke while idle is found out by the first attempt, and leaves the second one time enough.
	for attempt := 0; attempt < 2; attempt++ {
		if err = p.attempt(ctx, body); err == nil {
			return nil
		}
		// What was given up may be confirmed yet, which must not be taken for the next job's confirmation.
		p.drop()
	}
	return err
}

func (p *publisher) attempt(ctx context.Context, body []byte) error {
	if p.channel == nil {
		connection, channel, err := dialQueue(p.settings.now().Queues)
		if err != nil {
			return err
		}
		if err := channel.Confirm(false); err != nil {
			connection.Close()
			return err
		}
		p.connection, p.channel = connection, channel
		p.confirms = channel.NotifyPublish(make(chan amqp.Confirmation, 1))
		p.returns = channel.NotifyReturn(make(chan amqp.Return, 1))
		p.published = 0
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	message := amqp.Publishing{ContentType: "application/json", DeliveryMode: amqp.Persistent, Body: body}
	// The broker confirms what no queue took as well, but returns it first if that is asked for.
	if err := p.channel.PublishWithContext(ctx, exchange, "", true, false, message); err != nil {
		return err
	}
	p.published++
	return p.confirmed(ctx, p.published)
}

// confirmed waits until most queue hosts have written the job with that tag, in each queue it went to.
func (p *publisher) confirmed(ctx context.Context, tag uint64) error {
	for {
		select {
		case confirm := <-p.confirms:
			// A closed channel gives a zero confirmation, which is no acknowledgement.
			if !confirm.Ack {
				return errors.New("the queue did not take the job")
			}
			if confirm.DeliveryTag != tag {
				continue
			}
			select {
			case <-p.returns:
				return errors.New("no host has a queue for the job yet")
			default:
				return nil
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (p *publisher) drop() {
	if p.connection != nil {
		// The other side may be gone, and nobody waits for its farewell.
		go p.connection.Close()
	}
	p.connection, p.channel = nil, nil
}
