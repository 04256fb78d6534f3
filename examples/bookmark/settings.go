package main

import (
	"encoding/json"
	"log"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
)

// Settings is the file that the playbook writes on every AP host.
type Settings struct {
	Node   string   `json:"node"`
	Listen string   `json:"listen"`
	Store  string   `json:"store"`
	Caches []string `json:"caches"`
	Queues []string `json:"queues"`
	Peers  []string `json:"peers"`
}

// live is what SIGHUP replaces: the settings and the cache client made of them.
type live struct {
	Settings
	cache *memcache.Client
}

// watched gives the settings in force.
type watched struct{ current atomic.Pointer[live] }

func (w *watched) now() *live { return w.current.Load() }

// watchSettings reads the file, and reads it again on SIGHUP; a file that cannot be read leaves the old settings.
func watchSettings(path string) (*watched, error) {
	first, err := readSettings(path)
	if err != nil {
		return nil, err
	}
	w := &watched{}
	w.current.Store(first)
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	go func() {
		for range hangups {
			next, err := readSettings(path)
			if err != nil {
				log.Printf("settings not reloaded: %v", err)
				continue
			}
			w.current.Store(next)
			log.Printf("settings reloaded: %d caches, %d queues", len(next.Caches), len(next.Queues))
		}
	}()
	return w, nil
}

func readSettings(path string) (*live, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	next := &live{}
	if err := json.Unmarshal(text, &next.Settings); err != nil {
		return nil, err
	}
	next.cache = memcache.New(next.Caches...)
	next.cache.Timeout = 200 * time.Millisecond
	return next, nil
}
