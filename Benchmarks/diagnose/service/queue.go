package main

import (
	"log"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

const queueName = "jobs"

// dial connects, and declares the queue.
func dial(url string) (*amqp.Connection, *amqp.Channel, error) {
	connection, err := amqp.Dial(url)
	if err != nil {
		return nil, nil, err
	}
	channel, err := connection.Channel()
	if err == nil {
		_, err = channel.QueueDeclare(queueName, true, false, false, false, nil)
	}
	if err != nil {
		connection.Close()
		return nil, nil, err
	}
	return connection, channel, nil
}

type publisher struct {
	url     string
	mu      sync.Mutex
	channel *amqp.Channel
}

func (p *publisher) publish() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.channel == nil {
		_, channel, err := dial(p.url)
		if err != nil {
			return err
		}
		p.channel = channel
	}
	err := p.channel.Publish("", queueName, false, false, amqp.Publishing{Body: []byte("job")})
	if err != nil {
		p.channel = nil
	}
	return err
}

// worker takes jobs one at a time in each of WORKERS threads; a job takes JOB, without using the processor.
func worker(s settings) error {
	url, job := s.text("QUEUE", ""), s.time("JOB", 50*time.Millisecond)
	for i := 0; i < s.number("WORKERS", 2); i++ {
		go func() {
			for {
				if err := take(url, job); err != nil {
					log.Print(err)
				}
				time.Sleep(time.Second)
			}
		}()
	}
	select {}
}

func take(url string, job time.Duration) error {
	connection, channel, err := dial(url)
	if err != nil {
		return err
	}
	defer connection.Close()
	if err := channel.Qos(1, 0, false); err != nil {
		return err
	}
	deliveries, err := channel.Consume(queueName, "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	for delivery := range deliveries {
		time.Sleep(job)
		if err := delivery.Ack(false); err != nil {
			return err
		}
	}
	return nil
}
