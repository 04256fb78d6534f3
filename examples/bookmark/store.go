package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Bookmark is one kept link.
type Bookmark struct {
	ID    string    `json:"id"`
	URL   string    `json:"url"`
	Title string    `json:"title"`
	Added time.Time `json:"added"`
	// Host is filled in by the worker.
	Host string `json:"host,omitempty"`
}

// store is a file of bookmarks, a JSON object a line, in the order they were taken from the queue.
type store struct {
	path string
	mu   sync.Mutex
	seen map[string]bool
	all  []Bookmark
	size int64
}

func openStore(path string) (*store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	s := &store{path: path, seen: map[string]bool{}}
	return s, s.refresh()
}

// refresh reads what another process has appended since.
func (s *store) refresh() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	file, err := os.Open(s.path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Seek(s.size, io.SeekStart); err != nil {
		return err
	}
	return s.take(file)
}

func (s *store) take(lines io.Reader) error {
	reader := bufio.NewReader(lines)
	for {
		line, err := reader.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		s.size += int64(len(line))
		var b Bookmark
		if json.Unmarshal(line, &b) == nil && !s.seen[b.ID] {
			s.seen[b.ID] = true
			s.all = append(s.all, b)
		}
	}
}

// add appends the bookmark unless it is there already: the queue may deliver twice.
func (s *store) add(b Bookmark) error {
	if err := s.refresh(); err != nil {
		return err
	}
	s.mu.Lock()
	known := s.seen[b.ID]
	s.mu.Unlock()
	if known {
		return nil
	}
	line, err := json.Marshal(b)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(s.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Write(append(line, '\n')); err != nil {
		return err
	}
	return file.Sync()
}

// latest gives the newest bookmarks, newest first, and how many there are.
func (s *store) latest(n int) ([]Bookmark, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	count := len(s.all)
	if n > count {
		n = count
	}
	newest := make([]Bookmark, 0, n)
	for i := count - 1; i >= count-n; i-- {
		newest = append(newest, s.all[i])
	}
	return newest, count
}

// copyFrom fills an empty store from a peer: a host that joins late missed what the queue delivered before.
func (s *store) copyFrom(peer string) error {
	client := http.Client{Timeout: 5 * time.Second}
	answer, err := client.Get("http://" + peer + "/bookmarks.jsonl")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return os.ErrNotExist
	}
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		var b Bookmark
		if err := json.Unmarshal(lines.Bytes(), &b); err != nil {
			return err
		}
		if err := s.add(b); err != nil {
			return err
		}
	}
	return lines.Err()
}
