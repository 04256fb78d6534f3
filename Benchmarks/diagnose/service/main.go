// Command shop is the service of the diagnosis bench: pages that cost processor time, a cache, a database, files or a job,
// as its settings say. `shop web|files|worker|delay|load SETTINGS`, where SETTINGS are KEY=VALUE words.
package main

import (
	"log"
	"os"
	"strconv"
	"strings"
	"time"
)

// settings are the words on the command line.
type settings map[string]string

func (s settings) text(key, usual string) string {
	if value, ok := s[key]; ok && value != "" {
		return value
	}
	return usual
}

func (s settings) number(key string, usual int) int {
	value, err := strconv.Atoi(s.text(key, strconv.Itoa(usual)))
	if err != nil {
		log.Fatalf("%s: %v", key, err)
	}
	return value
}

func (s settings) time(key string, usual time.Duration) time.Duration {
	value, err := time.ParseDuration(s.text(key, usual.String()))
	if err != nil {
		log.Fatalf("%s: %v", key, err)
	}
	return value
}

func main() {
	log.SetFlags(0)
	if len(os.Args) < 2 {
		log.Fatal("usage: shop web|files|worker|delay|load [KEY=VALUE]...")
	}
	words := settings{}
	for _, word := range os.Args[2:] {
		parts := strings.SplitN(word, "=", 2)
		if len(parts) != 2 {
			log.Fatalf("%q is no KEY=VALUE", word)
		}
		words[parts[0]] = parts[1]
	}
	var err error
	switch os.Args[1] {
	case "web":
		err = web(words)
	case "files":
		err = files(words)
	case "worker":
		err = worker(words)
	case "delay":
		err = delay(words)
	case "load":
		err = load(words)
	default:
		log.Fatalf("unknown command %q", os.Args[1])
	}
	if err != nil {
		log.Fatal(err)
	}
}
