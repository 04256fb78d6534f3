package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"html/template"
	"log"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
)

const pageKey = "bookmarks:page"

var page = template.Must(template.New("page").Parse(`<!doctype html>
<meta charset="utf-8"><title>Bookmarks</title>
<h1>Bookmarks</h1>
<form method="post" action="/bookmarks"><input name="url" placeholder="https://"><input name="title"><button>Keep</button></form>
<p>{{.Count}} kept</p>
<ul>{{range .Latest}}<li><a href="{{.URL}}">{{.Title}}</a> {{.Host}}</li>{{end}}</ul>
`))

type web struct {
	settings *watched
	kept     *store
	jobs     *publisher
}

// serve answers until it is told to stop, then finishes the requests in hand.
func serve(ctx context.Context, settings *watched) error {
	kept, err := openStore(settings.now().Store)
	if err != nil {
		return err
	}
	w := &web{settings: settings, kept: kept, jobs: &publisher{settings: settings}}
	routes := http.NewServeMux()
	routes.HandleFunc("/healthz", w.health)
	routes.HandleFunc("/bookmarks.jsonl", w.export)
	routes.HandleFunc("/bookmarks", w.bookmarks)
	routes.HandleFunc("/", w.front)
	server := &http.Server{Addr: settings.now().Listen, Handler: labelled(routes, settings), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		patience, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := server.Shutdown(patience); err != nil {
			log.Printf("shutdown: %v", err)
		}
	}()
	log.Printf("web %s (%s) on %s, listening on %s", version, variant, settings.now().Node, server.Addr)
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// labelled names the node and the build in every answer, so that a client can tell who served it.
func labelled(next http.Handler, settings *watched) http.Handler {
	return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		answer.Header().Set("X-Node", settings.now().Node)
		answer.Header().Set("X-Build", version)
		if variant == "slow" && request.URL.Path != "/healthz" {
			time.Sleep(2 * time.Second)
		}
		next.ServeHTTP(answer, request)
	})
}

func (w *web) health(answer http.ResponseWriter, _ *http.Request) {
	status := http.StatusOK
	if variant == "faulty" {
		status = http.StatusInternalServerError
	}
	reply(answer, status, map[string]string{"node": w.settings.now().Node, "build": version, "variant": variant})
}

func (w *web) front(answer http.ResponseWriter, request *http.Request) {
	if request.URL.Path != "/" {
		http.NotFound(answer, request)
		return
	}
	body, err := w.cachedPage()
	if err != nil {
		http.Error(answer, err.Error(), http.StatusInternalServerError)
		return
	}
	answer.Header().Set("Content-Type", "text/html; charset=utf-8")
	answer.Write(body)
}

// cachedPage takes the page from the cache tier, and draws it where the cache has none or does not answer.
func (w *web) cachedPage() ([]byte, error) {
	cache := w.settings.now().cache
	item, err := cache.Get(pageKey)
	if err == nil {
		return item.Value, nil
	}
	if err := w.kept.refresh(); err != nil {
		return nil, err
	}
	latest, count := w.kept.latest(20)
	var drawn strings.Builder
	if err := page.Execute(&drawn, map[string]any{"Latest": latest, "Count": count}); err != nil {
		return nil, err
	}
	body := []byte(drawn.String())
	if err == memcache.ErrCacheMiss {
		if err := cache.Set(&memcache.Item{Key: pageKey, Value: body, Expiration: 5}); err != nil {
			log.Printf("cache: %v", err)
		}
	}
	return body, nil
}

func (w *web) bookmarks(answer http.ResponseWriter, request *http.Request) {
	switch request.Method {
	case http.MethodPost:
		w.keep(answer, request)
	case http.MethodGet:
		if err := w.kept.refresh(); err != nil {
			http.Error(answer, err.Error(), http.StatusInternalServerError)
			return
		}
		latest, count := w.kept.latest(20)
		reply(answer, http.StatusOK, map[string]any{"count": count, "latest": latest})
	default:
		http.Error(answer, "GET or POST", http.StatusMethodNotAllowed)
	}
}

// keep puts a job on the queue; the bookmark is kept when a worker took it.
func (w *web) keep(answer http.ResponseWriter, request *http.Request) {
	address, err := url.ParseRequestURI(request.FormValue("url"))
	if err != nil || address.Host == "" {
		http.Error(answer, "url must be absolute", http.StatusBadRequest)
		return
	}
	b := Bookmark{ID: newID(), URL: address.String(), Title: request.FormValue("title"), Added: time.Now().UTC()}
	if b.Title == "" {
		b.Title = address.Host
	}
	patience, cancel := context.WithTimeout(request.Context(), 5*time.Second)
	defer cancel()
	if err := w.jobs.publish(patience, b); err != nil {
		log.Printf("queue: %v", err)
		http.Error(answer, "the queue does not answer", http.StatusServiceUnavailable)
		return
	}
	reply(answer, http.StatusAccepted, b)
}

func (w *web) export(answer http.ResponseWriter, request *http.Request) {
	answer.Header().Set("Content-Type", "application/x-ndjson")
	http.ServeFile(answer, request, w.kept.path)
}

func reply(answer http.ResponseWriter, status int, value any) {
	answer.Header().Set("Content-Type", "application/json")
	answer.WriteHeader(status)
	json.NewEncoder(answer).Encode(value)
}

func newID() string {
	bytes := make([]byte, 12)
	if _, err := rand.Read(bytes); err != nil {
		panic(err)
	}
	return hex.EncodeToString(bytes)
}
