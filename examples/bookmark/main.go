// Command bookmark is a small web service that keeps bookmarks: the example that Drover provisions, scales and rolls
// builds of. `bookmark web` serves pages, `bookmark worker` takes jobs from the queue.
package main

import (
	"context"
	"log"
	"os"
	"os/signal"
	"syscall"
)

// Set by the Makefile with -ldflags.
var (
	version = "dev"
	// variant is "good", "faulty" (fails its health check) or "slow" (answers pages after two seconds).
	variant = "good"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: bookmark web|worker SETTINGS.json")
	}
	settings, err := watchSettings(os.Args[2])
	if err != nil {
		log.Fatalf("settings: %v", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	switch os.Args[1] {
	case "web":
		err = serve(ctx, settings)
	case "worker":
		err = work(ctx, settings)
	default:
		log.Fatalf("unknown command %q", os.Args[1])
	}
	if err != nil {
		log.Fatal(err)
	}
}
