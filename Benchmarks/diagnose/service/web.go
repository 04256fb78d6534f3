package main

import (
	"database/sql"
	"fmt"
	"io"
	"log"
	"math/rand"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	_ "github.com/go-sql-driver/mysql"
)

// pages answers what the bench asks for.
type pages struct {
	work   time.Duration
	sleep  time.Duration
	rounds int
	items  int
	seats  chan struct{}
	log    *os.File
	db     *sql.DB
	cache  *memcache.Client
	files  string
	jobs   *publisher
	client http.Client
}

// web serves pages: `/` burns WORK of processor time and sleeps for SLEEP, `/item` asks the cache and, on a miss, the database, `/order` writes to
// the database, `/photo` asks the file tier, `/job` publishes a job.
func web(s settings) error {
	p := &pages{
		work: s.time("WORK", 2*time.Millisecond), sleep: s.time("SLEEP", 0), rounds: roundsIn(time.Millisecond), items: s.number("ITEMS", 20000),
		files: s.text("FILES", ""), client: http.Client{Timeout: 20 * time.Second},
	}
	p.client.Transport = &http.Transport{MaxIdleConnsPerHost: 256}
	if seats := s.number("SEATS", 0); seats > 0 {
		p.seats = make(chan struct{}, seats)
	}
	if caches := s.text("CACHE", ""); caches != "" {
		p.cache = memcache.New(caches)
		p.cache.Timeout = 500 * time.Millisecond
	}
	if source := s.text("DB", ""); source != "" {
		db, err := sql.Open("mysql", source)
		if err != nil {
			return err
		}
		db.SetMaxOpenConns(s.number("DB_CONNECTIONS", 32))
		db.SetMaxIdleConns(s.number("DB_CONNECTIONS", 32))
		p.db = db
	}
	if queue := s.text("QUEUE", ""); queue != "" {
		p.jobs = &publisher{url: queue}
	}
	if path := s.text("LOG", ""); path != "" {
		file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		p.log = file
	}
	routes := http.NewServeMux()
	routes.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	for path, page := range map[string]func() error{
		"/": p.front, "/item": p.item, "/order": p.order, "/photo": p.photo, "/job": p.job,
	} {
		routes.HandleFunc(path, p.seated(page))
	}
	return http.Serve(slowly(s), routes)
}

// slowly accepts one connection each PAUSE, where that is set: what comes faster waits in the listen queue.
func slowly(s settings) net.Listener {
	listener, err := net.Listen("tcp", s.text("LISTEN", ":8080"))
	if err != nil {
		log.Fatal(err)
	}
	return pausing{listener, s.time("PAUSE", 0)}
}

type pausing struct {
	net.Listener
	pause time.Duration
}

func (l pausing) Accept() (net.Conn, error) {
	time.Sleep(l.pause)
	return l.Listener.Accept()
}

// seated lets in as many requests as there are seats.
func (p *pages) seated(page func() error) http.HandlerFunc {
	return func(answer http.ResponseWriter, request *http.Request) {
		if p.seats != nil {
			p.seats <- struct{}{}
			defer func() { <-p.seats }()
		}
		err := page()
		if p.log != nil {
			if _, failed := fmt.Fprintf(p.log, "%s %s %v %0200d\n", time.Now(), request.URL, err, 0); failed != nil {
				err = failed
			}
		}
		if err != nil {
			http.Error(answer, err.Error(), http.StatusInternalServerError)
			return
		}
		io.WriteString(answer, "ok\n")
	}
}

func (p *pages) front() error {
	burn(p.work, p.rounds)
	time.Sleep(p.sleep)
	return nil
}

func (p *pages) item() error {
	number := rand.Intn(p.items)
	key := fmt.Sprintf("item-%d", number)
	if p.cache != nil {
		if _, err := p.cache.Get(key); err == nil {
			return nil
		}
	}
	var text string
	if err := p.db.QueryRow("SELECT text FROM items WHERE id = ?", number).Scan(&text); err != nil {
		return err
	}
	if p.cache != nil {
		// A cache that is away is no reason to fail.
		_ = p.cache.Set(&memcache.Item{Key: key, Value: []byte(text), Expiration: 600})
	}
	return nil
}

func (p *pages) order() error {
	_, err := p.db.Exec("INSERT INTO orders (text) VALUES (?)", "order")
	return err
}

func (p *pages) photo() error {
	answer, err := p.client.Get(p.files)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

func (p *pages) job() error { return p.jobs.publish() }

var sink uint64

// burn uses processor time: so many rounds as took a millisecond at the start, whatever the host may use now.
func burn(work time.Duration, rounds int) {
	spin(int(float64(rounds) * work.Seconds() * 1000))
}

func spin(rounds int) {
	value := uint64(rounds) | 1
	for i := 0; i < rounds; i++ {
		value = value*6364136223846793005 + 1442695040888963407
	}
	sink += value & 1
}

// roundsIn is how many rounds of work take `span`, by the fastest of many tries.
func roundsIn(span time.Duration) int {
	const rounds = 200000
	fastest := time.Hour
	for i := 0; i < 50; i++ {
		start := time.Now()
		spin(rounds)
		if took := time.Since(start); took < fastest {
			fastest = took
		}
	}
	return int(float64(rounds) * float64(span) / float64(fastest))
}
