package main

import (
	"encoding/json"
	"io"
	"math/rand"
	"net/http"
	"os"
	"sort"
	"sync"
	"time"
)

// load asks URL for pages RATE times a second for TIME, at random moments (a Poisson process), with no more than LIMIT under
// way; requests beyond that are counted as not sent. At the end it prints what came of it as JSON.
func load(s settings) error {
	rate, limit := s.number("RATE", 50), s.number("LIMIT", 512)
	client := http.Client{Timeout: s.time("TIMEOUT", 10*time.Second)}
	client.Transport = &http.Transport{MaxIdleConnsPerHost: limit, DisableKeepAlives: s.text("KEEP", "yes") == "no"}
	var mu sync.Mutex
	var times []float64
	failed, unsent := 0, 0
	var all sync.WaitGroup
	seats := make(chan struct{}, limit)
	begun := time.Now()
	end := begun.Add(s.time("TIME", time.Minute))
	for next := begun; next.Before(end); next = next.Add(time.Duration(rand.ExpFloat64() / float64(rate) * float64(time.Second))) {
		time.Sleep(time.Until(next))
		select {
		case seats <- struct{}{}:
		default:
			unsent++
			continue
		}
		all.Add(1)
		go func() {
			defer all.Done()
			start := time.Now()
			err := ask(&client, s.text("URL", ""))
			took := time.Since(start).Seconds() * 1000
			<-seats
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed++
			}
			times = append(times, took)
		}()
	}
	all.Wait()
	sort.Float64s(times)
	at := func(share float64) float64 {
		if len(times) == 0 {
			return 0
		}
		return times[int(share*float64(len(times)-1))]
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"requests": len(times), "failed": failed, "unsent": unsent, "seconds": time.Since(begun).Seconds(),
		"p50": at(0.5), "p95": at(0.95), "p99": at(0.99),
	})
}

func ask(client *http.Client, url string) error {
	answer, err := client.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return http.ErrNotSupported
	}
	return nil
}
