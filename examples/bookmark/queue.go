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
}

func (p *publisher) publish(ctx context.Context, b Bookmark) error {
	body, err := json.Marshal(b)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	// A connection that broke while idle is found out by the first attempt, and leaves the second one time enough.
	for attempt := 0; ; attempt++ {
		if err = p.attempt(ctx, body); err == nil || attempt == 1 {
			return err
		}
		p.drop()
	}
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
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	message := amqp.Publishing{ContentType: "application/json", DeliveryMode: amqp.Persistent, Body: body}
	if err := p.channel.PublishWithContext(ctx, exchange, "", false, false, message); err != nil {
		return err
	}
	select {
	case confirm := <-p.confirms:
		// A closed channel gives a zero confirmation, which is no acknowledgement.
		if !confirm.Ack {
			return errors.New("the queue did not take the job")
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *publisher) drop() {
	if p.connection != nil {
		// The other side may be gone, and nobody waits for its farewell.
		go p.connection.Close()
	}
	p.connection, p.channel = nil, nil
}
